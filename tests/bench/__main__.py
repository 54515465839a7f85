"""`npm run bench`: measures, prints, asserts nothing."""

from __future__ import annotations

import sys

from llama_runner_pro.engine.demo import demo_model_path
from tests.bench import (
    discovery,
    fanout,
    fleet,
    healing,
    past,
    peers,
    recovery,
    soak,
    stream,
    watchers,
)
from tests.bench.table import table


def main() -> None:
    """Measure with the demo model; takes about fifteen minutes."""
    model = demo_model_path()
    sys.stdout.write("Measuring, about fifteen minutes. Leave the machine alone meanwhile.\n")
    healed, bare_s = recovery.measure(model)
    rows = [*healed, *peers.measure(model, bare_s), *stream.measure(model)]
    rows += [*healing.measure(model), *discovery.measure(model)]
    rows += [*fanout.measure(), *past.measure(), *soak.measure(), *watchers.measure()]
    rows += fleet.measure(model)
    sys.stdout.write(table(rows) + "\n")


if __name__ == "__main__":
    main()
