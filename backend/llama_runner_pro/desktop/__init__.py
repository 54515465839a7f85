"""Life as a part of the desktop app: its window starts us, talks to us by pipes, and may die."""
