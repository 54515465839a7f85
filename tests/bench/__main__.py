"""`npm run bench`: measures, prints, asserts nothing."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

from llama_runner_pro.engine.demo import demo_model_path
from tests.bench import (
    desktop,
    discovery,
    fanout,
    fleet,
    frozen,
    gateway,
    healing,
    install,
    litellm,
    past,
    peers,
    recovery,
    soak,
    stream,
    watchers,
)
from tests.bench.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from tests.bench.table import Row


def _recovery(model: Path) -> list[Row]:
    return recovery.measure(model)[0]


def _peers(model: Path) -> list[Row]:
    # They are compared with the bare start of the same run.
    healed, bare_s = recovery.measure(model)
    return [*healed, *peers.measure(model, bare_s)]


PARTS: dict[str, Callable[[Path], Iterable[Row]]] = {
    "recovery": _recovery,
    "peers": _peers,
    "stream": stream.measure,
    "healing": healing.measure,
    "discovery": discovery.measure,
    "fanout": lambda _: fanout.measure(),
    "past": lambda _: past.measure(),
    "soak": lambda _: soak.measure(),
    "watchers": lambda _: watchers.measure(),
    "fleet": fleet.measure,
    "gateway": gateway.measure,
    "desktop": lambda _: desktop.measure(),
    "install": lambda _: install.measure(),
    "frozen": lambda _: frozen.measure(),
    "gateway-litellm": litellm.measure,
}
"""`peers` holds what `recovery` measures."""


def main(chosen: Sequence[str]) -> None:
    """Measure with the demo model: all parts (about half an hour), or the chosen ones."""
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        raise SystemExit(f"no part is named {unknown[0]}; there are {', '.join(PARTS)}")
    # So that what was started is ended as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parts = chosen or [name for name in PARTS if name != "recovery"]
    sys.stdout.write(f"Measuring {', '.join(parts)}. Leave the machine alone meanwhile.\n")
    model = demo_model_path()
    rows = []
    for row in (row for name in parts for row in PARTS[name](model)):
        rows.append(row)
        sys.stdout.write(f"  {row.what}: {row.measured}\n")
        sys.stdout.flush()
    sys.stdout.write("\n" + table(rows) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
