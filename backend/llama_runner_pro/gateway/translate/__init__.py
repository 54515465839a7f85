"""Turns requests and answers of one API into those of another. Pure: no clock, no socket."""
