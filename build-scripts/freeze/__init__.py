"""What the frozen program is made of."""
