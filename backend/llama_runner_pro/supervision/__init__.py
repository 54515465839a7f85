"""Watching and healing endpoints. Decisions are pure; effects happen in the monitor."""
