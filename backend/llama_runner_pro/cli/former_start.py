"""How the last `serve` of a data folder was started, so that `serve --as-before` can do the same.

Installers stop a sidecar for an upgrade and start it again; on Windows a script cannot learn the
command line of another process, and nowhere should one write down somebody's whole environment.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import msgspec

from llama_runner_pro.config.files import read_or_set_aside, write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

_NAMES = frozenset(
    {
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "LANG",
        "LC_ALL",
        "TZ",
        "TMPDIR",
        "XDG_CACHE_HOME",
        "OMP_NUM_THREADS",
        "CUDA_DEVICE_ORDER",
        "CUDA_HOME",
        "CUDA_PATH",
        "CUDA_VISIBLE_DEVICES",
        "NVIDIA_VISIBLE_DEVICES",
        "HIP_VISIBLE_DEVICES",
        "HSA_OVERRIDE_GFX_VERSION",
        "ROCM_PATH",
        "ROCR_VISIBLE_DEVICES",
        "ONEAPI_DEVICE_SELECTOR",
        "ZE_AFFINITY_MASK",
        "HF_ENDPOINT",
        "HF_HOME",
        "HF_HUB_CACHE",
        "HF_HUB_OFFLINE",
        "LLAMA_CACHE",
        "OLLAMA_HOST",
        "OLLAMA_MODELS",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "CURL_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
    }
)
"""Where models, programs and graphics cards are found. Nothing else of an environment is noted:
what is not known to be harmless may be a secret."""
_WITH_PASSWORD = re.compile(r"//[^/\s]*@")


class Options(TypedDict):
    """The options of `serve` that are noted, by their names in the parsed command line."""

    host: str | None
    port: int | None
    config: str | None
    demo: bool
    no_gateway: bool
    container: bool


class FormerStart(msgspec.Struct, frozen=True, kw_only=True):
    """What `run/start.json` says. Later versions may say more; what they leave out is the usual."""

    program: str
    """What ran, by which an installer tells its own from somebody's own Python."""
    options: Options
    folder: str
    """The working directory, to which the paths of a configuration may be relative."""
    environment: dict[str, str | None] = {}
    """By name; None where a variable was not set."""


def is_given(arguments: argparse.Namespace, name: str) -> bool:
    """Whether this option stands on the command line. Port 0 is one that is given."""
    value = getattr(arguments, name)
    return value is not None and value is not False


def note_start(
    file: Path, arguments: argparse.Namespace, environ: Mapping[str, str] = os.environ
) -> None:
    """Write down how we were started, without secrets. Raises `OSError`."""
    config: Path | None = arguments.config
    options = Options(
        host=arguments.host,
        port=arguments.port,
        config=None if config is None else str(config),
        demo=arguments.demo,
        no_gateway=arguments.no_gateway,
        container=arguments.container,
    )
    start = FormerStart(
        program=sys.executable,
        options=options,
        folder=str(Path.cwd()),
        environment=harmless_environment(environ),
    )
    write_atomically(file, msgspec.json.encode(start), lasting=False)


def harmless_environment(environ: Mapping[str, str]) -> dict[str, str | None]:
    """The variables worth noting. One that holds a password is left out: neither set nor unset."""
    return {
        name: environ.get(name)
        for name in sorted(_NAMES)
        if not _WITH_PASSWORD.search(environ.get(name, ""))
    }


def as_before(
    file: Path, arguments: argparse.Namespace, environ: MutableMapping[str, str] = os.environ
) -> argparse.Namespace:
    """The command line of the start that `file` tells of, in its folder and its environment.

    Changes both of this process. Without such a file, or when it is damaged, a plain `serve`;
    a folder that is gone is left out. Raises `OSError` when the file cannot be read.
    """
    start = read_or_set_aside(file, FormerStart)
    if start is None:
        return arguments
    for name, value in start.environment.items():
        if name not in _NAMES:
            continue
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
    if Path(start.folder).is_dir():
        os.chdir(start.folder)
    options: dict[str, object] = {**start.options}
    config = start.options["config"]
    options["config"] = None if config is None else Path(config)
    return argparse.Namespace(**{**vars(arguments), **options})
