"""Which product gave these answers. Pure.

Told by the shape of bodies, never by a status alone: LM Studio answers 200 on any path, and many
products imitate Ollama's and OpenAI's addresses. So each product is first looked for at an
address that nobody but it has, and the imitated ones are judged last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.traffic import OWN_SERVER_HEADER
from llama_runner_pro.supervision.discovery.answers import HEALTH, LOCKED, MODELS, is_litellm
from llama_runner_pro.supervision.discovery.products import PRODUCTS, product_of_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from llama_runner_pro.supervision.discovery.answers import Answers
    from llama_runner_pro.supervision.discovery.findings import Confidence
    from llama_runner_pro.supervision.discovery.products import Product

    Rule = Callable[[Answers], str | None]

MODELS_MAX = 50
_NAME_CHARACTERS = 200


class Match(ValueObject, frozen=True, kw_only=True):
    """What a socket was recognised as."""

    product: Product
    confidence: Confidence
    evidence: tuple[str, ...]
    models: tuple[str, ...]
    loading: bool
    needs_key: bool


def fingerprint(
    answers: Answers, program: str | None = None, port: int | None = None
) -> Match | None:
    """The product behind these answers; None when it is no model server, or is LlamaRunner Pro.

    `program` and `port` are those of the listening socket. Together they stand in for a body
    that says nothing (an API key is needed, or no answer came in time).
    """
    if "wire_version" in answers.document("/api/version"):
        return None
    # A gateway of ours answers as Ollama or LM Studio would; this header tells them apart. What
    # it passes through has the header of the server behind it.
    if any(server.startswith(OWN_SERVER_HEADER) for server in answers.headers("server")):
        return None
    told = product_of_program(program)
    for key, rule in _RULES:
        evidence = rule(answers)
        if evidence is not None:
            return _match(PRODUCTS[key], answers, "certain", evidence)
    if told is not None and port in told.ports:
        return _match(told, answers, "likely", f"port {port} is held by the program {program}")
    for key, rule in _WEAK_RULES:
        evidence = rule(answers)
        if evidence is not None:
            return _match(PRODUCTS[key], answers, "likely", evidence)
    return None


def _match(product: Product, answers: Answers, confidence: Confidence, evidence: str) -> Match:
    return Match(
        product=product,
        confidence=confidence,
        evidence=(evidence,),
        models=_models(product, answers),
        loading=_loading(answers),
        needs_key=answers.status(MODELS) in LOCKED,
    )


# --- products at addresses of their own ---------------------------------------------------------


def _tabbyapi(answers: Answers) -> str | None:
    health = answers.document(HEALTH)
    known = health.get("status") in ("healthy", "unhealthy") and "issues" in health
    return "/health lists issues as TabbyAPI does" if known else None


def _textgen(answers: Answers) -> str | None:
    if "lora_names" in answers.document("/v1/internal/model/info"):
        return "/v1/internal/model/info names its model"
    healthy = answers.document("/v1/internal/health").get("status") == "ok"
    # Some servers say ok at any address.
    listing = answers.has_list(MODELS, "data")
    return "/v1/internal/health answers" if healthy and listing else None


def _koboldcpp(answers: Answers) -> str | None:
    version = answers.document("/api/extra/version")
    if version.get("result") != "KoboldCpp":
        return None
    return f"/api/extra/version says KoboldCpp {version.get('version', '')}".rstrip()


def _lemonade(answers: Answers) -> str | None:
    health = answers.document("/api/v1/health")
    own = {"all_models_loaded", "model_loaded", "checkpoint_loaded"} & health.keys()
    return f"/api/v1/health tells {min(own)}" if own else None


def _localai(answers: Answers) -> str | None:
    if "endpoints" in answers.document("/.well-known/localai.json"):
        return "/.well-known/localai.json is there"
    system = answers.document("/system")
    return "/system lists its backends" if {"backends", "loaded_models"} <= system.keys() else None


def _docker(answers: Answers) -> str | None:
    if answers.text("/").startswith("Docker Model Runner"):
        return "it says Docker Model Runner"
    return "/engines/v1/models is there" if answers.has_list("/engines/v1/models", "data") else None


def _litellm(answers: Answers) -> str | None:
    return "/health/liveliness says that it is alive" if is_litellm(answers) else None


def _olla(answers: Answers) -> str | None:
    named = str(answers.document("/version").get("name", "")).lower() == "olla"
    return "/version says Olla" if named else None


def _llama_swap(answers: Answers) -> str | None:
    if answers.has_list("/running", "running"):
        return "/running lists its models"
    return _owner(answers, "llama-swap")


def _sglang(answers: Answers) -> str | None:
    if {"model_path", "is_generation"} <= answers.document("/get_model_info").keys():
        return "/get_model_info describes its model"
    return _owner(answers, "sglang")


def _gpt4all(answers: Answers) -> str | None:
    return _owner(answers, "humanity")


def _lmdeploy(answers: Answers) -> str | None:
    return _owner(answers, "lmdeploy")


def _omlx(answers: Answers) -> str | None:
    return _owner(answers, "omlx")


def _vllm(answers: Answers) -> str | None:
    return _owner(answers, "vllm")


# --- products that others imitate -----------------------------------------------------------------


def _lmstudio(answers: Answers) -> str | None:
    if any("compatibility_type" in item for item in answers.items("/api/v0/models", "data")):
        return "/api/v0/models tells compatibility types"
    if any("key" in item for item in answers.items("/api/v1/models", "models")):
        return "/api/v1/models lists models by key"
    if "Unexpected endpoint or method" in str(answers.document("/").get("error", "")):
        return "it calls an unknown address an unexpected endpoint"
    return _owner(answers, "organization_owner")


def _llamacpp_router(answers: Answers) -> str | None:
    is_router = answers.document("/props").get("role") == "router"
    return "/props says that it is a router" if is_router else None


def _llamacpp(answers: Answers) -> str | None:
    props = answers.document("/props")
    if {"default_generation_settings", "build_info"} <= props.keys():
        return f"/props tells llama.cpp build {props['build_info']}"
    if answers.header("server").startswith("llama.cpp"):
        return "it calls itself llama.cpp"
    return _owner(answers, "llamacpp")


def _ollama(answers: Answers) -> str | None:
    return "it says Ollama is running" if answers.text("/").startswith(_OLLAMAS_WORDS) else None


def _ollama_alike(answers: Answers) -> str | None:
    alike = "version" in answers.document("/api/version") and answers.has_list(
        "/api/tags", "models"
    )
    return "/api/version and /api/tags answer as Ollama's do" if alike else None


def _locked_jan(answers: Answers) -> str | None:
    # Exactly this, as plain text, for every address but its documentation.
    words = answers.complaint(MODELS).strip()
    return "it asks for a key in Jan's words" if words in _JANS_WORDS else None


def _locked_vllm(answers: Answers) -> str | None:
    # A key guards /v1 alone; an empty body is how it says that it is well.
    locked = answers.status(MODELS) in LOCKED
    open_otherwise = answers.document("/version").keys() == {"version"}
    empty = answers.status(HEALTH) == 200 and not answers.text(HEALTH)
    return (
        "/version and /health answer as vLLM's do" if locked and open_otherwise and empty else None
    )


def _openai(answers: Answers) -> str | None:
    return "/v1/models lists models" if answers.has_list(MODELS, "data") else None


def _owner(answers: Answers, name: str) -> str | None:
    return (
        f"/v1/models says that its models are owned by {name}"
        if answers.owners() == {name}
        else None
    )


_JANS_WORDS = ("Missing authorization header", "Invalid or missing authorization token")
_OLLAMAS_WORDS = "Ollama is running"

_RULES: tuple[tuple[str, Rule], ...] = (
    # TabbyAPI imitates KoboldCpp; LocalAI, Lemonade and KoboldCpp imitate Ollama; Lemonade looks
    # like LM Studio; KoboldCpp answers /props; Olla and llama-swap show their upstreams' models.
    ("tabbyapi", _tabbyapi),
    ("koboldcpp", _koboldcpp),
    ("lemonade", _lemonade),
    ("localai", _localai),
    ("litellm", _litellm),
    ("olla", _olla),
    ("llama-swap", _llama_swap),
    ("docker-model-runner", _docker),
    ("textgen", _textgen),
    ("sglang", _sglang),
    ("gpt4all", _gpt4all),
    ("lmdeploy", _lmdeploy),
    ("omlx", _omlx),
    ("vllm", _vllm),
    ("lmstudio", _lmstudio),
    ("llamacpp-router", _llamacpp_router),
    ("llamacpp", _llamacpp),
    ("ollama", _ollama),
)
_WEAK_RULES: tuple[tuple[str, Rule], ...] = (
    ("ollama", _ollama_alike),
    ("jan", _locked_jan),
    ("vllm", _locked_vllm),
    ("openai", _openai),
)


# --- what it offers -------------------------------------------------------------------------------


def _models(product: Product, answers: Answers) -> tuple[str, ...]:
    if product.key == "ollama":
        names = _members(answers, "/api/tags", "models", "name")
    elif product.key == "lmstudio":
        names = _members(answers, "/api/v0/models", "data", "id")
        names = names or _members(answers, "/api/v1/models", "models", "key")
    elif product.key == "docker-model-runner":
        names = _members(answers, "/engines/v1/models", "data", "id")
    elif product.key == "textgen":
        loaded = answers.document("/v1/internal/model/info").get("model_name")
        names = [loaded] if isinstance(loaded, str) and loaded != "None" else []
    else:
        names = []
    names = names or _members(answers, MODELS, "data", "id")
    return tuple(dict.fromkeys(name[:_NAME_CHARACTERS] for name in names))[:MODELS_MAX]


def _members(answers: Answers, path: str, key: str, member: str) -> list[str]:
    return list(_texts(item.get(member) for item in answers.items(path, key)))


def _texts(values: Iterable[object]) -> Iterable[str]:
    return (value for value in values if isinstance(value, str) and value)


def _loading(answers: Answers) -> bool:
    return any(
        answers.status(path) == 503 and "loading" in answers.complaint(path).lower()
        for path in (HEALTH, MODELS)
    )
