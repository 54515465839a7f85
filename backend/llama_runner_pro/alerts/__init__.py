"""Alerts: decides what is worth a message, and brings it to where somebody reads it."""
