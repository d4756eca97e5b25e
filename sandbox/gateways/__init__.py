"""The addresses that the vendors' clients call, and the callbacks that the application gets from them."""
