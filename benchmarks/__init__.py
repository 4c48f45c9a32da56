"""Measurements: commands that run engines on data and write results. Nothing imports them."""
