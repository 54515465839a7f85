"""The section `alerts` of the configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llama_runner_pro.config.alerts import (
    AlertsSpec,
    ChannelSpec,
    address_problem,
    channel_secrets,
    restored_alerts,
    shown_address,
)
from llama_runner_pro.config.load import load_config
from llama_runner_pro.config.redact import redacted, secrets_of
from llama_runner_pro.core.errors import ConfigError
from llama_runner_pro.core.secrets import HIDDEN

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.config.alerts import ChannelKind
    from llama_runner_pro.config.model import Config

MAIL = "smtps://me:p%40ssword@mail.example.org:587?from=me@example.org&to=you@example.org"


def loaded(folder: Path, alerts: dict[str, Any]) -> Config:
    """A configuration file with this section."""
    path = folder / "config.json"
    path.write_text(json.dumps({"alerts": alerts}))
    return load_config(path)


def problems(folder: Path, alerts: dict[str, Any]) -> dict[str, str]:
    """What is said about this section, by path."""
    with pytest.raises(ConfigError) as caught:
        loaded(folder, alerts)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_without_the_section_alarms_are_on_and_reach_the_desktop_alone() -> None:
    spec = AlertsSpec()
    assert spec.enabled
    assert spec.desktop
    assert spec.channels == ()
    assert not spec.gpu_memory.enabled


def test_a_whole_section_is_read(tmp_path: Path) -> None:
    section = {
        "gpu_temperature": {"above_c": 80, "clear_below_c": 70, "for_s": 5},
        "process_memory": {"above_bytes": 8_000_000_000},
        "channels": [{"name": "phone", "kind": "ntfy", "url": "https://ntfy.sh/my-topic"}],
    }
    alerts = loaded(tmp_path, section).alerts
    assert alerts.gpu_temperature.above_c == 80
    assert alerts.process_memory.above_bytes == 8_000_000_000
    assert alerts.channels[0].min_severity == "warning"


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        {
            "gpu_temperature": {"above_c": 80, "clear_below_c": 90},
            "system_memory": {"above_pct": 80},
            "channels": [
                {"name": "a", "kind": "webhook", "url": "https://example.org/x"},
                {"name": "a", "kind": "ntfy", "url": "https://ntfy.sh"},
                {"name": "desktop", "kind": "email", "url": "smtp://host"},
            ],
        },
    )
    assert set(found) == {
        "alerts.gpu_temperature.clear_below_c",
        "alerts.system_memory.clear_below_pct",
        "alerts.channels[1].name",
        "alerts.channels[1].url",
        "alerts.channels[2].name",
        "alerts.channels[2].url",
    }


def test_unknown_keys_and_wrong_types_are_told(tmp_path: Path) -> None:
    found = problems(tmp_path, {"channels": [{"name": "a", "kind": "sms", "url": 1, "x": 1}]})
    assert set(found) == {
        "alerts.channels[0].kind",
        "alerts.channels[0].url",
        "alerts.channels[0].x",
    }


@pytest.mark.parametrize(
    ("kind", "url", "problem"),
    [
        ("webhook", "https://example.org/hook?x=1", None),
        ("webhook", "ftp://example.org", "does not begin with http:// or https://"),
        ("webhook", "https:///hook", "names no host"),
        ("webhook", "https://example.org:port/", "not a valid address"),
        ("ntfy", "https://ntfy.sh/topic", None),
        ("ntfy", "https://ntfy.sh/", "names no topic"),
        ("ntfy", "https://ntfy.sh/a/b", "holds more than server and topic"),
        ("email", MAIL, None),
        ("email", "smtp://mail.example.org?from=a@b.c", "does not say to"),
        ("email", "mail.example.org", "does not begin with smtp:// or smtps://"),
        ("apprise", "tgram://key/chat", None),
        ("apprise", "tgram", "not a whole address"),
    ],
)
def test_addresses_are_judged_without_being_repeated(
    kind: ChannelKind, url: str, problem: str | None
) -> None:
    assert address_problem(ChannelSpec(name="x", kind=kind, url=url)) == problem


@pytest.mark.parametrize(
    ("kind", "url", "shown"),
    [
        ("webhook", "https://me:pw@example.org:8443/hook/key", "https://example.org:8443/•••"),
        ("ntfy", "http://[::1]/topic", "http://[::1]/•••"),
        ("email", MAIL, "smtps://mail.example.org:587/•••"),
        ("apprise", "tgram://key/chat", "tgram://•••"),
    ],
)
def test_addresses_are_shown_without_anything_secret(
    kind: ChannelKind, url: str, shown: str
) -> None:
    assert shown_address(ChannelSpec(name="x", kind=kind, url=url)) == shown


def test_secrets_are_known_to_whoever_writes_logs() -> None:
    specs = [
        ChannelSpec(name="a", kind="email", url=MAIL),
        ChannelSpec(name="b", kind="webhook", url="https://example.org/services/T0/B0/secret"),
        ChannelSpec(name="c", kind="ntfy", url="https://ntfy.sh/demo?token=tk_1234"),
    ]
    found = set(channel_secrets(specs))
    assert {MAIL, "p%40ssword", "p@ssword", "tk_1234", "services/T0/B0/secret"} <= found
    assert "demo" not in found


def test_a_shown_configuration_holds_no_address(tmp_path: Path) -> None:
    url = "https://example.org/services/T0/B0/secret"
    config = loaded(tmp_path, {"channels": [{"name": "a", "kind": "webhook", "url": url}]})
    shown = redacted(config)
    assert shown["alerts"]["channels"][0]["url"] == HIDDEN
    assert shown["alerts"]["channels"][0]["name"] == "a"
    assert "secret" not in json.dumps(shown)
    assert url in secrets_of(config)


def test_a_hidden_address_that_comes_back_is_the_stored_one() -> None:
    stored = {"channels": [{"name": "a", "url": "https://a"}, {"name": "b", "url": "https://b"}]}
    given = {
        "desktop": False,
        "channels": [
            {"name": "b", "url": HIDDEN},
            {"name": "new", "url": HIDDEN},
            {"name": "a", "url": "https://other"},
            {"name": ["?"], "url": HIDDEN},
            "nonsense",
        ],
    }
    missing: list[str] = []
    restored = restored_alerts(given, stored, missing.append)
    assert restored == {
        "desktop": False,
        "channels": [
            {"name": "b", "url": "https://b"},
            {"name": "new", "url": HIDDEN},
            {"name": "a", "url": "https://other"},
            {"name": ["?"], "url": HIDDEN},
            "nonsense",
        ],
    }
    assert missing == ["alerts.channels[1].url", "alerts.channels[3].url"]


@pytest.mark.parametrize("given", ["text", {"channels": 1}, {}])
def test_an_odd_section_is_left_to_the_check(given: Any) -> None:
    assert restored_alerts(given, {}, lambda path: pytest.fail(path)) == given
