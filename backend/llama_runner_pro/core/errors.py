"""The error tree of the sidecar.

    LlamaRunnerError
    ├── ConfigError(problems)          a config file or flag is wrong: all problems at once
    ├── EndpointError
    │   ├── UnknownEndpoint(name, known)
    │   ├── StartFailed(reason)        the process could not be started
    │   ├── ProbeFailed(reason)        a probe got an answer we do not accept
    │   └── Refused(reason)            the command makes no sense in this state
    ├── TransportError                 an HTTP exchange of ours failed
    │   ├── ConnectRefused             nobody listens
    │   ├── DeadlineExceeded           no complete answer in time
    │   └── ProtocolBroken             an answer that is not HTTP, too large, or cut off
    ├── CollectorError
    │   └── SensorMissing(reason)      this machine has no such sensor; says why
    ├── GatewayError                   a client's request could not be served
    │   ├── ModelNotFound(name, known)
    │   ├── NoUpstream(model, reason)  it is known, but nobody could serve it
    │   ├── BreakerOpen(reason, retry_after_s)
    │   ├── Saturated(reason, retry_after_s)   every slot is taken and the queue is full
    │   ├── NotReady(reason, retry_after_s)    still loading, or waited too long for its turn
    │   ├── LoadFailed(reason, retry_after_s)  the model could not be loaded
    │   ├── UpstreamBroken(reason)     the server hung up, or its answer is no HTTP
    │   ├── UpstreamTimeout(reason)    no first byte in time, or silence in the middle
    │   ├── Denied(status, code, reason)   wrong key, foreign page, foreign host
    │   └── BadRequest(reason, param, status, code), ClientGone
    ├── HistoryError
    │   ├── HistoryOff                 nothing is recorded, because it was switched off
    │   └── StoreUnavailable(reason)   the store of the past cannot answer; may pass
    └── PortTaken(host, port, holder)  somebody else listens there

Errors carry values and build their sentence in `__str__`; handlers match on type, never on text.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class LlamaRunnerError(Exception):
    """Root of all our errors. Without a `__repr__` of their own: each start declares them anew."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a configuration: where, what, and what to do."""

    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """`path: message (hint)`."""
        return f"{self.path}: {self.message}" + (f" ({self.hint})" if self.hint else "")


@dataclass(repr=False)
class ConfigError(LlamaRunnerError):
    """A configuration was refused; lists every problem found."""

    problems: list[Problem] = field(default_factory=list)
    source: str = "configuration"

    def __str__(self) -> str:
        """One line per problem under a heading that names the source, which they do not repeat."""
        count, place = len(self.problems), f"{self.source}: "
        head = f"{place}{count} problem{'' if count == 1 else 's'}"
        return "\n".join([head, *(f"  - {str(one).removeprefix(place)}" for one in self.problems)])


class EndpointError(LlamaRunnerError):
    """Something about one endpoint."""


@dataclass(repr=False)
class UnknownEndpoint(EndpointError):
    """No endpoint has this name."""

    name: str
    known: list[str]

    def __str__(self) -> str:
        """Names what was asked for and what exists."""
        known = ", ".join(self.known) if self.known else "none is configured"
        return f"no endpoint named {self.name!r} (known: {known})"


@dataclass(repr=False)
class StartFailed(EndpointError):
    """The process of an endpoint could not be started. `final`: trying again cannot help."""

    reason: str
    hint: str | None = None
    final: bool = False

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


@dataclass(repr=False)
class ProbeFailed(EndpointError):
    """A probe got no answer, or one that does not count as healthy."""

    reason: str

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


@dataclass(repr=False)
class Refused(EndpointError):
    """A command cannot be carried out in the endpoint's present state."""

    reason: str

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


class TransportError(LlamaRunnerError):
    """An HTTP exchange of ours failed."""


class ConnectRefused(TransportError):
    """Nobody listens at the address, or the connection was reset before an answer."""


class DeadlineExceeded(TransportError):
    """The exchange did not complete within its deadline."""


class ProtocolBroken(TransportError):
    """The peer's bytes are not HTTP, ended early, or exceed the size limit."""


class CollectorError(LlamaRunnerError):
    """A sensor could not be read."""


@dataclass(repr=False)
class SensorMissing(CollectorError):
    """This machine has no such sensor; `reason` is shown to the user."""

    reason: str

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


class HistoryError(LlamaRunnerError):
    """The past cannot be read."""


class HistoryOff(HistoryError):
    """Nothing is recorded, because it was switched off."""

    def __str__(self) -> str:
        """In words."""
        return "the history is switched off"


@dataclass(repr=False)
class StoreUnavailable(HistoryError):
    """The store of the past cannot answer now; `hint` says what to do."""

    reason: str
    hint: str = ""

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


@dataclass(repr=False)
class PortTaken(LlamaRunnerError):
    """Another process listens where we want to."""

    host: str
    port: int
    holder: str | None

    def __str__(self) -> str:
        """Names the port and, when it could be found out, its holder."""
        by = f" by {self.holder}" if self.holder else ""
        return f"port {self.port} on {self.host} is already in use{by}"


class GatewayError(LlamaRunnerError):
    """A client's request could not be served."""


@dataclass(repr=False)
class ModelNotFound(GatewayError):
    """No model has this name."""

    name: str
    known: list[str]

    def __str__(self) -> str:
        """Names what was asked for and what exists."""
        known = ", ".join(self.known) if self.known else "none is configured"
        return f"model {self.name!r} not found (known: {known})"


@dataclass(repr=False)
class NoUpstream(GatewayError):
    """The model is known, but no endpoint can serve it."""

    model: str
    reason: str

    def __str__(self) -> str:
        """The model and why nobody serves it."""
        return f"{self.model}: {self.reason}"


@dataclass(repr=False)
class Postponed(GatewayError):
    """Asking again after `retry_after_s` makes sense."""

    reason: str
    retry_after_s: float | None = None

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


class BreakerOpen(Postponed):
    """The server failed too often; requests are held back until a trial succeeds."""


class Saturated(Postponed):
    """Every slot is taken and the queue is full, or the key's limit is reached."""


class NotReady(Postponed):
    """The model is still loading, or the request waited too long for its turn."""


class LoadFailed(Postponed):
    """The model could not be loaded; until the time is over, asking again fails at once."""


@dataclass(repr=False)
class UpstreamBroken(GatewayError):
    """The server hung up, or its answer is not HTTP."""

    reason: str

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


@dataclass(repr=False)
class UpstreamTimeout(GatewayError):
    """No first byte in time, or silence in the middle of an answer."""

    reason: str

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


@dataclass(repr=False)
class Denied(GatewayError):
    """Whoever asks may not: wrong or no key (401), foreign page or host (403)."""

    status: int
    code: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        """The reason, and what to do."""
        return f"{self.reason} ({self.hint})" if self.hint else self.reason


@dataclass(repr=False)
class BadRequest(GatewayError):
    """What a client sent makes no sense, or asks for what we do not do; `param` names the field."""

    reason: str
    param: str | None = None
    status: int = 400
    code: str = "bad_request"

    def __str__(self) -> str:
        """The reason alone."""
        return self.reason


class ClientGone(GatewayError):
    """The client went away before its answer began; nobody waits for one any more."""
