"""HTTP and WebSocket surface of the sidecar."""
