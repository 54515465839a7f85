"""The Dockerfile: as careful as it can be told without building it."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from containers.dockerfile import Ignored, instructions, stages
from pipeline.job import JobFailed
from places import ROOT, venv_program

TEXT = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = ROOT / "installers" / "docker"
PINNED = re.compile(r"[a-z0-9./-]+:[a-z0-9.-]*\d[a-z0-9.-]*@sha256:[0-9a-f]{64}")


def last_stage() -> dict[str, list[str]]:
    """Instruction → texts, of what runs in the end."""
    found: dict[str, list[str]] = {}
    for one in stages(TEXT)[-1].instructions:
        found.setdefault(one.name, []).append(one.text)
    return found


def test_hadolint_has_nothing_to_say() -> None:
    checked = subprocess.run(
        [venv_program("hadolint"), "--failure-threshold", "style", str(ROOT / "Dockerfile")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_base_image_is_pinned_by_version_and_digest() -> None:
    assert all(PINNED.fullmatch(stage.image) for stage in stages(TEXT))
    debian = {stage.image for stage in stages(TEXT) if stage.image.startswith("debian:")}
    assert len(debian) == 1


def test_it_runs_as_a_plain_user_under_an_init_with_a_health_check() -> None:
    run = last_stage()
    assert run["USER"] == ["10001:10001"]
    assert "tini" in run["ENTRYPOINT"][0]
    assert '"llama-runner-pro", "health"' in run["HEALTHCHECK"][0]
    assert run["EXPOSE"] == ["1234 11434 8585"]
    assert run["VOLUME"] == ['["/data", "/models"]']
    assert not run["COPY"] or all(text.startswith("--from=") for text in run["COPY"])


def test_no_package_is_installed_without_its_hash() -> None:
    for one in instructions(TEXT):
        for command in re.split(r"&&", one.text) if one.name == "RUN" else ():
            if "pip" in command.split("/")[-1].split() and (" install" in command):
                assert "--require-hashes" in command or "--no-index" in command
            if command.strip().startswith("npm"):
                assert command.strip().startswith("npm ci --ignore-scripts")


@pytest.mark.parametrize(
    ("path", "out"),
    [
        *((".git/config", True), (".venv/bin/python", True), ("node_modules/x/y.js", True)),
        *(("frontend/dist/index.html", True), ("backend/a/__pycache__/b.pyc", True)),
        *(("tests/conftest.py", True), ("build-scripts/lock.py", True), (".npmrc", True)),
        *(("backend/llama_runner_pro/app.py", False), ("frontend/src/main.ts", False)),
        *(("build-scripts/locks/runtime.txt", False), ("package-lock.json", False)),
    ],
)
def test_only_sources_are_sent_to_the_build(path: str, out: bool) -> None:
    ignored = Ignored((ROOT / ".dockerignore").read_text("utf-8").splitlines())
    assert ignored(path) is out


def test_lines_are_joined_and_comments_left_out() -> None:
    text = 'FROM a:1 AS b\n# no\nRUN one \\\n# between\n  && two\n\nCMD ["x", "y z"]\n'
    (stage,) = stages(text)
    assert (stage.image, stage.name) == ("a:1", "b")
    run, command = stage.instructions
    assert run.text.split() == ["one", "&&", "two"]
    assert command.words == ["x", "y z"]


@pytest.mark.parametrize("text", ["ADD a b\n", "RUN x\n", "FROM a b c\n", "FROM a\nRUN x \\\n"])
def test_what_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(JobFailed, match="line"):
        stages(text)


def service(name: str) -> dict[str, Any]:
    """The one service of a compose file."""
    document = yaml.safe_load((COMPOSE / name).read_text("utf-8"))
    found: dict[str, Any] = document["services"]["llama-runner-pro"]
    return found


def test_compose_files_are_what_the_compose_specification_allows() -> None:
    schema = ("--builtin-schema", "vendor.compose-spec")
    files = sorted(map(str, COMPOSE.glob("*.yaml")))
    assert len(files) == 2
    checked = subprocess.run(
        [venv_program("check-jsonschema"), *schema, *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_compose_is_closed_to_the_network_and_cannot_change_the_program() -> None:
    plain = service("compose.yaml")
    assert all(port.startswith("127.0.0.1:") for port in plain["ports"])
    ports = sorted(int(port.rpartition(":")[2]) for port in plain["ports"])
    assert ports == [1234, 8585, 11434]
    assert plain["read_only"] is True
    assert plain["cap_drop"] == ["ALL"]
    assert (COMPOSE / plain["build"]["context"] / "Dockerfile").resolve() == ROOT / "Dockerfile"
    mounted = [volume.split(":")[1] for volume in plain["volumes"]]
    assert mounted == ["/data", "/models"]


def test_the_version_of_the_image_is_ours() -> None:
    version = re.search(
        r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert version is not None
    assert service("compose.yaml")["image"] == f"llama-runner-pro:{version[1]}"
    assert f"llama-runner-pro:{version[1]}" in (COMPOSE / "README.md").read_text()


def test_the_compose_file_for_cards_only_adds_them() -> None:
    cards = service("compose.nvidia.yaml")
    assert set(cards) == {"environment", "deploy"}
    (device,) = cards["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}
