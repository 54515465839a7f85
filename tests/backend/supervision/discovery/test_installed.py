"""Programs on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.supervision.discovery.installed import (
    STARTABLES,
    find_installed,
    read_installed,
)
from llama_runner_pro.supervision.discovery.products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from llama_runner_pro.supervision.discovery.installed import Program


def program(folder: Path, name: str, *, runnable: bool = True) -> Path:
    """A file that could be run."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755 if runnable else 0o644)
    return path


def of(found: Sequence[Program], folder: Path) -> dict[str, str]:
    """Product → program of those below a folder; the computer may have others."""
    return {
        each.startable.product: each.path for each in found if each.path.startswith(str(folder))
    }


def test_a_program_on_the_path_is_found(tmp_path: Path) -> None:
    path = program(tmp_path / "bin", "llama-server")
    found = find_installed({"PATH": f"/nowhere:{tmp_path / 'bin'}"}, tmp_path)
    assert of(found, tmp_path) == {"llamacpp": str(path)}


def test_a_program_at_its_usual_place_is_found(tmp_path: Path) -> None:
    path = program(tmp_path / ".lmstudio" / "bin", "lms")
    assert of(find_installed({}, tmp_path), tmp_path) == {"lmstudio": str(path)}


def test_the_path_comes_before_usual_places(tmp_path: Path) -> None:
    program(tmp_path / ".lmstudio" / "bin", "lms")
    path = program(tmp_path / "bin", "lms")
    found = find_installed({"PATH": str(tmp_path / "bin")}, tmp_path)
    assert of(found, tmp_path) == {"lmstudio": str(path)}


def test_a_file_that_cannot_be_run_is_no_program(tmp_path: Path) -> None:
    program(tmp_path / "bin", "vllm", runnable=False)
    assert not of(find_installed({"PATH": str(tmp_path / "bin")}, tmp_path), tmp_path)


def test_the_folder_we_run_in_is_not_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "koboldcpp")
    monkeypatch.chdir(tmp_path)
    products = {each.startable.product for each in find_installed({"PATH": ":"}, tmp_path / "home")}
    assert "koboldcpp" not in products


def test_every_startable_is_a_known_product_with_a_port() -> None:
    for startable in STARTABLES:
        product = PRODUCTS[startable.product]
        assert product.ports
        assert not startable.supervised or startable.arguments
        assert startable.supervised or startable.note


def test_this_computer_can_be_looked_at() -> None:
    assert all(Path(each.path).is_absolute() for each in read_installed())
