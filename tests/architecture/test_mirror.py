"""Every source module has its test module at the mirrored path, and the other way round."""

from __future__ import annotations

from pathlib import PurePosixPath

from tests.architecture.checkout import files

SOURCES = PurePosixPath("backend/llama_runner_pro")
TESTS = PurePosixPath("tests/backend")
# Not modules of ours, but what tests themselves stand on.
NOT_MIRRORED = {"fakes", "fixtures"}


def source_modules() -> set[PurePosixPath]:
    """Modules below the package, such as core/ring.py."""
    found = {
        PurePosixPath(name).relative_to(SOURCES)
        for name in files()
        if name.startswith(f"{SOURCES}/") and name.endswith(".py")
    }
    return {path for path in found if path.stem not in {"__init__", "__main__"}}


def test_modules() -> set[PurePosixPath]:
    """Test modules below tests/backend, such as core/test_ring.py."""
    found = {
        PurePosixPath(name).relative_to(TESTS)
        for name in files()
        if name.startswith(f"{TESTS}/") and PurePosixPath(name).match("test_*.py")
    }
    return {path for path in found if path.parts[0] not in NOT_MIRRORED}


test_modules.__test__ = False  # type: ignore[attr-defined]


def mirrored(source: PurePosixPath) -> PurePosixPath:
    """Where the tests of a module are."""
    return source.with_name(f"test_{source.name}")


def test_every_module_has_its_test_module() -> None:
    missing = sorted(str(mirrored(module)) for module in source_modules())
    present = {str(path) for path in test_modules()}
    assert not [name for name in missing if name not in present]


def test_every_test_module_has_its_source() -> None:
    expected = {mirrored(module) for module in source_modules()}
    # What a package's __init__ or __main__ promises is tested under this one name.
    packages = {module.parent for module in source_modules()}
    expected |= {package / "test_package.py" for package in packages}
    orphans = sorted(str(path) for path in test_modules() if path not in expected)
    assert not orphans, f"their source is gone or has another name: {orphans}"
