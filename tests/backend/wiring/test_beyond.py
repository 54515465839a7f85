"""A real sidecar that reads from a real store and pushes to a collector."""

from __future__ import annotations

import urllib.error
from typing import TYPE_CHECKING, Any

import pytest
from fakes.otlp_receiver import OtlpReceiver, metrics_of, points_of
from fakes.real_prometheus import RealPrometheus, scrape_of
from fakes.running_sidecar import RunningSidecar, fake_endpoint, free_port, until

if TYPE_CHECKING:
    from pathlib import Path


def document(port: int, **more: object) -> dict[str, object]:
    """A configuration whose history is read from a store on this port."""
    store = {"url": f"http://127.0.0.1:{port}", "selector": 'job="llama-runner"'}
    return {
        "endpoints": [fake_endpoint("one")],
        "history": {"backend": "prometheus", "prometheus": store},
        **more,
    }


@pytest.mark.needs_prometheus
def test_two_computers_see_each_other_in_one_store(tmp_path: Path) -> None:
    store_port = free_port()
    with (
        RunningSidecar(tmp_path / "one", document(store_port)) as one,
        RunningSidecar(tmp_path / "two", document(store_port)) as two,
        RealPrometheus(tmp_path / "store", scrape_of(one.port, two.port), port=store_port) as store,
    ):
        one.wait_state("one", "online")
        until(lambda: len(store.query("count_over_time(llama_runner_cpu_cores[1m]) > 2")) == 2)
        fleet = until(lambda: found if both_up(found := one.get("/api/fleet")) else None)
        names = {f"127.0.0.1:{sidecar.port}" for sidecar in (one, two)}
        assert {host["host"] for host in fleet["hosts"]} == names
        assert (fleet["backend"], fleet["available"]) == ("prometheus", True)
        other = f"/api/history?series=cpu_cores&from=-5m&host=127.0.0.1:{two.port}"
        past = until(lambda: one.get(other))
        assert (past["backend"], past["host"]) == ("prometheus", f"127.0.0.1:{two.port}")
        assert [value for value in past["series"][0]["avg"] if value is not None]
        assert past["events"] == []
        # A busy machine may be too late for one look into the store.
        own = until(
            lambda: (
                found
                if (found := one.get("/api/history?series=cpu_cores&from=-5m"))["backend"]
                == "prometheus"
                else None
            )
        )
        assert own["host"] == f"127.0.0.1:{one.port}"
        assert "sidecar_start" in {event["kind"] for event in own["events"]}
        two.process.terminate()
        silent = until(
            lambda: hosts if not (hosts := one.get("/api/fleet")["hosts"])[0]["up"] else None
        )
        assert silent[0]["host"] == f"127.0.0.1:{two.port}"
        assert silent[0]["severity"] == "critical"


def both_up(fleet: dict[str, Any]) -> bool:
    """Two computers are there, with figures; a scrape may be late once."""
    hosts = fleet["hosts"]
    return len(hosts) == 2 and all(
        host["up"] and host["memory_usage_pct"] is not None for host in hosts
    )


def test_without_the_store_the_own_file_answers_and_says_so(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, document(free_port())) as sidecar:
        sidecar.wait_state("one", "online")
        past = until(
            lambda: (
                found
                if (found := sidecar.get("/api/history?series=cpu_cores&from=-5m"))["series"]
                else None
            )
        )
        assert past["backend"] == "embedded"
        assert "metrics store" in past["note"]
        fleet = sidecar.get("/api/fleet")
        assert (fleet["available"], len(fleet["hosts"])) == (False, 1)
        assert "history.prometheus.url" in fleet["reason"]
        with pytest.raises(urllib.error.HTTPError) as told:
            sidecar.get("/api/history?series=cpu_cores&host=elsewhere:8585")
        with told.value as refused:
            assert refused.code == 503


def test_measurements_reach_a_collector_and_health_says_how_it_goes(tmp_path: Path) -> None:
    receiver = OtlpReceiver().open()
    otlp: dict[str, Any] = {"enabled": True, "endpoint": receiver.url, "interval_s": 1}
    try:
        configured = {"endpoints": [fake_endpoint("one")], "otlp": otlp}
        with RunningSidecar(tmp_path, configured) as sidecar:
            sidecar.wait_state("one", "online")
            until(lambda: states(receiver).get((("endpoint", "one"), ("state", "online"))) == 1)
            health = until(
                lambda: told if (told := sidecar.get("/api/health")["otlp"])["ok"] else None
            )
            assert (health["enabled"], health["reason"]) == (True, None)
            receiver.close()
            reason = until(lambda: sidecar.get("/api/health")["otlp"]["reason"])
            assert str(receiver.port) in reason
    finally:
        receiver.close()


def states(receiver: OtlpReceiver) -> dict[tuple[tuple[str, str], ...], float]:
    """State of each endpoint in the last push."""
    found = metrics_of(receiver.pushes[-1]) if receiver.pushes else {}
    metric = found.get("llama_runner_endpoint_state")
    return points_of(metric) if metric is not None else {}
