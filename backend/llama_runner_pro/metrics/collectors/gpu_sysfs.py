"""Finding graphics cards in Linux's `/sys`, and reading the small files that they show."""

from __future__ import annotations

import abc
import re
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.collectors.drm_fdinfo import PROC, clients_of
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuLost, GpuSample
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from llama_runner_pro.metrics.collectors.drm_fdinfo import DrmClient

DRM = Path("/sys/class/drm")
_CARD = re.compile(r"^card(\d+)$")


class CardFolder(ValueObject, frozen=True):
    """Where one card shows itself."""

    path: Path
    """`/sys/class/drm/cardN`."""
    driver: str
    pdev: str
    """Its address on the PCI bus."""
    pci_id: str
    """Maker and model as in `1002:744C`."""

    @property
    def device(self) -> Path:
        """The folder of the PCI device."""
        return self.path / "device"

    def hwmon(self) -> Path | None:
        """The folder of its sensors."""
        found = sorted((self.device / "hwmon").glob("hwmon*"))
        return found[0] if found else None


def find_cards(drivers: Collection[str], folder: Path = DRM) -> list[CardFolder]:
    """The cards that one of these kernel drivers runs, by their number."""
    cards: list[tuple[int, CardFolder]] = []
    for path in folder.glob("card*"):
        number = _CARD.match(path.name)
        if number is None:
            continue
        event = _keys(path / "device" / "uevent")
        if event.get("DRIVER") in drivers:
            card = CardFolder(
                path, event["DRIVER"], event.get("PCI_SLOT_NAME", ""), event.get("PCI_ID", "")
            )
            cards.append((int(number[1]), card))
    return [card for _, card in sorted(cards, key=lambda found: found[0])]


def read_text(path: Path) -> str | None:
    """A small file's text; None when it is not there or cannot be read."""
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return None


def read_number(
    path: Path | None, scale: float = 1, *, low: float = 0, high: float = 2**62
) -> float | None:
    """A number times `scale`; None when there is none, or none that can be true."""
    text = None if path is None else read_text(path)
    try:
        value = None if text is None else int(text)
    except ValueError:
        return None
    return value * scale if value is not None and low <= value <= high else None


def read_whole(path: Path | None, scale: int = 1) -> int | None:
    """As `read_number`, in whole units."""
    value = read_number(path, scale)
    return None if value is None else round(value)


def _keys(path: Path) -> dict[str, str]:
    pairs = (line.partition("=") for line in (read_text(path) or "").splitlines())
    return {key: value for key, _, value in pairs}


class WatchedClients:
    """Memory and engine time of the watched processes on each card."""

    def __init__(self, proc: Path = PROC) -> None:
        self._proc = proc
        self._rates = Rates()
        self._clients: Mapping[int, Sequence[DrmClient]] = {}

    def look(self, pids: frozenset[int]) -> None:
        """Read what the processes show."""
        self._clients = clients_of(pids, self._proc)
        self._rates.keep(
            {
                f"{client.pdev}/{pid}/{client.id}/{engine}"
                for pid, clients in self._clients.items()
                for client in clients
                for engine in (*client.engine_ns, *client.engine_cycles)
            }
        )

    def memory_of(self, pdev: str) -> dict[int, int | None]:
        """Bytes of one card's memory for each process; 0 for those that do not use it."""
        return {pid: self._held(clients, pdev) for pid, clients in self._clients.items()}

    @staticmethod
    def _held(clients: Sequence[DrmClient], pdev: str) -> int | None:
        amounts = [client.memory_bytes for client in clients if client.pdev == pdev]
        told = [amount for amount in amounts if amount is not None]
        return sum(told) if len(told) == len(amounts) else None

    def busy_pct(self, pdev: str, now_s: float) -> float | None:
        """The busiest engine's share of time since the look before; None at the first."""
        busy: dict[str, list[float]] = {}
        for pid, clients in self._clients.items():
            for client in clients:
                if client.pdev == pdev:
                    self._add(busy, f"{pdev}/{pid}/{client.id}", client, now_s)
        known = [sum(shares) for shares in busy.values()]
        return min(100.0, max(known)) if known else None

    def _add(self, busy: dict[str, list[float]], key: str, client: DrmClient, now_s: float) -> None:
        for engine, spent_ns in client.engine_ns.items():
            share = self._rates.per_second(f"{key}/{engine}", spent_ns / 1e9, now_s)
            if share is not None:
                busy.setdefault(engine, []).append(100.0 * share)
        for engine, (spent, total) in client.engine_cycles.items():
            # The card's own count of cycles takes the place of the clock.
            share = self._rates.per_second(f"{key}/{engine}", spent, total)
            if share is not None:
                busy.setdefault(engine, []).append(100.0 * share)


class CardSource(abc.ABC):
    """All cards that some kernel drivers show in `/sys`; what each file means is its maker's."""

    min_interval_s = 0.0
    drivers: ClassVar[frozenset[str]]
    maker: ClassVar[str]

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        drm: Path = DRM,
        clients: WatchedClients | None = None,
    ) -> None:
        self._monotonic = monotonic
        self._drm = drm
        self._clients = clients or WatchedClients()
        self._cards: list[CardFolder] = []
        self._rates = Rates()

    def open(self) -> Sequence[str]:
        """Find the cards. Raises `SensorMissing`."""
        self._cards = find_cards(self.drivers, self._drm)
        self._rates = Rates()
        if not self._cards:
            raise SensorMissing(f"no {self.maker} graphics card")
        return [self._name(card) for card in self._cards]

    def sample(self) -> Sequence[GpuSample]:
        """Read every card. Raises `GpuLost` when one is gone."""
        return [self._sample(card, self._sensors(card)) for card in self._cards]

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        """Read the slow values. Raises `GpuLost` when a card is gone."""
        self._clients.look(pids)
        return [self._detail(card, self._sensors(card)) for card in self._cards]

    def close(self) -> None:
        """Forget the cards; nothing is held open."""
        self._cards = []

    def _sensors(self, card: CardFolder) -> Path | None:
        if not card.device.exists():
            raise GpuLost(f"the {self.maker} graphics card is gone")
        return card.hwmon()

    @abc.abstractmethod
    def _name(self, card: CardFolder) -> str: ...

    @abc.abstractmethod
    def _sample(self, card: CardFolder, hwmon: Path | None) -> GpuSample: ...

    @abc.abstractmethod
    def _detail(self, card: CardFolder, hwmon: Path | None) -> GpuDetail: ...
