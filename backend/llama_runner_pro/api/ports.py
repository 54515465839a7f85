"""What the API needs of the rest of the sidecar, as protocols that small fakes can satisfy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.alerts import ports as alerts
    from llama_runner_pro.config.diff import Diff
    from llama_runner_pro.config.store import ConfigNews, KeptVersion, Shown
    from llama_runner_pro.core.topic import Topic
    from llama_runner_pro.endpoints.ports import EndpointView, Incident, MetricTarget
    from llama_runner_pro.metrics.model import Field, Snapshot, Value
    from llama_runner_pro.supervision.diagnostics.store import Bundle
    from llama_runner_pro.supervision.events import SupervisionEvent


class HealOutcome(Protocol):
    """What one heal did to one endpoint."""

    @property
    def name(self) -> str:
        """The endpoint."""
        ...

    @property
    def before(self) -> str:
        """State word when the heal was asked for."""
        ...

    @property
    def after(self) -> str:
        """State word when it ended."""
        ...

    @property
    def healed(self) -> bool:
        """It serves again."""
        ...

    @property
    def duration_ms(self) -> float:
        """From asking to the end."""
        ...

    @property
    def detail(self) -> str:
        """In words."""
        ...

    @property
    def incident_id(self) -> str | None:
        """The incident that holds the steps, when one was opened."""
        ...


class Operation(Protocol):
    """A heal that runs on, whether or not somebody waits for it."""

    @property
    def id(self) -> str:
        """Handle for `GET /api/operations/{id}`."""
        ...

    @property
    def finished(self) -> bool:
        """Every endpoint concerned has its result."""
        ...

    @property
    def results(self) -> Sequence[HealOutcome]:
        """The results so far."""
        ...

    async def wait(self) -> object:
        """Return when finished. Cancelling the wait does not stop the heal."""
        ...


class Supervising(Protocol):
    """The supervisor as the API sees it: values out, commands in."""

    @property
    def topic(self) -> Topic[SupervisionEvent]:
        """News, published on the event loop's thread."""
        ...

    @property
    def monitoring_active(self) -> bool:
        """Endpoints are being watched."""
        ...

    @property
    def debug_mode(self) -> bool:
        """Verbose logs and the extra repairs are on."""
        ...

    @property
    def unkept(self) -> str | None:
        """Why what was switched would not survive a restart now; None: it would."""

    @property
    def last_check_ms(self) -> int | None:
        """When the newest health check of any endpoint ended."""
        ...

    def views(self) -> Sequence[EndpointView]:
        """All endpoints, in the configuration's order."""
        ...

    def view(self, name: str) -> EndpointView:
        """One endpoint; raises UnknownEndpoint."""
        ...

    def targets(self) -> Sequence[MetricTarget]:
        """What metric collectors look at."""
        ...

    def incidents(self, limit: int = 50, endpoint: str | None = None) -> Sequence[Incident]:
        """Newest first."""
        ...

    def incident(self, incident_id: str, /) -> Incident | None:
        """One incident, or None when it is not known (any more)."""
        ...

    async def start_monitoring(self) -> bool:
        """False: was already running."""
        ...

    async def stop_monitoring(self) -> bool:
        """False: was not running. The models keep running."""
        ...

    async def set_debug(self, enabled: bool) -> None:
        """Switch debug mode, persisted."""
        ...

    async def enable(self, name: str) -> EndpointView:
        """Raises UnknownEndpoint, Refused."""
        ...

    async def disable(self, name: str) -> EndpointView:
        """Raises UnknownEndpoint, Refused."""
        ...

    async def start(self, name: str) -> EndpointView:
        """Raises UnknownEndpoint, Refused."""
        ...

    async def stop(self, name: str) -> EndpointView:
        """Raises UnknownEndpoint, Refused."""
        ...

    async def restart(self, name: str) -> EndpointView:
        """Raises UnknownEndpoint, Refused."""
        ...

    async def accept_proposal(self, name: str) -> EndpointView:
        """As its card proposes. Raises UnknownEndpoint, Refused, and what saving raises."""
        ...

    def heal(self, name: str | None, *, emergency: bool) -> Operation:
        """Heal one endpoint, or everything unhealthy. Raises UnknownEndpoint, Refused."""
        ...

    def operation(self, operation_id: str, /) -> Operation | None:
        """A heal by its handle, while it is remembered."""
        ...

    def config_document(self) -> dict[str, object]:
        """The running configuration, secrets redacted."""
        ...


class Sampling(Protocol):
    """The sampler as the hub sees it."""

    @property
    def topic(self) -> Topic[Snapshot]:
        """One snapshot per tick, published on the event loop's thread."""
        ...

    @property
    def latest(self) -> Snapshot | None:
        """The newest snapshot; None before the first tick."""
        ...

    def set_demand(self, interval_s: float | None) -> None:
        """How fast somebody wants ticks; None when nobody watches."""
        ...


class Alerting(Protocol):
    """Alerts as the API sees them."""

    @property
    def topic(self) -> Topic[alerts.AlertNews]:
        """News, published on the event loop's thread."""
        ...

    def active(self) -> Sequence[alerts.Alert]:
        """Alarms that hold now, newest first."""
        ...

    def recent(self, limit: int, /) -> Sequence[alerts.Alert]:
        """Alarms that are over, newest first."""
        ...

    def deliveries(self, limit: int, /) -> Sequence[alerts.Delivery]:
        """Messages that wait, were sent or were given up, newest first."""
        ...

    def channels(self) -> Sequence[alerts.ChannelView]:
        """Every channel, `desktop` first."""
        ...

    async def acknowledge(self, alert_id: str, /) -> alerts.Acknowledged | None:
        """Note that somebody knows; None when there is no such alert."""
        ...

    async def try_channel(self, name: str, /) -> alerts.ChannelTest:
        """Send a test message now. The channel must be one of `channels()`."""
        ...


class BundleArchive(Protocol):
    """The diagnostics bundles that are kept. Blocking: call in a thread."""

    def all(self) -> Sequence[Bundle]:
        """Newest first."""
        ...

    def read(self, name: str, /) -> bytes | None:
        """The content of one; None when there is none of this name. Safe for any name."""
        ...


class Configuring(Protocol):
    """The configuration, and the only way to change it.

    Every change raises ConfigError with all problems, VersionConflict, NotSaved and ApplyFailed;
    each time everything stays as it was. `version` None: whatever is there now is changed.
    """

    @property
    def topic(self) -> Topic[ConfigNews]:
        """Every change, and every edited file that was refused."""
        ...

    async def shown(self) -> Shown:
        """The present one, without secrets."""
        ...

    async def backups(self) -> Sequence[KeptVersion]:
        """Newest first."""
        ...

    async def save(self, document: dict[str, Any], version: str | None, /) -> Diff:
        """Replace it as a whole; `•••` keeps the secret that is stored."""
        ...

    async def add(self, entry: dict[str, Any], version: str | None, /) -> Diff:
        """One more endpoint."""
        ...

    async def put(self, name: str, entry: dict[str, Any], version: str | None, /) -> Diff:
        """Another entry for an endpoint. Raises UnknownEndpoint and Refused as well."""
        ...

    async def remove(self, name: str, version: str | None, /) -> Diff:
        """One endpoint less. Raises UnknownEndpoint and Refused as well."""
        ...

    async def rollback(self, backup: str | None, version: str | None, /) -> Diff:
        """Return to a backup, by its id or by the version it holds. Raises UnknownBackup too."""
        ...


class FieldCatalogue(Protocol):
    """Which fields exist, under which number."""

    @property
    def version(self) -> int:
        """Rises whenever `fields()` changes."""
        ...

    def fields(self) -> Sequence[tuple[int, Field]]:
        """Stable small numbers and what they stand for."""
        ...


class PastSamples(Protocol):
    """The recent past, by column."""

    def since(self, since_ms: int) -> tuple[list[int], dict[str, list[Value]]]:
        """Times and columns by field name; every column is as long as the times."""
        ...
