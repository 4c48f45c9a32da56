"""Answers that can do harm: `python -m benchmarks.safety`."""
