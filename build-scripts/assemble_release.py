"""Completes a folder with the files of a release: feeds for apps, `latest.txt`, `SHA256SUMS`.

`node build-scripts/run.mjs assemble_release FOLDER [--tag vX.Y.Z]`; run last, when every file is
signed and in place. A tag of another version, or a system without its files, is refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from packing import feed
from places import ROOT

EXIT_USAGE = 64
EXIT_INCOMPLETE = 65


def version() -> str:
    """The version of this checkout."""
    found: str = json.loads((ROOT / "package.json").read_text("utf-8"))["version"]
    return found


def main(argv: list[str]) -> int:
    """Writes what is missing and says what a release will hold; the exit code."""
    parser = argparse.ArgumentParser(prog="assemble_release", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tag", default="", help="the tag that is released")
    parser.add_argument("--partial", action="store_true", help="some systems may be missing")
    arguments = parser.parse_args(argv)
    folder: Path = arguments.folder
    if not folder.is_dir():
        parser.error(f"{folder} is not a folder")
    if arguments.tag and arguments.tag != f"v{version()}":
        sys.stderr.write(f"The tag {arguments.tag} is not that of version {version()}.\n")
        return EXIT_USAGE
    written = feed.write_feeds(folder, version())
    missing = [name for name in feed.FEEDS if name not in written]
    if missing and not arguments.partial:
        sys.stderr.write(f"No file of {version()} for: {', '.join(missing)}.\n")
        return EXIT_INCOMPLETE
    feed.write_latest(folder, version())
    sys.stdout.write(feed.write_sums(folder).read_text("ascii"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
