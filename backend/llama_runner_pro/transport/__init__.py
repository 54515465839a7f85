"""The one way out to HTTP. Knows bytes, origins and deadlines, no business rules."""
