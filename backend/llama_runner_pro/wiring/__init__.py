"""Builds groups of parts that belong together, for `app.py`; knows every package."""
