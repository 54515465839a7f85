"""`npm run bench`: measures, prints, asserts nothing."""

from __future__ import annotations

import sys

from llama_runner_pro.engine.demo import demo_model_path
from tests.bench import discovery, recovery, stream
from tests.bench.table import table


def main() -> None:
    """Measure with the demo model; takes about three minutes."""
    model = demo_model_path()
    sys.stdout.write("Measuring, about three minutes. Leave the machine alone meanwhile.\n")
    rows = [*stream.measure(model), *recovery.measure(model), *discovery.measure(model)]
    sys.stdout.write(table(rows) + "\n")


if __name__ == "__main__":
    main()
