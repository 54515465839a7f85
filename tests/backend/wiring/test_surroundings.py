from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.configured import Configured
from fakes.house import House

from llama_runner_pro.config.paths import DataPaths
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.transport.client import HttpClient
from llama_runner_pro.wiring.surroundings import surroundings_of

if TYPE_CHECKING:
    from pathlib import Path


async def no_sample() -> None:
    """There is nothing to measure here."""


async def test_what_the_gateway_changes_lands_in_the_configuration(tmp_path: Path) -> None:
    configured = Configured(tmp_path, {"endpoints": []})
    house = House(tmp_path / "house")
    clock = SystemClock()
    around = surroundings_of(
        DataPaths(tmp_path),
        clock,
        HttpClient(clock),
        house.supervisor,
        latest=lambda: None,
        sample=no_sample,
        store=lambda: configured.store,
        version="1.2.3",
    )
    await around.amend({"origins": ["https://chat.example"]})
    await around.add_endpoint({"name": "ollama", "kind": "ollama", "port": 11434})
    assert configured.on_disk["gateway"] == {"origins": ["https://chat.example"]}
    assert [entry["name"] for entry in configured.on_disk["endpoints"]] == ["ollama"]
    assert around.servers.views() == house.supervisor.views()
    assert around.spool_folder.is_relative_to(tmp_path)
    assert around.gauge.held_bytes("demo") == (None, None)
    house.recovery.shut()
