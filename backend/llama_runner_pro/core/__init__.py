"""Leaf layer: time, errors, topics, rings, tasks and logs. Imports nothing of ours."""
