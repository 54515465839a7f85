"""Seeded mischief against a real sidecar, with invariants that are checked all along."""
