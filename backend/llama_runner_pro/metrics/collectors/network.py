"""Network traffic over the machine's real interfaces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment

_FIELDS = (
    Field("network_received_bytes_per_s", "bytes_per_s", "Network received", "network"),
    Field("network_sent_bytes_per_s", "bytes_per_s", "Network sent", "network"),
)
_LINUX_INTERFACES = Path("/sys/class/net")


def read_interfaces() -> Mapping[str, tuple[int, int]]:
    """Bytes received and sent since boot, per interface."""
    counters = psutil.net_io_counters(pernic=True, nowrap=False)
    return {name: (nic.bytes_recv, nic.bytes_sent) for name, nic in counters.items()}


def has_hardware(name: str) -> bool:
    """Whether a Linux interface stands for a device, not for a bridge, tunnel or container."""
    return (_LINUX_INTERFACES / name / "device").exists()


class NetworkSensor:
    """Bytes per second, loopback left out; the first read has none.

    Bridges, tunnels and containers show the same bytes again that a real interface carries, so
    they count only on a machine (a container) that has nothing else.
    """

    name = "network"

    def __init__(
        self,
        source: Callable[[], Mapping[str, tuple[int, int]]] = read_interfaces,
        has_hardware: Callable[[str], bool] = has_hardware,
    ) -> None:
        self._source = source
        self._has_hardware = has_hardware
        self._rates = Rates()
        self._seen: frozenset[str] = frozenset()
        self._chosen: frozenset[str] = frozenset()

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Received and sent."""
        return _FIELDS

    def read(self, moment: Moment) -> Reading:
        """Measure once. Raises `SensorMissing` when there is only loopback."""
        interfaces = self._source()
        if interfaces.keys() != self._seen:
            self._seen = frozenset(interfaces)
            self._chosen = self._choose(interfaces)
            self._rates.keep({f"{way}/{nic}" for nic in self._chosen for way in ("in", "out")})
        if not self._chosen:
            raise SensorMissing("this machine has no network interface but loopback")
        received, sent = [], []
        for name in self._chosen:
            received_bytes, sent_bytes = interfaces[name]
            received.append(self._rates.per_second(f"in/{name}", received_bytes, moment.now_s))
            sent.append(self._rates.per_second(f"out/{name}", sent_bytes, moment.now_s))
        return Reading(
            {
                "network_received_bytes_per_s": _sum_known(received),
                "network_sent_bytes_per_s": _sum_known(sent),
            }
        )

    def _choose(self, names: Iterable[str]) -> frozenset[str]:
        outside = frozenset(name for name in names if not _is_loopback(name))
        return frozenset(name for name in outside if self._has_hardware(name)) or outside


def _is_loopback(name: str) -> bool:
    return name == "lo" or (name[:2] == "lo" and name[2:].isdigit()) or "loopback" in name.lower()


def _sum_known(rates: Sequence[float | None]) -> float | None:
    """The sum over the interfaces whose rate is known; None when none is."""
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None
