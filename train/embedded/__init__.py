"""The embedded model, from text to weights."""
