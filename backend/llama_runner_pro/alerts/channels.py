"""Sending one message through Apprise: webhook, ntfy, mail, and whatever else it knows.

Apprise is imported when the first message is sent, and of its many services only the one that is
needed. Everything here blocks and belongs into a thread of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from msgspec import field

from llama_runner_pro.alerts.reasons import listening, reason_in_words
from llama_runner_pro.config.alerts import channel_secrets
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llama_runner_pro.config.alerts import ChannelSpec, Severity

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 10
NOT_INSTALLED = (
    "Apprise is not installed, which sends messages: pip install 'llama-runner-pro[alerts]'"
)
_STARTTLS_PORTS = frozenset({25, 587, 2525})
_NTFY_PRIORITY: dict[Severity, str] = {"info": "low", "warning": "default", "critical": "high"}


class Message(ValueObject, frozen=True):
    """What one delivery says."""

    title: str
    body: str
    severity: Severity
    good_news: bool = False
    facts: Mapping[str, str | int] = field(default_factory=dict)
    """Members that a webhook gets beside title and message."""


class NotDelivered(Exception):
    """The message did not get there; the text says why, in words and without secrets."""


def sender(channel: ChannelSpec) -> Callable[[Message], None]:
    """What sends to this channel. Making it costs nothing and checks nothing."""

    def send(message: Message) -> None:
        try:
            import apprise
        except ImportError as error:
            raise NotDelivered(NOT_INSTALLED) from error
        hidden = [secret for secret in channel_secrets((channel,)) if secret]
        with listening() as said:
            try:
                plugin = _plugin(apprise, channel, message)
                arrived = plugin is not None and plugin.notify(
                    body=message.body,
                    title=message.title,
                    notify_type=_notify_type(apprise, message),
                    body_format=apprise.NotifyFormat.TEXT,
                )
            except Exception as error:  # noqa: BLE001 - one of a hundred services failed its own way
                raise NotDelivered(reason_in_words([*said, str(error)], hidden)) from None
        if plugin is None:
            raise NotDelivered("Apprise does not understand the address")
        if not arrived:
            raise NotDelivered(reason_in_words(said, hidden))

    return send


def _notify_type(apprise: Any, message: Message) -> Any:
    if message.good_news:
        return apprise.NotifyType.SUCCESS
    kinds = {"critical": "FAILURE", "warning": "WARNING", "info": "INFO"}
    return apprise.NotifyType[kinds[message.severity]]


def _plugin(apprise: Any, channel: ChannelSpec, message: Message) -> Any:
    """The service of Apprise that fits, set up for this one message; None for an odd address."""
    asset = apprise.AppriseAsset(
        app_id="LlamaRunner Pro",
        app_desc="LlamaRunner Pro",
        # A login page at the end of a redirect would count as an arrival.
        http_redirects=False,
    )
    if channel.kind == "apprise":
        return apprise.Apprise.instantiate(channel.url, asset=asset)
    parts = urlsplit(channel.url)
    host = parts.hostname or ""
    common = {
        "asset": asset,
        "host": f"[{host}]" if ":" in host else host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "secure": parts.scheme in ("https", "smtps"),
        "cto": CONNECT_TIMEOUT_S,
        "rto": READ_TIMEOUT_S,
    }
    return _BUILDERS[channel.kind](common, channel.url, message)


def _webhook(common: Mapping[str, Any], url: str, message: Message) -> Any:
    """A POST with title, message, type and our facts as one JSON object."""
    from apprise.plugins.custom_json import NotifyJSON

    parts = urlsplit(url)
    # An empty name for a member of Apprise's own leaves it out.
    payload = {**message.facts, "attachments": ""}
    return NotifyJSON(
        **common,
        fullpath=parts.path or "/",
        params=dict(parse_qsl(parts.query, keep_blank_values=True)),
        payload=payload,
    )


def _ntfy(common: Mapping[str, Any], url: str, message: Message) -> Any:
    """The topic at the end of the address; `?token=` logs in where there are no passwords."""
    from apprise.plugins.ntfy import NotifyNtfy

    parts = urlsplit(url)
    token = parse_qs(parts.query).get("token", [None])[0]
    return NotifyNtfy(
        **common,
        targets=[parts.path.strip("/")],
        mode="private",
        auth="token" if token else "basic",
        token=token,
        include_image=False,
        priority=_NTFY_PRIORITY[message.severity],
    )


def _email(common: Mapping[str, Any], url: str, message: Message) -> Any:
    """`smtps` on port 465 speaks TLS from the start, on 587 and 25 after STARTTLS."""
    from apprise.plugins.email import NotifyEmail

    query = parse_qs(urlsplit(url).query)
    mode = "insecure"
    if common["secure"]:
        mode = "starttls" if common["port"] in _STARTTLS_PORTS else "ssl"
    return NotifyEmail(
        **common,
        smtp_host=common["host"],
        from_addr=query["from"][0],
        targets=",".join(query["to"]),
        secure_mode=mode,
        format="text",
    )


_BUILDERS: dict[str, Callable[[Mapping[str, Any], str, Message], Any]] = {
    "webhook": _webhook,
    "ntfy": _ntfy,
    "email": _email,
}
