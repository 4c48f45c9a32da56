"""The claims about two stages, put to the test: `python -m benchmarks.claims`."""
