"""The table of layers is whole, and holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.checkout import PACKAGE, ROOT, pyproject

# These put the parts together, so they may know all of them.
ABOVE_ALL = {"app", "wiring", "cli"}


def own_packages() -> set[str]:
    """Names right below llama_runner_pro: the rows that the table of layers must have."""
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    modules = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    return folders | modules


def rows() -> dict[str, set[str]]:
    """The table: package → our packages that it must not import."""
    table: dict[str, set[str]] = {}
    for contract in pyproject()["tool"]["importlinter"]["contracts"]:
        source = contract["source_modules"][0].removeprefix("llama_runner_pro.")
        forbidden = contract["forbidden_modules"]
        table[source] = {
            name.removeprefix("llama_runner_pro.")
            for name in forbidden
            if name.startswith("llama_runner_pro.")
        }
    return table


def test_no_package_imports_what_its_row_forbids() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [str(linter), "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_package_has_a_row() -> None:
    missing = own_packages() - ABOVE_ALL - set(rows())
    assert not missing, f"add a contract to pyproject.toml for {sorted(missing)}"


def test_nothing_imports_the_packages_that_stand_above_all() -> None:
    present = ABOVE_ALL & own_packages()
    lacking = {
        package: present - forbidden
        for package, forbidden in rows().items()
        if package != "llama_runner_pro" and present - forbidden
    }
    assert not lacking, f"these rows must forbid more: {lacking}"


def test_two_packages_never_import_each_other() -> None:
    table = {name: row for name, row in rows().items() if name != "llama_runner_pro"}
    both_ways = [
        (one, other)
        for one in table
        for other in table
        if one < other and other not in table[one] and one not in table[other]
    ]
    assert not both_ways, f"one of each pair must not know the other: {both_ways}"
