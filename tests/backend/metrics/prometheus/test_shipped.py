"""Files for monitoring systems, judged by their own tools."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from fakes.real_prometheus import promtool

from llama_runner_pro.metrics.prometheus.shipped import (
    alert_rules,
    grafana_dashboard,
    scrape_config,
)

RULES_TEST = Path(__file__).parents[2] / "fixtures" / "prometheus" / "rules_test.yml"


@pytest.mark.needs_prometheus
def test_promtool_accepts_the_rules(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(alert_rules())
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", str(rules))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.needs_prometheus
def test_every_rule_raises_its_alarm_and_only_then() -> None:
    done = promtool("test", "rules", RULES_TEST.name, cwd=RULES_TEST.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_a_test_a_severity_and_words() -> None:
    tested = {
        case["alertname"]
        for test in yaml.safe_load(RULES_TEST.read_text())["tests"]
        for case in test["alert_rule_test"]
        if case.get("exp_alerts")
    }
    rules = [rule for group in yaml.safe_load(alert_rules())["groups"] for rule in group["rules"]]
    assert {rule["alert"] for rule in rules} == tested
    for rule in rules:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert set(rule["annotations"]) == {"summary", "description"}


@pytest.mark.needs_prometheus
@pytest.mark.parametrize("with_token", [False, True])
def test_promtool_accepts_the_scrape_configuration(tmp_path: Path, with_token: bool) -> None:
    token = tmp_path / 'to"ken'
    token.write_text("secret")
    text = scrape_config(["a.local:8585", "[::1]:8585"], str(token) if with_token else None)
    config = tmp_path / "prometheus.yml"
    config.write_text(text)
    done = promtool("check", "config", str(config))
    assert done.returncode == 0, done.stdout + done.stderr
    job = yaml.safe_load(text)["scrape_configs"][0]
    assert job["static_configs"] == [{"targets": ["a.local:8585", "[::1]:8585"]}]
    assert ("authorization" in job) is with_token


def walk(value: Any) -> Any:
    """Every object in a document."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from walk(one)


def test_the_dashboard_asks_only_the_store_that_was_chosen() -> None:
    sources = {
        json.dumps(found["datasource"])
        for found in walk(json.loads(grafana_dashboard()))
        if "datasource" in found
    }
    assert sources == {'{"type": "prometheus", "uid": "${datasource}"}'}


def test_panels_have_titles_numbers_and_places_of_their_own() -> None:
    panels = json.loads(grafana_dashboard())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] for panel in panels)
    taken: set[tuple[int, int]] = set()
    for place in (panel["gridPos"] for panel in panels):
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_every_variable_in_a_query_is_declared() -> None:
    dashboard = json.loads(grafana_dashboard())
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    queries = [found["expr"] for found in walk(dashboard) if "expr" in found]
    used = {name for query in queries for name in re.findall(r"\$([a-z_]+)", query)}
    assert used - {"__rate_interval"} <= declared
