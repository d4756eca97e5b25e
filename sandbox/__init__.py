"""Pretend gateways that speak the vendors' real protocols, and a pretend phone to look at what arrived."""
