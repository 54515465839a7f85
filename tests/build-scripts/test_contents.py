"""How the frozen program keeps its code."""

from __future__ import annotations

from freeze.contents import PACKAGE, collected


def test_what_a_start_reads_is_in_files_of_its_own() -> None:
    kept = collected("linux")
    assert {kept[name] for name in (PACKAGE, "asyncio", "uvicorn", "msgspec")} == {"pyc"}
    assert "PyInstaller" not in kept


def test_a_virus_scanner_has_few_files_to_look_at() -> None:
    assert "pyc" not in collected("win32").values()


def test_what_lies_beside_its_source_is_never_compiled_anew() -> None:
    for system in ("linux", "darwin", "win32"):
        assert collected(system)["apprise.plugins"] == "pyz+py"
        assert collected(system)["apprise"] == "pyz"
