"""What a package says it depends on."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from packing.libraries import debian_packages, elf_files, glibc_version, needed
from pipeline.job import JobFailed

# Linked with a library of SELinux, which the app has no use for.
UNRELATED = Path("/bin/ls")
TRUE = Path("/bin/true")


def test_a_program_that_needs_the_c_library_alone_depends_on_nothing_else(tmp_path: Path) -> None:
    shutil.copy(TRUE, tmp_path / "program")
    (only,) = debian_packages(tmp_path)
    assert re.fullmatch(r"libc6 \(>= 2\.\d+\)", only)


def test_the_c_library_asked_for_is_no_newer_than_the_one_here(tmp_path: Path) -> None:
    shutil.copy(TRUE, tmp_path / "program")
    minor = int(glibc_version(elf_files(tmp_path)).removeprefix("2."))
    here = subprocess.run(["getconf", "GNU_LIBC_VERSION"], capture_output=True, text=True)
    assert 17 <= minor <= int(here.stdout.split(".")[1])


def test_a_library_nobody_knows_the_package_of_fails_the_build(tmp_path: Path) -> None:
    shutil.copy(UNRELATED, tmp_path / "program")
    (foreign,) = [name for name in needed([UNRELATED]) if not name.startswith("libc.")]
    with pytest.raises(JobFailed) as failure:
        debian_packages(tmp_path)
    assert foreign in failure.value.reason
    assert "libraries.py" in failure.value.advice


def test_a_library_that_comes_along_is_not_asked_of_the_system(tmp_path: Path) -> None:
    shutil.copy(UNRELATED, tmp_path / "program")
    for name in needed([UNRELATED]):
        shutil.copy(TRUE, tmp_path / name)
    assert len(debian_packages(tmp_path)) == 1


def test_a_folder_without_programs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing to run\n")
    with pytest.raises(JobFailed, match="no program"):
        debian_packages(tmp_path)
