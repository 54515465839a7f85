"""`llama-runner-pro monitoring`."""

from __future__ import annotations

import json

import pytest
import yaml

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.main import main


def test_rules_and_dashboard_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitoring", "rules"]) == Exit.OK
    assert yaml.safe_load(capsys.readouterr().out)["groups"]
    assert main(["monitoring", "dashboard"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["title"] == "LlamaRunner Pro"


def test_without_targets_this_computer_is_scraped(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["monitoring", "scrape-config"]) == Exit.OK
    job = yaml.safe_load(capsys.readouterr().out)["scrape_configs"][0]
    assert job["static_configs"] == [{"targets": ["127.0.0.1:8585"]}]


def test_several_targets_and_the_token_file_are_taken_over(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["--target", "a:1", "--target", "[::1]:8585", "--token-file", "/etc/prometheus/token"]
    assert main(["monitoring", "scrape-config", *words]) == Exit.OK
    job = yaml.safe_load(capsys.readouterr().out)["scrape_configs"][0]
    assert job["static_configs"][0]["targets"] == ["a:1", "[::1]:8585"]
    assert job["authorization"] == {"credentials_file": "/etc/prometheus/token"}


@pytest.mark.parametrize("target", ["a", "http://a:1", "a:1/metrics", "a:b", "", 'a"]:1'])
def test_what_is_no_target_is_refused_with_an_example(
    target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["monitoring", "scrape-config", "--target", target]) == Exit.USAGE
    assert "192.168.1.20:8585" in capsys.readouterr().err


def test_an_unknown_document_is_a_wrong_command_line() -> None:
    assert main(["monitoring", "everything"]) == Exit.USAGE
