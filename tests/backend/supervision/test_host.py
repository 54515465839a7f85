"""Real processes: started, watched, found again, ended, and never somebody else's."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from fakes.children import FAKE_SERVER, until
from fakes.slow_clock import ListeningClock, SlowClock
from fakes.yard import Yard, gone, taken

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.spec import StopSpec
from llama_runner_pro.supervision.effects import StepReport
from llama_runner_pro.supervision.events import Exited
from llama_runner_pro.supervision.process.stack_dump import SPEAKS_WITHIN_S
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


QUICK = StopSpec(grace_s=1.0)
STUBBORN = "import signal,time; signal.signal(15, signal.SIG_IGN); print('ready'); time.sleep(60)"
SLEEP = "import time; print('ready'); time.sleep(60)"


@pytest.fixture
async def yard(tmp_path: Path) -> AsyncIterator[Yard]:
    made = Yard(tmp_path)
    yield made
    await made.clean()


def ignore(_: StepReport) -> None:
    """For tests that look at the end alone."""


class TestStart:
    async def test_a_started_process_runs_and_is_recorded(self, yard: Yard) -> None:
        host = yard.python(SLEEP, port=free_port())
        pid = await yard.start(host, 3)
        record = yard.records.get("demo")
        assert host.pid == pid
        assert not gone(pid)
        assert record is not None
        assert (record.identity.pid, record.incarnation) == (pid, 3)

    async def test_a_program_that_does_not_exist_is_told(self, yard: Yard) -> None:
        with pytest.raises(StartFailed, match="no-such-program") as caught:
            await yard.start(yard.host("no-such-program"))
        assert caught.value.final

    async def test_a_foreign_holder_of_the_port_is_named_and_survives(self, yard: Yard) -> None:
        with socket.socket() as theirs:
            theirs.bind(("127.0.0.1", 0))
            theirs.listen()
            port = theirs.getsockname()[1]
            with pytest.raises(StartFailed) as caught:
                await yard.start(yard.server(port=port))
            assert taken(port)
        assert caught.value.final
        assert caught.value.hint
        assert f"port {port} is held by" in str(caught.value)
        assert f"(pid {os.getpid()})" in str(caught.value)

    @pytest.mark.parametrize("how", ["group", "session"])
    async def test_a_grandchild_that_holds_the_port_is_ended_before_the_next_start(
        self, yard: Yard, how: str
    ) -> None:
        port = free_port()
        host = yard.server("--fork-holder", how, port=port, stop=QUICK)
        first = await yard.serve(host)
        os.kill(first, signal.SIGKILL)
        await yard.end(host)
        assert taken(port)
        second = await yard.serve(host, 2)
        assert not gone(second)
        assert psutil.Process(second).ppid() == os.getpid()

    async def test_a_grandchild_is_still_known_as_ours_after_a_stop(self, yard: Yard) -> None:
        port = free_port()
        host = yard.server("--fork-holder", "session", port=port, stop=QUICK)
        first = await yard.serve(host)
        os.kill(first, signal.SIGKILL)
        await yard.end(host)
        assert (await host.stop(ignore)).ok
        second = await yard.serve(host, 2)
        assert not gone(second)


class TestEnd:
    async def test_a_signal_is_told_by_name(self, yard: Yard) -> None:
        host = yard.python(SLEEP)
        os.kill(await yard.start(host, 4), signal.SIGKILL)
        assert await yard.end(host) == Exited(4, None, "SIGKILL")

    async def test_the_line_meant_for_the_user_is_picked_out(self, yard: Yard) -> None:
        code = (
            "import sys; print('llama-runner-pro engine: there is no model file at x.gguf');"
            "print('Traceback and more'); sys.exit(66)"
        )
        host = yard.python(code, kind="embedded", port=free_port())
        await yard.start(host)
        ended = await yard.end(host)
        assert (ended.code, ended.last_line) == (66, "there is no model file at x.gguf")

    async def test_otherwise_the_last_line_it_said(self, yard: Yard) -> None:
        host = yard.python("import sys; print('one'); print('cannot go on'); print(); sys.exit(1)")
        await yard.start(host)
        assert (await yard.end(host)).last_line == "cannot go on"

    async def test_a_clean_end_needs_no_explanation(self, yard: Yard) -> None:
        await yard.start(host := yard.python("print('bye')"))
        assert await yard.end(host) == Exited(1, 0, None)

    async def test_with_no_process_there_is_nothing_to_wait_for(self, yard: Yard) -> None:
        assert await yard.python(SLEEP).wait() == Exited(0, None, None)


class TestStop:
    async def test_a_polite_request_is_enough_for_a_polite_process(self, yard: Yard) -> None:
        host, reports = yard.python(SLEEP, stop=QUICK), list[str]()
        pid = await yard.start(host)
        ended = await host.stop(lambda report: reports.append(f"{report.step} {report.ended}"))
        assert ended.ok
        assert gone(pid)
        assert reports == ["graceful_stop False", "graceful_stop True"]
        assert (host.pid, yard.records.get("demo")) == (None, None)

    async def test_one_that_ignores_it_is_killed(self, yard: Yard, tmp_path: Path) -> None:
        host, reports = yard.python(STUBBORN, stop=StopSpec(grace_s=0.2)), list[StepReport]()
        pid = await yard.start(host)
        await until(lambda: "ready" in (tmp_path / "demo.log").read_text())
        assert (await host.stop(reports.append)).ok
        assert gone(pid)
        assert [(report.step, report.ok) for report in reports if report.ended] == [
            ("graceful_stop", False),
            ("forced_stop", True),
        ]

    async def test_the_users_own_stop_command_is_asked_first(
        self, yard: Yard, tmp_path: Path
    ) -> None:
        note = tmp_path / "asked"
        waits = f"import os, time\nwhile not os.path.exists({str(note)!r}): time.sleep(0.01)"
        command = (sys.executable, "-c", f"open({str(note)!r}, 'w')")
        host = yard.python(waits, stop=StopSpec(grace_s=60.0), stop_command=command)
        pid = await yard.start(host)
        assert (await host.stop(ignore)).ok
        assert note.exists()
        assert gone(pid)

    @pytest.mark.parametrize("command", [("no-such-program",), ("stop", "${MODEL}")])
    async def test_a_stop_command_that_cannot_run_spares_nobody(
        self, yard: Yard, caplog: pytest.LogCaptureFixture, command: tuple[str, ...]
    ) -> None:
        host = yard.python(SLEEP, stop=StopSpec(grace_s=0.2), stop_command=command)
        pid = await yard.start(host)
        assert (await host.stop(ignore)).ok
        assert gone(pid)
        assert "the stop command did not run" in caplog.text

    async def test_a_stop_command_that_hangs_is_ended(
        self, yard: Yard, caplog: pytest.LogCaptureFixture
    ) -> None:
        host = yard.python(
            SLEEP, stop=StopSpec(grace_s=0.2), stop_command=(sys.executable, "-c", SLEEP)
        )
        before = {child.pid for child in psutil.Process().children()}
        await yard.start(host)
        assert (await host.stop(ignore)).ok
        assert "took too long and was ended" in caplog.text
        assert {child.pid for child in psutil.Process().children()} <= before

    async def test_what_somebody_else_started_is_ended_by_the_command_alone(
        self, yard: Yard
    ) -> None:
        port = free_port()
        pid = await yard.serve(yard.server(port=port, name="theirs"))
        kill = (sys.executable, "-c", f"import os; os.kill({pid}, 15)")
        host = yard.server(port=port, stop=StopSpec(grace_s=60.0), stop_command=kill)
        assert (await host.stop(ignore)).ok
        assert not taken(port)

    async def test_what_is_known_by_its_programs_name_is_ended_without_one(
        self, yard: Yard
    ) -> None:
        port = free_port()
        pid = await yard.serve(yard.server(port=port, name="theirs"))
        name = psutil.Process(pid).exe().rpartition("/")[2]
        assert (await yard.server(port=port, process_name=name, stop=QUICK).stop(ignore)).ok
        assert gone(pid)

    async def test_a_command_that_changes_nothing_is_no_success(self, yard: Yard) -> None:
        port = free_port()
        pid = await yard.serve(yard.server(port=port, name="theirs"))
        nothing = (sys.executable, "-c", "")
        host = yard.server(port=port, stop=StopSpec(grace_s=0.3), stop_command=nothing)
        ended = await host.stop(ignore)
        assert not ended.ok
        assert f"port {port} is still in use" in ended.detail
        assert not gone(pid)

    async def test_nothing_to_stop_is_fine(self, yard: Yard) -> None:
        assert (await yard.python(SLEEP).stop(ignore)).ok

    async def test_when_the_sidecar_is_in_a_hurry_so_is_the_stop(self, yard: Yard) -> None:
        host = yard.python(STUBBORN, stop=StopSpec(grace_s=600.0))
        pid = await yard.start(host)
        host.hurry(0.1)
        assert (await host.stop(ignore)).ok
        assert gone(pid)


class TestAdopt:
    async def test_the_next_sidecar_finds_the_recorded_process(self, yard: Yard) -> None:
        port = free_port()
        pid = await yard.serve(yard.server(port=port))
        yard.sidecar_restarts()
        host = yard.server(port=port, stop=QUICK)
        assert await host.adopt(7) == pid
        assert host.adopted
        assert host.ours
        async with asyncio.TaskGroup() as group:
            end = group.create_task(host.wait())
            assert (await host.stop(ignore)).ok
        assert end.result().incarnation == 7

    async def test_the_holder_of_the_port_is_known_by_its_programs_name(self, yard: Yard) -> None:
        port = free_port()
        pid = await yard.serve(yard.server(port=port, name="theirs"))
        name = psutil.Process(pid).exe().rpartition("/")[2]
        assert await yard.server(port=port, process_name="nginx").adopt(1) is None
        host = yard.server(port=port, process_name=name)
        assert await host.adopt(1) == pid
        assert not host.ours

    async def test_a_start_script_that_became_the_server_is_found_again(self, yard: Yard) -> None:
        port = free_port()
        code = "import os,sys,time; time.sleep(0.2); os.execv(sys.argv[1], sys.argv[1:])"
        server = (sys.executable, str(FAKE_SERVER), "--port", str(port), "--model", "b")
        script = yard.host(sys.executable, "-c", code, *server, port=port)
        pid = await yard.serve(script)
        yard.sidecar_restarts()
        assert await yard.server(port=port).adopt(2) == pid

    async def test_nothing_is_found_where_nothing_runs(self, yard: Yard) -> None:
        host = yard.server(process_name="python3")
        assert await host.adopt(1) is None
        assert host.pid is None


class TestEvidence:
    async def test_of_an_end_are_the_exit_and_the_last_lines(
        self, yard: Yard, tmp_path: Path
    ) -> None:
        host = yard.python("print('last words'); raise SystemExit(3)")
        pid = await yard.start(host)
        evidence = await host.evidence(await yard.end(host))
        assert (evidence.pid, evidence.exit_code, evidence.rss_bytes) == (pid, 3, None)
        assert evidence.log_tail == ("last words",)

    async def test_of_a_hang_are_memory_and_the_ports_holder(self, yard: Yard) -> None:
        yard.clock = SlowClock()
        host = yard.server()
        pid = await yard.serve(host)
        evidence = await host.evidence(None)
        assert (evidence.rss_bytes or 0) > 1_000_000
        assert f"(pid {pid})" in (evidence.port_holder or "")

    async def test_progress_is_the_size_of_log_and_memory(self, yard: Yard) -> None:
        host = yard.python(SLEEP)
        assert await host.progress() == (0, 0)
        await yard.start(host)
        await until(lambda: host.output.path.read_bytes().endswith(b"\n"))
        size, memory = await host.progress()
        assert (size, memory > 1_000_000) == (len("ready\n"), True)


class TestDebugMode:
    @pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell who speaks")
    async def test_a_hanging_process_prints_its_stacks_before_it_is_killed(
        self, yard: Yard
    ) -> None:
        speaker = "import faulthandler; faulthandler.register(3);" + STUBBORN
        yard.debug = True
        yard.clock = ListeningClock(yard.folder / "demo.log", "first):\n", SPEAKS_WITHIN_S)
        host = yard.python(speaker, stop=StopSpec(grace_s=0.1))
        await yard.start(host)
        await until(lambda: b"ready" in host.output.path.read_bytes())
        assert (await host.stop(ignore)).ok
        assert b"most recent call first" in host.output.path.read_bytes()
