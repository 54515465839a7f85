"""What people read: what happened, where, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.states import State

if TYPE_CHECKING:
    from llama_runner_pro.alerts.ports import Alert
    from llama_runner_pro.endpoints.ports import EndpointView

_GIB = 1024.0**3
_RECOVERY_PAGE = "The Recovery page of the dashboard shows what was tried."


class Text(ValueObject, frozen=True):
    """One message."""

    title: str
    message: str
    hint: str = ""

    @property
    def body(self) -> str:
        """Message and hint, as a channel shows them below the title."""
        return f"{self.message}\n{self.hint}" if self.hint else self.message


def endpoint_down(view: EndpointView) -> Text:
    """It gave up, or it is silent and not ours to start."""
    reason = view.reason or view.error_message
    if view.state is State.FAILED:
        message = f"It gave up: {reason}." if reason else "It gave up."
        return Text(f"{view.name} has failed", message, view.hint or _RECOVERY_PAGE)
    message = f"{reason[0].upper()}{reason[1:]}." if reason else f"Not reachable at {view.url}."
    return Text(f"{view.name} does not answer", message, view.hint or "Start it where it runs.")


def flapping(name: str, count: int, window_s: float, last: str) -> Text:
    """It breaks again and again."""
    message = f"{count} faults within {duration(window_s)}; the last one: {last}."
    return Text(f"{name} keeps breaking", message, _RECOVERY_PAGE)


def breaker_open(name: str) -> Text:
    """The gateway holds requests back from it."""
    return Text(
        f"{name} gets no requests",
        "Too many requests to it failed, so the gateway holds further ones back.",
        "The Gateway page of the dashboard shows why, and when the next one is let through.",
    )


def process_memory(name: str, used_bytes: float, limit_bytes: float, *, own: bool) -> Text:
    """An endpoint uses more memory than it should. `own`: the limit is its own, and a hard one."""
    title = f"{name} is near its memory limit" if own else f"{name} uses too much memory"
    whose = "its limit" if own else "the limit for an alarm"
    return Text(
        title,
        f"Its processes use {gib(used_bytes)}; {whose} is {gib(limit_bytes)}.",
        "Restart it, give it a smaller context, or raise the limit.",
    )


def endpoint_gpu_memory(name: str, used_bytes: float, limit_bytes: float) -> Text:
    """An endpoint uses more memory of graphics cards than it should."""
    return Text(
        f"{name} uses too much graphics memory",
        f"It uses {gib(used_bytes)}; the limit for an alarm is {gib(limit_bytes)}.",
        "Give it a smaller context or fewer layers on the GPU, or raise the limit.",
    )


def system_memory(used_pct: float, limit_pct: float) -> Text:
    """The machine is nearly out of memory."""
    return Text(
        "Memory is nearly full",
        f"{used_pct:.0f} % of this machine's memory is in use; the limit is {limit_pct:g} %.",
        "Stop a model that is not needed, before the system ends one.",
    )


def gpu_memory(card: str, used_pct: float, limit_pct: float) -> Text:
    """A graphics card is nearly full."""
    return Text(
        f"{card}: memory is nearly full",
        f"{used_pct:.0f} % of its memory is in use; the limit is {limit_pct:g} %.",
        "Stop a model that is not needed, or give one fewer layers on the GPU.",
    )


def gpu_temperature(card: str, heat_c: float, limit_c: float) -> Text:
    """A graphics card is too hot."""
    return Text(
        f"{card} is too hot",
        f"It is at {heat_c:.0f} °C; the limit is {limit_c:g} °C.",
        "Check its fan and the air around it.",
    )


def recovery(alert: Alert) -> Text:
    """The alarm is over."""
    lasted = duration(((alert.resolved_ms or alert.raised_ms) - alert.raised_ms) / 1000)
    ended = alert.resolution_text or "It is over."
    return Text(f"Over: {alert.title}", f"{ended} It lasted {lasted}.")


def trial(channel: str) -> Text:
    """What the test button sends."""
    return Text("Test of an alert channel", f"Alerts of LlamaRunner Pro reach you by {channel}.")


def duration(seconds: float) -> str:
    """`45 s`, `3 min`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 120:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def gib(size_bytes: float) -> str:
    """`11.9 GiB`."""
    return f"{size_bytes / _GIB:.1f} GiB"
