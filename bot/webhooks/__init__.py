"""Where gateways and platforms call us."""
