"""Where the built dashboard is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.cli.dashboard_files import built_dashboard

if TYPE_CHECKING:
    from pathlib import Path


def page(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    return folder


def test_the_dashboard_inside_an_installed_package_is_found(tmp_path: Path) -> None:
    package = tmp_path / "site" / "llama_runner_pro"
    built = page(package / "static")
    assert built_dashboard(package) == built


def test_the_dashboard_of_a_checkout_is_found(tmp_path: Path) -> None:
    package = tmp_path / "backend" / "llama_runner_pro"
    built = page(tmp_path / "frontend" / "dist")
    assert built_dashboard(package) == built


def test_a_folder_without_a_page_does_not_count(tmp_path: Path) -> None:
    package = tmp_path / "backend" / "llama_runner_pro"
    (tmp_path / "frontend" / "dist").mkdir(parents=True)
    assert built_dashboard(package) is None
