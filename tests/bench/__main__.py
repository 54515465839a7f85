"""`npm run bench`: measures, prints, asserts nothing."""

from __future__ import annotations

import sys

from llama_runner_pro.engine.demo import demo_model_path
from tests.bench import discovery, healing, peers, recovery, stream
from tests.bench.table import table


def main() -> None:
    """Measure with the demo model; takes about six minutes."""
    model = demo_model_path()
    sys.stdout.write("Measuring, about six minutes. Leave the machine alone meanwhile.\n")
    healed, bare_s = recovery.measure(model)
    rows = [*healed, *peers.measure(model, bare_s), *stream.measure(model)]
    rows += [*healing.measure(model), *discovery.measure(model)]
    sys.stdout.write(table(rows) + "\n")


if __name__ == "__main__":
    main()
