"""The signer: a process of its own that has read the log itself and signs nothing but its continuation."""
