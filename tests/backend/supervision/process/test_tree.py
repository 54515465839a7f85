"""Ending real process trees, and leaving everything else alone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import pytest
from fakes.children import NONCE, until

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.supervision.process.exit_watch import wait_exit
from llama_runner_pro.supervision.process.identity import identify, same_life
from llama_runner_pro.supervision.process.lineage import carriers
from llama_runner_pro.supervision.process.ports import holder, is_free
from llama_runner_pro.supervision.process.proven import holder_of_ours
from llama_runner_pro.supervision.process.tree import StopStep, stop_tree

if TYPE_CHECKING:
    from fakes.children import Launcher

    from llama_runner_pro.supervision.process.identity import Identity

CLOCK = SystemClock()
SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER


async def test_polite_child_ends_by_the_signal_alone(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    result = await stop_tree(process.identity, grace_s=10, clock=CLOCK)
    assert [(step.step, step.ok) for step in result.steps] == [("graceful_stop", True)]
    assert result.survivors == ()
    assert (await wait_exit(process)).signal == "SIGTERM"


async def test_what_hangs_in_the_shared_pool_keeps_nobody_from_ending_a_tree(
    launcher: Launcher,
) -> None:
    process = await launcher.python(SLEEPER)
    loop, goes_on = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    hanging = loop.run_in_executor(None, goes_on.wait)
    try:
        result = await stop_tree(process.identity, grace_s=10, clock=CLOCK)
    finally:
        goes_on.set()
    assert result.survivors == ()
    assert await hanging


async def test_chosen_signal_is_the_one_sent(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    await stop_tree(process.identity, signal="QUIT", grace_s=10, clock=CLOCK)
    assert (await wait_exit(process)).signal == "SIGQUIT"


async def test_deaf_child_with_a_grandchild_on_the_port_is_gone_and_the_port_free(
    launcher: Launcher,
) -> None:
    process, port = await launcher.fake_server("--ignore-sigterm", "--fork-holder")
    assert not is_free("127.0.0.1", port)
    tree = carriers(NONCE)
    assert len(tree) == 2
    result = await stop_tree(process.identity, grace_s=0.2, clock=CLOCK, nonce=NONCE)
    assert [(step.step, step.ok) for step in result.steps] == [
        ("graceful_stop", False),
        ("forced_stop", True),
    ]
    assert result.survivors == ()
    assert not any(same_life(member) for member in tree)
    assert is_free("127.0.0.1", port)


async def test_grandchild_in_a_session_of_its_own_is_found_by_the_nonce(
    launcher: Launcher,
) -> None:
    process, port = await launcher.fake_server("--fork-holder", "session")
    result = await stop_tree(process.identity, grace_s=0.5, clock=CLOCK, nonce=NONCE)
    assert result.survivors == ()
    assert carriers(NONCE) == []
    assert is_free("127.0.0.1", port)


async def test_leftover_group_of_a_dead_root_is_ended(launcher: Launcher) -> None:
    process, port = await launcher.fake_server("--fork-holder")
    os.kill(process.pid, signal.SIGKILL)
    await wait_exit(process)
    assert not is_free("127.0.0.1", port)
    result = await stop_tree(process.identity, grace_s=0.2, clock=CLOCK, nonce=NONCE)
    assert result.survivors == ()
    assert is_free("127.0.0.1", port)


async def test_leftover_group_of_a_dead_root_without_the_nonce_is_left_alone(
    launcher: Launcher,
) -> None:
    process, port = await launcher.fake_server("--fork-holder")
    os.kill(process.pid, signal.SIGKILL)
    await wait_exit(process)
    result = await stop_tree(process.identity, grace_s=0.2, clock=CLOCK, nonce="another-start")
    assert result.steps == ()
    assert not is_free("127.0.0.1", port)


async def test_escaped_holder_of_a_dead_root_is_ended_through_the_port(
    launcher: Launcher,
) -> None:
    process, port = await launcher.fake_server("--fork-holder", "session")
    os.kill(process.pid, signal.SIGKILL)
    await wait_exit(process)
    found = await holder_of_ours(port, NONCE)
    assert found is not None
    result = await stop_tree(found, grace_s=0.2, clock=CLOCK, nonce=NONCE)
    assert result.survivors == ()
    assert await holder(port) is None


async def test_bystander_with_the_same_words_in_its_command_line_lives(
    launcher: Launcher,
) -> None:
    ours = await launcher.python(DEAF, "llama-server", "--port", "8081")
    bystander = await launcher.run(
        sys.executable, "-c", DEAF, "llama-server", "--port", "8081", nonce="somebody-else"
    )
    await until(lambda: "ready" in bystander.log_path.read_text())
    result = await stop_tree(ours.identity, grace_s=0.1, clock=CLOCK, nonce=NONCE)
    assert result.survivors == ()
    assert not same_life(ours.identity)
    assert same_life(bystander.identity)


@pytest.mark.parametrize(
    "stale",
    [{"create_time": 1.0}, {"create_time": 1.0, "exe": "/usr/bin/other"}],
    ids=["started at another time", "another program"],
)
async def test_process_that_got_the_recorded_number_later_is_left_alone(
    launcher: Launcher, stale: dict[str, object]
) -> None:
    process = await launcher.python(SLEEPER)
    recorded = msgspec.structs.replace(process.identity, **stale)
    result = await stop_tree(recorded, grace_s=0.1, clock=CLOCK, nonce="of-the-earlier-start")
    assert result.steps == ()
    assert same_life(process.identity)


async def test_stranger_with_the_same_age_but_another_program_is_left_alone(
    launcher: Launcher,
) -> None:
    # Not a direct child of ours, as after a restart of the sidecar.
    parent = await launcher.python(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('child', child.pid, 'ready', flush=True); time.sleep(600)"
    )
    stranger = identify(int(parent.log_path.read_text().split()[1]))
    assert stranger is not None
    recorded = msgspec.structs.replace(stranger, command_hash="of another command line")
    result = await stop_tree(recorded, grace_s=0.1, clock=CLOCK, nonce="of-another-start")
    assert result.steps == ()
    assert same_life(stranger)


async def test_child_that_replaced_its_program_is_still_ours_to_stop(launcher: Launcher) -> None:
    process = await launcher.python(
        "import os, sys; os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])", SLEEPER
    )
    result = await stop_tree(process.identity, grace_s=10, clock=CLOCK)
    assert [step.ok for step in result.steps] == [True]
    assert not same_life(process.identity)


async def test_process_that_was_started_by_a_shell_takes_nobody_of_its_group_along(
    launcher: Launcher,
) -> None:
    shell = await launcher.python(
        "import subprocess, sys, time\n"
        "pids = [subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']).pid"
        " for _ in range(2)]\n"
        "print(*pids, 'ready', flush=True); time.sleep(600)"
    )
    job, neighbour = (identify(int(pid)) for pid in shell.log_path.read_text().split()[:2])
    assert job is not None
    assert neighbour is not None
    await stop_tree(job, grace_s=10, clock=CLOCK)
    assert not same_life(job)
    assert same_life(neighbour)
    assert same_life(shell.identity)


async def test_stop_command_of_the_user_replaces_the_signal(launcher: Launcher) -> None:
    process = await launcher.python(DEAF)

    async def ask() -> None:
        os.kill(process.pid, signal.SIGINT)

    result = await stop_tree(process.identity, grace_s=10, clock=CLOCK, ask=ask)
    assert [(step.step, step.ok) for step in result.steps] == [("graceful_stop", True)]
    assert "stop command" in result.steps[0].detail


async def test_nothing_to_stop_is_said_by_no_steps(launcher: Launcher) -> None:
    process = await launcher.python("print('ready')")
    await wait_exit(process)
    result = await stop_tree(process.identity, grace_s=10, clock=CLOCK, nonce=NONCE)
    assert result.steps == ()
    assert result.survivors == ()


async def test_each_step_is_told_when_it_begins_and_when_it_ends(launcher: Launcher) -> None:
    heard: list[StopStep] = []
    process = await launcher.python(DEAF)
    await stop_tree(process.identity, grace_s=0.1, clock=CLOCK, on_step=heard.append)
    assert [(step.step, step.ok) for step in heard] == [
        ("graceful_stop", None),
        ("graceful_stop", False),
        ("forced_stop", None),
        ("forced_stop", True),
    ]
    assert heard[1].detail == "SIGTERM was ignored for 0.1 s"
    assert heard[3].detail == "1 process killed"
    assert all(step.duration_ms is not None for step in heard if step.ok is not None)


async def test_cancelled_stop_ends_at_once_and_leaves_the_rest_running(launcher: Launcher) -> None:
    process = await launcher.python(DEAF)
    begun = asyncio.Event()
    stopping = asyncio.ensure_future(
        stop_tree(process.identity, grace_s=600, clock=CLOCK, on_step=lambda step: begun.set())
    )
    await begun.wait()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert same_life(process.identity)


async def test_what_did_not_end_by_itself_is_looked_at_before_it_is_killed(
    launcher: Launcher,
) -> None:
    seen: list[bool] = []

    async def look(tree: list[Identity]) -> None:
        seen.extend(same_life(member) for member in tree)

    deaf, polite = await launcher.python(DEAF), await launcher.python(SLEEPER)
    await stop_tree(polite.identity, grace_s=10, clock=CLOCK, before_force=look)
    assert seen == []
    result = await stop_tree(deaf.identity, grace_s=0.1, clock=CLOCK, before_force=look)
    assert seen == [True]
    assert result.survivors == ()


async def test_suspended_process_hears_the_polite_signal(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    os.kill(process.pid, signal.SIGSTOP)
    result = await stop_tree(process.identity, grace_s=10, clock=SystemClock(), nonce=NONCE)
    assert [step.step for step in result.steps] == ["graceful_stop"]
    assert not result.survivors
