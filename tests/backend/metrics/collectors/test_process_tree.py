from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.process_tree import REFRESH_S, ProcessTreeSensor
from llama_runner_pro.metrics.collectors.sensor import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

# For each line on standard input: one that says "child" starts a child that holds 40 MB, one
# that says "orphan" ends it, one that says "work" burns processor time. Each is answered.
SERVER = """
import subprocess, sys, time
child = None
for line in sys.stdin:
    if line == "child\\n":
        code = "import sys; held = bytearray(40_000_000); print(1, flush=True); sys.stdin.read()"
        child = subprocess.Popen([sys.executable, "-c", code],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
    elif line == "orphan\\n":
        child.kill()
        child.wait()
        child = None
    elif line == "work\\n":
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
    print("ok", flush=True)
if child:
    child.kill()
    child.wait()
"""


class Server:
    """A process that does what it is told."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, what: str) -> None:
        """Give an order and wait until it is carried out."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def end(self) -> None:
        """Let it end."""
        self.process.communicate(timeout=120)

    def target(self, name: str = "demo") -> MetricTarget:
        """As the sensor sees it."""
        return target(self.process.pid, name)


def sensor_of(wall_ms: int | None = None) -> ProcessTreeSensor:
    return ProcessTreeSensor(lambda: round(time.time() * 1000) if wall_ms is None else wall_ms)


def target(pid: int | None, name: str = "demo") -> MetricTarget:
    return MetricTarget(name=name, kind="custom", url="http://a", pid=pid, ready=True)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    server.do("nothing")
    yield server
    if server.process.returncode is None:
        server.end()


def read(sensor: ProcessTreeSensor, now_s: float, *targets: MetricTarget) -> dict[str, float]:
    values = sensor.read(Moment(now_s, targets)).values
    return {name.rpartition("/")[2]: value for name, value in values.items() if value is not None}


def test_memory_threads_and_files_are_there_at_the_first_look(server: Server) -> None:
    values = read(sensor_of(), 0.0, server.target())
    assert values["rss_bytes"] > 1_000_000
    assert values["threads"] >= 1
    assert values["fds"] >= 3
    assert "cpu_pct" not in values


def test_processor_time_between_two_looks_is_a_share_of_one_core(server: Server) -> None:
    sensor = sensor_of()
    read(sensor, 0.0, server.target())
    assert read(sensor, 1.0, server.target())["cpu_pct"] < 10
    server.do("work")
    assert 15 <= read(sensor, 2.0, server.target())["cpu_pct"] <= 40


def test_children_that_come_later_are_counted_soon(server: Server) -> None:
    sensor = sensor_of()
    alone = read(sensor, 0.0, server.target())
    server.do("child")
    assert read(sensor, 1.0, server.target())["threads"] == alone["threads"]
    together = read(sensor, REFRESH_S, server.target())
    assert together["threads"] > alone["threads"]
    assert together["rss_bytes"] > alone["rss_bytes"] + 40_000_000


def test_a_child_that_ends_is_left_out_at_once(server: Server) -> None:
    server.do("child")
    sensor = sensor_of()
    together = read(sensor, 0.0, server.target())
    server.do("orphan")
    alone = read(sensor, 1.0, server.target())
    assert alone["rss_bytes"] < together["rss_bytes"] - 40_000_000


def test_processor_time_of_a_child_that_ended_is_not_counted_backwards(server: Server) -> None:
    server.do("child")
    sensor = sensor_of()
    read(sensor, 0.0, server.target())
    server.do("orphan")
    assert read(sensor, 1.0, server.target())["cpu_pct"] >= 0


def test_an_endpoint_whose_process_ended_says_so(server: Server) -> None:
    sensor = sensor_of()
    read(sensor, 0.0, server.target())
    gone = server.target()
    server.end()
    reading = sensor.read(Moment(1.0, (gone,)))
    assert reading.values == {}
    assert set(reading.absent.values()) == {"its process has ended"}
    assert "endpoint/demo/rss_bytes" in reading.absent


def test_an_endpoint_without_process_says_so() -> None:
    reading = sensor_of().read(Moment(0.0, (target(None),)))
    assert reading.values == {}
    assert set(reading.absent.values()) == {"not running"}


def test_a_new_process_of_the_same_endpoint_starts_without_processor_share(
    server: Server,
) -> None:
    sensor = sensor_of()
    read(sensor, 0.0, target(os.getpid()))
    assert "cpu_pct" in read(sensor, 1.0, target(os.getpid()))
    assert "cpu_pct" not in read(sensor, 2.0, server.target())


def test_endpoints_do_not_mix(server: Server) -> None:
    sensor = sensor_of()
    values = sensor.read(Moment(0.0, (server.target("a"), target(None, "b")))).values
    assert "endpoint/a/rss_bytes" in values
    assert "endpoint/b/rss_bytes" not in values


def test_an_endpoint_that_was_removed_is_forgotten(server: Server) -> None:
    sensor = sensor_of()
    read(sensor, 0.0, server.target())
    read(sensor, 1.0)
    assert "cpu_pct" not in read(sensor, 2.0, server.target())


def test_the_age_of_the_process_is_told_in_whole_seconds(server: Server) -> None:
    born_s = psutil.Process(server.process.pid).create_time()
    sensor = sensor_of(wall_ms=round((born_s + 90.7) * 1000))
    assert read(sensor, 0.0, server.target())["uptime_s"] == 90


def test_a_clock_that_was_set_back_makes_nobody_younger_than_born(server: Server) -> None:
    assert read(sensor_of(wall_ms=0), 0.0, server.target())["uptime_s"] == 0


def test_the_pids_of_each_tree_are_shown_to_others(server: Server) -> None:
    server.do("child")
    sensor = sensor_of()
    assert sensor.members == {}
    read(sensor, 0.0, server.target())
    assert server.process.pid in sensor.members["demo"]
    assert len(sensor.members["demo"]) == 2
    read(sensor, 1.0)
    assert sensor.members == {}


def test_fields_stay_the_same_object_while_the_endpoints_do() -> None:
    sensor = sensor_of()
    before = sensor.fields((target(1),))
    assert sensor.fields((target(2),)) is before
    assert sensor.fields((target(2, "other"),)) != before
