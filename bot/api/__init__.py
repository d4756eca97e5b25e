"""The open API below /api: tokens with scopes, problem+json, idempotent posts, cursor paging, OpenAPI 3.1."""
