"""The model servers that discovery can tell apart.

Ports and paths: each project's own documentation. `kind` is what an endpoint of ours would be;
families without a kind of their own are watched as OpenAI-compatible servers, with a health
address that answers without a key and without touching a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import Kind


class Product(ValueObject, frozen=True, kw_only=True):
    """One model server as people know it."""

    key: str
    label: str
    kind: Kind = "openai"
    ports: tuple[int, ...] = ()
    """Where it listens unless told otherwise; the present habit first."""
    programs: tuple[str, ...] = ()
    """Names of its program, lower case and without `.exe`."""
    health_endpoint: str | None = None
    """Where its health is asked, when the kind's own address does not fit."""
    base_path: str = ""
    """Path under which its OpenAI API lies."""
    one_model: bool = False
    """Serves the one model it was started with."""
    runs_children: bool = False
    """Starts servers for itself, which answer like servers of their own."""


OWN_ENGINE = "llama_runner_pro.engine"
"""The program behind our own embedded endpoints, which answers as llama.cpp's server does."""

_ALL = (
    Product(
        key="ollama",
        label="Ollama",
        kind="ollama",
        ports=(11434,),
        programs=("ollama",),
        runs_children=True,
    ),
    Product(
        key="lmstudio",
        label="LM Studio",
        kind="lmstudio",
        ports=(1234,),
        programs=("lm studio", "lm-studio", "lmstudio", "llmster"),
        runs_children=True,
    ),
    Product(
        key="localai",
        label="LocalAI",
        kind="localai",
        ports=(8080,),
        programs=("local-ai", "localai"),
        runs_children=True,
    ),
    Product(
        key="llamacpp",
        label="llama.cpp server",
        kind="llamacpp",
        ports=(8080, 9931),
        programs=("llama-server", OWN_ENGINE),
        one_model=True,
    ),
    # Its metrics and a probe without a model's name make no sense: it has no model of its own.
    Product(key="llamacpp-router", label="llama.cpp router", health_endpoint="/health"),
    Product(
        key="vllm",
        label="vLLM",
        kind="vllm",
        ports=(8000,),
        programs=("vllm",),
        one_model=True,
    ),
    Product(
        key="sglang",
        label="SGLang",
        ports=(30000,),
        programs=("sglang", "sglang.launch_server"),
        health_endpoint="/health",
        one_model=True,
    ),
    Product(
        key="textgen",
        label="text-generation-webui",
        ports=(5000,),
        health_endpoint="/v1/internal/health",
    ),
    Product(
        key="koboldcpp",
        label="KoboldCpp",
        ports=(5001,),
        programs=("koboldcpp", "koboldcpp-linux-x64", "koboldcpp.py"),
        health_endpoint="/api/extra/version",
        one_model=True,
    ),
    Product(key="tabbyapi", label="TabbyAPI", ports=(5000,), health_endpoint="/health"),
    Product(
        key="jan", label="Jan", ports=(1337, 6767), programs=("jan", "jan-cli"), runs_children=True
    ),
    Product(key="gpt4all", label="GPT4All", ports=(4891,), programs=("gpt4all", "chat")),
    Product(
        key="lemonade",
        label="Lemonade",
        ports=(13305, 8000),
        programs=("lemonade-server", "lemonade-router", "lemonade", "lemond"),
        health_endpoint="/api/v1/health",
        runs_children=True,
    ),
    Product(
        key="docker-model-runner",
        label="Docker Model Runner",
        ports=(12434,),
        programs=("docker-model-runner", "model-runner"),
        base_path="/engines",
        runs_children=True,
    ),
    Product(
        key="litellm",
        label="LiteLLM",
        ports=(4000,),
        programs=("litellm",),
        health_endpoint="/health/liveliness",
    ),
    Product(
        key="llama-swap",
        label="llama-swap",
        ports=(8080,),
        programs=("llama-swap",),
        health_endpoint="/health",
        runs_children=True,
    ),
    Product(
        key="olla",
        label="Olla",
        ports=(40114,),
        programs=("olla",),
        health_endpoint="/internal/health",
    ),
    Product(
        key="lmdeploy",
        label="LMDeploy",
        ports=(23333,),
        programs=("lmdeploy",),
        health_endpoint="/health",
        one_model=True,
    ),
    Product(key="omlx", label="oMLX", ports=(8000,), programs=("omlx",), health_endpoint="/health"),
    Product(key="openai", label="OpenAI-compatible server"),
)

PRODUCTS: dict[str, Product] = {product.key: product for product in _ALL}
USUAL_PORTS: tuple[int, ...] = tuple(dict.fromkeys(p for each in _ALL for p in each.ports))


def product_of_program(program: str | None) -> Product | None:
    """The product whose program has this name; None for any other program."""
    if program is None:
        return None
    name = program.lower()
    return next((product for product in _ALL if name in product.programs), None)
