"""Every metric that the collectors can declare, read from their sources.

`python -m tests.architecture.declared_metrics` prints the table of docs/METRICS.md anew.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, get_args

from llama_runner_pro.metrics.model import Field, Unit
from llama_runner_pro.metrics.prometheus.families import (
    ALERTS,
    BUILD,
    ENDPOINT,
    GPU,
    OWN,
    STATE,
    help_of,
)
from llama_runner_pro.metrics.prometheus.names import metric_of
from tests.architecture.checkout import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

METRICS = PACKAGE / "metrics"
# Tables of parts stand in modules that measure one kind of thing.
OF_ENDPOINTS = {"endpoint_status", "process_tree", "load_progress"}
OF_MODELS = {"llamacpp", "ollama", "vllm", "lmstudio", "token_flow", "models", "traffic"}


# Declared through variables, which nobody can read without running them.
COMPUTED = (
    Field("cpu_user_pct", "pct", "CPU in programs", "cpu"),
    Field("cpu_system_pct", "pct", "CPU in the system", "cpu"),
    Field("cpu_iowait_pct", "pct", "CPU waiting for disks", "cpu"),
    Field("cpu_steal_pct", "pct", "CPU taken by other virtual machines", "cpu"),
    *(Field(f"load_{n}m", "ratio", f"Load {n} min", "cpu") for n in (1, 5, 15)),
)
OWN_LABELS = {
    BUILD: "version, hostname, sidecar",
    STATE: "endpoint, state",
    ENDPOINT: "endpoint, kind",
    ALERTS: "severity",
    GPU: "gpu, name",
}


def declared_metrics() -> dict[str, str]:
    """Metric → its line in the table; those of fields and our own."""
    found = {name: _line(name, OWN_LABELS.get(name, ""), words) for name, words in OWN.items()}
    for field in (*COMPUTED, *declared_fields()):
        name = metric_of(field.name)
        labels = ", ".join(label for label, _ in name.labels)
        found.setdefault(name.metric, _line(name.metric, labels, help_of(field, name)))
    return found


def _line(name: str, labels: str, words: str) -> str:
    return f"| `{name}` | {labels} | {words} |"


def declared_fields() -> Iterator[Field]:
    """One field for each declaration; `x` and 0 stand for names and numbers."""
    for module in sorted(METRICS.glob("*.py")) + sorted((METRICS / "collectors").glob("*.py")):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            yield from _called(node)
            yield from _tabled(node, module.stem)


def _called(node: ast.AST) -> Iterator[Field]:
    is_field = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Field"
    if not is_field or len(node.args) < 4:  # type: ignore[attr-defined]
        return
    name, unit, label, group = (_text(argument) for argument in node.args[:4])  # type: ignore[attr-defined]
    if name is not None and unit in get_args(Unit):
        yield Field(name, unit, label or "", group or "")  # type: ignore[arg-type]


def _tabled(node: ast.AST, module: str) -> Iterator[Field]:
    """A line of a table of parts: `"rss_bytes": ("bytes", "Memory", "gauge")`."""
    if not isinstance(node, ast.Dict):
        return
    for key, value in zip(node.keys, node.values, strict=True):
        part = _text(key)
        if part is None or not isinstance(value, ast.Tuple) or len(value.elts) < 2:
            continue
        unit, label = _text(value.elts[0]), _text(value.elts[1])
        if unit in get_args(Unit):
            yield Field(_whole(part, module), unit, label or "", "")  # type: ignore[arg-type]


def _whole(part: str, module: str) -> str:
    if module in OF_ENDPOINTS or (module == "gpu" and part == "gpu_memory_bytes"):
        return f"endpoint/x/{part}"
    if module in OF_MODELS:
        return f"model/x/{part}"
    assert module == "gpu", f"say in {__file__} what the table in {module}.py is of"
    return f"gpu0_{part}"


def _text(node: ast.AST | None) -> str | None:
    """A string; in a pattern, what is filled in is 0 after a word that counts, else `x`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    text = ""
    for piece in node.values:
        if isinstance(piece, ast.Constant):
            text += str(piece.value)
        else:
            text += "0" if text.endswith(("core", "gpu")) else "x"
    # A pattern whose last part is filled in stands for a whole table.
    return None if text.endswith(("/x", "0_x")) else text


if __name__ == "__main__":
    sys.stdout.write("\n".join(line for _, line in sorted(declared_metrics().items())) + "\n")
