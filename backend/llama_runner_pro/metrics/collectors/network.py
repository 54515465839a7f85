"""Network traffic over the machine's real interfaces, in total and one by one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.rates import Rates, sum_known
from llama_runner_pro.metrics.roster import Roster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import Value

_TOTALS = (
    Field("network_received_bytes_per_s", "bytes_per_s", "Network received", "network"),
    Field("network_sent_bytes_per_s", "bytes_per_s", "Network sent", "network"),
    Field("network_errors_total", "total", "Network errors", "network", "counter"),
    Field("network_drops_total", "total", "Network packets dropped", "network", "counter"),
)
_LINUX_INTERFACES = Path("/sys/class/net")
_VIRTUAL = (
    *("veth", "docker", "br-", "bridge", "virbr", "vmnet", "vboxnet", "vethernet", "cali", "cni"),
    *("flannel", "tun", "tap", "utun", "wg", "zt", "tailscale", "ifb", "dummy", "awdl", "llw"),
    *("gif", "stf", "anpi", "sit", "ip6tnl"),
)
"""How interfaces begin that no cable or antenna belongs to."""


class NicTotals(NamedTuple):
    """Running totals of one interface since boot."""

    received_bytes: int
    sent_bytes: int
    errors: int = 0
    drops: int = 0


def read_interfaces() -> Mapping[str, NicTotals]:
    """What psutil tells of each interface."""
    counters = psutil.net_io_counters(pernic=True, nowrap=False)
    return {
        name: NicTotals(
            nic.bytes_recv, nic.bytes_sent, nic.errin + nic.errout, nic.dropin + nic.dropout
        )
        for name, nic in counters.items()
    }


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
        source: Callable[[], Mapping[str, NicTotals]] = read_interfaces,
        has_hardware: Callable[[str], bool] = has_hardware,
    ) -> None:
        self._source = source
        self._has_hardware = has_hardware
        self._rates = Rates()
        self._roster = Roster(at_once=8, ever=32)
        self._seen: frozenset[str] = frozenset()
        self._chosen: tuple[str, ...] = ()
        self._keys: dict[str, str] = {}
        self._fields: tuple[Field, ...] = _TOTALS

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """The totals, and received, sent and errors of each interface."""
        return self._fields

    def read(self, moment: Moment) -> Reading:
        """Measure once. Raises `SensorMissing` when there is only loopback."""
        interfaces = self._source()
        if interfaces.keys() != self._seen:
            self._choose(interfaces)
        if not self._chosen:
            raise SensorMissing("this machine has no network interface but loopback")
        found = {name: self._rate(name, interfaces[name], moment.now_s) for name in self._chosen}
        values: dict[str, Value] = {
            "network_received_bytes_per_s": sum_known(rate for rate, _ in found.values()),
            "network_sent_bytes_per_s": sum_known(rate for _, rate in found.values()),
            "network_errors_total": sum(interfaces[name].errors for name in self._chosen),
            "network_drops_total": sum(interfaces[name].drops for name in self._chosen),
        }
        for name, key in self._keys.items():
            received, sent = found[name]
            values[f"network_{key}_received_bytes_per_s"] = received
            values[f"network_{key}_sent_bytes_per_s"] = sent
            values[f"network_{key}_errors_total"] = interfaces[name].errors
        return Reading(values)

    def _rate(self, name: str, nic: NicTotals, now_s: float) -> tuple[float | None, float | None]:
        per_second = self._rates.per_second
        return (
            per_second(f"in/{name}", nic.received_bytes, now_s),
            per_second(f"out/{name}", nic.sent_bytes, now_s),
        )

    def _choose(self, names: Iterable[str]) -> None:
        self._seen = frozenset(names)
        outside = sorted(name for name in self._seen if not _is_loopback(name))
        real = [name for name in outside if self._has_hardware(name)]
        likely = [name for name in outside if not name.lower().startswith(_VIRTUAL)]
        self._chosen = tuple(real or likely or outside)
        self._rates.keep({f"{way}/{nic}" for nic in self._chosen for way in ("in", "out")})
        self._keys = self._roster.choose(self._chosen)
        self._fields = (
            *_TOTALS,
            *(field for name, key in self._keys.items() for field in _fields_of(name, key)),
        )


def _fields_of(name: str, key: str) -> tuple[Field, ...]:
    group = "network_interfaces"
    return (
        Field(f"network_{key}_received_bytes_per_s", "bytes_per_s", f"{name} received", group),
        Field(f"network_{key}_sent_bytes_per_s", "bytes_per_s", f"{name} sent", group),
        Field(f"network_{key}_errors_total", "total", f"{name} errors", group, "counter"),
    )


def _is_loopback(name: str) -> bool:
    return name == "lo" or (name[:2] == "lo" and name[2:].isdigit()) or "loopback" in name.lower()
