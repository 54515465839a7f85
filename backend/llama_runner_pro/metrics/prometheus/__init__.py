"""Prometheus: what a scrape tells, and reading the past of many machines back from a store."""
