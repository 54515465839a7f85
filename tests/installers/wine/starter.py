"""`starter.py FILE SCRIPT`: makes a Windows program that runs a .bat file, its own path first.

pip brings a starter for console scripts: it runs the interpreter that is named between it and a
zip file at its end, waits for it, and ends with its exit code.
"""

from __future__ import annotations

import io
import sys
import sysconfig
import zipfile
from pathlib import Path

SITE = Path(__file__).resolve().parents[3] / ".venv"


def main(target: Path, script: str) -> None:
    """Writes the program."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folders = [
        *SITE.glob("lib/python3*/site-packages/pip"),
        Path(sysconfig.get_path("purelib")) / "pip",
        Path("/usr/lib/python3/dist-packages/pip"),
        Path("/usr/lib") / version / "ensurepip",
    ]
    starters = (folder / "_vendor" / "distlib" / "t64.exe" for folder in folders)
    starter = next(path for path in starters if path.is_file())
    carried = io.BytesIO()
    with zipfile.ZipFile(carried, "w") as archive:
        archive.writestr("__main__.py", "")
    interpreter = f"#!cmd.exe /d /c {script}\r\n".encode()
    target.write_bytes(starter.read_bytes() + interpreter + carried.getvalue())


main(Path(sys.argv[1]), sys.argv[2])
