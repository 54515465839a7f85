"""`llama-runner-pro status`: every model in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import aligned, paint, safe, say, say_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

LOOKS: dict[str, tuple[str, str]] = {
    "online": ("●", "green"),
    "degraded": ("◐", "yellow"),
    "starting": ("◌", "blue"),
    "loading": ("◌", "blue"),
    "healing": ("✚", "blue"),
    "backoff": ("✚", "yellow"),
    "stopping": ("○", "grey"),
    "stopped": ("○", "grey"),
    "disabled": ("○", "grey"),
    "offline": ("✖", "red"),
    "failed": ("✖", "red"),
}
"""State → icon and colour."""

_HEAD = ("", "NAME", "STATE", "KIND", "PORT", "PID", "RESPONSE", "RESTARTS", "UPTIME 24H")
_NUMBERS = frozenset({4, 5, 6, 7, 8})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `status`."""
    client.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the table; exit code 1 when something that should serve does not."""
    return client.asked(arguments, lambda sidecar: _show(sidecar, as_json=arguments.json))


def _show(sidecar: client.Client, *, as_json: bool) -> int:
    status = sidecar.get("/api/ai-monitor/status")["data"]
    endpoints = sidecar.get("/api/endpoints")["endpoints"]
    if as_json:
        say_json(status)
    else:
        for line in page(status, endpoints):
            say(line)
    return Exit.OK if status["overall_status"] == "healthy" else Exit.UNHEALTHY


def page(status: dict[str, Any], endpoints: list[dict[str, Any]]) -> Iterator[str]:
    """The lines that people see."""
    if not endpoints:
        yield "No models are configured."
        yield "Try the demo: llama-runner-pro serve --demo"
        return
    head, *rows = aligned([_HEAD, *map(_row, endpoints)], right=_NUMBERS)
    yield head
    for line, endpoint in zip(rows, endpoints, strict=True):
        yield paint(line, LOOKS.get(endpoint["state"], ("?", "grey"))[1])
        for words in (endpoint["reason"], endpoint["hint"]):
            if words:
                yield f"   {safe(words)}"
    yield ""
    overall = status["overall_status"]
    yield f"{overall}: {status['online_models']} of {status['total_models']} online" + (
        "" if status["monitoring_active"] else "; monitoring is off"
    )


def _row(endpoint: dict[str, Any]) -> tuple[str, ...]:
    icon = LOOKS.get(endpoint["state"], ("?", "grey"))[0]
    state = endpoint["state"]
    if endpoint["step"]:
        state += f" ({endpoint['step'].replace('_', ' ')})"
    return (
        icon,
        safe(endpoint["name"]),
        state,
        endpoint["kind"],
        _number(endpoint["port"]),
        _number(endpoint["pid"]),
        _number(endpoint["response_ms"], " ms", 1),
        _number(endpoint["restart_count"]),
        _number(endpoint["uptime_24h_pct"], " %", 1),
    )


def _number(value: float | None, unit: str = "", digits: int = 0) -> str:
    return "-" if value is None else f"{value:.{digits}f}{unit}"
