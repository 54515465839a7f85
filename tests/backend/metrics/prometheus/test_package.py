"""A real Prometheus scrapes a real sidecar; alarms and dashboard work on what it finds."""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fakes.real_prometheus import RealPrometheus, scrape_of
from fakes.running_sidecar import RunningSidecar, fake_endpoint, until
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from llama_runner_pro.metrics.prometheus.shipped import alert_rules, grafana_dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.needs_prometheus

ODD = 'say "hi" 🦙 {a="b"}'
DOCUMENT = Path(__file__).parents[4] / "docs" / "METRICS.md"
VARIABLES = {"$host": ".*", "$endpoint": ".*", "$__rate_interval": "30s"}


@dataclass(frozen=True)
class Scraped:
    """A sidecar with its models, and the store that has scraped it several times."""

    sidecar: RunningSidecar
    store: RealPrometheus


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """One for all tests here; nobody watches the sidecar."""
    folder = tmp_path_factory.mktemp("scraped")
    (folder / "rules.yml").write_text(alert_rules())
    endpoints = [fake_endpoint("demo"), fake_endpoint(ODD)]
    with RunningSidecar(folder / "sidecar", {"endpoints": endpoints}) as sidecar:
        sidecar.wait_state("demo", "online")
        configs = scrape_of(sidecar.port)
        rules = [str(folder / "rules.yml")]
        with RealPrometheus(folder / "store", configs, rule_files=rules) as store:
            # Two samples of every kind: rates need them, and the models answer after a while.
            until(lambda: store.query("rate(llama_runner_model_prompt_tokens_total[30s])"))
            until(lambda: store.query('count_over_time(up{job="llama-runner"}[1m]) > 3'))
            yield Scraped(sidecar, store)


def openmetrics(sidecar: RunningSidecar) -> list[Any]:
    """What a scrape gives now."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{sidecar.port}/metrics",
        headers={"accept": "application/openmetrics-text; version=1.0.0"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return list(text_string_to_metric_families(answer.read().decode()))


def test_every_scrape_succeeds_and_no_sample_is_refused(scraped: Scraped) -> None:
    # One that is late on a busy machine counts as failed; one that cannot be read always does.
    assert [row["value"][1] for row in scraped.store.query("max_over_time(up[1m])")] == ["1"]
    (kept,) = scraped.store.query("max_over_time(scrape_samples_post_metric_relabeling[1m])")
    told = sum(len(family.samples) for family in openmetrics(scraped.sidecar))
    assert int(kept["value"][1]) == pytest.approx(told, abs=20)


def test_with_nobody_watching_values_are_at_most_as_old_as_the_slow_lane(scraped: Scraped) -> None:
    age = "time() - max_over_time(llama_runner_last_sample_timestamp_seconds[1m])"
    until(lambda: 0 <= float(scraped.store.query(age)[0]["value"][1]) < 15)


def test_the_state_of_each_endpoint_arrives_under_its_own_name(scraped: Scraped) -> None:
    rows = scraped.store.query("max_over_time(llama_runner_endpoint_state[1m]) == 1")
    assert {row["metric"]["endpoint"] for row in rows} == {"demo", ODD}


def test_counters_are_known_as_counters(scraped: Scraped) -> None:
    url = f"{scraped.store.url}/api/v1/metadata?metric=llama_runner_endpoint_restarts_total"
    plain = url.replace("_total", "")
    for address in (url, plain):
        with urllib.request.urlopen(address, timeout=60) as answer:
            found = json.load(answer)["data"]
        for facts in found.values():
            assert facts[0]["type"] == "counter"
            assert facts[0]["help"]


def test_every_metric_that_is_told_is_documented(scraped: Scraped) -> None:
    documented = set(re.findall(r"`(llama_runner_\w+)`", DOCUMENT.read_text("utf-8")))
    told = {sample.name for family in openmetrics(scraped.sidecar) for sample in family.samples}
    assert told <= documented


def queries() -> list[str]:
    """Every query of the dashboard, its variables filled in as Grafana does."""
    dashboard = json.loads(grafana_dashboard())
    targets = [target for panel in dashboard["panels"] for target in panel.get("targets", ())]
    found = [one["expr"] for one in [*targets, *dashboard["annotations"]["list"]]]
    for variable, value in VARIABLES.items():
        found = [query.replace(variable, value) for query in found]
    return found


@pytest.mark.parametrize("query", queries())
def test_every_query_of_the_dashboard_works_and_finds_what_there_is(
    scraped: Scraped, query: str
) -> None:
    assert "$" not in query
    present = {sample.name for family in openmetrics(scraped.sidecar) for sample in family.samples}
    wanted = set(re.findall(r"llama_runner_\w+", query))
    has_data = wanted <= present and "> 0" not in query
    if has_data:
        until(lambda: [*scraped.store.query(query), *scraped.store.query_range(query)])
    else:
        scraped.store.query(query)


def test_the_variables_of_the_dashboard_have_values(scraped: Scraped) -> None:
    rows = scraped.store.query('max_over_time(llama_runner_endpoint_info{instance=~".*"}[1m])')
    assert {row["metric"]["endpoint"] for row in rows} == {"demo", ODD}
    assert scraped.store.query("max_over_time(llama_runner_up[1m])")[0]["metric"]["instance"]


def test_no_alarm_is_raised_about_a_sidecar_that_is_well(scraped: Scraped) -> None:
    ours = 'alertname=~"LlamaRunnerEndpoint.*|LlamaRunnerUn.*"'
    assert not scraped.store.query(f'ALERTS{{{ours},alertstate="firing"}}')
