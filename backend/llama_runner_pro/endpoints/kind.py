"""What we know about a family of model servers before asking one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec, Kind

InferenceDialect = Literal["openai", "ollama"]


class KindProfile(ValueObject, frozen=True, kw_only=True):
    """One family: where it listens, how it says that it is well, what it can be asked."""

    kind: Kind
    label: str
    """The name people know it by."""
    default_port: int | None
    """Where it listens unless told otherwise; None when there is no such habit."""
    health_path: str
    inference_path: str | None = None
    """Where one token can be asked for; None when the family has no such call."""
    inference_dialect: InferenceDialect = "openai"
    inference_needs_model: bool = True
    """The call must name a model; without one configured the probe is left out."""
    native_metrics: bool = False
    """Speaks llama.cpp's own `/metrics` and `/slots`."""
    final_exit_codes: frozenset[int] = frozenset()
    """Exit codes after which starting it again cannot help."""
    memory_exit_codes: frozenset[int] = frozenset()
    """Exit codes that mean that memory does not suffice."""
    complaint_prefix: str = ""
    """What its output lines begin with that are meant for the user."""
    executables: tuple[str, ...] = ()
    """Names of its program, lower case and without `.exe`."""


def port_of(spec: EndpointSpec, profile: KindProfile) -> int | None:
    """The TCP port of an endpoint: its own, the one in its URL, or the kind's usual one."""
    if spec.port is not None:
        return spec.port
    if spec.url:
        parts = urlsplit(spec.url)
        return parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return profile.default_port


def base_url(spec: EndpointSpec, profile: KindProfile) -> str:
    """The URL that paths are appended to, without a slash at its end; loopback by default.

    A URL without a port gets that of the spec, as older configurations give it beside the URL.
    """
    port = port_of(spec, profile)
    if spec.url:
        parts = urlsplit(spec.url)
        if spec.port is not None and parts.port is None:
            parts = parts._replace(netloc=f"{parts.netloc}:{port}")
        return parts.geturl().rstrip("/")
    return f"http://127.0.0.1:{port}" if port is not None else "http://127.0.0.1"


def join_url(base: str, path: str) -> str:
    """`base` and `path` with exactly one slash between them.

    A base that ends in `/v1` and a path that begins with it share that part, because people
    write either form for OpenAI-compatible servers. A path that is a whole URL stands for itself.
    """
    if "://" in path:
        return path
    base = base.rstrip("/")
    path = "/" + path.lstrip("/")
    if base.endswith("/v1") and (path == "/v1" or path.startswith("/v1/")):
        path = path.removeprefix("/v1")
    return base + path
