"""Under which name a store knows the computer that we run on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from llama_runner_pro.core.errors import StoreUnavailable
from llama_runner_pro.metrics.prometheus.families import BUILD
from llama_runner_pro.metrics.prometheus.promql import selected

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.prometheus.store import Store

_REMEMBERED_S = 60.0
_LOOK_BACK = "1d"


class Identity(NamedTuple):
    """What `build_info` says of us, the same after every start."""

    hostname: str
    sidecar: str
    """Tells sidecars on one computer apart."""


def identity_of(hostname: str, data_dir: Path) -> Identity:
    """Of the sidecar whose data lies in this folder; two of them never share one."""
    digest = hashlib.sha256(f"{hostname}:{data_dir.absolute()}".encode("utf-8", "replace"))
    return Identity(hostname, digest.hexdigest()[:8])


class OwnHost:
    """Looks up the value of the host label beside our identity, and remembers it a while."""

    def __init__(self, store: Store, identity: Identity, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._identity = identity
        self.hostname = identity.hostname
        self._found: str | None = None
        self._until_s = float("-inf")

    async def name(self) -> str:
        """The value. Raises StoreUnavailable, also when the store has nothing of this computer."""
        now_s = self._clock.monotonic()
        if self._found is not None and now_s < self._until_s:
            return self._found
        label = self._store.spec.host_label
        builds = selected(BUILD, self._identity._asdict(), self._store.spec.selector)
        query = f"group by ({label}) (last_over_time({builds}[{_LOOK_BACK}]))"
        rows = await self._store.at(query, self._clock.wall_ms())
        # Scraped twice, under two names: always the same one of them.
        names = sorted(filter(None, (row.metric.get(label) for row in rows)))
        if not names:
            raise StoreUnavailable(
                f"the metrics store has nothing of this computer ({self.hostname})",
                "let it scrape /metrics of this sidecar; history.prometheus.host_label and "
                "selector must fit its series",
            )
        self._found, self._until_s = names[0], now_s + _REMEMBERED_S
        return names[0]
