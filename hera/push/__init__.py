"""Publishing an adapter on the Hub: `python -m hera.push`."""
