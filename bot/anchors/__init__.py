"""Those who see the log from outside: time-stamp services, witnesses, a mailbox, and the signer beside us."""
