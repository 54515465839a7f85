"""Bodies of requests, on disk when they are large."""

from __future__ import annotations


class Spooled:
    """A body in a temporary file that is gone once it is closed."""

    size_bytes: int

    def close(self) -> None:
        """Remove the file. A second call is nothing."""
        raise NotImplementedError
