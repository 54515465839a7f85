"""Listening sockets that never share a port with a live listener."""

from __future__ import annotations

import socket
import sys

BACKLOG = 1024


def bound_socket(host: str, port: int) -> socket.socket:
    """A TCP socket bound to an address of this machine; 0 takes any free port.

    A port in TIME_WAIT can be had at once, one that somebody listens on never. Raises `OSError`,
    among others with `EADDRINUSE` and `EADDRNOTAVAIL`. Close it when done.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform == "win32":
        # There, SO_REUSEADDR would let us bind beside a live listener.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound


def listening_socket(host: str, port: int) -> socket.socket:
    """A bound socket that accepts connections. Raises `OSError` as `bound_socket` does."""
    listening = bound_socket(host, port)
    try:
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
