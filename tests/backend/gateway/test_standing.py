"""How a server stands, in the words of routing."""

from __future__ import annotations

import pytest
from fakes.supervisor import view

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.gateway.standing import Standing, card_words

PHASES = {
    State.DISABLED: "down",
    State.STOPPED: "loadable",
    State.STARTING: "coming",
    State.LOADING: "coming",
    State.ONLINE: "ready",
    State.DEGRADED: "ready",
    State.OFFLINE: "loadable",
    State.HEALING: "coming",
    State.BACKOFF: "coming",
    State.FAILED: "loadable",
    State.STOPPING: "coming",
}


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_phase(state: State) -> None:
    assert Standing(view("a", state)).phase() == PHASES[state]


@pytest.mark.parametrize("state", [State.STOPPED, State.OFFLINE, State.FAILED])
def test_what_we_cannot_start_is_down(state: State) -> None:
    assert Standing(view("a", state, startable=False)).phase() == "down"


def test_one_that_waits_for_another_comes_by_itself() -> None:
    assert Standing(view("a", State.OFFLINE, waiting_for="b")).phase() == "coming"


def test_one_that_must_make_room_takes_nothing_new() -> None:
    standing = Standing(view("a"))
    standing.draining = True
    assert standing.phase() == "coming"
    standing.leaving = True
    assert (standing.phase(), standing.serving) == ("loadable", False)


class TestWords:
    def test_a_disabled_one_says_what_to_do(self) -> None:
        assert "enable it" in Standing(view("a", State.DISABLED)).words()

    def test_the_reason_of_its_card_is_told(self) -> None:
        standing = Standing(view("a", State.OFFLINE, reason="port 1 is held by nginx"))
        assert standing.words().endswith("port 1 is held by nginx")

    def test_a_failed_load_is_told_rather(self) -> None:
        standing = Standing(view("a", State.STOPPED))
        standing.load_failed("no memory", 0.0)
        assert standing.words() == "no memory"

    def test_a_card_is_one_sentence(self) -> None:
        card = view("a", State.FAILED, reason="no file.", hint="Download it.")
        assert card_words(card) == "no file. Download it."
        assert card_words(view("a", State.FAILED)) == "gave up; needs you"
        put = view("a", State.FAILED, reason="no such file", hint="put it there")
        assert card_words(put) == "no such file. Put it there"


class TestSeen:
    def test_giving_up_starts_a_cooldown(self) -> None:
        standing = Standing(view("a"))
        standing.seen(view("a", State.FAILED, reason="died"), 100.0)
        assert (standing.cooling_until_s, standing.failure) == (110.0, "died")
        standing.seen(view("a", State.FAILED, reason="died"), 105.0)
        assert standing.failures == 1

    def test_starting_it_by_hand_forgives(self) -> None:
        standing = Standing(view("a", State.FAILED))
        standing.load_failed("died", 0.0)
        standing.seen(view("a", State.STARTING), 1.0)
        assert standing.failures == 0

    def test_our_own_start_forgives_only_when_it_serves(self) -> None:
        standing = Standing(view("a", State.FAILED))
        standing.load_failed("died", 0.0)
        standing.loading = True
        standing.seen(view("a", State.STARTING), 1.0)
        standing.seen(view("a", State.FAILED), 2.0)
        assert standing.failures == 1
        standing.seen(view("a"), 3.0)
        assert (standing.failures, standing.serving_since_s) == (0, 3.0)


class TestUpstream:
    def test_it_is_dialled_where_its_card_says(self) -> None:
        headers = {"authorization": "Bearer x"}
        standing = Standing(view("a", url="http://127.0.0.1:8080/api/v1/", incarnation=4))
        upstream = standing.upstream("m", headers)
        assert (str(upstream.origin), upstream.base_path) == ("http://127.0.0.1:8080", "/api")
        assert (upstream.model, upstream.headers, upstream.incarnation) == ("m", headers, 4)
        assert standing.upstream("m", headers) is upstream

    def test_a_moved_server_is_dialled_anew(self) -> None:
        headers: dict[str, str] = {}
        standing = Standing(view("a", url="http://127.0.0.1:1"))
        before = standing.upstream("m", headers)
        standing.seen(view("a", url="http://127.0.0.1:2"), 0.0)
        assert standing.upstream("m", headers) != before

    def test_a_url_that_cannot_be_dialled_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="absolute"):
            Standing(view("a", url="ftp://x")).upstream("m", {})
