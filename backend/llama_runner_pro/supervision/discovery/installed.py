"""Programs on this computer that could serve models, running or not. Looks at the file system."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import field

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOOPBACK = ("--host", "127.0.0.1", "--port", "${PORT}")


class Startable(ValueObject, frozen=True, kw_only=True):
    """How one product is found on a disk, and what starts it."""

    product: str
    names: tuple[str, ...]
    """Of its program file, without `.exe`."""
    folders: tuple[str, ...] = ()
    """Where it is often put besides the folders on PATH."""
    arguments: tuple[str, ...] = ()
    supervised: bool = True
    """The command runs for as long as the server does, so that it can be watched and restarted."""
    needs: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None


class Program(ValueObject, frozen=True):
    """A product whose program file is on this computer."""

    startable: Startable
    path: str


STARTABLES: tuple[Startable, ...] = (
    Startable(
        product="ollama",
        names=("ollama",),
        folders=(
            "/usr/local/bin",
            "/opt/homebrew/bin",
            "/Applications/Ollama.app/Contents/Resources",
            "${LOCALAPPDATA}/Programs/Ollama",
        ),
        arguments=("serve",),
        env={"OLLAMA_HOST": "127.0.0.1:${PORT}"},
        note="Ollama's own app or service may start it too; let only one of the two do it.",
    ),
    Startable(
        product="lmstudio",
        names=("lms",),
        folders=("${HOME}/.lmstudio/bin", "${HOME}/.cache/lm-studio/bin"),
        arguments=("server", "start", "--port", "1234"),
        supervised=False,
        note="LM Studio runs in the background by itself: run this command, then look again.",
    ),
    Startable(
        product="llamacpp",
        names=("llama-server",),
        folders=("/usr/local/bin", "/opt/homebrew/bin", "${HOME}/llama.cpp/build/bin"),
        arguments=("--model", "${MODEL}", *_LOOPBACK, "--metrics", "--slots"),
        needs=("model_path",),
        note="Name the model file (.gguf) that it is to serve.",
    ),
    Startable(
        product="localai",
        names=("local-ai", "localai"),
        folders=("/usr/local/bin", "/opt/homebrew/bin"),
        arguments=("run", "--address", "127.0.0.1:${PORT}"),
    ),
    Startable(
        product="vllm",
        names=("vllm",),
        folders=("${HOME}/.local/bin",),
        arguments=("serve", "${MODEL}", *_LOOPBACK),
        needs=("model",),
        note="Name the model, as on Hugging Face, that it is to serve.",
    ),
    Startable(
        product="koboldcpp",
        names=("koboldcpp", "koboldcpp-linux-x64"),
        folders=("${HOME}/.local/bin",),
        arguments=("--model", "${MODEL}", *_LOOPBACK),
        needs=("model_path",),
        note="Name the model file (.gguf) that it is to serve.",
    ),
    Startable(
        product="lemonade",
        names=("lemonade-server",),
        folders=("/usr/local/bin", "/opt/bin", "${LOCALAPPDATA}/lemonade_server/bin"),
        arguments=("serve", *_LOOPBACK),
    ),
    Startable(
        product="jan",
        names=("jan", "Jan"),
        folders=("/Applications/Jan.app/Contents/MacOS", "${LOCALAPPDATA}/Programs/jan"),
        supervised=False,
        note="Start Jan and switch on its local API server in the settings, then look again.",
    ),
)


def find_installed(environ: Mapping[str, str], home: Path) -> list[Program]:
    """The first program file of each product that is there. Blocking."""
    found = []
    for startable in STARTABLES:
        path = _find(startable, environ, home)
        if path is not None:
            found.append(Program(startable, path))
    return found


def read_installed() -> list[Program]:
    """`find_installed` for the present user."""
    return find_installed(os.environ, Path.home())


def _find(startable: Startable, environ: Mapping[str, str], home: Path) -> str | None:
    usual = (_filled(folder, environ, home) for folder in startable.folders)
    folders = [*environ.get("PATH", "").split(os.pathsep), *(each for each in usual if each)]
    # An empty entry would stand for the folder that we happen to run in.
    search_path = os.pathsep.join(folder for folder in folders if folder)
    for name in startable.names:
        path = shutil.which(name, path=search_path)
        if path is not None:
            return path
    return None


def _filled(folder: str, environ: Mapping[str, str], home: Path) -> str | None:
    folder = folder.replace("${HOME}", str(home))
    if "${LOCALAPPDATA}" not in folder:
        return folder
    local = environ.get("LOCALAPPDATA")
    if sys.platform != "win32" or not local:
        return None
    return folder.replace("${LOCALAPPDATA}", local)
