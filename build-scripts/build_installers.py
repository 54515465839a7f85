"""`npm run build:installers`: assembles install.sh and install.bat out of their parts.

`--check` writes nothing; the exit code is 1 when a file differs from what would be.
`--out FOLDER --base-url URL` writes both for a release: they then know where it is.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from places import ROOT, shown

INSTALLERS = ROOT / "installers"
BAT_LINE_END = b"\r\n"
# What the parts leave empty, and a release fills in.
STAMPS = {
    "install.sh": ("LRP_RELEASES=''", "LRP_RELEASES='{url}'"),
    "install.bat": ('set "LRP_RELEASES="', 'set "LRP_RELEASES={url}"'),
}
# Nothing that a shell or cmd.exe would read as anything but letters.
ADDRESS = re.compile(r"https://[A-Za-z0-9._~:/-]+")


def assembled(name: str, base_url: str = "") -> bytes:
    """The whole script: its parts in the order of their names. Raises ValueError and OSError."""
    kind = name.rpartition(".")[2]
    parts = sorted((INSTALLERS / kind).glob(f"*.{kind}"))
    text = "".join(part.read_text("utf-8") for part in parts)
    if base_url:
        if not ADDRESS.fullmatch(base_url):
            raise ValueError(f"--base-url {base_url!r} is not an https address of plain letters")
        empty, filled = STAMPS[name]
        if text.count(empty) != 1:
            raise ValueError(f"{name} has no single place for the address")
        text = text.replace(empty, filled.format(url=base_url))
    content = text.encode("ascii")
    return content.replace(b"\n", BAT_LINE_END) if kind == "bat" else content


def main(argv: list[str]) -> int:
    """Writes or compares both; the exit code."""
    parser = argparse.ArgumentParser(prog="npm run build:installers --", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--out", type=Path, default=INSTALLERS, help="folder to write to")
    parser.add_argument("--base-url", default="", help="where the release will be")
    arguments = parser.parse_args(argv)
    differing = 0
    for name in STAMPS:
        target: Path = arguments.out / name
        try:
            content = assembled(name, arguments.base_url)
        except ValueError as error:
            parser.error(str(error))
        if arguments.check:
            if not target.is_file() or target.read_bytes() != content:
                sys.stdout.write(f"{shown(target)} is old; run: npm run build:installers\n")
                differing = 1
            continue
        arguments.out.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if name.endswith(".sh"):
            target.chmod(0o755)
    return differing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
