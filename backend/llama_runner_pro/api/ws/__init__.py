"""The live streams: metrics to many viewers, encoded once; logs to whoever follows them."""
