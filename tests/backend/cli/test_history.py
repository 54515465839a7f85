"""`history`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from fakes.recording import Recording

from llama_runner_pro.cli.main import main
from llama_runner_pro.core.errors import HistoryOff

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Shell


async def test_without_names_it_lists_what_there_is(shell: Shell) -> None:
    code, printed, _ = await shell.run("history")
    assert code == 0
    assert "cpu_usage_pct" in printed
    assert printed.startswith("SERIES")


async def test_a_table_has_mean_and_most_of_each_series(shell: Shell) -> None:
    code, printed, _ = await shell.run("history", "load_1m", "--from=10000", "--to", "15000")
    assert code == 0
    lines = printed.splitlines()
    assert lines[0].split() == ["TIME", "load_1m", "avg", "load_1m", "max"]
    assert lines[1].split() == ["1970-01-01T00:00:10Z", "10", "10"]


async def test_an_unknown_name_is_exit_code_66(shell: Shell) -> None:
    code, _, error = await shell.run("history", "nobody")
    assert code == 66
    assert "no series is named 'nobody'" in error


async def test_csv_and_json_go_to_a_file_whole_or_not_at_all(shell: Shell, tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    words = ("history", "load_1m", "--from=0", "--to=60000", "--output", str(target))
    assert (await shell.run(*words, "--format", "csv"))[0] == 0
    assert target.read_text().count("\n") == 61
    assert (await shell.run(*words, "--json", "--points", "6"))[0] == 0
    assert len(json.loads(target.read_text())["points"]) == 6
    shell.world.past.broken = HistoryOff()
    before = target.read_bytes()
    code, _, error = await shell.run(*words, "--format", "csv")
    assert code == 1
    assert "history is switched off" in error
    assert target.read_bytes() == before
    assert not target.with_name("out.csv.part").exists()


async def test_a_file_that_cannot_be_written_is_exit_code_73(shell: Shell, tmp_path: Path) -> None:
    missing = tmp_path / "no" / "folder.csv"
    code, _, error = await shell.run("history", "load_1m", "--format=csv", "--output", str(missing))
    assert code == 73
    assert "cannot be written" in error


@pytest.mark.parametrize(
    "words", [["--from=yesterday"], ["--from=now", "--to=-1h"], ["--points=-1"]]
)
async def test_a_wrong_command_line_is_exit_code_64(shell: Shell, words: list[str]) -> None:
    assert (await shell.run("history", "load_1m", *words))[0] == 64


async def test_a_sidecar_that_is_not_there_is_exit_code_69(shell: Shell) -> None:
    shell.port = 1
    assert (await shell.run("history", "load_1m"))[0] == 69


async def test_without_a_running_sidecar_its_file_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = Recording(tmp_path)
    recording.fill(60, lambda _: 5.0)
    recording.recorder.close()
    begin = recording.samples[0][0]
    words = ["history", "--data-dir", str(tmp_path)]
    times = [f"--from={begin}", f"--to={begin + 60_000}"]
    (tmp_path / "run").mkdir()
    presence = {"host": "127.0.0.1", "port": 1}
    (tmp_path / "run" / "sidecar.json").write_text(json.dumps(presence))

    async def printed(*more: str) -> tuple[int, str]:
        code = await asyncio.to_thread(main, [*words, *more])
        return code, capsys.readouterr().out

    code, listed = await printed()
    assert code == 0
    assert listed.splitlines()[1].startswith("a ")
    assert (await printed("a", *times))[1].count("\n") > 10
    code, text = await printed("--format", "csv", *times)
    assert (code, text.count("\n")) == (0, 61)
    code, text = await printed("a", "--format", "json", *times)
    assert len(json.loads(text)["points"]) == 60


async def test_a_damaged_file_is_exit_code_65(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    presence = {"host": "127.0.0.1", "port": 1}
    (tmp_path / "run" / "sidecar.json").write_text(json.dumps(presence))
    (tmp_path / "history.db").write_bytes(b"rubbish" * 1_000)
    code = await asyncio.to_thread(main, ["history", "a", "--data-dir", str(tmp_path)])
    assert code == 65
    assert "cannot be read" in capsys.readouterr().err
