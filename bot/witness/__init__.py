"""The witness on counsel's machine, and the pages of ours from which a witness behind NAT pulls."""
