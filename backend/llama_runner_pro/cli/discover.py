"""`llama-runner-pro discover`: which model servers run here, and which could be started."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import aligned, paint, safe, say, say_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_HEAD = ("", "SERVER", "ADDRESS", "MODELS", "PROGRAM", "PID")
_MODELS_SHOWN = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `discover`."""
    client.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what there is. The running sidecar looks, if there is one; else this command does."""
    return client.asked(arguments, lambda sidecar: _show(sidecar, arguments))


def _show(sidecar: client.Client, arguments: argparse.Namespace) -> int:
    try:
        discovery = sidecar.get("/api/discover")
    except client.ClientError:
        if arguments.url:
            # That very sidecar was asked for; it may run where nothing is seen from here.
            raise
        discovery = _looked()
    if arguments.json:
        say_json(discovery)
    else:
        for line in page(discovery):
            say(line)
    return Exit.OK


def _looked() -> dict[str, Any]:
    import asyncio

    import msgspec

    from llama_runner_pro.core.clock import SystemClock
    from llama_runner_pro.supervision.discovery.scan import look

    plain: dict[str, Any] = msgspec.to_builtins(asyncio.run(look(SystemClock(), [])))
    return plain


def page(discovery: dict[str, Any]) -> Iterator[str]:
    """The lines that people see."""
    found, installed = discovery["found"], discovery["installed"]
    if found:
        head, *rows = aligned([_HEAD, *map(_row, found)], right=frozenset({5}))
        yield head
        for line, server in zip(rows, found, strict=True):
            yield paint(line, _colour(server))
            yield from _remarks(server)
    else:
        yield "No model server runs on this computer."
    if installed:
        yield ""
        yield "Installed, not running:"
        for program in installed:
            yield from _program(program)
    if not discovery["complete"]:
        yield ""
        yield "Some sockets took too long to answer; run it again to look once more."


def _row(server: dict[str, Any]) -> tuple[str, ...]:
    models = [safe(name) for name in server["models"]]
    shown = ", ".join(models[:_MODELS_SHOWN])
    if len(models) > _MODELS_SHOWN:
        shown += f" and {len(models) - _MODELS_SHOWN} more"
    return (
        "●" if server["proposal"] else "○",
        server["label"],
        server["url"],
        "loading" if server["loading"] else shown or "-",
        safe(server["program"] or "-"),
        str(server["pid"] or "-"),
    )


def _remarks(server: dict[str, Any]) -> Iterator[str]:
    if server["configured_as"] is not None:
        yield f"   watched as {safe(server['configured_as'])}"
    if server["confidence"] == "likely":
        yield f"   likely: {safe('; '.join(server['evidence']))}"
    if server["note"]:
        yield f"   {safe(server['note'])}"


def _program(program: dict[str, Any]) -> Iterator[str]:
    command = shlex.join(program["command"]) or program["path"]
    yield f"○ {program['label']}: {safe(command)}"
    if program["note"]:
        yield f"   {safe(program['note'])}"


def _colour(server: dict[str, Any]) -> str:
    if server["configured_as"] is not None:
        return "green"
    return "grey" if server["part_of"] is not None else "blue"
