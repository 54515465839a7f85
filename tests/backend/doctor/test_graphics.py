"""Graphics cards: what the system shows, and what to make of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.doctor.graphics import Graphics, gpu_access, look

if TYPE_CHECKING:
    from pathlib import Path

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's folders")


def card(pci: Path, name: str, vendor: str, kind: str) -> None:
    """A card as Linux shows it."""
    (pci / name).mkdir(parents=True)
    (pci / name / "vendor").write_text(f"{vendor}\n")
    (pci / name / "class").write_text(f"{kind}\n")


def test_a_card_that_the_driver_tells_of_is_well() -> None:
    finding = gpu_access(Graphics(nvidia_names=("H200",), nvidia_hardware=True))
    assert (finding.id, finding.level, "H200" in finding.what) == ("gpu-access", "ok", True)


def test_a_machine_without_a_card_is_well() -> None:
    assert gpu_access(Graphics(nvidia_reason="no NVIDIA driver")).level == "ok"


def test_a_card_without_a_driver_fails() -> None:
    finding = gpu_access(Graphics(nvidia_hardware=True, nvidia_reason="no NVIDIA driver"))
    assert finding.level == "fail"
    assert "no NVIDIA driver" in finding.what


def test_a_card_that_may_not_be_used_fails_with_the_files() -> None:
    finding = gpu_access(Graphics(forbidden_devices=("/dev/dri/renderD128", "/dev/kfd")))
    assert finding.level == "fail"
    assert finding.where == "/dev/dri/renderD128, /dev/kfd"
    assert "usermod" in finding.fix


@linux_only
def test_a_plugged_in_card_is_seen_without_any_driver(tmp_path: Path) -> None:
    pci = tmp_path / "pci"
    card(pci, "0000:00:01.0", "0x8086", "0x030000")
    assert not look(tmp_path / "dev", pci).nvidia_hardware
    card(pci, "0000:01:00.1", "0x10de", "0x040300")  # its sound device alone is no card
    assert not look(tmp_path / "dev", pci).nvidia_hardware
    card(pci, "0000:01:00.0", "0x10de", "0x030200")
    assert look(tmp_path / "dev", pci).nvidia_hardware


@linux_only
def test_a_device_file_that_we_may_not_open_is_seen(tmp_path: Path) -> None:
    device = tmp_path / "dri" / "renderD128"
    device.parent.mkdir()
    device.symlink_to(tmp_path / "gone")  # no one can open that, not even root
    assert look(tmp_path, tmp_path / "pci").forbidden_devices == (str(device),)


def test_a_machine_that_shows_nothing_has_no_forbidden_device(tmp_path: Path) -> None:
    seen = look(tmp_path / "dev", tmp_path / "pci")
    assert seen.forbidden_devices == ()
    assert seen.nvidia_names or seen.nvidia_reason
