"""Installs what the project needs, and only when something changed."""
