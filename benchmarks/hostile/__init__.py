"""What strangers might send, generated, and what the running app makes of it."""
