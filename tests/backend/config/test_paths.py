"""Where files live."""

from __future__ import annotations

from pathlib import Path

import pytest

from llama_runner_pro.config.paths import DataPaths, data_root

HOME = Path("/home/ada")


@pytest.mark.parametrize(
    ("flag", "environ", "root"),
    [
        (None, {}, "/home/ada/.llama-runner-pro"),
        (None, {"LLAMA_RUNNER_PRO_HOME": ""}, "/home/ada/.llama-runner-pro"),
        (None, {"LLAMA_RUNNER_PRO_HOME": "/srv/x"}, "/srv/x"),
        (Path("/flag"), {"LLAMA_RUNNER_PRO_HOME": "/srv/x"}, "/flag"),
    ],
)
def test_flag_comes_before_variable_before_home(
    flag: Path | None, environ: dict[str, str], root: str
) -> None:
    assert data_root(flag, environ, HOME) == Path(root)


def test_relative_folder_is_made_absolute() -> None:
    assert data_root(Path("here"), {}, HOME).is_absolute()


def test_each_kind_of_file_has_its_place() -> None:
    paths = DataPaths(Path("/d"))
    assert paths.config_file == Path("/d/config.json")
    assert paths.monitor_log == Path("/d/logs/ai_monitor.log")
    assert paths.recovery_log == Path("/d/logs/ai_recovery.log")
    assert paths.processes_file == Path("/d/run/processes.json")
    assert paths.presence_file == Path("/d/run/sidecar.json")
    assert paths.lock_file == Path("/d/run/lock")
    assert paths.overrides_file == Path("/d/run/overrides.json")


def test_plain_name_is_kept_in_the_name_of_its_log() -> None:
    paths = DataPaths(Path("/d"))
    assert paths.endpoint_log("demo-1.2_b") == Path("/d/logs/endpoints/demo-1.2_b.log")


NAMES = [
    *("a/b", "a_b", "a\\b", "../../etc/passwd", "..", ".", "/", "Demo", "demo", "DEMO", "con"),
    *("con.x", "ü", "模型", "a b", "a:b", "x" * 100, "~", "a~b", ".hidden", "a\x00b", "\ud800"),
]


def test_any_names_have_different_logs_inside_the_folder() -> None:
    paths = DataPaths(Path("/d"))
    logs = [paths.endpoint_log(name) for name in NAMES]
    assert {log.parent for log in logs} == {Path("/d/logs/endpoints")}
    # Also where capitals make no difference.
    assert len({log.name.lower() for log in logs}) == len(NAMES)
    assert all(log.name.isascii() and len(log.name) < 120 for log in logs)


def test_folders_are_made_for_their_owner_only(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path / "data")
    paths.create()
    paths.create()
    for folder in (paths.root, paths.logs_dir, paths.run_dir, paths.endpoint_log("a").parent):
        assert folder.stat().st_mode & 0o777 == 0o700
