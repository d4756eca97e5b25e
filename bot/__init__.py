"""Where Huizheng meets the outside: commands, settings, web, webhooks, channels and conversation."""
