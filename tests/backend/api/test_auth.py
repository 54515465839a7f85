"""The token, one-time links and the cookie they give."""

from __future__ import annotations

import logging

import pytest
from fakes.clock import FakeClock
from fakes.configured import TOKEN
from starlette.datastructures import Headers

from llama_runner_pro.api.auth import COOKIE_S, SESSION_PREFIX, Gate
from llama_runner_pro.api.problems import ApiProblem

RIGHT = Headers({"authorization": f"Bearer {TOKEN}"})
WRONG = Headers({"authorization": "Bearer wrong"})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def gate(clock: FakeClock) -> Gate:
    return Gate(TOKEN, clock)


def code_of(link: str) -> str:
    return link.removeprefix(SESSION_PREFIX)


def let_in(gate: Gate) -> Headers:
    """The headers of a browser that a link let in."""
    cookie = gate.redeem(code_of(gate.issue_link()), 8585)
    return Headers({"cookie": f"other=1; {cookie.partition(';')[0]}"})


def refusal(gate: Gate, headers: Headers) -> ApiProblem:
    with pytest.raises(ApiProblem) as refused:
        gate.require(headers)
    return refused.value


def test_the_token_opens_the_gate(gate: Gate) -> None:
    assert gate.admits(RIGHT)
    assert gate.admits(Headers({"authorization": f"bearer  {TOKEN} "}))
    gate.require(RIGHT)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer "},
        {"authorization": TOKEN},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Bearer {TOKEN[:-1]}"},
        {"authorization": "Bearer größe\udcff"},
        {"cookie": f"llama_runner_pro_8585={TOKEN}"},
        {"cookie": "llama_runner_pro_8585=9999999999.x.0"},
        {"cookie": "llama_runner_pro_8585=..; ;;=;"},
        {"cookie": "\x00"},
    ],
    ids=str,
)
def test_nothing_else_does(gate: Gate, headers: dict[str, str]) -> None:
    raw = [
        (key.encode(), value.encode("utf-8", "surrogateescape")) for key, value in headers.items()
    ]
    assert not gate.admits(Headers(raw=raw))
    assert refusal(gate, Headers(raw=raw)).details.code == "token_needed"


def test_a_refusal_says_what_to_do(gate: Gate) -> None:
    problem = refusal(gate, Headers({}))
    assert problem.details.status == 401
    assert "llama-runner-pro open" in problem.details.hint
    assert problem.headers["www-authenticate"] == "Bearer"


def test_a_link_lets_one_browser_in_once(gate: Gate) -> None:
    link = gate.issue_link()
    cookie = gate.redeem(code_of(link), 8585)
    for part in ("HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={COOKIE_S}"):
        assert part in cookie
    assert TOKEN not in cookie
    assert TOKEN not in link
    with pytest.raises(ApiProblem) as refused:
        gate.redeem(code_of(link), 8585)
    assert refused.value.details.code == "link_used_up"


def test_the_cookie_opens_the_gate_until_it_expires(gate: Gate, clock: FakeClock) -> None:
    browser = let_in(gate)
    assert gate.admits(browser)
    clock.skip(COOKIE_S - 1)
    assert gate.admits(browser)
    clock.skip(2)
    assert not gate.admits(browser)


def test_the_cookie_outlives_a_restart_and_ends_with_the_token(
    gate: Gate, clock: FakeClock
) -> None:
    browser = let_in(gate)
    assert Gate(TOKEN, clock).admits(browser)
    assert not Gate(TOKEN[::-1], clock).admits(browser)


def test_a_cookie_with_another_expiry_is_forged(gate: Gate) -> None:
    name, _, value = let_in(gate)["cookie"].partition("; ")[2].partition("=")
    expires, _, rest = value.partition(".")
    forged = Headers({"cookie": f"{name}={int(expires) + 1}.{rest}"})
    assert not gate.admits(forged)


def test_a_link_works_for_one_minute(gate: Gate, clock: FakeClock) -> None:
    link = gate.issue_link()
    clock.skip(60)
    with pytest.raises(ApiProblem):
        gate.redeem(code_of(link), 8585)


def test_links_do_not_pile_up(gate: Gate) -> None:
    first = gate.issue_link()
    links = [gate.issue_link() for _ in range(20)]
    with pytest.raises(ApiProblem):
        gate.redeem(code_of(first), 8585)
    assert gate.redeem(code_of(links[0]), 8585)


def test_wrong_tokens_are_slowed_down_and_the_right_one_never(
    gate: Gate, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        codes = [refusal(gate, WRONG).details.status for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2
    assert refusal(gate, WRONG).headers["retry-after"] == "60"
    assert len(caplog.records) == 10
    assert "wrong" not in caplog.text.replace("a wrong access token", "")
    gate.require(RIGHT)
    assert refusal(gate, Headers({})).details.status == 401
    clock.skip(60)
    assert refusal(gate, WRONG).details.status == 401


def test_wrong_links_are_slowed_down_too(gate: Gate) -> None:
    statuses = []
    for _ in range(11):
        with pytest.raises(ApiProblem) as refused:
            gate.redeem("guess", 8585)
        statuses.append(refused.value.details.status)
    assert statuses == [403] * 10 + [429]


def test_the_launch_token_opens_the_same_doors(clock: FakeClock) -> None:
    both = Gate(TOKEN, clock, launch_token="launch")
    assert both.admits(RIGHT)
    assert both.admits(Headers({"authorization": "Bearer launch"}))
    assert not both.admits(WRONG)
    assert not both.admits(Headers({"authorization": "Bearer "}))
