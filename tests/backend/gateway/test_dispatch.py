from __future__ import annotations

from llama_runner_pro.gateway.dispatch import Gone, gone_of, visitor_of
from llama_runner_pro.gateway.ports import Visitor


def test_gone_calls_whoever_wants_to_know_at_once() -> None:
    calls: list[str] = []
    gone = Gone()
    gone.set()
    gone = Gone()
    gone.on_set = lambda: calls.append("left")
    gone.set()
    assert calls == ["left"]
    assert gone.is_set()


def test_a_scope_tells_what_the_door_put_there() -> None:
    gone, visitor = Gone(), Visitor(key="k")
    scope = {"state": {"gone": gone, "visitor": visitor}}
    assert gone_of(scope) is gone
    assert visitor_of(scope) is visitor


def test_outside_a_door_nobody_leaves_and_nobody_is_known() -> None:
    assert not gone_of({}).is_set()
    assert visitor_of({"state": {}}) is None
