"""The repository holds sources of this project and nothing else."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from tests.architecture.checkout import GENERATED, ROOT, files

LARGEST_BYTES = 700_000
TOP_LEVEL = {
    *("backend", "frontend", "electron", "build-scripts", "installers", "tests", "docs"),
    *("package.json", "package-lock.json", "pyproject.toml"),
    *("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"),
    *("LICENSE", "Dockerfile"),
}
INSTALLED_OR_BUILT = {
    *("node_modules", "dist", "build", "__pycache__", ".venv", "venv", "vendor", "static"),
    *(".build", ".mypy_cache", ".pytest_cache", ".ruff_cache", "coverage", "archive"),
}
ARTEFACTS = re.compile(
    r"\.(pyc|pyo|so|dll|dylib|exe|o|a|whl|gz|zip|gguf|db|sqlite3?|bak|orig|rej|swp|tmp)$"
)
TWINS = re.compile(r"[_-](v\d+|final|fixed|clean|new|old|copy|backup)\.\w+$", re.IGNORECASE)
REGISTRIES = re.compile(
    r"(registry\.npm(js|mirror)|files\.pythonhosted|pypi\.org|deb\.debian|crates\.io/api)"
)
# Speaks of registries because it checks for them, or tells people how to reach them.
MAY_NAME_REGISTRIES = {"tests/architecture/test_hygiene.py", "tests/architecture/test_locks.py"}
BINARY = {".png", ".ico", ".icns", ".msgpack", ".woff2", ".bin"}


def texts() -> dict[str, str]:
    """Every text file's content, with line ends as they are."""
    found = {}
    for name in files():
        if PurePosixPath(name).suffix not in BINARY:
            found[name] = (ROOT / name).read_bytes().decode("utf-8")
    return found


def test_the_top_level_holds_only_what_people_expect_there() -> None:
    tops = {PurePosixPath(name).parts[0] for name in files()}
    surprises = sorted(top for top in tops - TOP_LEVEL if not top.startswith("."))
    assert not surprises


def test_nothing_installed_or_built_is_carried() -> None:
    carried = [name for name in files() if INSTALLED_OR_BUILT & set(PurePosixPath(name).parts[:-1])]
    assert not carried


def test_no_artefacts_are_carried() -> None:
    assert not [name for name in files() if ARTEFACTS.search(name)]


def test_no_file_is_large() -> None:
    large = [name for name in files() if (ROOT / name).stat().st_size > LARGEST_BYTES]
    assert not large


def test_no_file_is_the_twin_of_another() -> None:
    assert not [name for name in files() if TWINS.search(name)], "git keeps the old ones"


def test_no_text_names_a_folder_of_one_machine() -> None:
    places = {str(ROOT), str(Path.home())} - {"/"}
    naming = [
        name for name, text in texts().items() if any(f"{place}/" in text for place in places)
    ]
    assert not naming


def test_no_text_names_a_registry_or_mirror() -> None:
    naming = [
        name
        for name, text in texts().items()
        if name not in MAY_NAME_REGISTRIES | GENERATED and REGISTRIES.search(text)
    ]
    assert not naming


def test_lines_end_the_same_way_everywhere() -> None:
    texts_now = texts()
    # cmd.exe misses labels in files with other ends.
    windows = {name for name, text in texts_now.items() if "\r\n" in text}
    assert windows <= {"installers/install.bat"}
    own = {name: text for name, text in texts_now.items() if "/fixtures/" not in name}
    assert not [name for name, text in own.items() if text and not text.endswith("\n")]


def test_no_python_file_is_empty_but_package_marks() -> None:
    empty = [
        name
        for name in files()
        if name.endswith(".py")
        and PurePosixPath(name).name != "__init__.py"
        and not (ROOT / name).read_text("utf-8").strip()
    ]
    assert not empty


def test_no_unfinished_business_is_left_in_sources() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    own = "tests/architecture/test_hygiene.py"
    unfinished = [
        name
        for name, text in texts().items()
        if name.endswith((".py", ".ts", ".vue", ".mjs")) and name != own and marks.search(text)
    ]
    assert not unfinished
