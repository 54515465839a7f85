"""The configuration and the files it names."""

from __future__ import annotations

import struct
from pathlib import Path

from llama_runner_pro.core.errors import Problem
from llama_runner_pro.doctor.configuration import config_valid, model_files
from llama_runner_pro.endpoints.spec import EndpointSpec

FILE = Path("/srv/config.json")


def embedded(name: str, path: Path) -> EndpointSpec:
    """An endpoint with a model file."""
    return EndpointSpec(name=name, kind="embedded", port=8099, model_path=str(path))


def test_every_problem_becomes_a_finding_with_its_place() -> None:
    problems = [Problem("endpoints[0].port", "too large", "use 1 to 65535"), Problem("", "no JSON")]
    first, second = config_valid(FILE, problems, 0, exists=True)
    assert (first.level, first.what) == ("fail", "too large")
    assert first.where == "/srv/config.json: endpoints[0].port"
    assert first.fix == "use 1 to 65535"
    assert (second.where, second.level) == ("/srv/config.json", "fail")
    assert second.fix


def test_a_sound_configuration_and_none_at_all_are_well() -> None:
    (sound,) = config_valid(FILE, [], 3, exists=True)
    (none,) = config_valid(FILE, [], 0, exists=False)
    assert (sound.level, none.level) == ("ok", "ok")
    assert "3 endpoints" in sound.what


def test_each_model_file_is_judged_for_its_endpoint(tmp_path: Path) -> None:
    whole, wrong = tmp_path / "whole.gguf", tmp_path / "wrong.gguf"
    whole.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + bytes(8))
    wrong.write_bytes(b"<html>not found</html>" * 10)
    endpoints = [
        embedded("a", whole),
        embedded("b", wrong),
        embedded("c", tmp_path / "gone.gguf"),
        EndpointSpec(name="d", kind="ollama"),
    ]
    found = model_files(endpoints)
    assert [(one.where, one.level) for one in found] == [("a", "ok"), ("b", "fail"), ("c", "fail")]
    assert all(one.fix for one in found[1:])


def test_without_model_files_there_is_nothing_to_complain_about() -> None:
    (finding,) = model_files([EndpointSpec(name="d", kind="ollama")])
    assert finding.level == "ok"
