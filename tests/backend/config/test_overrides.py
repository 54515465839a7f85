"""Switches that outlive a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.config.model import Config
from llama_runner_pro.config.overrides import Choices, Overrides, OverridesFile, apply_overrides
from llama_runner_pro.endpoints.spec import EndpointSpec

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = Config(endpoints=(EndpointSpec(name="a"), EndpointSpec(name="b", enabled=False)))


def test_switches_survive_as_they_were_left(tmp_path: Path) -> None:
    file = OverridesFile(tmp_path / "run" / "overrides.json")
    assert file.load() == Overrides()
    file.save(Overrides(debug_mode=True, enabled={"a/b": False}))
    assert file.load() == Overrides(debug_mode=True, enabled={"a/b": False})


def test_damaged_file_switches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "overrides.json"
    path.write_text('{"enabled": 1}')
    assert OverridesFile(path).load() == Overrides()
    assert path.with_name("overrides.json.damaged").exists()


def test_switched_endpoint_differs_from_its_configuration_and_others_do_not() -> None:
    changed = apply_overrides(CONFIG, Overrides(debug_mode=True, enabled={"b": True, "gone": True}))
    assert [spec.enabled for spec in changed.endpoints] == [True, True]
    assert changed.debug_mode


def test_no_overrides_change_nothing() -> None:
    assert apply_overrides(CONFIG, Overrides()) == CONFIG


def test_only_what_differs_from_the_file_is_kept(tmp_path: Path) -> None:
    file = OverridesFile(tmp_path / "overrides.json")
    off = EndpointSpec(name="off", port=1, enabled=False)
    choices = Choices(file, Config(endpoints=(EndpointSpec(name="on", port=2), off)))
    choices.remember({"on": False, "off": False}, True)
    assert file.load() == Overrides(debug_mode=True, enabled={"on": False})
    choices.config = Config(debug_mode=True, endpoints=(off,))
    choices.remember({"off": False}, True)
    assert file.load() == Overrides()
