"""docs/METRICS.md lists every metric, and what ships asks for no others."""

from __future__ import annotations

import re

from llama_runner_pro.metrics.prometheus.families import OWN
from llama_runner_pro.metrics.prometheus.names import field_of, metric_of
from tests.architecture.checkout import PACKAGE, ROOT
from tests.architecture.declared_metrics import declared_fields, declared_metrics

DOCUMENT = ROOT / "docs" / "METRICS.md"


def documented() -> dict[str, str]:
    """Metric → its line in the document."""
    lines = DOCUMENT.read_text("utf-8").splitlines()
    found = [(re.match(r"\| `(llama_runner_\w+)`", line), line) for line in lines]
    return {match[1]: line for match, line in found if match}


def test_every_metric_is_documented_as_it_is() -> None:
    missing = "\n".join(set(declared_metrics().values()) - set(documented().values()))
    assert not missing, f"docs/METRICS.md lacks these lines:\n{missing}"


def test_the_document_lists_nothing_that_is_gone() -> None:
    assert set(documented()) <= set(declared_metrics())


def test_every_field_has_a_metric_that_leads_back_to_it() -> None:
    fields = list(declared_fields())
    assert len(fields) > 50, "no field is declared at all: has Field another name now?"
    for field in fields:
        found = metric_of(field.name)
        assert field_of(found.metric, dict(found.labels)) == field.name
        assert (field.unit == "total") == found.metric.endswith("_total"), field.name
        assert found.metric not in OWN, field.name


def test_rules_and_dashboard_ask_only_for_documented_metrics() -> None:
    for path in (PACKAGE / "metrics" / "shipped").iterdir():
        asked = set(re.findall(r"llama_runner_\w+", path.read_text("utf-8")))
        assert asked, path.name
        assert asked <= set(documented()), path.name
