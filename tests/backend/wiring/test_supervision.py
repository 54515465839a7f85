"""What watches and heals, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.clock import FakeClock

from llama_runner_pro.config.model import Config
from llama_runner_pro.config.paths import DataPaths
from llama_runner_pro.core.secrets import HIDDEN
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.diagnostics.service import Diagnostics
from llama_runner_pro.supervision.diagnostics.store import BundleStore
from llama_runner_pro.supervision.process.state_file import StateFile
from llama_runner_pro.supervision.records import Records
from llama_runner_pro.transport.client import HttpClient
from llama_runner_pro.wiring.supervision import build_supervision, running_document

if TYPE_CHECKING:
    from pathlib import Path


async def test_every_configured_endpoint_is_known_and_its_secrets_stay_hidden(
    tmp_path: Path,
) -> None:
    spec = EndpointSpec(name="one", port=8080, headers={"X-Key": "sesame"})
    config, paths, clock = Config(endpoints=(spec,)), DataPaths(tmp_path), FakeClock()
    paths.create()
    diagnostics = Diagnostics(
        BundleStore(paths.bundles_dir),
        paths=paths,
        clock=clock,
        version="1",
        document=dict,
        secrets=set,
    )

    async def amend(name: str, changes: dict[str, object]) -> None:
        raise NotImplementedError

    supervisor, _, _, recovery = build_supervision(
        config,
        paths,
        clock,
        HttpClient(clock),
        Records(StateFile(paths.processes_file), clock),
        diagnostics,
        amend,
    )
    assert [view.name for view in supervisor.views()] == ["one"]
    document = running_document(config, supervisor)
    assert document["endpoints"][0]["headers"] == {"X-Key": HIDDEN}  # type: ignore[index]
    recovery.shut()
