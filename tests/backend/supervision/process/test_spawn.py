"""Starting real processes, and saying why one could not be started."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.children import NONCE, Launcher, until
from fakes.clock import settle

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.supervision.process.command import Command
from llama_runner_pro.supervision.process.exit_watch import wait_exit
from llama_runner_pro.supervision.process.identity import NONCE_VARIABLE, identify
from llama_runner_pro.supervision.process.lineage import carriers
from llama_runner_pro.supervision.process.spawn import spawn

if TYPE_CHECKING:
    from pathlib import Path

ENV = {"PATH": os.environ["PATH"]}
SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"


async def test_both_outputs_are_appended_to_the_log(launcher: Launcher, tmp_path: Path) -> None:
    (tmp_path / "child-0.log").write_text("earlier\n")
    code = "import sys; print('out'); sys.stdout.flush(); print('err', file=sys.stderr)"
    await wait_exit(await launcher.run(sys.executable, "-c", code))
    assert (tmp_path / "child-0.log").read_text() == "earlier\nout\nerr\n"


async def test_log_is_readable_by_its_owner_only(launcher: Launcher) -> None:
    process = await launcher.run(sys.executable, "-c", "")
    await wait_exit(process)
    assert process.log_path.stat().st_mode & 0o777 == 0o600


async def test_child_leads_a_session_of_its_own(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    assert os.getsid(process.pid) == os.getpgid(process.pid) == process.pid


async def test_child_reads_nothing_from_our_input(launcher: Launcher) -> None:
    process = await launcher.python("import sys; print(repr(sys.stdin.read()), 'ready')")
    await wait_exit(process)
    assert process.log_path.read_text() == "'' ready\n"


async def test_identity_is_that_of_the_new_program(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    assert process.identity == identify(process.pid)


async def test_descriptors_of_ours_stay_ours(launcher: Launcher) -> None:
    held = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(held, True)
    try:
        code = f"import os; os.fstat({held})"
        process = await launcher.run(sys.executable, "-c", code)
        await wait_exit(process)
    finally:
        os.close(held)
    assert "Bad file descriptor" in process.log_path.read_text()


@pytest.mark.parametrize(
    ("argv", "cwd", "words"),
    [
        (("no-such-model-server",), None, "no program named no-such-model-server on the PATH"),
        (("/no/such/server",), None, "/no/such/server does not exist"),
        ((sys.executable,), "/no/such/folder", "working folder /no/such/folder does not exist"),
        ((__file__,), None, "may not be executed by this user"),
        ((), None, "start command is empty"),
        (("bad\0name",), None, "could not be started"),
    ],
)
async def test_reason_of_a_failed_start_is_said(
    tmp_path: Path, argv: tuple[str, ...], cwd: str | None, words: str
) -> None:
    with pytest.raises(StartFailed, match=words):
        await spawn(Command(argv, ENV, cwd), tmp_path / "child.log")


async def test_file_that_is_no_program_is_said_to_be_one(tmp_path: Path) -> None:
    program = tmp_path / "server"
    program.write_text("just text")
    program.chmod(0o755)
    with pytest.raises(StartFailed, match="Exec format error"):
        await spawn(Command((str(program),), ENV), tmp_path / "child.log")


async def test_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file is in the way")
    with pytest.raises(StartFailed, match=r"log file .*child\.log cannot be written"):
        await spawn(Command((sys.executable,), ENV), tmp_path / "folder" / "child.log")


async def test_child_of_a_cancelled_start_does_not_stay(tmp_path: Path) -> None:
    env, before = {**os.environ, NONCE_VARIABLE: NONCE}, set(threading.enumerate())
    command = Command((sys.executable, "-c", SLEEPER), env)
    starting = asyncio.ensure_future(spawn(command, tmp_path / "child.log"))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await until((tmp_path / "child.log").exists)
    # The child begins after its log: only when the threads that start and collect it are over,
    # nothing of it may remain.
    await until(lambda: set(threading.enumerate()) <= before)
    await settle()
    await until(lambda: set(threading.enumerate()) <= before)
    assert not carriers(NONCE)
