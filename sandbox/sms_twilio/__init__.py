"""Twilio's rules as plain calculation and memory: signature, segments, overrides, message log."""
