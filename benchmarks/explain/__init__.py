"""What Compare's views claim, put to the test: `python -m benchmarks.explain`."""
