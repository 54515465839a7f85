"""Lists what others made, with their licences, for a frozen folder: needs `.venv`'s Python.

third_party.py --frozen dist/backend [--electron DIR] --out FOLDER
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pipeline.job import JobFailed
from places import shown
from release import licences
from release.parts import Part, electron_part, library_parts, node_parts, python_parts


def groups(frozen: Path | None, electron: Path | None = None) -> dict[str, list[Part]]:
    """All parts by where they come from. Raises JobFailed."""
    found = {"Python, in the program": python_parts()}
    if frozen is not None:
        found["Libraries of the system, in the program"] = library_parts(frozen)
    found["JavaScript, in the dashboard and the window"] = node_parts()
    if electron is not None:
        found["The desktop app's shell"] = [electron_part(electron)]
    return found


def main() -> int:
    """Writes the list; 1 when a licence is missing or does not go with ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frozen", type=Path, help="the frozen program's folder")
    parser.add_argument("--electron", type=Path, help="the Electron that the app is packed with")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    arguments = parser.parse_args()
    try:
        written = licences.write(arguments.out, groups(arguments.frozen, arguments.electron))
    except JobFailed as failure:
        sys.stderr.write(f"{failure.reason}. What to do: {failure.advice}\n")
        return 1
    sys.stdout.write(f"{shown(written)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
