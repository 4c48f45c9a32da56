"""What people ask: `python -m benchmarks.people`."""
