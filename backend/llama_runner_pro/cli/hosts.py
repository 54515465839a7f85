"""What it means to listen on an address: who can reach us, and by which names."""

from __future__ import annotations

import ipaddress
import socket


def is_address(host: str) -> bool:
    """An IP address, or `localhost`."""
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def exposed(host: str) -> bool:
    """Other machines can reach us there."""
    return host != "localhost" and not ipaddress.ip_address(host).is_loopback


def names(host: str) -> frozenset[str]:
    """Under which names we may be called besides the loopback ones. Blocking."""
    if not exposed(host):
        return frozenset()
    if not ipaddress.ip_address(host).is_unspecified:
        return frozenset({host})
    import psutil

    own = socket.gethostname()
    addresses = {
        address.address.partition("%")[0]
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family in (socket.AF_INET, socket.AF_INET6)
    }
    return frozenset({own, f"{own}.local", socket.getfqdn(), *addresses})
