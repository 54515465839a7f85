"""What a release says about itself: its part of the changelog."""

from __future__ import annotations

import re

from pipeline.job import JobFailed

_HEADING = re.compile(r"^## \[?(?P<name>[^\]\s]+)\]?.*$", re.MULTILINE)
UNRELEASED = "Unreleased"


def section(changelog: str, version: str) -> str:
    """The section of a version without its heading, or, before it has one, of what leads to it.

    Raises JobFailed when there is neither, or nothing in it.
    """
    headings = list(_HEADING.finditer(changelog))
    ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
    bodies = {
        heading["name"]: changelog[heading.end() : end].strip()
        for heading, end in zip(headings, ends, strict=True)
    }
    found = bodies.get(version) or bodies.get(UNRELEASED)
    if not found:
        raise JobFailed(
            f"CHANGELOG.md says nothing about {version}",
            advice=f"write what changed below “## {version}”",
        )
    return found
