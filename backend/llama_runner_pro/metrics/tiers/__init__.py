"""The past in one SQLite file: fine steps for hours, coarse ones for a year."""
