from __future__ import annotations

from llama_runner_pro.endpoints.ports import EndpointView, MetricTarget
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.collectors.endpoint_status import (
    STATE_NUMBERS,
    EndpointStatusSensor,
)
from llama_runner_pro.metrics.collectors.sensor import Moment


def target(*, ready: bool, response_ms: float | None = 12.5) -> MetricTarget:
    view = EndpointView(
        name="demo",
        kind="embedded",
        url="http://127.0.0.1:1",
        port=1,
        model=None,
        enabled=True,
        startable=True,
        state=State.ONLINE if ready else State.HEALING,
        since_ms=0,
        restart_count=3,
        response_ms=response_ms,
    )
    return MetricTarget(
        name="demo", kind="embedded", url=view.url, pid=None, ready=ready, view=view
    )


def test_a_ready_endpoint_shows_its_response_time_and_restarts() -> None:
    reading = EndpointStatusSensor().read(Moment(0.0, (target(ready=True),)))
    assert reading.values == {
        "endpoint/demo/state": STATE_NUMBERS[State.ONLINE],
        "endpoint/demo/response_ms": 12.5,
        "endpoint/demo/restarts_total": 3,
    }


def test_the_last_response_time_of_an_endpoint_that_is_down_is_not_shown_as_present() -> None:
    reading = EndpointStatusSensor().read(Moment(0.0, (target(ready=False),)))
    assert reading.values == {
        "endpoint/demo/state": STATE_NUMBERS[State.HEALING],
        "endpoint/demo/restarts_total": 3,
    }
    assert reading.absent == {"endpoint/demo/response_ms": "it does not answer"}


def test_an_endpoint_without_view_has_no_values() -> None:
    bare = MetricTarget(name="demo", kind="custom", url="http://a", pid=None, ready=True)
    assert EndpointStatusSensor().read(Moment(0.0, (bare,))).values == {}


def test_states_have_numbers_in_their_documented_order() -> None:
    assert STATE_NUMBERS[State.DISABLED] == 0
    assert STATE_NUMBERS[State.ONLINE] == 4
    assert sorted(STATE_NUMBERS.values()) == list(range(len(State)))
    (state, *_) = EndpointStatusSensor().fields((target(ready=True),))
    assert (state.name, state.kind) == ("endpoint/demo/state", "state")
