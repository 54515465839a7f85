"""Lists what others made, with their licences, for a frozen folder: needs `.venv`'s Python.

third_party.py --frozen dist/backend [--electron DIR] --out FOLDER
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from places import shown
from release import licences
from release.parts import Part, electron_part, library_parts, node_parts, python_parts


def groups(frozen: Path, electron: Path | None = None) -> dict[str, list[Part]]:
    """All parts by where they come from."""
    found = {
        "Python, in the program": python_parts(frozen),
        "Libraries of the system, in the program": library_parts(frozen),
        "JavaScript, in the dashboard and the window": node_parts(),
    }
    if electron is not None:
        found["The desktop app's shell"] = [electron_part(electron)]
    return found


def main() -> int:
    """Writes the list into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frozen", type=Path, help="the frozen program's folder")
    frozen: Path = parser.parse_args().frozen
    target = frozen / licences.NAME
    target.write_text(licences.listed(groups(frozen)), "utf-8")
    sys.stdout.write(f"{shown(target)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
