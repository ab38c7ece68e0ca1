"""A program's door: REST, inbound webhooks, OpenAPI."""
