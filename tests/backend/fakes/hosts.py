"""Servers of several models, in memory: what they list, load and unload, each in its own words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import ConnectRefused
from llama_runner_pro.transport.client import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GIB = 1024**3


class Host:
    """Satisfies `lists.Http`. `asked` holds what changed something, `loaded` what is in memory."""

    def __init__(self, *models: str) -> None:
        self.models = models
        self.loaded: list[str] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.down = False
        self.sizes: dict[str, int] = {}
        """Memory that a model takes, in bytes."""
        self.fails: dict[str, str] = {}
        """Models that cannot be loaded, with the reason."""
        self.stuck: set[str] = set()
        """Models that are not unloaded, whatever is said."""
        self.changed: Callable[[], None] = lambda: None

    async def request(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit_bytes: int = 1_000_000,
    ) -> Response:
        """One exchange."""
        if self.down:
            raise ConnectRefused("nobody listens")
        path = "/" + url.split("/", 3)[3]
        told = json.loads(body) if body else {}
        if method == "POST" and path not in ("/api/show", "/v1/messages"):
            self.asked.append((path, told))
        status, answer = self.answer(path, told)
        return Response(status, {}, json.dumps(answer).encode(), 1.0)

    def answer(self, path: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        raise NotImplementedError

    def commands(self) -> list[str]:
        """The paths of what changed something."""
        return [path for path, _ in self.asked]

    def _load(self, model: str) -> tuple[int, dict[str, Any]] | None:
        if model in self.fails:
            return 500, {"error": self.fails[model]}
        if model not in self.loaded:
            self.loaded.append(model)
        self.changed()
        return None

    def _unload(self, model: str) -> None:
        if model in self.loaded and model not in self.stuck:
            self.loaded.remove(model)
        self.changed()


class FakeOllama(Host):
    """An Ollama."""

    def answer(self, path: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """As Ollama does, as far as models in memory go."""
        if path == "/api/tags":
            return 200, {"models": [{"name": one, "size": GIB} for one in self.models]}
        if path == "/api/ps":
            sized = [(one, self.sizes.get(one, GIB)) for one in self.loaded]
            return 200, {
                "models": [{"name": one, "size": size, "size_vram": 0} for one, size in sized]
            }
        if path not in ("/api/generate", "/api/embed"):
            return 404, {"error": "not found"}
        model = told["model"]
        if told.get("keep_alive") == 0:
            self._unload(model)
            return 200, {"done": True, "done_reason": "unload"}
        return self._load(model) or (200, {"done": True, "done_reason": "load"})


class FakeLmStudio(Host):
    """An LM Studio; before 0.4 it does not know `/api/v1`, and says so with a 200."""

    old = False

    def answer(self, path: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """As LM Studio does."""
        if path == "/api/v0/models":
            data = [
                {
                    "id": one,
                    "type": "llm",
                    "state": "loaded" if one in self.loaded else "not-loaded",
                }
                for one in self.models
            ]
            return 200, {"object": "list", "data": data}
        if self.old:
            return 200, {"error": f"Unexpected endpoint or method. ({path})"}
        if path == "/api/v1/models":
            return 200, {"models": [self._item(one) for one in self.models]}
        if path == "/api/v1/models/load":
            failed = self._load(told["model"])
            return failed or (200, {"status": "loaded", "instance_id": told["model"]})
        if path == "/api/v1/models/unload":
            self._unload(told["instance_id"].removesuffix(":2"))
            return 200, {"instance_id": told["instance_id"]}
        return 404, {"error": {"message": "not found"}}

    def _item(self, model: str) -> dict[str, Any]:
        ids = [f"{model}:2"] if model in self.loaded else []
        return {"key": model, "size_bytes": GIB, "loaded_instances": [{"id": one} for one in ids]}


class FakeRouter(Host):
    """A llama-server that was started without a model."""

    def answer(self, path: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """As llama.cpp does."""
        if path in ("/v1/models", "/models"):
            return 200, {"data": [self._item(one) for one in self.models]}
        if path == "/models/load":
            if told["model"] not in self.fails:
                self._load(told["model"])
            return 200, {"success": True}
        if path == "/models/unload":
            self._unload(told["model"])
            return 200, {"success": True}
        return 404, {"error": {"message": "File Not Found"}}

    def _item(self, model: str) -> dict[str, Any]:
        status: dict[str, Any] = {"value": "loaded" if model in self.loaded else "unloaded"}
        if model in self.fails and ("/models/load", {"model": model}) in self.asked:
            status["failed"] = True
        return {"id": model, "status": status}
