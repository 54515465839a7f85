"""The image run as a container engine would: own processes, own network, root read-only.

Made of `unshare`, `chroot` and bind mounts; needs root.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from provision.container import image_root, image_settings

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 300.0
_START = """
root=$1 user=$2 dir=$3; shift 3
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; shift 2; done; shift
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
ip link set lo up
exec chroot --userspec="$user" "$root" /usr/bin/env --ignore-environment --chdir="$dir" "$@"
"""


class Container:
    """One run of the image with its own command, until it ends or the test does."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds what goes into the volumes, and stays for the next run."""
        self.settings = image_settings()
        self._output = folder / f"output-{time.monotonic_ns()}.txt"
        volumes: list[str] = []
        for volume in self.settings.volumes:
            outside = folder / volume.strip("/")
            outside.mkdir(exist_ok=True)
            user, _, group = self.settings.user.partition(":")
            os.chown(outside, int(user), int(group))
            volumes += [str(outside), volume]
        command = [*self.settings.entrypoint, *self.settings.command]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child"),
                    *("sh", "-ec", _READ_ONLY + _START, "sh", str(image_root())),
                    *(self.settings.user, self.settings.workdir, *volumes, "--"),
                    *(f"{name}={value}" for name, value in self.settings.env.items()),
                    *command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def __enter__(self) -> Container:
        self.until(lambda: "is running" in self.output)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def output(self) -> str:
        """All that it printed."""
        return self._output.read_text()

    @property
    def first_pid(self) -> int:
        """Its process 1, by the number that it has outside."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text().split()[0])

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for it; ends with what was printed when it does not come."""
        limit_s = time.monotonic() + PATIENCE_S
        while not condition():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < limit_s, self.output
            time.sleep(0.05)

    def run(self, *words: str, user: str = "") -> subprocess.CompletedProcess[str]:
        """`docker exec`: a command inside, as the image's user or another."""
        user, _, group = (user or self.settings.user).partition(":")
        env = [f"{name}={value}" for name, value in self.settings.env.items()]
        return subprocess.run(
            [
                *("nsenter", f"--target={self.first_pid}", "--mount", "--pid", "--net", "--root"),
                *(f"--setuid={user}", f"--setgid={group}", "--wd=/"),
                *("env", "--ignore-environment", *env, *words),
            ],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def ask(self, port: int, path: str, secret: str = "", **more: object) -> tuple[int, str]:
        """Status and text of an answer to a caller from outside."""
        asked = {"url": f"http://nas.example:{port}{path}", "secret": secret, **more}
        done = self.run("python3", "-c", _ASK, json.dumps(asked))
        assert done.returncode == 0, done.stderr
        status, _, text = done.stdout.partition("\n")
        return int(status), text

    def stop(self) -> int:
        """`docker stop`, but more patient than its ten seconds: the exit code."""
        os.kill(self.first_pid, getattr(signal, self.settings.stop_signal))
        return self.process.wait(60)

    def called(self, name: str) -> list[str]:
        """The status files of all processes inside whose program has this name."""
        script = f"grep -l '^Name:.{name}$' /proc/[0-9]*/status || true"
        return self.run("sh", "-c", script).stdout.split()

    def zombies(self) -> list[str]:
        """Processes inside that ended and that nobody collects."""
        script = "grep -l '^State:.Z' /proc/[0-9]*/status || true"
        return self.run("sh", "-c", script).stdout.split()


# From here on everything below the root is read-only, but for what is mounted afterwards.
_READ_ONLY = """
mount --make-rprivate /
mount --bind "$1" "$1"
mount --options remount,bind,ro "$1"
"""
_ASK = """
import http.client, json, sys, urllib.parse
asked = json.loads(sys.argv[1])
url = urllib.parse.urlsplit(asked["url"])
connection = http.client.HTTPConnection("127.0.0.1", url.port, timeout=300)
headers = {"host": url.netloc}
if asked["secret"]:
    headers["authorization"] = "Bearer " + asked["secret"]
if "accept" in asked:
    headers["accept"] = asked["accept"]
body = None
if "body" in asked:
    headers["content-type"] = "application/json"
    body = json.dumps(asked["body"])
connection.request("POST" if body else "GET", url.path, body, headers)
answer = connection.getresponse()
print(answer.status)
print(answer.read().decode())
"""
