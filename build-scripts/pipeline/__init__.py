"""Runs jobs that depend on one another and shows how far they are."""
