"""What every kind must say of itself; and which kind an endpoint is."""

from __future__ import annotations

import typing
from importlib import import_module
from pathlib import Path

import pytest

from llama_runner_pro.endpoints import kinds
from llama_runner_pro.endpoints.kinds import PROFILES, profile, profile_of
from llama_runner_pro.endpoints.spec import EndpointSpec, Kind

if typing.TYPE_CHECKING:
    from llama_runner_pro.endpoints.kind import KindProfile

every_kind = pytest.mark.parametrize("each", PROFILES, ids=lambda each: each.kind)


def test_each_kind_of_a_spec_but_auto_has_a_profile() -> None:
    assert {each.kind for each in PROFILES} == set(typing.get_args(Kind)) - {"auto"}
    assert len(PROFILES) == len({each.kind for each in PROFILES})


def test_each_file_is_a_registered_kind() -> None:
    folder = Path(next(iter(kinds.__path__)))
    names = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    assert names == {each.kind for each in PROFILES}


@every_kind
def test_profile_lives_in_the_file_of_its_kind(each: KindProfile) -> None:
    module = import_module(f"llama_runner_pro.endpoints.kinds.{each.kind}")
    assert module.PROFILE is each is profile(each.kind)
    assert module.__doc__


@every_kind
def test_paths_are_absolute_and_port_is_unprivileged(each: KindProfile) -> None:
    assert each.health_path.startswith("/")
    assert each.inference_path is None or each.inference_path.startswith("/")
    assert each.default_port is None or 1024 < each.default_port < 65536


@every_kind
def test_label_is_for_people_and_executables_are_plain_names(each: KindProfile) -> None:
    assert each.label[0].isupper() or each.label.startswith(("llama", "v"))
    assert all(name == name.lower() and "/" not in name for name in each.executables)


def test_no_program_belongs_to_two_kinds() -> None:
    names = [name for each in PROFILES for name in each.executables]
    assert len(names) == len(set(names))


@every_kind
def test_configured_kind_is_believed(each: KindProfile) -> None:
    spec = EndpointSpec(name="a", kind=each.kind, port=11434, process_name="ollama")
    assert profile_of(spec) is each


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (EndpointSpec(name="a", process_name="ollama"), "ollama"),
        (EndpointSpec(name="a", start_command=("/usr/bin/llama-server", "-m")), "llamacpp"),
        (EndpointSpec(name="a", start_command=("C:\\x\\Local-AI.exe",)), "localai"),
        (EndpointSpec(name="a", start_command=("python", "vllm")), "custom"),
        (EndpointSpec(name="a", port=1234), "lmstudio"),
        (EndpointSpec(name="a", url="http://localhost:11434"), "ollama"),
        (EndpointSpec(name="a", port=8080), "custom"),
        (EndpointSpec(name="a", port=11434, process_name="llama-server"), "llamacpp"),
        (EndpointSpec(name="ollama"), "custom"),
    ],
)
def test_auto_goes_by_the_program_then_by_a_telling_port(spec: EndpointSpec, kind: Kind) -> None:
    assert profile_of(spec).kind == kind


def test_auto_without_a_spec_is_custom() -> None:
    assert profile("auto").kind == "custom"
