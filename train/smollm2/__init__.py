"""The real small base: what its stage 2 is to learn from."""
