"""Finds running sidecars, and who listens where our endpoints would. Blocking."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import psutil

from llama_runner_pro.config.lock import FolderInUse, hold_folder
from llama_runner_pro.config.token import read_token
from llama_runner_pro.core.origin import reached_at
from llama_runner_pro.doctor.neighbours import PortUse, Sidecar
from llama_runner_pro.endpoints.kind import port_of
from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.supervision.process.command import startable
from llama_runner_pro.supervision.process.lineage import carriers, descendants
from llama_runner_pro.supervision.process.ports import holder, is_free
from llama_runner_pro.supervision.process.state_file import StateFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.process.state_file import ProcessRecord

_ANSWERS_WITHIN_S = 3.0
_COMMANDS = {"llama-runner-pro", "llama-runner-pro-backend"}
"""As installed from the wheel, and as the frozen program; on Windows with `.exe`."""
_MODULE = "llama_runner_pro"


def sidecar_of(paths: DataPaths) -> Sidecar:
    """The sidecar that holds this data folder, and whether it answers."""
    if not paths.lock_file.exists() or not _held(paths):
        return Sidecar(runs=False)
    try:
        presence = json.loads(paths.presence_file.read_bytes())
        pid, host, port = int(presence["pid"]), str(presence["host"]), int(presence["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return Sidecar(runs=True)
    health = _health(reached_at(host), port, _token(paths))
    answers = health.get("pid") == pid
    return Sidecar(runs=True, pid=pid, host=host, port=port, answers=answers)


def other_sidecars(*, except_pid: int | None) -> list[int]:
    """Processes of this user that run `serve`, besides the one already known."""
    found = []
    for process in psutil.process_iter():
        if process.pid in (os.getpid(), except_pid):
            continue
        try:
            if serves(process.cmdline()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def serves(argv: Sequence[str]) -> bool:
    """The command line is that of a sidecar: our program, or our module, with `serve`. Pure."""
    for place, word in enumerate(argv[:-1]):
        ours = PurePath(word).name.removesuffix(".exe") in _COMMANDS or (
            word == _MODULE and place > 0 and argv[place - 1] == "-m"
        )
        if ours and argv[place + 1] == "serve":
            return True
    return False


def port_uses(endpoints: Sequence[EndpointSpec], paths: DataPaths) -> list[PortUse]:
    """The port of each endpoint that we would start, and who has it."""
    records = recorded(paths)
    uses = []
    for spec in endpoints:
        port = port_of(spec, profile_of(spec))
        if port is None or not startable(spec):
            continue
        uses.append(_use(spec, port, records.get(spec.name)))
    return uses


def _use(spec: EndpointSpec, port: int, record: ProcessRecord | None) -> PortUse:
    found = None if is_free("127.0.0.1", port) else asyncio.run(holder(port))
    if found is None:
        return PortUse(spec.name, port, None, ours=False)
    named = spec.process_name is not None and found.name == spec.process_name
    ours = named or (found.pid is not None and found.pid in _pids(record))
    return PortUse(spec.name, port, found.text, ours=ours)


def _pids(record: ProcessRecord | None) -> set[int]:
    if record is None:
        return set()
    pid = record.identity.pid
    family = [*descendants(pid), *carriers(record.nonce)]
    return {pid, *(one.pid for one in family)}


def recorded(paths: DataPaths) -> dict[str, ProcessRecord]:
    """The processes that the sidecar noted down. A damaged file counts as none, and stays."""
    try:
        json.loads(paths.processes_file.read_bytes())
    except (OSError, ValueError):
        return {}
    return StateFile(paths.processes_file).load()


def _held(paths: DataPaths) -> bool:
    try:
        with hold_folder(paths.lock_file, paths.presence_file):
            return False
    except FolderInUse:
        return True
    except OSError:
        return False


def _token(paths: DataPaths) -> str | None:
    try:
        return read_token(paths.token_file)
    except OSError:
        return None


def _health(host: str, port: int, token: str | None) -> dict[str, Any]:
    """What it says of itself. One that other machines can reach wants the token even for that."""
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWERS_WITHIN_S)
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    try:
        connection.request("GET", "/api/health", headers=headers)
        answer = json.loads(connection.getresponse().read(10_000))
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else {}
