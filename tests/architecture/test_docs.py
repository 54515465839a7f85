"""What is documented is true, and what must be documented is."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, get_args

import pytest

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.metrics.model import Unit
from tests.architecture.checkout import PACKAGE, ROOT, package_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.read_text("utf-8").strip())
COLLECTORS = sorted((PACKAGE / "metrics" / "collectors").glob("*.py"))
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
# Units that are plain numbers: a field's name then says what is counted, not in what.
WITHOUT_SUFFIX = {"count", "ratio", "total", "per_s"}
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
RUN = re.compile(r"npm run ([a-z:-]+)")


def tree(module: Path) -> ast.Module:
    """A module's syntax."""
    return ast.parse(module.read_text("utf-8"), str(module))


def public_things(module: Path) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Classes and functions at a module's top that have no underscore."""
    for node in tree(module).body:
        named = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if named and not node.name.startswith("_"):
            yield node


def declared_fields() -> Iterator[tuple[str, ast.Call]]:
    """Every declaration of a metrics field, with where it stands."""
    for module in COLLECTORS:
        for node in ast.walk(tree(module)):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if is_call and node.func.id == "Field":
                yield f"{module.name}:{node.lineno}", node


def argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """An argument of a call, by place or by name."""
    if position < len(call.args):
        return call.args[position]
    return next((word.value for word in call.keywords if word.arg == name), None)


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(PACKAGE)) for path in MODULES if not ast.get_docstring(tree(path))
    ]
    assert not silent


def test_every_public_class_and_function_has_a_docstring() -> None:
    silent = [
        f"{path.relative_to(PACKAGE)}: {thing.name}"
        for path in MODULES
        for thing in public_things(path)
        if not ast.get_docstring(thing)
    ]
    assert not silent


def test_every_metrics_field_has_a_unit_and_a_label() -> None:
    calls = list(declared_fields())
    assert calls, "no field is declared at all: has Field another name now?"
    for place, call in calls:
        unit, label = argument(call, 1, "unit"), argument(call, 2, "label")
        assert unit is not None, place
        assert label is not None, place
        if isinstance(unit, ast.Constant):
            assert unit.value in get_args(Unit), place
        if isinstance(label, ast.Constant):
            assert str(label.value).strip(), place


def test_the_name_of_a_metrics_field_ends_with_its_unit() -> None:
    for place, call in declared_fields():
        name, unit = argument(call, 0, "name"), argument(call, 1, "unit")
        if isinstance(name, ast.JoinedStr):
            name = name.values[-1]
        if not isinstance(name, ast.Constant) or not isinstance(unit, ast.Constant):
            continue
        if unit.value not in WITHOUT_SUFFIX:
            assert str(name.value).endswith(f"_{unit.value}"), place


@pytest.mark.parametrize("code", list(Exit), ids=lambda code: code.name)
def test_the_readme_explains_every_exit_code(code: Exit) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    row = rf"^\|\s*`?{code.value}`?\s*\|\s*\S"
    assert re.search(row, readme, re.MULTILINE), f"README.md lacks a row for exit code {code.value}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_link_only_to_what_is_there(name: str) -> None:
    targets = LINK.findall((ROOT / name).read_text("utf-8"))
    local = [target for target in targets if "://" not in target and "mailto:" not in target]
    assert not [target for target in local if not (ROOT / target).exists()]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_name_only_npm_scripts_that_exist(name: str) -> None:
    named = set(RUN.findall((ROOT / name).read_text("utf-8")))
    assert named <= set(package_json()["scripts"])


def test_the_readme_shows_both_commands_first() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    places = [readme.find(words) for words in ("npm start", "npm test", "![")]
    assert -1 not in places, "npm start, npm test and a screenshot"
    assert places == sorted(places)
