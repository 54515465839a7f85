"""A graphics driver's library as a real `libnvidia-ml.so.1`, built from `fixtures/nvml`.

It does what a small file says, read at every call: `fan=3` makes a call fail with that return
value, `fan.value=255` makes it answer so. `NvmlProcess` runs our source over it, in a process
whose loader finds this library and no other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parents[1] / "fixtures" / "nvml" / "nvml.c"

SCRIPT = """
import dataclasses, json, sys
from llama_runner_pro.core.errors import CollectorError
from llama_runner_pro.metrics.collectors.gpu_nvidia import NvmlSource

source = NvmlSource()
for line in sys.stdin:
    try:
        answer = getattr(source, line.split()[0])(*([frozenset()] if "detail" in line else []))
        if answer and not isinstance(answer[0], str):
            answer = [{**dataclasses.asdict(dataclasses.replace(one, reasons={})),
                       "reasons": dict(one.reasons)} for one in answer]
        print(json.dumps({"answer": answer}), flush=True)
    except CollectorError as error:
        print(json.dumps({"failure": type(error).__name__, "words": str(error)}), flush=True)
"""


def build(folder: Path) -> Path:
    """Compile the library into a folder and return that folder."""
    library = folder / "libnvidia-ml.so.1"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-w", "-o", str(library), str(SOURCE)], check=True, timeout=30
    )
    return folder


class NvmlProcess:
    """Our NVML source in a process of its own."""

    def __init__(self, library: Path, control: Path) -> None:
        self._control = control
        self.driver()
        self._process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"LD_LIBRARY_PATH": str(library), "FAKE_NVML": str(control)},
        )

    def driver(self, **does: int) -> None:
        """From now on the driver does this; `fan__value` stands for `fan.value`."""
        lines = (f"{name.replace('__', '.')}={value}\n" for name, value in does.items())
        self._control.write_text("".join(lines))

    def do(self, call: str) -> Any:
        """Make one call of the source; an error comes back as its name and its words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{call}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer.get("answer") if "answer" in answer else (answer["failure"], answer["words"])

    def end(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=120)
