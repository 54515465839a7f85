"""What is gathered about a fault for those who look for its cause, without any secret in it."""
