"""What must hold whatever happens. Each check returns what it found wrong, in words."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.chaos.world import BACKOFF_INITIAL_S, BACKOFF_MAX_S

if TYPE_CHECKING:
    from tests.chaos.world import Endpoint, World

_SLACK_MS = 60


class Watch:
    """Looks all the time for a second process of an endpoint and for missing bystanders."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.wrong: list[str] = []
        self.looks = 0

    def __enter__(self) -> Watch:
        """Start looking."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop looking."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(0.03):
            self.looks += 1
            for endpoint in self._world.endpoints:
                pids = endpoint.pids()
                if len(pids) > 1:
                    self.wrong.append(f"{endpoint.name} has {len(pids)} processes: {pids}")
            for bystander in self._world.bystanders:
                if bystander.poll() is not None:
                    self.wrong.append(f"bystander {bystander.pid} is gone")
                    return


def incidents_of(world: World) -> dict[str, list[dict[str, Any]]]:
    """Lines of the recovery log by incident, in the order of their opening."""
    found: dict[str, list[dict[str, Any]]] = {}
    logs = world.folder / "data" / "logs"
    for path in sorted(logs.glob("ai_recovery.log*"), reverse=True):
        for raw in path.read_bytes().splitlines():
            try:
                line = json.loads(raw)
            except ValueError:
                continue
            found.setdefault(line["incident"], []).append(line)
    return found


def every_death_has_one_incident(world: World) -> list[str]:
    """Each server that we killed while it was online and watched is in exactly one incident.

    One that was suspected before and found to be well has an earlier incident as a false alarm.
    """
    wrong = []
    openings = [
        lines[0]
        for lines in incidents_of(world).values()
        if lines[-1].get("outcome") != "false_alarm"
    ]
    for endpoint in world.endpoints:
        for pid in endpoint.killed:
            about = [line for line in openings if line.get("evidence", {}).get("pid") == pid]
            if len(about) != 1:
                wrong.append(f"{endpoint.name}: {len(about)} incidents about the death of {pid}")
    return wrong


def every_incident_is_closed(world: World) -> list[str]:
    """Nothing is left open, and nothing is closed twice."""
    wrong = []
    for name, lines in incidents_of(world).items():
        closings = [line for line in lines if line["event"] == "closed"]
        if len(closings) != 1:
            wrong.append(f"incident {name} was closed {len(closings)} times")
    return wrong


def no_restart_beats_the_backoff(world: World) -> list[str]:
    """The nth restart since the budget began anew waits as long as the policy says."""
    wrong = []
    for endpoint in world.endpoints:
        restart, seen_reset = 0, -1
        for begun_ms, started_ms in _restarts(world, endpoint):
            reset = sum(1 for moment in endpoint.resets_ms if moment <= started_ms)
            if reset != seen_reset:
                seen_reset, restart = reset, 0
            restart += 1
            if restart == 1:
                continue
            due_s = min(BACKOFF_MAX_S, BACKOFF_INITIAL_S * 2 ** (restart - 2))
            if started_ms - begun_ms < due_s * 1000 - _SLACK_MS:
                waited = started_ms - begun_ms
                wrong.append(f"{endpoint.name}: restart {restart} after {waited} ms, not {due_s} s")
    return wrong


def _restarts(world: World, endpoint: Endpoint) -> list[tuple[int, int]]:
    """When each restart's wait began and when it started, in Unix milliseconds."""
    found = []
    for lines in incidents_of(world).values():
        if lines[0]["endpoint"] != endpoint.name:
            continue
        begun_ms = lines[0]["t_ms"]
        for line in lines:
            if line["event"] == "step" and line["step"] == "backoff":
                begun_ms = line["t_ms"]
            if line["event"] == "step" and line["step"] == "start":
                found.append((begun_ms, line["t_ms"]))
                begun_ms = line["t_ms"]
    return sorted(found, key=lambda pair: pair[1])


def all_well(world: World, patience_s: float) -> list[str]:
    """Every endpoint is online again within the time given."""
    limit = time.monotonic() + patience_s
    views: list[dict[str, Any] | None] = []
    while time.monotonic() < limit:
        views = [world.view(endpoint) for endpoint in world.endpoints]
        if all(view is not None and view["state"] == "online" for view in views):
            return []
        time.sleep(0.2)
    known = [view for view in views if view is not None]
    return [
        f"{view['name']} is {view['state']}: {view['reason']}"
        for view in known
        if view["state"] != "online"
    ] or ["the sidecar does not answer"]


def nothing_is_under_way(world: World, patience_s: float) -> list[str]:
    """Once all clients have gone the gateway has no request and no lease left."""
    limit = time.monotonic() + patience_s
    while True:
        traffic = world.get("/api/gateway")["traffic"]
        left = {name: traffic[name] for name in ("in_flight", "waiting")}
        running = world.get("/api/gateway/requests")["running"]
        if not any(left.values()) and not running:
            return []
        if time.monotonic() > limit:
            return [f"without clients the gateway still has {left}: {running}"]
        time.sleep(0.2)


def no_orphan(world: World) -> list[str]:
    """Nothing of ours runs after the end."""
    return [
        f"{endpoint.name}: process {pid} was left"
        for endpoint in world.endpoints
        for pid in endpoint.pids()
    ]
