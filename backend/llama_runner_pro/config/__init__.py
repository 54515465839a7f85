"""What the user configured: read, checked as a whole, and never half applied."""
