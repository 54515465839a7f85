"""Messages through Apprise to real servers on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
from email import message_from_string, policy
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.alerts.channels import Message, NotDelivered, sender
from llama_runner_pro.config.alerts import ChannelKind, ChannelSpec

if TYPE_CHECKING:
    from fakes.receivers import HttpReceiver, MailReceiver

MESSAGE = Message(
    title="größe has failed",
    body="It gave up: exited with code 1.\nfix the model path",
    severity="critical",
    facts={"delivery_id": "d-1", "alert_id": "a-1", "severity": "critical", "raised_ms": 1},
)


def send(kind: ChannelKind, url: str, message: Message = MESSAGE) -> None:
    """Send one message to a channel of this kind."""
    sender(ChannelSpec(name="test", kind=kind, url=url))(message)


def test_a_webhook_gets_one_json_object_with_everything(web: HttpReceiver) -> None:
    send("webhook", web.url("/hooks/a%20b?key=x&empty="))
    assert web.paths == ["/hooks/a%20b?key=x&empty="]
    assert web.headers[0]["content-type"] == "application/json"
    (got,) = web.got
    assert got == {
        "version": "1.0",
        "title": "größe has failed",
        "message": "It gave up: exited with code 1.\nfix the model path",
        "type": "failure",
        **MESSAGE.facts,
    }


def test_a_webhook_may_need_a_password(web: HttpReceiver) -> None:
    url = web.url().replace("http://", "http://me:p%40ss@")
    send("webhook", url)
    assert web.headers[0]["authorization"] == "Basic bWU6cEBzcw=="


def test_ntfy_gets_topic_title_and_priority(web: HttpReceiver) -> None:
    send("ntfy", web.url("/my-topic"))
    (got,) = web.got
    assert got["topic"] == "my-topic"
    assert got["title"] == "größe has failed"
    assert got["message"].startswith("It gave up: exited with code 1.")
    assert web.paths == ["/"]
    assert web.headers[0]["x-priority"] == "high"


def test_ntfy_may_need_a_token(web: HttpReceiver) -> None:
    send("ntfy", web.url("/my-topic?token=tk_secret"))
    assert web.headers[0]["authorization"] == "Bearer tk_secret"


def test_mail_has_sender_recipients_subject_and_text(mail: MailReceiver) -> None:
    send("email", f"smtp://127.0.0.1:{mail.port}?from=me@example.org&to=a@example.org,b@x.org")
    assert {recipient for _, recipients, _ in mail.got for recipient in recipients} == {
        "a@example.org",
        "b@x.org",
    }
    sent_by, _, text = mail.got[0]
    assert sent_by == "me@example.org"
    found = message_from_string(text, policy=policy.default)
    assert found["subject"] == "größe has failed"
    content = found.get_body(("plain",))
    assert content is not None
    assert "It gave up: exited with code 1." in content.get_content()


def test_any_other_service_of_apprise_works_by_its_own_address(web: HttpReceiver) -> None:
    send("apprise", f"json://127.0.0.1:{web.port}/anything")
    assert web.got[0]["title"] == "größe has failed"


@pytest.mark.parametrize("status", [403, 500, 302])
def test_an_answer_that_is_no_success_is_no_arrival(web: HttpReceiver, status: int) -> None:
    web.status = status
    with pytest.raises(NotDelivered, match=f"the server answered {status}"):
        send("webhook", web.url())


@pytest.mark.parametrize("kind", ["webhook", "ntfy", "email"])
def test_nobody_there_is_told_without_the_address(kind: ChannelKind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    scheme = "smtp" if kind == "email" else "http"
    url = f"{scheme}://127.0.0.1:{port}/secret-topic-name?from=a@b.org&to=c@d.org"
    with pytest.raises(NotDelivered, match="nobody listens there") as caught:
        send(kind, url)
    assert "secret-topic-name" not in str(caught.value)


def test_a_mail_server_that_refuses_is_quoted(mail: MailReceiver) -> None:
    mail.refuses = "554 5.7.1 no thanks"
    with pytest.raises(NotDelivered, match=r"554 5\.7\.1 no thanks"):
        send("email", f"smtp://127.0.0.1:{mail.port}?from=a@b.org&to=c@d.org")


def test_an_address_that_apprise_does_not_know_is_told() -> None:
    with pytest.raises(NotDelivered, match="does not understand the address"):
        send("apprise", "nosuchservice://key")


def test_mail_that_must_be_secret_is_not_sent_to_a_server_without_tls(mail: MailReceiver) -> None:
    with pytest.raises(NotDelivered, match="TLS"):
        send("email", f"smtps://127.0.0.1:{mail.port}?from=a@b.org&to=c@d.org")
    assert mail.got == []


def test_a_sender_that_is_no_mail_address_is_told() -> None:
    with pytest.raises(NotDelivered, match="Invalid ~From~"):
        send("email", "smtp://127.0.0.1:1?from=nobody&to=c@d.org")


WITHOUT_APPRISE = """
import sys
sys.modules["apprise"] = None  # as if it were not installed
from llama_runner_pro.alerts.channels import Message, NotDelivered, sender
from llama_runner_pro.config.alerts import ChannelSpec
channel = ChannelSpec(name="x", kind="webhook", url="http://127.0.0.1:1/")
try:
    sender(channel)(Message("", "", "info"))
except NotDelivered as error:
    sys.stdout.write(str(error))
"""


def test_without_apprise_the_way_to_get_it_is_told() -> None:
    command = [sys.executable, "-c", WITHOUT_APPRISE]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.endswith("pip install 'llama-runner-pro[alerts]'")
