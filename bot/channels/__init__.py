"""Ways to reach a person: one module per gateway, found by bot.registry and by nobody else."""
