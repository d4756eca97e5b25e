"""`chaos`: kill our own workers under load against pretend gateways, then hold everybody's books together."""
