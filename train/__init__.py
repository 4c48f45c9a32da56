"""Training: what a user runs. Nothing in `hera` imports it."""
