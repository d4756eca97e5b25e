"""What happens because somebody did something: one file per occasion."""
