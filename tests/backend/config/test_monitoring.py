"""The sections `history` and `otlp` of the configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llama_runner_pro.config.diff import diff
from llama_runner_pro.config.load import load_config
from llama_runner_pro.config.monitoring import HistorySpec
from llama_runner_pro.config.redact import redacted, redacted_document, secrets_of
from llama_runner_pro.config.restore import with_secrets
from llama_runner_pro.core.errors import ConfigError
from llama_runner_pro.core.secrets import HIDDEN

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.config.model import Config

KEY = {"Authorization": "Bearer sesame"}


def loaded(folder: Path, **sections: Any) -> Config:
    """A configuration file with these sections."""
    path = folder / "config.json"
    path.write_text(json.dumps(sections))
    return load_config(path)


def problems(folder: Path, **sections: Any) -> dict[str, str]:
    """What is said about these sections, by path."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, **sections)
    return {problem.path: problem.message for problem in caught.value.problems}


def tiers(*steps: tuple[int, int]) -> dict[str, Any]:
    """The section with these resolutions."""
    return {"tiers": [{"step_s": step_s, "keep_s": keep_s} for step_s, keep_s in steps]}


def test_without_the_sections_a_year_is_kept_on_this_computer_and_nothing_is_pushed(
    tmp_path: Path,
) -> None:
    config = loaded(tmp_path)
    assert [(tier.step_s, tier.keep_s) for tier in config.history.tiers] == [
        (1, 3_600),
        (10, 86_400),
        (60, 1_209_600),
        (900, 31_536_000),
    ]
    assert config.history.backend == "embedded"
    assert config.history.max_bytes == 200_000_000
    assert not config.otlp.enabled


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ([], "history.tiers"),
        ([(1, 3_600)] * 9, "history.tiers"),
        ([(120, 60)], "history.tiers[0].keep_s"),
        ([(10, 3_600), (1, 86_400)], "history.tiers[1].step_s"),
        ([(10, 3_600), (15, 86_400)], "history.tiers[1].step_s"),
        ([(1, 3_600), (10, 3_600)], "history.tiers[1].keep_s"),
        ([(1, 100), (60, 3_600)], "history.tiers[0].keep_s"),
    ],
)
def test_resolutions_that_do_not_build_on_each_other_are_refused(
    tmp_path: Path, steps: list[tuple[int, int]], path: str
) -> None:
    assert path in problems(tmp_path, history=tiers(*steps))


def test_addresses_headers_and_labels_that_cannot_work_are_told_without_their_values(
    tmp_path: Path,
) -> None:
    store = {
        "url": "prometheus:9090",
        "headers": {"X-Key": "sésame"},
        "host_label": "in-stance",
        "selector": '{job="a"}',
    }
    found = problems(tmp_path, history={"prometheus": store}, otlp={"endpoint": "collector"})
    assert set(found) == {
        "history.prometheus.url",
        "history.prometheus.headers",
        "history.prometheus.host_label",
        "history.prometheus.selector",
        "otlp.endpoint",
    }
    assert "sésame" not in str(found)


def test_headers_are_never_shown_and_stay_when_their_placeholder_is_sent_back(
    tmp_path: Path,
) -> None:
    sections = {"history": {"prometheus": {"headers": KEY}}, "otlp": {"headers": KEY}}
    config = loaded(tmp_path, **sections)
    assert secrets_of(config) == {"Bearer sesame"}
    assert "sesame" not in json.dumps(redacted(config))
    shown = redacted_document(sections)
    assert shown["otlp"]["headers"] == {"Authorization": HIDDEN}
    assert with_secrets(shown, sections) == {**sections, "endpoints": []}


def test_a_placeholder_that_stands_for_nothing_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        with_secrets({"otlp": {"headers": {"X-Key": HIDDEN}}}, {})
    assert caught.value.problems[0].path == "otlp.headers.X-Key"


def test_sections_of_another_shape_are_left_for_the_check() -> None:
    document = {"history": {"prometheus": ["x"]}, "otlp": 5}
    assert with_secrets(document, {}) == document


def test_a_change_of_history_is_told_as_a_changed_setting(tmp_path: Path) -> None:
    before = loaded(tmp_path)
    after = loaded(tmp_path, history={"enabled": False})
    assert diff(before, after).settings == ("history",)
    assert after.history != HistorySpec()
