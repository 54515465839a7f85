"""Rules for trying again. Pure: time and chance are handed in, no URL is known here."""
