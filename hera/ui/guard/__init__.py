"""What stands between strangers and the app: every call, argument, file, host and route is looked
at before any work, and what is wrong is one line."""
