"""Files stay small enough to be read in one go."""

from __future__ import annotations

from tests.architecture.checkout import GENERATED, ROOT, files

LONGEST = 300
SOURCES = (".py", ".pyi", ".ts", ".vue", ".js", ".mjs", ".css", ".sh")


def test_no_source_file_is_longer_than_300_lines() -> None:
    too_long = {}
    for name in files():
        if not name.endswith(SOURCES) or name in GENERATED:
            continue
        lines = len((ROOT / name).read_text("utf-8").splitlines())
        if lines > LONGEST:
            too_long[name] = lines
    assert not too_long, f"split by reason to change: {too_long}"
