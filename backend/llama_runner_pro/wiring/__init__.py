"""The parts put together; above all layers."""
