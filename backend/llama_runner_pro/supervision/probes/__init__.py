"""Timed checks that tell whether an endpoint is well."""
