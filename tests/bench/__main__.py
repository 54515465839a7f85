"""`npm run bench`: measures, prints, asserts nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from llama_runner_pro.engine.demo import demo_model_path
from tests.bench import discovery, gateway, healing, peers, recovery, stream
from tests.bench.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.bench.table import Row


PARTS = ("recovery", "peers", "stream", "healing", "discovery", "gateway")


def main(chosen: Sequence[str]) -> None:
    """Measure with the demo model, all parts (about ten minutes) or the chosen ones."""
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        raise SystemExit(f"no part is named {unknown[0]}; there are {', '.join(PARTS)}")
    model, parts = demo_model_path(), chosen or PARTS
    sys.stdout.write(f"Measuring {', '.join(parts)}. Leave the machine alone meanwhile.\n")
    rows: list[Row] = []
    if "recovery" in parts or "peers" in parts:
        # Peers are compared with the bare start of the same run.
        healed, bare_s = recovery.measure(model)
        rows += [*healed, *(peers.measure(model, bare_s) if "peers" in parts else [])]
    if "stream" in parts:
        rows += stream.measure(model)
    if "healing" in parts:
        rows += healing.measure(model)
    if "discovery" in parts:
        rows += discovery.measure(model)
    if "gateway" in parts:
        rows += gateway.measure(model)
    sys.stdout.write(table(rows) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
