"""Makes the files that people install from what was built."""
