"""Starting, watching, recognising and ending the processes of endpoints."""
