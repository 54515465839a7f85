"""Do the programs and folders exist that a configuration names? Looks at the file system."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.config.validate import Checker
    from llama_runner_pro.endpoints.spec import EndpointSpec


def check_programs(checker: Checker, path: str, spec: EndpointSpec) -> None:
    """Note a working folder or a program that is not there; a disabled endpoint may lack both."""
    if not spec.enabled:
        return
    folder = _filled(spec.cwd) if spec.cwd is not None else None
    if folder is not None and "${" not in folder and not Path(folder).is_dir():
        checker.note(f"{path}.cwd", f"the folder {folder} does not exist", "create or correct it")
        return
    for key, argv in (("start_command", spec.start_command), ("stop_command", spec.stop_command)):
        if argv and not _exists(_filled(argv[0]), folder, spec.env.get("PATH")):
            hint = "install it, correct its path, or set enabled to false"
            checker.note(f"{path}.{key}[0]", f"there is no program {argv[0]!r}", hint)


def _exists(program: str, folder: str | None, search_path: str | None) -> bool:
    if "${" in program:
        # Known at the start only.
        return True
    if os.sep in program and folder is not None:
        program = str(Path(folder) / program)
    return shutil.which(program, path=search_path) is not None


def _filled(text: str) -> str:
    return text.replace("${HOME}", str(Path.home()))
