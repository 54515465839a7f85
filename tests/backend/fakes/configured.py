"""A configuration in a real file under a real store; what it is applied to only takes notes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fakes.clock import FakeClock

from llama_runner_pro.config.archive import Archive
from llama_runner_pro.config.desk import Desk
from llama_runner_pro.config.store import ConfigNews, ConfigStore
from llama_runner_pro.config.stored import check_with, read_stored

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.config.diff import Diff
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.refusals import ApplyFailed

TOKEN = "t0ken-t0ken-t0ken-t0ken-t0ken-t0ken-t0ken-12"
START = {
    "endpoints": [
        {"name": "demo", "port": 8081, "headers": {"Authorization": "Bearer s3cret-value"}},
        {"name": "org/model", "port": 8082},
    ]
}


class Configured:
    """`store` over `path`; `applied` are the configurations that were made to run."""

    def __init__(
        self, folder: Path, document: Any = START, *, name: str = "config.json", demo: bool = False
    ) -> None:
        self.default, self.path = folder / "config.json", folder / name
        if document is not None:
            self.path.write_text(document if isinstance(document, str) else json.dumps(document))
        self.clock = FakeClock()
        self.applied: list[Config] = []
        self.changes: list[Diff] = []
        self.news: list[ConfigNews] = []
        self.fails: list[ApplyFailed | None] = []
        """What the next attempts to apply end with."""
        check = check_with(demo=demo, demo_model=folder / "demo.gguf", demo_port=8590)
        named = self.path if document is not None else None
        self.store = ConfigStore(
            read_stored(named, check),
            desk=Desk(self.default, Archive(folder / "backups"), self.clock),
            check=check,
            apply=self._apply,
            key=TOKEN.encode(),
        )
        self.store.topic.listen(self.news.append)

    async def _apply(self, config: Config, changes: Diff) -> None:
        self.applied.append(config)
        self.changes.append(changes)
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None:
            raise failure

    @property
    def on_disk(self) -> Any:
        """What the file holds."""
        return json.loads(self.path.read_bytes())

    @property
    def running(self) -> list[str]:
        """Names of the endpoints that run."""
        return [spec.name for spec in self.store.config.endpoints]
