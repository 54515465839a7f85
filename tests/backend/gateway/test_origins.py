from __future__ import annotations

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.config.gateway import DEFAULT_ORIGINS
from llama_runner_pro.gateway.origins import Origins


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:5173",
        "https://localhost",
        "http://127.0.0.1:8585",
        "HTTP://LOCALHOST:3000",
        "vscode-webview://0f2e7b1c",
        "app://obsidian.md",
        "tauri://localhost",
        "file://whatever",
    ],
)
def test_pages_of_this_computer_and_of_editors_are_let_in(origin: str) -> None:
    assert Origins(DEFAULT_ORIGINS, FakeClock()).allows(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "http://evil.example:80/localhost",
        "null",
        "",
        "http://",
        "ftp://localhost",
        "chrome-extension://abc",
        "http://[::1",
    ],
)
def test_all_others_are_turned_away(origin: str) -> None:
    assert not Origins(DEFAULT_ORIGINS, FakeClock()).allows(origin)


def test_a_pattern_with_a_port_fits_that_port_only() -> None:
    origins = Origins(["https://chat.example:8443", "http://[::1]"], FakeClock())
    assert origins.allows("https://chat.example:8443")
    assert not origins.allows("https://chat.example:8444")
    assert not origins.allows("https://chat.example")
    assert origins.allows("http://[::1]:9000")
    assert origins.allows("http://[::1]")


def test_a_star_lets_every_page_in() -> None:
    assert Origins(["*"], FakeClock()).allows("https://anything.example")


async def test_refused_pages_are_remembered_newest_first_until_they_are_allowed() -> None:
    clock = FakeClock()
    origins = Origins(DEFAULT_ORIGINS, clock)
    origins.allows("https://a.example")
    origins.allows("https://b.example")
    await clock.advance(1)
    origins.allows("https://a.example")
    first, second = origins.refused()
    assert (first.origin, first.count, first.last_ms) == ("https://a.example", 2, clock.wall_ms())
    assert second.origin == "https://b.example"

    origins.configure([*DEFAULT_ORIGINS, "https://a.example"])
    assert origins.allows("https://a.example")
    assert [one.origin for one in origins.refused()] == ["https://b.example"]


def test_a_flood_of_foreign_pages_stays_bounded() -> None:
    origins = Origins(DEFAULT_ORIGINS, FakeClock())
    for number in range(1_000):
        origins.allows(f"https://{number}.example/" + "x" * 10_000)
    refused = origins.refused()
    assert len(refused) == 50
    assert all(len(one.origin) <= 200 for one in refused)
