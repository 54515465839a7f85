"""What one socket answered, and what it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Mapping

MODELS = "/v1/models"
OPENING = (MODELS, "/", "/version")
"""Asked of everything that speaks HTTP: enough to see whether it could be a model server."""
FURTHER = (
    *("/api/version", "/api/tags", "/api/v0/models", "/api/v1/models", "/props"),
    *("/.well-known/localai.json", "/system", "/get_model_info", "/v1/internal/health"),
    *("/v1/internal/model/info", "/api/extra/version", "/api/v1/health", "/engines/v1/models"),
    *("/health/liveliness", "/running"),
)
"""Asked of what could be one: each is some product's own."""
HEALTH = "/health"
"""Asked last, see `may_be_asked_for_health`."""

LOCKED = frozenset({401, 403})


class Answer(ValueObject, frozen=True):
    """One HTTP answer; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Answers(Struct):
    """All answers of one socket, by path. What was not answered in time is absent."""

    by_path: dict[str, Answer] = field(default_factory=dict)

    def status(self, path: str) -> int | None:
        """The status, or None without an answer."""
        answer = self.by_path.get(path)
        return None if answer is None else answer.status

    def text(self, path: str) -> str:
        """The body of a good answer (2xx), else nothing."""
        answer = self.by_path.get(path)
        if answer is None or not 200 <= answer.status < 300:
            return ""
        return answer.body.decode("utf-8", "replace")

    def complaint(self, path: str) -> str:
        """The body of an answer that is not good, else nothing."""
        answer = self.by_path.get(path)
        if answer is None or 200 <= answer.status < 300:
            return ""
        return answer.body.decode("utf-8", "replace")

    def document(self, path: str) -> dict[str, Any]:
        """The JSON object of a good answer, else an empty one."""
        answer = self.by_path.get(path)
        if answer is None or not 200 <= answer.status < 300:
            return {}
        try:
            found = msgspec.json.decode(answer.body)
        except UNREADABLE:
            return {}
        return found if isinstance(found, dict) else {}

    def items(self, path: str, key: str) -> list[dict[str, Any]]:
        """The objects in a list member of that JSON object."""
        members = self.document(path).get(key)
        if not isinstance(members, list):
            return []
        return [member for member in members if isinstance(member, dict)]

    def has_list(self, path: str, key: str) -> bool:
        """That member is there and is a list, empty or not."""
        return isinstance(self.document(path).get(key), list)

    def header(self, name: str) -> str:
        """The first answer's value of a header; nothing when no answer has it."""
        return next(iter(self.headers(name)), "")

    def headers(self, name: str) -> list[str]:
        """Each answer's value of a header, of those that have it."""
        answers = self.by_path.values()
        return [each.headers[name] for each in answers if name in each.headers]

    def owners(self) -> set[str]:
        """What `/v1/models` calls the owners of its models, lower case."""
        return {str(item.get("owned_by", "")).lower() for item in self.items(MODELS, "data")}


def is_litellm(answers: Answers) -> bool:
    """LiteLLM says so at an address of its own."""
    return "I'm alive!" in answers.text("/health/liveliness")


def may_be_asked_for_health(answers: Answers) -> bool:
    """False for LiteLLM, whose `/health` sends a paid request to each model it knows.

    Nobody is asked who has not yet shown that it is something else.
    """
    return "/health/liveliness" in answers.by_path and not is_litellm(answers)


def could_be_a_model_server(answers: Answers) -> bool:
    """Whether the answers to the opening questions are worth the further ones."""
    if answers.has_list(MODELS, "data") or answers.has_list(MODELS, "models"):
        return True
    if answers.status(MODELS) in LOCKED | {503}:
        return True
    root = answers.text("/")
    if root.startswith(("Ollama is running", "Docker Model Runner")):
        return True
    named = str(answers.document("/version").get("name", "")).lower()
    return named == "olla" or answers.header("server").startswith("llama.cpp")
