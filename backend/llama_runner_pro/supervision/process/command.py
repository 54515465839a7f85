"""From an endpoint's spec to what exactly is executed. Pure: nothing is read but arguments."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.core.frozen import is_frozen
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.kind import port_of
from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.supervision.process.identity import NONCE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.spec import EndpointSpec

LARGE_PAGES = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
"""Lets the engine's caches lie in large pages: a start saves the time of 20 000 page faults.

Understood by glibc 2.35 and newer, ignored elsewhere.
"""


class Runtime(ValueObject, frozen=True):
    """What this sidecar itself runs on."""

    executable: str
    frozen: bool
    environ: Mapping[str, str]
    home: str

    def __repr__(self) -> str:
        """Without the environment: it may hold secrets."""
        return f"Runtime({self.executable!r}, frozen={self.frozen}, home={self.home!r})"


def this_runtime() -> Runtime:
    """The runtime of the present process."""
    return Runtime(
        executable=sys.executable,
        frozen=is_frozen(),
        environ=dict(os.environ),
        home=str(Path.home()),
    )


class Command(ValueObject, frozen=True):
    """An argv list with its environment and folder; the environment may hold secrets."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str | None = None

    def __repr__(self) -> str:
        """Without the environment."""
        return f"Command({self.argv!r}, cwd={self.cwd!r})"


def startable(spec: EndpointSpec) -> bool:
    """True when the spec says how its process is started."""
    if spec.start_command:
        return True
    return spec.kind in {"embedded", "llamacpp"} and spec.model_path is not None


def build_command(
    spec: EndpointSpec, *, nonce: str, runtime: Runtime, verbose: bool = False
) -> Command:
    """What starts the endpoint. Raises `StartFailed` when the spec does not say enough.

    `verbose` has llama.cpp log in detail where we name its options; a start command is the user's.
    """
    substitutes = _substitutes(spec, runtime)
    if spec.start_command:
        argv = _substituted(spec.start_command, substitutes, "start_command")
    elif spec.kind == "embedded":
        argv = [*own_engine(runtime), *_engine_arguments(spec, verbose=verbose)]
    elif spec.kind == "llamacpp" and spec.model_path is not None:
        arguments = _engine_arguments(spec, verbose=verbose)
        argv = ["llama-server", *arguments, "--metrics", "--slots"]
    else:
        raise _incomplete(spec, "no start_command, so it cannot be started from here")
    return _command(spec, argv, substitutes, nonce, runtime)


def build_stop_command(spec: EndpointSpec, *, runtime: Runtime) -> Command | None:
    """What the user configured to stop the endpoint; None when a signal is to be used.

    Carries no nonce: the stopping program is not part of the endpoint that it stops.
    """
    if not spec.stop_command:
        return None
    substitutes = _substitutes(spec, runtime)
    argv = _substituted(spec.stop_command, substitutes, "stop_command")
    return _command(spec, argv, substitutes, None, runtime)


def clean_environment(runtime: Runtime) -> dict[str, str]:
    """Our environment without the mark of an endpoint that we may have been started by."""
    return {name: value for name, value in runtime.environ.items() if name != NONCE_VARIABLE}


def _command(
    spec: EndpointSpec,
    argv: list[str],
    substitutes: dict[str, str],
    nonce: str | None,
    runtime: Runtime,
) -> Command:
    env = clean_environment(runtime)
    if spec.kind == "embedded":
        env.setdefault(*LARGE_PAGES)
    for name, value in spec.env.items():
        env[name] = _substituted((value,), substitutes, f"env.{name}")[0]
    if nonce is not None:
        env[NONCE_VARIABLE] = nonce
    cwd = _substituted((spec.cwd,), substitutes, "cwd")[0] if spec.cwd else None
    return Command(argv=tuple(argv), env=env, cwd=cwd)


def _substitutes(spec: EndpointSpec, runtime: Runtime) -> dict[str, str]:
    values = {"HOME": runtime.home}
    port = port_of(spec, profile_of(spec))
    if port is not None:
        values["PORT"] = str(port)
    model = spec.model_path or spec.model
    if model is not None:
        values["MODEL"] = model
    return values


def _substituted(elements: tuple[str, ...], values: dict[str, str], where: str) -> list[str]:
    """Replace our three placeholders in each element; other text stays as it is."""
    result = []
    for element in elements:
        text = element
        for name in ("PORT", "MODEL", "HOME"):
            placeholder = f"${{{name}}}"
            if placeholder not in element:
                continue
            if name not in values:
                wanted = "port" if name == "PORT" else "model_path"
                raise StartFailed(
                    f"{where} uses {placeholder}, but no {wanted} is configured",
                    f"add {wanted} to the endpoint, or write the value into {where}",
                    final=True,
                )
            text = text.replace(placeholder, values[name])
        result.append(text)
    return result


def own_engine(runtime: Runtime) -> list[str]:
    """The embedded engine's program and first arguments."""
    if runtime.frozen:
        return [runtime.executable, "engine"]
    # -P: a folder that we happen to be started in must not shadow our own modules.
    return [runtime.executable, "-P", "-m", "llama_runner_pro.engine"]


def _engine_arguments(spec: EndpointSpec, *, verbose: bool) -> list[str]:
    if spec.model_path is None:
        raise _incomplete(spec, "no model_path, so there is nothing to load")
    port = port_of(spec, profile_of(spec))
    if port is None:
        raise _incomplete(spec, "no port to listen on")
    arguments = ["--model", spec.model_path, "--host", "127.0.0.1", "--port", str(port)]
    if spec.model is not None:
        arguments += ["--alias", spec.model]
    for name, value in spec.parameters.items():
        option = f"--{name.lstrip('-')}"
        if value is True:
            arguments.append(option)
        elif value is not False:
            arguments += [option, str(value)]
    if verbose and "--verbose" not in arguments:
        arguments.append("--verbose")
    return arguments


def _incomplete(spec: EndpointSpec, lack: str) -> StartFailed:
    hint = "add it to the endpoint in the configuration file"
    return StartFailed(f"{spec.name} has {lack}", hint, final=True)
