"""How a case's bundle is made: the checkpoint, what is read, what is withheld, and the papers."""
