"""A whole packing run with little parts: all but Electron's own program is as in a release."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from packing.app import Packing
from pipeline.command import Children, CommandLog
from places import NODE_MODULES, ROOT, node_tool
from provision import shipped_electron

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where Electron's program keeps its switches: a mark, their format, their count, and then one
# byte for each (electron/fuses, README, "Fuse wire").
FUSE_MARK = b"dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX"
FUSES = 8
ANY_PROGRAM = Path("/bin/true")
FUSE_NAMES = (
    *("RunAsNode", "EnableCookieEncryption", "EnableNodeOptionsEnvironmentVariable"),
    *("EnableNodeCliInspectArguments", "EnableEmbeddedAsarIntegrityValidation"),
    *("OnlyLoadAppFromAsar", "LoadBrowserProcessSpecificV8Snapshot"),
    "GrantFileProtocolExtraPrivileges",
)


@dataclass(frozen=True)
class Packed:
    """What a packing run made."""

    packing: Packing
    log: Path

    def result(self, ending: str) -> Path:
        """The one result with this ending."""
        (found,) = self.packing.out.glob(f"*{ending}")
        return found

    def said(self) -> str:
        """All that the programs wrote."""
        return self.log.read_text("utf-8")


def program(target: Path, extra: bytes = b"") -> None:
    """Puts a real, small program somewhere."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(ANY_PROGRAM.read_bytes() + extra)
    target.chmod(0o755)


def stub_electron(folder: Path) -> Path:
    """An unpacked Electron as far as packing looks at it."""
    fuses = FUSE_MARK + bytes([1, FUSES]) + b"1" * FUSES
    program(folder / "electron", fuses)
    program(folder / "chrome-sandbox")
    (folder / "version").write_text(f"{shipped_electron.version()}\n", "ascii")
    (folder / "LICENSE").write_text("Licence of Electron\n", "ascii")
    (folder / "LICENSES.chromium.html").write_text("<p>Licences</p>\n", "ascii")
    (folder / ".made-from").write_text("a mark of ours\n", "ascii")
    for language in ("de", "en-US", "fr"):
        (folder / "locales").mkdir(exist_ok=True)
        (folder / "locales" / f"{language}.pak").write_bytes(b"words")
    app = folder / "app-to-play-with"
    app.mkdir()
    (app / "package.json").write_text('{"main": "index.js"}', "ascii")
    (app / "index.js").write_text("", "ascii")
    (folder / "resources").mkdir()
    asar("pack", app, folder / "resources" / "default_app.asar")
    shutil.rmtree(app)
    return folder


def asar(*arguments: str | Path) -> str:
    """Runs Electron's archive tool."""
    command = [*node_tool("@electron/asar", "bin/asar.js"), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def fuses(target: Path) -> dict[str, bool]:
    """The switches that a packed program has, read with Electron's own tool."""
    script = (
        "const {getCurrentFuseWire} = require(process.argv[1]);"
        "getCurrentFuseWire(process.argv[2]).then((wire) => console.log(JSON.stringify(wire)))"
    )
    tool = NODE_MODULES / "@electron" / "fuses"
    asked = subprocess.run(
        ["node", "-e", script, str(tool), str(target)], check=True, capture_output=True, text=True
    )
    wire: dict[str, Any] = json.loads(asked.stdout)
    on = ord("1")
    known = {name: wire.get(str(place)) for place, name in enumerate(FUSE_NAMES)}
    return {name: state == on for name, state in known.items() if state is not None}


def project(root: Path) -> Path:
    """A project folder whose parts are built, with the real icons."""
    shutil.copy(ROOT / "package.json", root / "package.json")
    electron = root / "dist" / "electron"
    render = ["node", str(ROOT / "build-scripts" / "icons" / "render.mjs")]
    subprocess.run([*render, str(electron / "icons")], check=True)
    (electron / "main.cjs").write_text('"use strict";\n', "ascii")
    (electron / "preload.cjs").write_text('"use strict";\n', "ascii")
    (electron / "main.cjs.map").write_text("{}", "ascii")
    (electron / "pages").mkdir()
    (electron / "pages" / "problem.html").write_text("<!doctype html>\n", "ascii")
    backend = root / "dist" / "backend"
    program(backend / "llama-runner-pro-backend")
    program(backend / "_internal" / "libreal.so.1.2")
    (backend / "_internal" / "libreal.so.1").symlink_to("libreal.so.1.2")
    return root


def pack(folder: Path, **choices: Any) -> Packed:
    """Packs in a fresh folder."""
    electron = stub_electron(folder / "electron-of-test")
    (folder / "project").mkdir()
    packing = Packing(electron, root=project(folder / "project"), **choices)
    log = CommandLog(folder / "log", Children())
    packing.run(log)
    return Packed(packing, log.path)


@pytest.fixture(scope="session", autouse=True)
def one_time() -> Iterator[None]:
    """Everything carries one time, also when somebody commits between two packings."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SOURCE_DATE_EPOCH", "1780000000")
        yield


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """A release build."""
    return pack(tmp_path_factory.mktemp("packed"))
