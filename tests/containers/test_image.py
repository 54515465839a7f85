"""The container's image, made from the Dockerfile's own steps and run with its own command."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.engine.demo import demo_model_path
from tests.containers.container import Container

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DASHBOARD, OPENAI, OLLAMA = 8585, 1234, 11434


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the volumes."""
    return tmp_path_factory.mktemp("container")


@pytest.fixture(scope="module")
def container(folder: Path) -> Iterator[Container]:
    """The first start on empty volumes."""
    with Container(folder) as container:
        yield container


def told(container: Container, what: str) -> str:
    """A secret that the first start told."""
    found = re.findall(rf"{what}.*: (\S+)$", container.output, re.MULTILINE)
    assert len(found) == 1, container.output
    return str(found[0])


def test_nothing_answers_without_the_token(container: Container) -> None:
    for path in ("/api/health", "/api/ai-monitor/status", "/metrics", "/"):
        assert container.ask(DASHBOARD, path)[0] == 401
    assert container.ask(DASHBOARD, "/api/health", "wrong")[0] == 401


def test_with_the_token_dashboard_and_api_answer_to_any_name(container: Container) -> None:
    token = told(container, "Access token")
    assert container.ask(DASHBOARD, "/api/health", token)[0] == 200
    status, page = container.ask(DASHBOARD, "/", token, accept="text/html")
    assert status == 200
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    assert script is not None
    assert container.ask(DASHBOARD, script[1], token)[0] == 200


def test_the_gateway_asks_for_its_key(container: Container) -> None:
    key = told(container, "Key")
    for port in (OPENAI, OLLAMA):
        assert container.ask(port, "/v1/models")[0] == 401
        status, text = container.ask(port, "/v1/models", key)
        assert (status, json.loads(text)["object"]) == (200, "list")


def test_the_health_check_of_the_image_is_well(container: Container) -> None:
    done = container.run(*container.settings.health)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_runs_as_nobody_special_and_cannot_change_the_program(container: Container) -> None:
    assert container.run("id", "-u").stdout.strip() == "10001"
    assert container.run("sh", "-c", "echo x > /opt/llama-runner-pro/x").returncode != 0
    assert container.run("sh", "-c", "echo x > /data/x && rm /data/x").returncode == 0


def test_nothing_but_the_volumes_can_be_written(container: Container) -> None:
    written = container.run("sh", "-c", "echo x > /opt/llama-runner-pro/x", user="0:0")
    assert "Read-only file system" in written.stderr


def test_the_embedded_engine_serves_a_model_file_through_the_gateway(
    container: Container, folder: Path
) -> None:
    model = demo_model_path()
    shutil.copy(model, folder / "models" / model.name)
    token, key = told(container, "Access token"), told(container, "Key")
    endpoint = {
        "name": "small",
        "kind": "embedded",
        "port": 9000,
        "model_path": f"/models/{model.name}",
        "parameters": {"ctx-size": 512},
    }
    asked = {"endpoint": endpoint}
    assert container.ask(DASHBOARD, "/api/endpoints", token, body=asked)[0] == 201
    chat = {
        "model": "small",
        "max_tokens": 8,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    status, text = container.ask(OPENAI, "/v1/chat/completions", key, body=chat)
    assert status == 200, text
    assert json.loads(text)["choices"][0]["message"]["content"]


def test_what_is_left_behind_is_collected(container: Container) -> None:
    container.run("sh", "-c", "sleep 0.5 & exit 0")
    container.until(lambda: not container.called("sleep"))
    assert container.zombies() == []


def test_its_secrets_are_in_no_log(container: Container, folder: Path) -> None:
    secrets = [told(container, "Access token"), told(container, "Key")]
    for log in (folder / "data" / "logs").rglob("*.log"):
        assert not any(secret in log.read_text() for secret in secrets)


def test_it_stops_within_ten_seconds_and_tells_no_secret_again(
    container: Container, folder: Path
) -> None:
    secrets = [told(container, "Access token"), told(container, "Key")]
    assert container.stop() == 0
    with Container(folder) as again:
        assert not any(secret in again.output for secret in secrets)
        assert again.ask(DASHBOARD, "/api/health", secrets[0])[0] == 200
        assert again.ask(OPENAI, "/v1/models", secrets[1])[0] == 200
        assert again.stop() == 0
