"""`llama-runner-pro logs [NAME] [-f]`."""

from __future__ import annotations

import argparse
import json
from typing import Any, NoReturn
from urllib.parse import urlencode

from llama_runner_pro.cli import client
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import paint, safe, say

LEVELS = ("debug", "info", "warning", "error", "critical")
_COLOUR_OF = {"debug": "grey", "warning": "yellow", "error": "red", "critical": "red"}
OPEN_TIMEOUT_S = 10.0
FOLLOW_LINES_MAX = 1000


def _count(text: str) -> int:
    count = int(text)
    if not 0 <= count <= 5000:
        raise argparse.ArgumentTypeError("must be between 0 and 5000")
    return count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `logs`."""
    parser.add_argument(
        "name", nargs="?", default="monitor", help="monitor (default), recovery, or a model's name"
    )
    parser.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    parser.add_argument("-n", "--lines", type=_count, default=100, help="how many (default 100)")
    parser.add_argument("--level", choices=LEVELS, help="this level and worse")
    parser.add_argument("-q", "--query", default="", help="only lines that contain this text")
    client.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the end of a log, and with `-f` every new line."""
    return client.asked(arguments, lambda sidecar: _show(sidecar, arguments))


def _show(sidecar: client.Client, arguments: argparse.Namespace) -> int:
    if arguments.follow:
        _follow(sidecar, arguments)
    answer = sidecar.get(f"/api/ai-monitor/logs?{_query(arguments)}")
    for line in answer["data"]["lines"]:
        _print(line, as_json=arguments.json)
    return Exit.OK


def _query(arguments: argparse.Namespace) -> str:
    wanted = {"source": arguments.name, "lines": arguments.lines, "q": arguments.query}
    if arguments.follow:
        wanted["lines"] = min(arguments.lines, FOLLOW_LINES_MAX)
    if arguments.level:
        wanted["level"] = arguments.level
    return urlencode(wanted)


def _follow(sidecar: client.Client, arguments: argparse.Namespace) -> NoReturn:
    """Print lines as they come; ends by Ctrl-C or with a ClientError."""
    from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
    from websockets.sync.client import connect

    url = sidecar.url
    address = f"ws{url.removeprefix('http')}/api/logs/stream?{_query(arguments)}"
    try:
        stream = connect(
            address,
            additional_headers=sidecar.credentials,
            compression=None,
            open_timeout=OPEN_TIMEOUT_S,
            proxy=None,
        )
    except InvalidStatus as error:
        raise client.refused(error.response.status_code, _json(error.response.body), url) from error
    except InvalidHandshake as error:
        raise client.not_ours(url) from error
    except OSError as error:
        raise client.not_running(url) from error
    with stream:
        try:
            for message in stream:
                for line in _json(message)["lines"]:
                    _print(line, as_json=arguments.json)
        except ConnectionClosed:
            pass
    raise client.ClientError("the sidecar has stopped", Exit.UNAVAILABLE)


def _json(text: str | bytes | bytearray) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _print(line: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        say(json.dumps(line, ensure_ascii=False))
        return
    text = safe(line["text"])
    colour = _COLOUR_OF.get(line["level"] or "")
    say(paint(text, colour) if colour else text)
