"""What is written down, and how to read it back."""
