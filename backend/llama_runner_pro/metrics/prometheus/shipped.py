"""What a monitoring system is given to know us: alert rules, a dashboard, how to scrape."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

JOB = "llama-runner"
"""The rules expect the name of the job to begin so."""
_FOLDER = files("llama_runner_pro.metrics") / "shipped"


def alert_rules() -> str:
    """A file for `rule_files` of Prometheus."""
    return (_FOLDER / "rules.yml").read_text("utf-8")


def grafana_dashboard() -> str:
    """A dashboard to import into Grafana, as JSON."""
    return (_FOLDER / "dashboard.json").read_text("utf-8")


def scrape_config(targets: Sequence[str], token_file: str | None = None) -> str:
    """A whole configuration of Prometheus that scrapes these sidecars (`host:port`).

    `token_file`: where Prometheus finds the access token, which all of them must share. Every
    text is quoted as JSON, which YAML understands.
    """
    lines = [
        "scrape_configs:",
        f"  - job_name: {JOB}",
        "    scrape_interval: 15s",
        "    metrics_path: /metrics",
    ]
    if token_file is not None:
        lines += ["    authorization:", f"      credentials_file: {_quoted(token_file)}"]
    lines += ["    static_configs:", "      - targets:"]
    lines += [f"          - {_quoted(target)}" for target in targets]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    return json.dumps(text)
