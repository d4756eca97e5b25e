"""The evidence format, version 1, and its verification; needs nothing but the standard library to verify."""
