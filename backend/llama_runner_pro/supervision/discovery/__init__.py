"""Which model servers run on this computer, and which could be started. Looks, changes nothing."""
