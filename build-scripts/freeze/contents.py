"""What goes into the frozen program, and what stays out."""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from places import LOCKS, PAGE_BUILT
from provision import openmp

PACKAGE = "llama_runner_pro"
ENGINE = "xllamacpp"
# Apprise finds its services by listing a folder of `.py` files. The code itself has to come from
# the archive: beside such a file, Python would compile it anew each time.
LISTED_BY_FOLDER = {"apprise": "pyz", "apprise.plugins": "pyz+py"}
# Parts of Python that nothing here uses, and tools that packages import when they are there.
LEFT_OUT = (
    *("tkinter", "turtle", "idlelib", "lib2to3", "pydoc", "pydoc_data", "doctest", "unittest"),
    *(
        "test",
        "ensurepip",
        "venv",
        "pip",
        "setuptools",
        "wheel",
        "pkg_resources",
        "_distutils_hack",
    ),
    # GNU Readline is under the GPL, and nothing here reads lines from a terminal.
    *("readline", "rlcompleter", "curses", "pdb", "code", "cmd"),
    *("IPython", "numpy", "pandas", "matplotlib", "PIL"),
)


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def runtime_packages() -> list[str]:
    """The distributions that the product runs on, as the lock names them, where installed."""
    text = (LOCKS / "runtime.txt").read_text("utf-8")
    named = re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)
    return [name for name in named if _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def strangers() -> list[str]:
    """Modules of the tools around us: a package of ours that would use one must not find it."""
    own = {_plain(name) for name in (*runtime_packages(), "llama-runner-pro")}
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if not own & {_plain(owner) for owner in owners}
    )


def excluded(*, engine: bool) -> list[str]:
    """Modules that stay out even when something imports them."""
    return [*LEFT_OUT, *strangers(), *([] if engine else [ENGINE])]


def metadata(*, engine: bool) -> list[str]:
    """Distributions whose metadata comes along: versions are looked up there."""
    packages = [name for name in runtime_packages() if engine or name != ENGINE]
    return ["llama-runner-pro", *packages]


def collected(system: str) -> dict[str, str]:
    """How each package's compiled code is kept.

    A start reads some 800 modules. From files of their own that takes a sixth less processor time
    than from PyInstaller's archive; on Windows a virus scanner would look at each of the files.
    """
    if system == "win32":
        return LISTED_BY_FOLDER
    names = {PACKAGE, *sys.stdlib_module_names, *packages_distributions()} - set(strangers())
    return {**dict.fromkeys(sorted(names), "pyc"), **LISTED_BY_FOLDER}


def page() -> tuple[str, str]:
    """The built dashboard and where the program looks for it."""
    return str(PAGE_BUILT.parent), f"{PACKAGE}/static"


def libraries(*, engine: bool) -> list[tuple[str, str]]:
    """Shared libraries that the loader would not find by itself."""
    own_copy = Path(openmp.OWN_COPY)
    return [(str(own_copy), ".")] if engine and own_copy.is_file() else []
