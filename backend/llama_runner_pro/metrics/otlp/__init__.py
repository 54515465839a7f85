"""Pushing measurements to an OpenTelemetry collector, where the extra `otlp` is installed."""
