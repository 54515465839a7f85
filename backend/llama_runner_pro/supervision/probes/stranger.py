"""Whether what answers on an endpoint's port is what was configured."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llama_runner_pro.endpoints.kind import base_url, port_of
from llama_runner_pro.supervision.discovery.answers import Answers
from llama_runner_pro.supervision.discovery.asking import Asking
from llama_runner_pro.supervision.discovery.fingerprints import fingerprint
from llama_runner_pro.supervision.discovery.listeners import Listener

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.endpoints.kind import KindProfile
    from llama_runner_pro.endpoints.spec import EndpointSpec, Kind
    from llama_runner_pro.supervision.probes.http import Http
    from llama_runner_pro.supervision.process.ports import Holder

    FindHolder = Callable[[int], Awaitable[Holder | None]]

_PRODUCTS: dict[Kind, frozenset[str]] = {
    "ollama": frozenset({"ollama"}),
    "lmstudio": frozenset({"lmstudio"}),
    "localai": frozenset({"localai"}),
    "llamacpp": frozenset({"llamacpp", "llamacpp-router"}),
    "vllm": frozenset({"vllm"}),
    "embedded": frozenset({"llamacpp"}),
}
"""Products that answer as a kind should; the other kinds may be anything."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


async def stranger(
    http: Http, spec: EndpointSpec, profile: KindProfile, find_holder: FindHolder
) -> str | None:
    """In words what answers there instead: `port 11434 answers as LocalAI, pid 42 (local-ai)`.

    None when it is what was configured, when nobody can tell, or when the user named no kind.
    Never raises for what a server does; at most some twenty questions of 0.3 s, four at once.
    """
    expected, port = _PRODUCTS.get(spec.kind), port_of(spec, profile)
    host = urlsplit(base_url(spec, profile)).hostname or ""
    if expected is None or port is None or host not in _LOOPBACK:
        return None
    answers = Answers()
    await Asking(http).ask(Listener(host=host, port=port), answers)
    match = fingerprint(answers, None, port)
    if match is None or match.confidence != "certain" or match.product.key in expected:
        return None
    holder = await find_holder(port)
    who = "" if holder is None or holder.pid is None else f", pid {holder.pid} ({holder.name})"
    return f"port {port} answers as {match.product.label}{who}"
