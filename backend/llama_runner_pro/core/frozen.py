"""What the frozen program's loader leaves behind, and how it is taken away.

PyInstaller's loader bends the library path to the program's own folder, keeps the user's value
under `<NAME>_ORIG`, and passes notes to itself in `_PYI_…`. A program that inherits all that loads
our libraries instead of its own. The loader of the operating system has read its path when we
start, so our own process needs none of it any more: it is taken out of the environment once,
before anything else runs, and every child is clean, whoever starts it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

_NOTES = ("_PYI_", "_MEIPASS")
_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "LIBPATH", "DYLD_LIBRARY_PATH")


def is_frozen() -> bool:
    """True in the program that `npm run build:backend` makes."""
    return bool(getattr(sys, "frozen", False))


def without_loader_traces(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment as it was before the loader of a frozen program changed it."""
    kept = {name: value for name, value in environ.items() if not name.startswith(_NOTES)}
    for name in _LIBRARY_PATHS:
        kept.pop(name, None)
        original = kept.pop(f"{name}_ORIG", None)
        if original is not None:
            kept[name] = original
    return kept


def forget_loader(environ: MutableMapping[str, str] = os.environ) -> None:
    """Give this process and its children the user's environment back; for frozen programs only.

    Call it once, before any thread or child is started.
    """
    kept = without_loader_traces(environ)
    for name in set(environ) - set(kept):
        del environ[name]
    environ.update(kept)
    if sys.platform == "win32":
        _search_own_libraries_only_ourselves()


def _search_own_libraries_only_ourselves() -> None:
    """Windows hands the loader's DLL folder to children; ours is named in another way instead."""
    if sys.platform == "win32":
        import ctypes

        os.add_dll_directory(sys._MEIPASS)  # type: ignore[attr-defined]
        ctypes.WinDLL("kernel32").SetDllDirectoryW(None)
