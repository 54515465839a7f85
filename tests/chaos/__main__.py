"""`npm run chaos`: seeded mischief for a while, then the verdict."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos import invariants
from tests.chaos.mischief import MISCHIEF, full_disk
from tests.chaos.world import World

ENDPOINTS = 4
DISK_MB = 24
JOURNAL_LINES = 80


def main() -> int:
    """Returns 0 when every invariant held."""
    parser = argparse.ArgumentParser(prog="npm run chaos --")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--seconds", type=float, default=180.0)
    arguments = parser.parse_args()
    say(f"Chaos with --seed {arguments.seed} for {arguments.seconds:g} s.")
    with tempfile.TemporaryDirectory(prefix="llama-runner-chaos-") as name:
        folder = Path(name)
        mounted = mount_small_disk(folder / "data")
        world = World(folder, ENDPOINTS)
        try:
            wrong = run(world, random.Random(arguments.seed), arguments.seconds, mounted)
        finally:
            world.clean_up()
            if mounted:
                subprocess.run(["umount", "--lazy", str(folder / "data")], check=False)
    for line in wrong:
        say(f"WRONG  {line}")
    say(f"{0 if wrong else 1} passed, {1 if wrong else 0} failed")
    return 1 if wrong else 0


def run(world: World, rng: random.Random, seconds: float, small_disk: bool) -> list[str]:
    """Do mischief to calm endpoints until time is up, let everything settle, and judge."""
    world.start_sidecar()
    wrong = invariants.all_well(world, 30)
    weights = dict(MISCHIEF) | ({full_disk: 1} if small_disk else {})
    done: dict[str, int] = {}
    end = time.monotonic() + seconds
    with invariants.Watch(world) as watch:
        while time.monotonic() < end and not wrong and not watch.wrong:
            time.sleep(rng.uniform(0.2, 1.0))
            endpoint = rng.choice(world.endpoints)
            if time.monotonic() < endpoint.busy_until_s and world.state_of(endpoint) != "online":
                continue
            if world.state_of(endpoint) != "online":
                wrong.append(f"{endpoint.name} is not online in time after {endpoint.why_busy}")
                break
            what = rng.choices(list(weights), list(weights.values()))[0]
            allowed_s = what(world, endpoint, rng)
            # What it has to get over already may take longer than this.
            endpoint.busy_until_s = max(endpoint.busy_until_s, time.monotonic() + allowed_s)
            endpoint.why_busy = what.__name__
            done[what.__name__] = done.get(what.__name__, 0) + 1
        wrong += invariants.all_well(world, 60)
    wrong += watch.wrong
    code = world.end()
    wrong += [] if code == 0 else [f"the sidecar ended with {code}"]
    for check in (
        invariants.no_orphan,
        invariants.every_incident_is_closed,
        invariants.every_death_has_one_incident,
        invariants.no_restart_beats_the_backoff,
    ):
        wrong += check(world)
    if wrong:
        say(journal(world))
    counted = ", ".join(f"{name} {count}" for name, count in sorted(done.items()))
    say(f"Did: {counted}. Looked {watch.looks} times.")
    return wrong


def journal(world: World) -> str:
    """The end of the monitor's log, for whoever looks into a failure."""
    log = world.folder / "data" / "logs" / "ai_monitor.log"
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-JOURNAL_LINES:])


def mount_small_disk(folder: Path) -> bool:
    """A small disk under the data folder, where we may mount one."""
    folder.mkdir(parents=True)
    if sys.platform != "linux":
        return False
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    try:
        return subprocess.run(mount, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def say(text: str) -> None:
    """One line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
