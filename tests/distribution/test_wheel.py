"""Wheel and source distribution: whole, and all that a computer without Node needs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from email.parser import HeaderParser
from typing import TYPE_CHECKING

import pytest
from fakes.running_sidecar import RunningSidecar

from places import LOCKS, ROOT, venv_program
from provision.wheel import source_distribution, version, wheel

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

BUILD = (venv_program("python"), "-m", "build", "--no-isolation", "--wheel")


def names_in_wheel(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def metadata() -> Message:
    with zipfile.ZipFile(wheel()) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode())


def test_the_wheel_carries_the_built_dashboard_and_the_shipped_files() -> None:
    names = names_in_wheel(wheel())
    built = {path.name for path in (ROOT / "frontend" / "dist" / "assets").iterdir()}
    carried = {name.rpartition("/")[2] for name in names if "/static/assets/" in name}
    assert built == carried
    assert {"llama_runner_pro/static/index.html", "llama_runner_pro/py.typed"} <= names
    assert "llama_runner_pro/metrics/shipped/rules.yml" in names
    assert not [name for name in names if name.startswith(("tests", "build", "frontend"))]


def test_the_metadata_is_complete() -> None:
    found = metadata()
    assert (found["Name"], found["Version"]) == ("llama-runner-pro", version())
    assert found["License-Expression"] == "MIT"
    assert found["Author"]
    assert found["Description-Content-Type"] == "text/markdown"
    assert set(found.get_all("Provides-Extra", [])) == {"engine", "alerts", "otlp"}
    assert found["Requires-Python"] == ">=3.11"


def test_the_long_description_shows_nothing_that_only_the_repository_has() -> None:
    """A package index has neither the pictures nor the files that a README can point to."""
    text = str(metadata().get_payload())
    assert text.startswith("# LlamaRunner Pro\n")
    assert "pipx install" in text
    assert "## Configuration" in text
    assert "npm start" not in text
    targets: list[str] = re.findall(r"\]\(([^)]*)\)", text)
    assert not [target for target in targets if not target.startswith("https://")]
    assert "<img" not in text


def test_the_source_distribution_carries_sources_and_the_built_dashboard() -> None:
    top = f"llama_runner_pro-{version()}"
    with tarfile.open(source_distribution()) as archive:
        names = {name.removeprefix(f"{top}/") for name in archive.getnames()}
    wanted = {"LICENSE", "README.md", "pyproject.toml", "package-lock.json"}
    wanted |= {"backend/llama_runner_pro/static/index.html", "frontend/src/main.ts"}
    wanted |= {"build-scripts/carry_page.py", "installers/install.sh", "electron/src/main.ts"}
    assert wanted <= names
    assert not [name for name in names if "node_modules" in name or name.startswith("dist/")]


def test_a_wheel_of_unbuilt_sources_is_refused_in_words(tmp_path: Path) -> None:
    """Not a package that installs and shows nothing."""
    sources = unpacked(tmp_path)
    shutil.rmtree(sources / "backend" / "llama_runner_pro" / "static")
    result = subprocess.run(
        [*BUILD, str(sources)], capture_output=True, text=True, timeout=500, check=False
    )
    assert result.returncode != 0
    said = " ".join((result.stdout + result.stderr).split())
    assert "the dashboard is not built" in said
    assert "npm run build:wheel" in said


def test_a_wheel_from_the_source_distribution_is_the_same_wheel(tmp_path: Path) -> None:
    sources = unpacked(tmp_path)
    out = tmp_path / "made"
    subprocess.run(
        [*BUILD, "--outdir", str(out), str(sources)], check=True, capture_output=True, timeout=50
    )
    assert names_in_wheel(next(out.glob("*.whl"))) == names_in_wheel(wheel())


def unpacked(folder: Path) -> Path:
    with tarfile.open(source_distribution()) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"llama_runner_pro-{version()}"


def pinned(folder: Path) -> Path:
    """The versions of the lock; hashes in it would have pip ask for one of our wheel too."""
    text = (LOCKS / "runtime.txt").read_text("utf-8") + (LOCKS / "build.txt").read_text("utf-8")
    pins = re.findall(r"^([A-Za-z0-9._-]+==[^\s;]+)", text, re.MULTILINE)
    path = folder / "constraints.txt"
    path.write_text("\n".join(pins) + "\n")
    return path


@pytest.mark.timeout(1200)
def test_installed_into_an_empty_environment_without_node_it_serves_the_dashboard(
    tmp_path: Path,
) -> None:
    venv, home = tmp_path / "environment", tmp_path / "home"
    home.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=500)
    install = [str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*install, "--constraint", str(pinned(tmp_path)), str(wheel())], check=True, timeout=200
    )
    path = str(venv / "bin")
    assert shutil.which("node", path=path) is None
    sidecar = RunningSidecar(
        tmp_path / "data",
        {"endpoints": []},
        program=(str(venv / "bin" / "llama-runner-pro"),),
        env={"PATH": path, "HOME": str(home)},
    )
    with sidecar:
        address = f"http://127.0.0.1:{sidecar.port}"
        with urllib.request.urlopen(f"{address}/", timeout=60) as answer:
            html = answer.read().decode()
        script = html.partition('src="')[2].partition('"')[0]
        with urllib.request.urlopen(address + script, timeout=60) as answer:
            assert len(answer.read()) > 10_000
    assert '<div id="app">' in html
