"""What an endpoint is. Shapes and words only: no network, no processes."""
