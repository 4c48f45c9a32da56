"""A variant for other programs: `python -m hera.export`."""
