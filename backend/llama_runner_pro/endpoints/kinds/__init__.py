"""The families we know. A new one is a file beside these and a line in `PROFILES`."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.kind import port_of
from llama_runner_pro.endpoints.kinds import (
    custom,
    embedded,
    llamacpp,
    lmstudio,
    localai,
    ollama,
    openai,
    vllm,
)

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.kind import KindProfile
    from llama_runner_pro.endpoints.spec import EndpointSpec, Kind

PROFILES: tuple[KindProfile, ...] = (
    ollama.PROFILE,
    lmstudio.PROFILE,
    localai.PROFILE,
    llamacpp.PROFILE,
    vllm.PROFILE,
    openai.PROFILE,
    embedded.PROFILE,
    custom.PROFILE,
)

_BY_KIND: dict[str, KindProfile] = {profile.kind: profile for profile in PROFILES}

# Ports that one family alone uses by default; 8080 and 8000 are shared by many.
_TELLING_PORTS: dict[int | None, KindProfile] = {
    11434: ollama.PROFILE,
    1234: lmstudio.PROFILE,
}


def profile(kind: Kind) -> KindProfile:
    """The profile of a family; `auto` counts as custom when nothing else is known."""
    return _BY_KIND.get(kind, custom.PROFILE)


def profile_of(spec: EndpointSpec) -> KindProfile:
    """The profile of an endpoint. For `auto` it goes by the program named, then by the port."""
    if spec.kind != "auto":
        return profile(spec.kind)
    names = {_program_name(name) for name in (spec.process_name, *(spec.start_command or ())[:1])}
    for candidate in PROFILES:
        if names.intersection(candidate.executables):
            return candidate
    return _TELLING_PORTS.get(port_of(spec, custom.PROFILE), custom.PROFILE)


def _program_name(path: str | None) -> str:
    # A Windows path keeps its backslashes when the config is read elsewhere.
    name = PurePath((path or "").replace("\\", "/")).name.lower()
    return name.removesuffix(".exe")
