"""The real small base: its dialogues, and its two adapters."""
