"""Why a message did not arrive, in words."""

from __future__ import annotations

import io
import logging
import threading

import pytest

from llama_runner_pro.alerts.reasons import listening, reason_in_words

POOL = "Socket Exception: HTTPConnectionPool(host='x', port=1): Max retries exceeded with url: /s "


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (
            "Failed to send JSON POST notification: Unauthorized, error=403.",
            "the server answered 403 (Forbidden)",
        ),
        ("Failed to send ntfy: error=599.", "the server answered 599 (unknown)"),
        (f"{POOL}(Caused by: [Errno 111] Connection refused)", "nobody listens there"),
        (f"{POOL}(Caused by: Read timed out.)", "no answer in time"),
        (f"{POOL}(Caused by: Failed to resolve 'x')", "the server's name could not be found"),
        (f"{POOL}(certificate verify failed)", "the server's certificate cannot be trusted"),
        (
            "Socket Exception: (535, b'5.7.8 not accepted')",
            "the mail server answered 535 5.7.8 not accepted",
        ),
        ("Socket Exception: Connection unexpectedly closed", "the server closed the connection"),
        ("something else", "something else"),
    ],
)
def test_known_failures_are_told_in_our_words(said: str, words: str) -> None:
    assert reason_in_words(["A Connection error occurred", said], []).startswith(words)


def test_the_most_telling_line_counts_wherever_it_is() -> None:
    assert reason_in_words(["error=500.", "Response Details: oops"], []).startswith("the server")


def test_silence_is_told_as_well() -> None:
    assert reason_in_words([], []) == "Apprise gave no reason"


def test_secrets_are_left_out_and_long_texts_cut() -> None:
    shown = reason_in_words([f"bad hook-secret-1 {'x' * 500}"], ["hook-secret-1"])
    assert "hook-secret-1" not in shown
    assert len(shown) == 200


def test_each_thread_hears_what_it_caused_itself() -> None:
    log = logging.getLogger("apprise.some.service")

    def other() -> None:
        log.warning("from elsewhere")

    with listening() as said:
        log.debug("from %s", "here")
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    log.warning("too late")
    assert said == ["from here"]


def test_nothing_that_is_said_reaches_our_own_log() -> None:
    our_log = io.StringIO()
    handler = logging.StreamHandler(our_log)
    logging.getLogger().addHandler(handler)
    try:
        with listening() as said:
            logging.getLogger("apprise").error("https://example.org/hook-secret")
    finally:
        logging.getLogger().removeHandler(handler)
    assert said
    assert our_log.getvalue() == ""
