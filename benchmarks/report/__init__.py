"""One page from several finished runs: `python -m benchmarks.report`."""
