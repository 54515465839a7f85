"""Sensors, their drum beat and their recent past."""
