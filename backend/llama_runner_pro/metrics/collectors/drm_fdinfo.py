"""What Linux tells of one process's use of a graphics card, in `/proc/<pid>/fdinfo`.

Every open file of a card lists keys that start with `drm-` (kernel documentation,
gpu/drm-usage-stats). One client can be open several times and in several processes, so it is
counted by its id; reading it for processes of other users needs their rights.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable

PROC = Path("/proc")
_UNITS = {"": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_LOCAL = re.compile(r"^(vram|local|stolen)\d*$")
"""Names of the regions that are the card's own memory: amdgpu and xe `vram`, i915 `local`."""
_PREFERENCE = ("drm-resident-", "drm-memory-", "drm-total-")


class DrmClient(Struct):
    """One client of one card."""

    driver: str
    pdev: str
    """The card's address on the PCI bus."""
    id: str
    memory_bytes: int | None = None
    """Of the card's own memory; None when the driver does not tell."""
    engine_ns: dict[str, int] = field(default_factory=dict)
    """Busy time per engine."""
    engine_cycles: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Busy cycles and all cycles per engine, where the driver counts so (xe)."""


def parse_fdinfo(text: str) -> DrmClient | None:
    """The client of one open file; None when it is no file of a graphics card."""
    keys: dict[str, str] = {}
    for line in text.splitlines():
        key, found, value = line.partition(":")
        if found and key.startswith("drm-"):
            keys[key] = value.strip()
    if "drm-driver" not in keys or "drm-client-id" not in keys:
        return None
    client = DrmClient(keys["drm-driver"], keys.get("drm-pdev", ""), keys["drm-client-id"])
    client.memory_bytes = _local_memory(keys)
    for key, value in keys.items():
        number = value.split(" ")[0]
        if not number.isdigit():
            continue
        if key.startswith("drm-engine-") and not key.startswith("drm-engine-capacity-"):
            client.engine_ns[key.removeprefix("drm-engine-")] = int(number)
        elif key.startswith("drm-cycles-"):
            engine = key.removeprefix("drm-cycles-")
            total = keys.get(f"drm-total-cycles-{engine}", "")
            if total.isdigit():
                client.engine_cycles[engine] = (int(number), int(total))
    return client


def _local_memory(keys: dict[str, str]) -> int | None:
    """Bytes in the card's own regions, by the best key that there is."""
    for prefix in _PREFERENCE:
        amounts = [
            amount
            for key, value in keys.items()
            if key.startswith(prefix) and _LOCAL.match(key.removeprefix(prefix))
            if (amount := _bytes(value)) is not None
        ]
        if amounts:
            return sum(amounts)
    return None


def _bytes(value: str) -> int | None:
    number, _, unit = value.partition(" ")
    return int(number) * _UNITS[unit] if number.isdigit() and unit in _UNITS else None


def clients_of(pids: Iterable[int], proc: Path = PROC) -> dict[int, list[DrmClient]]:
    """The clients of each process; a client that several share belongs to the first of them.

    A process that has ended or belongs to somebody else has none.
    """
    seen: set[tuple[str, str]] = set()
    found: dict[int, list[DrmClient]] = {}
    for pid in sorted(pids):
        found[pid] = []
        for number in _card_files(proc / str(pid)):
            try:
                text = (proc / str(pid) / "fdinfo" / number).read_text("utf-8", "replace")
            except OSError:
                continue
            client = parse_fdinfo(text)
            if client is not None and (client.pdev, client.id) not in seen:
                seen.add((client.pdev, client.id))
                found[pid].append(client)
    return found


def _card_files(process: Path) -> list[str]:
    """Numbers of the open files that are graphics cards."""
    numbers: list[str] = []
    try:
        for entry in (process / "fd").iterdir():
            try:
                if str(entry.readlink()).startswith("/dev/dri/"):
                    numbers.append(entry.name)
            except OSError:
                continue  # closed while we looked
    except OSError:
        return numbers
    return numbers
