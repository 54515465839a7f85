"""Reads and walks the Dockerfile where there is no container engine."""
