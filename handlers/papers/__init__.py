"""Papers: what is printed, sealed, posted or handed to a tribunal."""
