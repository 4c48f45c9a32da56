"""The embedded model, measured: `python -m benchmarks.embedded`."""
