"""Answers to patients, measured: `python -m benchmarks.quality`."""
