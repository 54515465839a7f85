"""The icons that are drawn from electron/icons."""

from __future__ import annotations

import struct
import subprocess
from typing import TYPE_CHECKING

import pytest

from places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n"
STATES = ("ok", "warning", "failed", "paused")


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height as a picture says them in its first chunk."""
    assert png.startswith(PNG)
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


@pytest.fixture(scope="module")
def icons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All icons, drawn."""
    folder = tmp_path_factory.mktemp("icons")
    script = ROOT / "build-scripts" / "icons" / "render.mjs"
    subprocess.run(["node", str(script), str(folder)], check=True)
    return folder


@pytest.mark.parametrize("pixels", [16, 24, 32, 48, 64, 128, 256, 512, 1024])
def test_each_size_is_drawn_at_that_size(icons: Path, pixels: int) -> None:
    picture = (icons / "sizes" / f"{pixels}x{pixels}.png").read_bytes()
    assert size_of(picture) == (pixels, pixels)


def test_the_windows_icon_holds_its_pictures_where_it_says(icons: Path) -> None:
    content = (icons / "icon.ico").read_bytes()
    reserved, kind, count = struct.unpack_from("<HHH", content)
    assert (reserved, kind) == (0, 1)
    sizes = set()
    for place in range(count):
        width, _, _, _, _, _, length, offset = struct.unpack_from(
            "<BBBBHHII", content, 6 + 16 * place
        )
        pixels = width or 256
        assert size_of(content[offset : offset + length]) == (pixels, pixels)
        sizes.add(pixels)
    assert {16, 32, 48, 256} <= sizes


def test_the_apple_icon_holds_every_size_up_to_1024(icons: Path) -> None:
    content = (icons / "icon.icns").read_bytes()
    kind, length = struct.unpack_from(">4sI", content)
    assert (kind, length) == (b"icns", len(content))
    sizes, offset = set(), 8
    while offset < length:
        _, chunk = struct.unpack_from(">4sI", content, offset)
        sizes.add(size_of(content[offset + 8 : offset + chunk])[0])
        offset += chunk
    assert offset == length
    assert sizes == {16, 32, 64, 128, 256, 512, 1024}


@pytest.mark.parametrize("name", ["{}.png", "{}@2x.png", "{}-Template.png", "{}.ico"])
def test_the_tray_shows_every_state_differently(icons: Path, name: str) -> None:
    pictures = {(icons / f"tray-{name.format(state)}").read_bytes() for state in STATES}
    assert len(pictures) == len(STATES)


def test_double_density_is_twice_the_size(icons: Path) -> None:
    for state in STATES:
        for kind in ("", "-Template"):
            once = size_of((icons / f"tray-{state}{kind}.png").read_bytes())
            twice = size_of((icons / f"tray-{state}{kind}@2x.png").read_bytes())
            assert twice == (2 * once[0], 2 * once[1])
