"""The folder of bundles: bounded, private, and closed to wrong names."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.supervision.diagnostics.store import BundleStore, incident_bundle_name

if TYPE_CHECKING:
    from pathlib import Path


def filled(folder: Path, count: int, **limits: int) -> BundleStore:
    """A store into which `count` bundles of 100 bytes were put, one per second."""
    store = BundleStore(folder, **limits)
    for number in range(count):
        name = incident_bundle_name(f"2026-{number:02}")
        store.save(name, bytes(100))
        os.utime(folder / name, (number, number))
    return store


def test_a_bundle_is_listed_with_its_size_time_and_incident(tmp_path: Path) -> None:
    store = filled(tmp_path / "bundles", 2)
    newest, oldest = store.all()
    assert (newest.name, newest.size_bytes) == ("incident-2026-01.tar.gz", 100)
    assert (newest.created_ms, oldest.created_ms) == (1000, 0)
    assert newest.incident_id == "2026-01"
    assert store.read(newest.name) == bytes(100)


def test_an_incident_knows_its_bundle_also_after_a_restart(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    store = BundleStore(tmp_path)
    assert store.of_incident("2026-00") == "incident-2026-00.tar.gz"
    assert store.of_incident("2026-01") is None


def test_without_a_folder_there_are_no_bundles(tmp_path: Path) -> None:
    store = BundleStore(tmp_path / "none")
    assert store.all() == []
    assert store.read("incident-x.tar.gz") is None


def test_the_oldest_give_way_when_there_are_too_many(tmp_path: Path) -> None:
    store = filled(tmp_path, 8, keep=3)
    assert [bundle.incident_id for bundle in store.all()] == ["2026-07", "2026-06", "2026-05"]
    assert store.of_incident("2026-04") is None


def test_the_oldest_give_way_when_they_are_too_large_together(tmp_path: Path) -> None:
    store = filled(tmp_path, 5, keep_bytes=250)
    assert [bundle.incident_id for bundle in store.all()] == ["2026-04", "2026-03"]


def test_the_newest_is_kept_however_large(tmp_path: Path) -> None:
    store = filled(tmp_path, 3, keep_bytes=10)
    assert [bundle.incident_id for bundle in store.all()] == ["2026-02"]


def test_the_one_just_saved_stays_when_the_clock_was_set_back(tmp_path: Path) -> None:
    store = filled(tmp_path, 2, keep=2)
    os.utime(tmp_path / "incident-2026-00.tar.gz", (10**10, 10**10))
    store.save(incident_bundle_name("new"), b"x")
    assert store.of_incident("new")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.tar.gz",
        "..",
        "",
        "/etc/passwd",
        "a/../../secret.tar.gz",
        "sub/x.tar.gz",
        ".hidden.tar.gz",
        "x.tar.gz\n",
        "x.tar.gz\0",
        "secret.txt",
        "..\\secret.tar.gz",
        "%2e%2e%2fsecret.tar.gz",
    ],
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "bundles"
    store = filled(folder, 1)
    for path in (tmp_path / "secret.tar.gz", folder / "secret.txt", folder / ".hidden.tar.gz"):
        path.write_bytes(b"secret")
    (folder / "sub").mkdir()
    (folder / "sub" / "x.tar.gz").write_bytes(b"secret")
    assert store.read(name) is None
    assert len(store.all()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_not_a_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "bundles"
    store = filled(folder, 1)
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "link.tar.gz").symlink_to(tmp_path / "secret")
    assert store.read("link.tar.gz") is None
    assert len(store.all()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean nothing there")
def test_only_the_owner_can_read_a_bundle(tmp_path: Path) -> None:
    folder = tmp_path / "bundles"
    (bundle,) = filled(folder, 1).all()
    assert (folder / bundle.name).stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("incident", ["../x", "a/b", "x" * 200, "a b"])
def test_an_incident_whose_id_makes_no_file_name_is_refused(incident: str) -> None:
    with pytest.raises(ValueError, match="cannot be part"):
        incident_bundle_name(incident)
