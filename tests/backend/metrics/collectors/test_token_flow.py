from __future__ import annotations

from llama_runner_pro.metrics.collectors.llamacpp_answers import Slot, parse_slots
from llama_runner_pro.metrics.collectors.token_flow import Flow, TokenFlow


class Server:
    """Looks at a server once a second."""

    def __init__(self) -> None:
        self._flow = TokenFlow()
        self._now_s = 0.0

    def look(
        self, generated: float | None, prompt: float | None, *slots: Slot, after_s: float = 1.0
    ) -> Flow:
        """Counters of ended requests and the slots of now."""
        self._now_s += after_s
        counters = {"tokens_predicted_total": generated, "prompt_tokens_total": prompt}
        known = {name: value for name, value in counters.items() if value is not None}
        return self._flow.update(known, slots, self._now_s)


def busy(decoded: int, prompt_done: int = 0) -> Slot:
    body = (
        f'[{{"is_processing": true, "n_prompt_tokens_processed": {prompt_done},'
        f' "next_token": [{{"n_decoded": {decoded}}}]}}]'
    )
    return parse_slots(body.encode())[0]


def test_the_first_look_has_totals_but_no_rates() -> None:
    assert Server().look(100, 50) == Flow(None, None, 100, 50, prompt_pending=False)


def test_tokens_are_counted_while_the_request_runs_and_not_again_when_it_ends() -> None:
    server = Server()
    server.look(100, 50)
    rates = [
        server.look(100, 60, busy(20)).generation_per_s,
        server.look(100, 60, busy(45)).generation_per_s,
        server.look(160, 60).generation_per_s,
        server.look(160, 60).generation_per_s,
    ]
    assert rates == [20, 25, 15, 0]


def test_requests_in_several_slots_are_added_up() -> None:
    server = Server()
    server.look(0, 0)
    assert server.look(0, 0, busy(10), busy(5)).generation_per_s == 15


def test_a_request_that_ends_between_the_two_questions_is_not_lost() -> None:
    server = Server()
    server.look(0, 0)
    server.look(0, 0, busy(30))
    between = server.look(0, 0)
    assert between.generation_per_s == 0
    assert between.generated_total == 30
    assert server.look(40, 0).generation_per_s == 10


def test_a_long_prompt_counts_for_the_whole_time_it_took() -> None:
    server = Server()
    server.look(0, 0)
    waiting = [server.look(0, 0, busy(0)) for _ in range(9)]
    assert {flow.prompt_per_s for flow in waiting} == {None}
    assert all(flow.prompt_pending for flow in waiting)
    done = server.look(0, 900, busy(3))
    assert done.prompt_per_s == 90
    assert not done.prompt_pending


def test_a_prompt_in_several_batches_shows_each_of_them() -> None:
    server = Server()
    server.look(0, 0)
    server.look(0, 0, busy(0, prompt_done=0))
    assert server.look(0, 0, busy(0, prompt_done=500)).prompt_per_s == 250
    assert server.look(0, 0, busy(0, prompt_done=500)).prompt_per_s is None
    assert server.look(0, 800, busy(1)).prompt_per_s == 150


def test_a_finished_prompt_is_not_counted_again_while_its_request_runs() -> None:
    server = Server()
    server.look(0, 0)
    assert server.look(0, 40, busy(5, prompt_done=40)).prompt_per_s == 40
    assert server.look(0, 40, busy(9, prompt_done=40)).prompt_per_s == 0


def test_a_server_that_was_restarted_has_no_rate_for_one_look() -> None:
    server = Server()
    server.look(1000, 500)
    restarted = server.look(7, 3)
    assert restarted == Flow(None, None, 7, 3, prompt_pending=False)
    assert server.look(17, 3).generation_per_s == 10


def test_a_server_without_these_counters_has_neither_totals_nor_rates() -> None:
    server = Server()
    server.look(None, None)
    assert server.look(None, None) == Flow(None, None, None, None, prompt_pending=False)
