"""`doctor`, as users run it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.archives import unpacked

from llama_runner_pro.cli.doctor import summary
from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.main import main
from llama_runner_pro.doctor.finding import fail, ok, warn

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def wrong(folder: Path) -> None:
    """A configuration with two mistakes."""
    folder.mkdir(mode=0o700)
    (folder / "config.json").write_text('{"endpoints": [{"name": "", "port": 0}]}')


def test_a_sound_folder_is_told_line_by_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--data-dir", str(folder), "--port", "18585"])
    printed = capsys.readouterr().out
    assert "✔ config-valid: " in printed
    assert "✔ data-folder-writable: " in printed
    assert not folder.exists()


def test_a_failed_check_says_where_and_what_to_do_and_exits_with_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong(folder)
    assert main(["doctor", "--data-dir", str(folder)]) == Exit.UNHEALTHY
    printed = capsys.readouterr().out
    assert "✖ config-valid: " in printed
    assert f"    where: {folder / 'config.json'}: endpoints[0].port" in printed
    assert "    to do: " in printed
    assert " failed" in printed.splitlines()[-1]


def test_json_holds_every_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong(folder)
    assert main(["doctor", "--json", "--data-dir", str(folder)]) == Exit.UNHEALTHY
    findings = json.loads(capsys.readouterr().out)["findings"]
    failed = [one for one in findings if one["level"] == "fail"]
    assert {"config-valid"} <= {one["id"] for one in failed}
    assert all(set(one) == {"id", "level", "what", "where", "fix"} for one in findings)
    assert all(one["fix"] for one in findings if one["level"] != "ok")


def test_a_support_archive_is_written_for_its_owner_alone(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "support.tar.gz"
    code = main(["doctor", "--data-dir", str(folder), "--bundle", str(target)])
    assert code in (Exit.OK, Exit.UNHEALTHY)
    assert "llama-runner-pro-support/doctor.json" in unpacked(target.read_bytes())
    if sys.platform != "win32":
        assert target.stat().st_mode & 0o077 == 0


def test_no_file_is_overwritten(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "precious.tar.gz"
    target.write_text("precious")
    code = main(["doctor", "--data-dir", str(folder), "--bundle", str(target)])
    assert code == Exit.CANNOT_CREATE
    assert target.read_text() == "precious"
    assert "exists already" in capsys.readouterr().err


def test_an_archive_in_a_folder_that_is_not_there_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "none" / "support.tar.gz"
    assert main(["doctor", "--data-dir", str(folder), "--bundle", str(target)]) == (
        Exit.CANNOT_CREATE
    )
    assert str(target) in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "70000", "-1"])
def test_a_port_that_cannot_be_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--port", port]) == Exit.USAGE
    assert "not between" in capsys.readouterr().err


def test_a_configuration_that_is_named_must_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--config", str(tmp_path / "none.json")]) == Exit.NO_INPUT
    assert "none.json" in capsys.readouterr().err


def test_the_last_line_counts() -> None:
    well, doubtful, broken = ok("a", "x"), warn("b", "x", fix="y"), fail("c", "x", fix="y")
    assert summary([well, well]) == "All is well."
    assert summary([well, doubtful]) == "2 checks: 1 to look at"
    assert summary([broken, doubtful, broken]) == "3 checks: 2 failed, 1 to look at"
