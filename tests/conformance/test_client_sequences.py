"""What well-known programs send, in their order, and what their parsers need of the answers."""

from __future__ import annotations

import http.client
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Doors

HI = [{"role": "user", "content": "sunny"}]
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}


class Wire:
    """One kept-alive connection, as those programs use it."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=400)
        self._headers = headers

    def send(
        self, method: str, path: str, body: object = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers, whole body."""
        content = None if body is None else json.dumps(body).encode()
        headers = dict(self._headers)
        if content is not None:
            headers["Content-Type"] = "application/json"
        self._connection.request(method, path, content, headers)
        answer = self._connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, told, answer.read()

    def json(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of a good answer."""
        status, _, content = self.send(method, path, body)
        assert status == 200, content
        return json.loads(content)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@pytest.fixture
def at(doors: Doors, request: pytest.FixtureRequest) -> Any:
    """Makes connections to a door, with headers of a program."""

    def connect(door: str, **headers: str) -> Wire:
        wire = Wire(
            getattr(doors, f"{door}_port"), {k.replace("_", "-"): v for k, v in headers.items()}
        )
        request.addfinalizer(wire.close)
        return wire

    return connect


def sse(content: bytes) -> list[Any]:
    """Events, with the exact prefix that strict readers cut off."""
    found = []
    for line in content.decode().split("\n"):
        if line:
            assert line.startswith("data: "), line
            found.append(line.removeprefix("data: "))
    assert found[-1] == "[DONE]"
    return [json.loads(one) for one in found[:-1]]


def ndjson(content: bytes) -> list[Any]:
    """Lines, none of them blank."""
    assert content.endswith(b"\n")
    return [json.loads(line) for line in content[:-1].split(b"\n")]


def test_copilot_chat_finds_models_and_streams_with_tools(at: Any) -> None:
    wire = at("ollama", User_Agent="GitHubCopilotChat/0.33.0", Origin="vscode-file://vscode-app")
    version = wire.json("GET", "/api/version")["version"]
    assert tuple(map(int, version.split("."))) >= (0, 6, 4)
    names = [one["model"] for one in wire.json("GET", "/api/tags")["models"]]
    assert "caller:latest" in names
    for name in names:
        shown = wire.json("POST", "/api/show", {"model": name})
        assert isinstance(shown["capabilities"], list)
        architecture = shown["model_info"]["general.architecture"]
        context = shown["model_info"].get(f"{architecture}.context_length", 32_768)
        assert isinstance(context, int)
        assert shown["model_info"]["general.basename"] == name
    body = {"model": "caller:latest", "messages": HI, "tools": [TOOL], "stream": True}
    status, headers, content = wire.send("POST", "/v1/chat/completions", body)
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
    assert headers["access-control-allow-origin"] == "vscode-file://vscode-app"
    assert sse(content)[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_open_webui_lists_chats_and_unloads(at: Any) -> None:
    wire = at("ollama", User_Agent="Python/3.11 aiohttp/3.11")
    version = wire.json("GET", "/api/version")["version"].removeprefix("v").split("-")[0]
    assert all(part.isdigit() for part in version.split("."))
    for item in wire.json("GET", "/api/tags")["models"]:
        assert item["name"] == item["model"]
        assert ":" in item["name"]
    wire.json("POST", "/api/generate", {"model": "smol:latest", "keep_alive": "10m", "prompt": ""})
    for item in wire.json("GET", "/api/ps")["models"]:
        assert item["name"] == item["model"]
        assert datetime.fromisoformat(item["expires_at"]).tzinfo is not None
    body = {"model": "caller:latest", "messages": HI, "stream": True, "options": {}}
    status, headers, content = wire.send("POST", "/api/chat", body)
    assert (status, headers["content-type"]) == (200, "application/x-ndjson")
    assert ndjson(content)[-1]["done"] is True
    unload = {"model": "smol:latest", "prompt": "", "keep_alive": 0}
    status, headers, content = wire.send("POST", "/api/generate", unload)
    assert headers["content-type"].startswith("application/json")
    assert json.loads(content)["done_reason"] == "unload"
    running = [item["name"] for item in wire.json("GET", "/api/ps")["models"]]
    assert "smol:latest" not in running
    openai = at("openai", Authorization="Bearer sk-none")
    assert openai.json("GET", "/v1/models")["data"]


def test_zed_reads_both_lists_with_its_strict_parsers(at: Any) -> None:
    ollama = at("ollama", User_Agent="Zed/0.210")
    for item in ollama.json("GET", "/api/tags")["models"]:
        assert isinstance(item["size"], int)
        assert {"name", "modified_at", "digest"} <= set(item)
        details = item["details"]
        for field in ("format", "family", "parameter_size", "quantization_level"):
            assert isinstance(details[field], str)
    assert ollama.json("POST", "/api/show", {"model": "smol:latest"})["capabilities"]
    body = {"model": "caller:latest", "messages": HI, "stream": True, "keep_alive": -1}
    assert ndjson(ollama.send("POST", "/api/chat", body)[2])[-1]["done"]
    lmstudio = at("openai", User_Agent="Zed/0.210")
    listed = lmstudio.json("GET", "/api/v0/models")["data"]
    assert listed
    for item in listed:
        assert isinstance(item["id"], str)
        assert item["object"] == "model"
        assert item["type"] in {"llm", "vlm", "embeddings"}
        assert isinstance(item["publisher"], str)
        assert item["compatibility_type"] in {"gguf", "mlx"}
        assert item["state"] in {"loaded", "loading", "not-loaded"}
        assert isinstance(item.get("max_context_length", 0), int)
    body = {"model": "caller", "messages": HI, "stream": True}
    chunks = sse(lmstudio.send("POST", "/api/v0/chat/completions", body)[2])
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_continue_shows_by_the_older_name_chats_and_embeds(at: Any, plain: str) -> None:
    wire = at("ollama", User_Agent="node-fetch", Origin="vscode-webview://0abc")
    shown = wire.json("POST", "/api/show", {"name": "smol"})
    for line in (shown.get("parameters") or "").split("\n"):
        assert not line or len(line.split(None, 1)) == 2
    assert isinstance(shown["template"], str)
    body = {
        "model": "caller",
        "messages": [{"role": "user", "content": "sunny"}],
        "options": {"num_ctx": 2048, "num_predict": 8, "stop": ["\n\n"]},
        "keep_alive": 1800,
        "stream": False,
        "tools": [TOOL],
    }
    assert wire.json("POST", "/api/chat", body)["message"]["tool_calls"]
    raw = {"model": plain, "prompt": "def f(", "raw": True, "options": {"num_predict": 4}}
    assert ndjson(wire.send("POST", "/api/generate", raw)[2])[-1]["done"]
    assert wire.json("POST", "/api/embed", {"model": plain, "input": ["a", "b"]})["embeddings"]


def test_jetbrains_tests_the_connection_lists_and_chats(at: Any) -> None:
    ollama = at("ollama")
    status, _, content = ollama.send("GET", "/")
    assert (status, content) == (200, b"Ollama is running")
    name = next(
        one["name"]
        for one in ollama.json("GET", "/api/tags")["models"]
        if one["details"]["format"] and one["name"].startswith("caller")
    )
    assert ollama.json("POST", "/api/show", {"model": name})["details"]
    assert ndjson(ollama.send("POST", "/api/chat", {"model": name, "messages": HI})[2])[-1]["done"]
    lmstudio = at("openai")
    assert lmstudio.json("GET", "/api/v0/models")["object"] == "list"
    body = {"model": "caller", "messages": HI}
    answer = lmstudio.json("POST", "/api/v0/chat/completions", body)
    assert answer["choices"][0]["message"]["content"] == "It is sunny."
    assert "tokens_per_second" in answer["stats"]


def test_programs_that_guess_the_server_guess_right(at: Any) -> None:
    lmstudio, ollama = at("openai"), at("ollama")
    assert "models" in lmstudio.json("GET", "/api/v1/models")
    assert ollama.send("GET", "/api/v1/models")[0] == 404
    assert "models" in ollama.json("GET", "/api/tags")
    for wire in (lmstudio, ollama):
        status, headers, content = wire.send("HEAD", "/")
        assert (status, content) == (200, b"")
        assert int(headers["content-length"]) > 0


def test_pages_of_editors_and_of_this_computer_may_ask_first(at: Any) -> None:
    for origin in ("vscode-webview://0abc", "http://localhost:5173"):
        for door in ("openai", "ollama"):
            wire = at(
                door,
                Origin=origin,
                Access_Control_Request_Method="POST",
                Access_Control_Request_Headers="authorization,x-stainless-os",
            )
            status, headers, _ = wire.send("OPTIONS", "/v1/chat/completions")
            assert status in {200, 204}
            assert headers["access-control-allow-origin"] == origin
            assert "x-stainless-os" in headers["access-control-allow-headers"].lower()
