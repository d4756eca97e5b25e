"""The WeChat official account (公众号, 服务号): template messages out, replies and bindings in."""
