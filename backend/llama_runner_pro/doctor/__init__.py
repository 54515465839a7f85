"""What can be wrong around the sidecar, found out before a model fails by it."""
