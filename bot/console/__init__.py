"""The console: where HR and counsel see what is due, what happened and what it proves."""
