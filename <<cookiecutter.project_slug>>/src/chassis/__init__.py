"""Cross-cutting concerns, one module each; nothing in here knows the domain."""
