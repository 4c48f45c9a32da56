"""Many visitors of the running app for minutes: who waits, what is lost, and what memory does."""
