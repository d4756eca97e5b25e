"""WeChat's rules as plain calculation and memory: envelope, tokens, field rules, error codes."""
