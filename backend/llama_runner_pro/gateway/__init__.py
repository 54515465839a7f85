"""The gateway: other programs' requests on 1234 and 11434, brought to the right model server."""
