"""Whether models can use the graphics cards of this machine."""

from __future__ import annotations

import os
from pathlib import Path

from llama_runner_pro.core.errors import CollectorError, SensorMissing
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.doctor.finding import Finding, fail, ok
from llama_runner_pro.metrics.collectors.gpu_nvidia import NvmlSource

NVIDIA_VENDOR = "0x10de"
_DISPLAY_CLASS = "0x03"
_DEVICE_PATTERNS = ("dri/renderD*", "kfd", "nvidia[0-9]*", "nvidiactl", "nvidia-uvm")


class Graphics(ValueObject, frozen=True):
    """What the system shows of its graphics cards."""

    nvidia_names: tuple[str, ...] = ()
    """As NVIDIA's driver tells them."""
    nvidia_reason: str = ""
    """Why the driver tells none."""
    nvidia_hardware: bool = False
    """An NVIDIA card is plugged in, whatever the driver says."""
    forbidden_devices: tuple[str, ...] = ()
    """Device files of graphics cards that this user may not open."""


def gpu_access(seen: Graphics) -> Finding:
    """Pure judgement of `look`."""
    if seen.forbidden_devices:
        return fail(
            "gpu-access",
            "this user may not use the graphics card",
            ", ".join(seen.forbidden_devices),
            fix="add the user to the groups of these files (usually render and video): "
            "sudo usermod -aG render,video $USER; then log in again",
        )
    if seen.nvidia_names:
        return ok("gpu-access", f"NVIDIA: {', '.join(seen.nvidia_names)}")
    if seen.nvidia_hardware:
        return fail(
            "gpu-access",
            f"there is an NVIDIA card, but {seen.nvidia_reason}",
            fix="install NVIDIA's driver, or restart the machine after an update of it",
        )
    return ok("gpu-access", f"no NVIDIA card is used: {seen.nvidia_reason}")


def look(devices: Path = Path("/dev"), pci: Path = Path("/sys/bus/pci/devices")) -> Graphics:
    """Ask the driver and the system. Blocking; a cold driver may take seconds."""
    names, reason = _nvidia()
    return Graphics(
        nvidia_names=names,
        nvidia_reason=reason,
        nvidia_hardware=_has_nvidia(pci),
        forbidden_devices=_forbidden(devices),
    )


def _nvidia() -> tuple[tuple[str, ...], str]:
    source = NvmlSource()
    try:
        return tuple(source.open()), ""
    except SensorMissing as error:
        return (), error.reason
    except (CollectorError, OSError) as error:
        return (), str(error)
    finally:
        source.close()


def _has_nvidia(pci: Path) -> bool:
    return any(
        _content(card / "vendor") == NVIDIA_VENDOR
        and _content(card / "class").startswith(_DISPLAY_CLASS)
        for card in pci.glob("*")
    )


def _forbidden(devices: Path) -> tuple[str, ...]:
    found = (path for pattern in _DEVICE_PATTERNS for path in sorted(devices.glob(pattern)))
    return tuple(str(path) for path in found if not os.access(path, os.R_OK | os.W_OK))


def _content(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
