"""What a browser sees that was not let in."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from starlette.datastructures import Headers

from llama_runner_pro.api.locked_page import locked_page, style_source, wants_page
from llama_runner_pro.api.problems import ApiProblem


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/", "text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("/endpoints", "text/html", True),
        ("/api/status", "text/html", False),
        ("/", "*/*", False),
        ("/", "", False),
    ],
)
def test_people_get_a_page_and_programs_get_data(path: str, accept: str, expected: bool) -> None:
    assert wants_page(path, Headers({"accept": accept} if accept else {})) is expected


def test_it_says_why_and_what_to_do_and_bears_any_words() -> None:
    page = locked_page(ApiProblem(401, "token_needed", "Locked", "everything <needs> it")).decode()
    assert "Everything &lt;needs&gt; it" in page
    assert "llama-runner-pro open --print" in page


def test_the_source_of_a_style_is_the_hash_of_exactly_that() -> None:
    # From CSP 3, section 6.7: SHA-256 over the text between the tags.
    expected = b64encode(sha256(b"a{b:c}").digest()).decode()
    assert style_source("<p><style>a{b:c}</style></p>") == f"'sha256-{expected}'"
