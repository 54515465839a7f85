"""What a browser sees that was not let in, where even looking needs the token."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.datastructures import Headers

    from llama_runner_pro.api.problems import ApiProblem

LOCKED_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>LlamaRunner Pro</title>
<style>
body { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem; font: 1rem/1.5 system-ui; }
h1 { font-size: 1.375rem; }
pre { width: fit-content; padding: 0.375rem 0.75rem; border: 1px solid; border-radius: 0.5rem; }
</style>
<main>
<h1>This dashboard needs a key</h1>
<p>DETAIL.</p>
<p>Run this on the computer where LlamaRunner Pro runs:</p>
<pre>llama-runner-pro open --print</pre>
<p>Then open the link that it prints in this browser. A link works once, for one minute.</p>
</main>
"""


def style_source(page: str) -> str:
    """What a content security policy must name so that the page's own style counts; CSP 3, 6.7."""
    style = page.partition("<style>")[2].partition("</style>")[0]
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"


def wants_page(path: str, headers: Headers) -> bool:
    """A person's browser asks for a page, not a program for data."""
    return "text/html" in headers.get("accept", "") and not path.startswith("/api/")


def locked_page(problem: ApiProblem) -> bytes:
    """Why it is locked and what to do, as a page that needs nothing else from us."""
    detail = problem.details.detail
    return LOCKED_PAGE.replace("DETAIL", escape(detail[:1].upper() + detail[1:])).encode()
