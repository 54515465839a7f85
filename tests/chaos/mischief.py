"""What can go wrong, one function each. Each says how long the endpoint may take to be well."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import threading
import time
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tests.chaos.world import Endpoint, World

LONG_S = 40.0
SHORT_S = 15.0


def kill(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """SIGKILL of the model server."""
    for pid in endpoint.pids():
        if world.state_of(endpoint) == "online":
            endpoint.killed.append(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return LONG_S


def pause_for_a_moment(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """SIGSTOP, and SIGCONT before anybody may call it a hang."""
    for pid in endpoint.pids():
        _signal(pid, signal.SIGSTOP)
        _later(rng.uniform(0.2, 0.7), lambda pid=pid: _signal(pid, signal.SIGCONT))
    return SHORT_S


def hang(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """SIGSTOP for good: health checks fail, completions too."""
    for pid in endpoint.pids():
        _signal(pid, signal.SIGSTOP)
    return LONG_S


def slow_health(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """Answers late for a while, but in time."""
    endpoint.control("slow", rng.randint(100, 600))
    _later(rng.uniform(1, 3), lambda: endpoint.control("none"))
    return SHORT_S


def deaf_health(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """Health silence while completions work: must not be killed for that."""
    endpoint.control("hang-health")
    _later(rng.uniform(1, 4), lambda: endpoint.control("none"))
    return LONG_S


def truncated_stream(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """A stream that ends in the middle; a client's bad luck, not a reason to heal."""
    endpoint.control("truncate-stream")
    request = urllib.request.Request(
        f"http://127.0.0.1:{endpoint.port}/v1/chat/completions",
        data=b'{"stream": true, "messages": [{"role": "user", "content": "Hi"}]}',
        headers={"content-type": "application/json"},
    )
    with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
        urllib.request.urlopen(request, timeout=5).read()
    endpoint.control("none")
    return SHORT_S


def steal_port(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """Somebody else takes the port while the endpoint is stopped; then goes away again."""
    endpoint.resets_ms.append(time.time_ns() // 1_000_000)
    world.post(f"/api/ai-monitor/models/{endpoint.name}/stop")
    limit = time.monotonic() + 10
    while world.state_of(endpoint) != "stopped" and time.monotonic() < limit:
        time.sleep(0.05)
    thief = socket.socket()
    thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        thief.bind(("127.0.0.1", endpoint.port))
        thief.listen()
    except OSError:
        thief.close()
        return LONG_S
    world.post(f"/api/ai-monitor/models/{endpoint.name}/start")

    def leave() -> None:
        thief.close()
        endpoint.resets_ms.append(time.time_ns() // 1_000_000)
        with contextlib.suppress(OSError):
            world.post(f"/api/ai-monitor/models/{endpoint.name}/heal")
            world.post(f"/api/ai-monitor/models/{endpoint.name}/start")

    _later(rng.uniform(1, 3), leave)
    return LONG_S


def edit_config(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """A harmless edit of the file: nothing may restart for it."""
    world.check_interval_s = rng.choice([0.5, 0.6, 0.7])
    world.write_config()
    return SHORT_S


def full_disk(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """No space left in the data folder for a while, and a death meanwhile."""
    filler = world.folder / "data" / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as sink:
        while True:
            sink.write(b"\0" * 65_536)
    kill(world, endpoint, rng)
    time.sleep(rng.uniform(2, 4))
    filler.unlink(missing_ok=True)
    # What could not be written is tried again every 2 s; a sidecar killed before that is another
    # fault, which nobody can mend.
    time.sleep(3)
    return LONG_S


def kill_sidecar(world: World, endpoint: Endpoint, rng: random.Random) -> float:
    """SIGKILL of the sidecar itself, and a new one."""
    world.kill_sidecar()
    time.sleep(rng.uniform(0.1, 1.0))
    world.start_sidecar()
    now = time.monotonic()
    for one in world.endpoints:
        if one.busy_until_s > now:
            # The new one counts failed checks from the first: what hangs has its time anew.
            one.busy_until_s = now + LONG_S
    return SHORT_S


MISCHIEF: dict[Callable[[World, Endpoint, random.Random], float], int] = {
    kill: 6,
    pause_for_a_moment: 3,
    hang: 2,
    slow_health: 3,
    deaf_health: 2,
    truncated_stream: 2,
    steal_port: 2,
    edit_config: 2,
    kill_sidecar: 2,
}
"""What is done, and how often in comparison."""


def _later(seconds: float, action: Callable[[], object]) -> None:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
