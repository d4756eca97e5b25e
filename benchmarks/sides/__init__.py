"""The programs that are measured, each in a process of its own that prints one JSON object."""
