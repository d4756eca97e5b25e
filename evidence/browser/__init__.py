"""The page verify.html: the same verification for somebody who has only a browser."""
