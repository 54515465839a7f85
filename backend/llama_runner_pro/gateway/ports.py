"""How the parts of the gateway see each other, and what it needs of the rest of the sidecar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec
from msgspec import field

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.traffic import Operation, Surface

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.config.derived import DerivedModelSpec
    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.endpoints.traffic import Ending, ModelView
    from llama_runner_pro.transport.origin import Origin


class Upstream(ValueObject, frozen=True, kw_only=True):
    """An endpoint as the gateway dials it, for one model."""

    endpoint: str
    kind: str
    origin: Origin
    base_path: str
    """In front of every path, without slash at its end and without `/v1`; usually empty."""
    model: str
    """The name that the server knows the model by."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request. Secret."""
    incarnation: int = 0


class Progress(ValueObject, frozen=True, kw_only=True):
    """What a waiting client can be told."""

    phase: Literal["queued", "evicting", "loading"]
    text: str
    position: int | None = None
    """Place in the queue, 1 the next."""
    ratio: float | None = None
    """Share of the model that is loaded, 0 to 1; None when unknown."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a request needs before it can be sent anywhere.

    One is made for each request, and a frozen dataclass takes 5 µs instead of 0.3 to make.
    """

    model: str
    """As the client named it; aliases and `:latest` are resolved by the admission."""
    surface: Surface
    operation: Operation
    stream: bool = False
    affinity: bytes | None = None
    """Digest of the conversation's beginning; equal ones go to the same server if they can."""
    priority: int = 0
    """Higher goes first."""
    key: str | None = None
    """Name of the API key it came with."""
    avoid: frozenset[str] = frozenset()
    """Endpoints that failed this request already."""
    keep_alive_s: float | None = None
    """How long the model shall stay after it; negative: for ever. None: as configured."""
    progress: Callable[[Progress], None] | None = None
    endpoint: str | None = None
    """It concerns a server itself, such as a download, and no model of it."""


class Lease(Protocol):
    """The right to send one request to one server. Must be ended, whatever happens."""

    @property
    def upstream(self) -> Upstream:
        """Whom to send it to."""
        ...

    @property
    def queue_ms(self) -> float:
        """Time spent waiting for a turn."""
        ...

    @property
    def load_ms(self) -> float:
        """Time spent waiting for the model to load."""
        ...

    def began(self) -> None:
        """The first generated piece came: a trial need not last until the end of the answer."""
        ...

    def end(self, ending: Ending, *, retry_after_s: float | None = None) -> None:
        """Give the slot back and tell breaker, supervisor and eviction. A second call is nothing.

        `retry_after_s` is what a busy server asked for.
        """
        ...


class Admission(Protocol):
    """Decides who serves a request, and makes that one ready.

    `admit_now` and `admit` raise `ModelNotFound`, `NoUpstream`, `BreakerOpen`, `Saturated`,
    `NotReady`, `LoadFailed`.
    """

    def again(self, model: str, operation: Operation, keep_alive_s: float | None) -> Lease | None:
        """What `admit_now` would give to a usual request like the last one for that name, unless
        that is a derived model. None says nothing: ask `admit_now`.
        """
        ...

    def admit_now(self, ask: Ask) -> Lease | None:
        """A lease when that needs no waiting, else None. The hot path: no task, no await."""
        ...

    async def admit(self, ask: Ask) -> Lease:
        """Wait for a turn, for the model to load, for memory. Cancelling leaves the queue."""
        ...


class Meant(Protocol):
    """What a request needs to know of the model it names; a `ModelView` is one, too."""

    @property
    def name(self) -> str:
        """Without `:latest`."""
        ...

    @property
    def endpoint(self) -> str:
        """The one that would serve it now."""
        ...

    @property
    def kind(self) -> str:
        """Of that endpoint."""
        ...

    @property
    def state(self) -> Literal["loaded", "loading", "not_loaded", "failed"]:
        """How it stands there."""
        ...

    @property
    def operation(self) -> Literal["llm", "vlm", "embedding"]:
        """What it is made for."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other names."""
        ...

    @property
    def lacks(self) -> tuple[str, ...]:
        """As in `ModelView`."""
        ...


class ModelTable(Protocol):
    """The models we serve, and what clients may do to them."""

    def models(self) -> Sequence[ModelView]:
        """All, in a steady order."""
        ...

    def find(self, name: str) -> ModelView | None:
        """By name or alias, case aside, `:latest` aside."""
        ...

    def recipe(self, name: str) -> DerivedModelSpec | None:
        """What makes a derived model of another; None for all others. Asked for each request."""
        ...

    def hosts(self, kind: str) -> Sequence[str]:
        """Endpoints of that family that serve or can be made to, those that serve first."""
        ...

    def speaks_messages(self, endpoint: str) -> bool:
        """That server knows Anthropic's API, as far as anybody has seen."""
        ...

    def look_again(self, endpoint: str) -> None:
        """Its list of models has probably changed: ask it soon."""
        ...

    def meant(self, name: str) -> Meant | None:
        """As `find`, for each request: only what is told apart by it, and quickly."""
        ...

    async def load(
        self, name: str, *, keep_alive_s: float | None = None, priority: int = 0
    ) -> ModelView:
        """Have it loaded. Raises what `Admission` raises; cancelling leaves the queue."""
        ...

    async def asked_now(self, name: str) -> ModelView:
        """As it is listed once its server was asked again, or did not answer for seconds.

        Raises `ModelNotFound`.
        """
        ...

    async def unload(self, name: str) -> ModelView:
        """Stop it once its requests are done. Raises `ModelNotFound`, `NoUpstream`."""
        ...


class ModelNames(Protocol):
    """Names that clients give to models and take away again. No file is touched."""

    async def derive(self, recipe: DerivedModelSpec) -> None:
        """Serve a model that is made of another. Raises `BadRequest` for a model's own name."""
        ...

    async def copy(self, source: str, destination: str) -> None:
        """Serve `source` as `destination` too. Raises `ModelNotFound`, `BadRequest`."""
        ...

    async def delete(self, name: str) -> None:
        """Take a name away. Raises `ModelNotFound`, and `BadRequest` for a model's own name."""
        ...


class Servers(Protocol):
    """The supervisor as the gateway sees it."""

    def views(self) -> Sequence[EndpointView]:
        """Every endpoint."""
        ...

    def headers(self, name: str) -> Mapping[str, str]:
        """What its configuration says to send with each request. Secret."""
        ...

    async def ensure_ready(self, name: str, deadline_s: float) -> EndpointView:
        """Start it unless it runs; wait until it serves. Cancelling does not stop the start.

        Raises `LoadFailed` with the reason in words.
        """
        ...

    async def unload(self, name: str, why: str) -> None:
        """Stop its process on purpose, and wait until it is gone; `why` is shown on its card.

        Raises `LlamaRunnerError` when it cannot be stopped.
        """
        ...

    def ours(self, name: str) -> bool:
        """Its process was started by us, now or by an earlier sidecar, so that we may stop it."""
        ...

    def completed(self, name: str, *, ok: bool) -> None:
        """A request of a real client ended. Told of every failure, and of the first success and
        each one after a failure: others would change nothing.
        """
        ...


class Visitor(ValueObject, frozen=True, kw_only=True):
    """A client that may come in."""

    key: str | None = None
    """Name of its API key."""
    priority: int = 0
    models: tuple[str, ...] = ()
    """Which models it may use; all when empty."""
    answer_headers: tuple[tuple[bytes, bytes], ...] = ()
    """CORS headers that go on every answer to it."""
    leave: Callable[[], None] | None = None
    """Call when the request ended: its key's parallel limit counts until then."""


class Access(Protocol):
    """Who may come in. Synchronous and cheap: it stands before every request."""

    @property
    def edition(self) -> int:
        """Of the rules. While it stays the same, the same headers are judged alike, but for limits
        of keys: whoever came in without `leave` comes in again.
        """
        ...

    def enter(self, headers: Sequence[tuple[bytes, bytes]]) -> Visitor:
        """Check Host, Origin and key (`Authorization: Bearer` or `x-api-key`).

        Header names are lower-case. Raises `Denied` (401, 403) and `Saturated` (a key's limit).
        """
        ...

    def preflight(self, headers: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that answer a CORS preflight. Raises `Denied` for a foreign page."""
        ...
