"""Which alarms are raised, and whom they reach. Quiet unless something needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from msgspec import Meta

from llama_runner_pro.core.secrets import HIDDEN, is_secret_name
from llama_runner_pro.endpoints.spec import Name, PositiveSeconds, Seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from llama_runner_pro.config.validate import Checker

Severity = Literal["info", "warning", "critical"]
ChannelKind = Literal["webhook", "ntfy", "email", "apprise"]

Share = Annotated[float, Meta(gt=0, le=100)]
Degrees = Annotated[float, Meta(gt=0, le=200)]
Count = Annotated[int, Meta(ge=2, le=100)]


class FailedRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An endpoint gave up, or does not answer and is not ours to start."""

    enabled: bool = True
    offline_for_s: Seconds = 30.0
    """How long one that we cannot start must be silent. One that gave up is told at once."""
    clear_for_s: Seconds = 10.0
    """How long it must serve again before it counts as recovered."""


class FlappingRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An endpoint breaks again and again, though each repair works."""

    enabled: bool = True
    incidents: Count = 3
    window_s: PositiveSeconds = 600.0
    clear_for_s: Seconds = 600.0
    """How long it must hold before it counts as steady again."""


class ProcessMemoryRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An endpoint's processes use more memory than they should.

    The endpoint's own `limits.memory_bytes` comes before `above_bytes`; without either there is
    no alarm. That limit is a hard one, so the alarm comes before it is reached.
    """

    enabled: bool = True
    above_limit_pct: Share = 90.0
    """Of the endpoint's own limit."""
    above_bytes: Annotated[int, Meta(gt=0)] | None = None
    clear_below_pct: Share = 95.0
    """Of what raises the alarm."""
    for_s: Seconds = 30.0
    clear_for_s: Seconds = 30.0


class SystemMemoryRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The machine's memory is nearly full."""

    enabled: bool = True
    above_pct: Share = 95.0
    clear_below_pct: Share = 90.0
    for_s: Seconds = 60.0
    clear_for_s: Seconds = 60.0


class GpuMemoryRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A graphics card's memory is nearly full. Off by default: models like to fill it."""

    enabled: bool = False
    above_pct: Share = 97.0
    clear_below_pct: Share = 92.0
    for_s: Seconds = 60.0
    clear_for_s: Seconds = 60.0


class EndpointGpuMemoryRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An endpoint uses more memory of graphics cards than it should. No limit: no alarm."""

    enabled: bool = True
    above_bytes: Annotated[int, Meta(gt=0)] | None = None
    clear_below_pct: Share = 95.0
    """Of what raises the alarm."""
    for_s: Seconds = 30.0
    clear_for_s: Seconds = 30.0


class GpuTemperatureRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A graphics card is too hot."""

    enabled: bool = True
    above_c: Degrees = 90.0
    clear_below_c: Degrees = 85.0
    for_s: Seconds = 30.0
    clear_for_s: Seconds = 30.0


class ChannelSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A way to reach somebody."""

    name: Name
    kind: ChannelKind
    url: str
    """Secret: never shown or logged. webhook `https://host/path`; ntfy `https://host/topic`;
    email `smtps://user:password@host?from=a@b.c&to=d@e.f`; apprise any of its own addresses."""
    enabled: bool = True
    min_severity: Severity = "warning"
    """Milder alarms are not sent here."""


class AlertsSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The section `alerts` of the configuration."""

    enabled: bool = True
    desktop: bool = True
    """Show alarms as notifications where the dashboard is open."""
    channels: tuple[ChannelSpec, ...] = ()
    endpoint_failed: FailedRule = FailedRule()
    endpoint_flapping: FlappingRule = FlappingRule()
    process_memory: ProcessMemoryRule = ProcessMemoryRule()
    system_memory: SystemMemoryRule = SystemMemoryRule()
    gpu_memory: GpuMemoryRule = GpuMemoryRule()
    endpoint_gpu_memory: EndpointGpuMemoryRule = EndpointGpuMemoryRule()
    gpu_temperature: GpuTemperatureRule = GpuTemperatureRule()


_SCHEMES = {
    "webhook": ("http", "https"),
    "ntfy": ("http", "https"),
    "email": ("smtp", "smtps"),
}
_SHORTEST_SECRET_PATH = 12
"""Hiding a topic like `demo` wherever it occurs would make logs unreadable and hide nothing."""
_EXAMPLES = {
    "webhook": "write it whole, as in https://example.org/hook",
    "ntfy": "write server and topic, as in https://ntfy.sh/my-topic",
    "email": "as in smtps://user:password@mail.example.org?from=me@example.org&to=me@example.org",
    "apprise": "as in discord://webhook_id/webhook_token",
}


def check_alerts(checker: Checker, spec: AlertsSpec) -> None:
    """What must hold beyond types: limits in order, channel names once, addresses that work."""
    for rule, above, below in _limits(spec):
        if below > above:
            message = "an alarm that ends above the value that raises it would never end"
            checker.note(f"alerts.{rule}", message, f"at most {above:g}, which raises it")
    first: dict[str, str] = {}
    for at, channel in enumerate(spec.channels):
        path = f"alerts.channels[{at}]"
        if channel.name == "desktop":
            checker.note(f"{path}.name", "desktop is the channel that is always there")
        elif channel.name in first:
            message = f"the name {channel.name!r} is used already, by {first[channel.name]}"
            checker.note(f"{path}.name", message, "give each channel a name of its own")
        first.setdefault(channel.name, path)
        problem = address_problem(channel)
        if problem is not None:
            checker.note(f"{path}.url", problem, _EXAMPLES[channel.kind])


def _limits(spec: AlertsSpec) -> Iterator[tuple[str, float, float]]:
    heat = spec.gpu_temperature
    yield "system_memory.clear_below_pct", spec.system_memory.above_pct, _below(spec.system_memory)
    yield "gpu_memory.clear_below_pct", spec.gpu_memory.above_pct, _below(spec.gpu_memory)
    yield "gpu_temperature.clear_below_c", heat.above_c, heat.clear_below_c


def _below(rule: SystemMemoryRule | GpuMemoryRule) -> float:
    return rule.clear_below_pct


def address_problem(channel: ChannelSpec) -> str | None:
    """What is wrong with a channel's address, without repeating it: it may hold a secret."""
    try:
        parts = urlsplit(channel.url)
        parts.port  # noqa: B018 - a port that is no number is found only by asking for it
    except ValueError:
        return "not a valid address"
    schemes = _SCHEMES.get(channel.kind)
    if schemes is None:
        return None if parts.scheme and "://" in channel.url else "not a whole address"
    if parts.scheme not in schemes:
        return f"does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    if not parts.hostname:
        return "names no host"
    if channel.kind == "ntfy" and not parts.path.strip("/"):
        return "names no topic"
    if channel.kind == "ntfy" and "/" in parts.path.strip("/"):
        return "holds more than server and topic"
    if channel.kind == "email":
        missing = [key for key in ("from", "to") if not parse_qs(parts.query).get(key)]
        if missing:
            return f"does not say {' and '.join(missing)}"
    return None


def shown_address(channel: ChannelSpec) -> str:
    """Where a channel leads, without path, user, password, topic or key."""
    parts = urlsplit(channel.url)
    if channel.kind == "apprise":
        # In these, even the place of the host may hold a key.
        return f"{parts.scheme}://{HIDDEN}"
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    place = host if parts.port is None else f"{host}:{parts.port}"
    return f"{parts.scheme}://{place}/{HIDDEN}"


def channel_secrets(channels: Iterable[ChannelSpec]) -> Iterator[str]:
    """Every value in the channels' addresses that no log may show."""
    for channel in channels:
        parts = urlsplit(channel.url)
        yield channel.url
        yield from (parts.password or "", unquote(parts.password or ""))
        query = parse_qs(parts.query)
        yield from (text for name in query if is_secret_name(name) for text in query[name])
        path = parts.path.strip("/")
        if len(path) >= _SHORTEST_SECRET_PATH:
            yield path


def redacted_alerts(alerts: dict[str, Any]) -> dict[str, Any]:
    """A copy of the section, as JSON values, without the channels' addresses."""
    if "channels" not in alerts:
        return alerts
    return {**alerts, "channels": [{**one, "url": HIDDEN} for one in alerts["channels"]]}


def restored_alerts(
    given: Any, stored: dict[str, Any], missing: Callable[[str], None]
) -> dict[str, Any]:
    """`given` with each hidden address replaced by the stored one of the channel of that name.

    `missing` is called with the path of each one that stands for nothing. Whatever has another
    shape than expected is left for the check to complain about.
    """
    channels = given.get("channels") if isinstance(given, dict) else None
    if not isinstance(channels, list):
        return given  # type: ignore[no-any-return]
    known = {one["name"]: one["url"] for one in stored.get("channels", ())}
    restored = []
    for at, one in enumerate(channels):
        if not isinstance(one, dict) or one.get("url") != HIDDEN:
            restored.append(one)
            continue
        url = known.get(str(one.get("name")))
        if url is None:
            missing(f"alerts.channels[{at}].url")
        restored.append(one if url is None else {**one, "url": url})
    return {**given, "channels": restored}
