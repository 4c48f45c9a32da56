"""Does "where do they differ?" find questions on which variants differ? See `__main__`."""
