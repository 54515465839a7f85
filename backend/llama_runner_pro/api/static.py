"""The built dashboard, or a page that says how to get one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from llama_runner_pro.api.problems import problem_response, unknown_route, wrong_method

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from llama_runner_pro.core.clock import Clock

IMMUTABLE = "public, max-age=31536000, immutable"
"""For files whose name holds a hash of their content."""
REVALIDATE = "no-cache"
_NOT_PAGES = ("api/", "assets/", "metrics")

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>LlamaRunner Pro</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
body{font:16px/1.6 system-ui,sans-serif;max-width:38rem;margin:12vh auto;padding:0 1.5rem;
color-scheme:light dark}code{background:#8882;padding:.1em .4em;border-radius:.3em}
</style></head><body><h1>The sidecar is running</h1>
<p>It watches and heals your models, but its dashboard has not been built yet.</p>
<p>In the folder of the program, run <code>npm start</code>, or build the page alone with
<code>npm --prefix frontend run build</code>, and load this page again.</p>
<p>Until then: <a href="/api/ai-monitor/status">status</a>,
<a href="/api/openapi.json">the API</a>, and <code>llama-runner-pro status</code> in a terminal.</p>
</body></html>
"""


class Dashboard:
    """ASGI application for every address that is not the API's."""

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self._clock = clock
        self._files = StaticFiles(directory=folder) if folder and folder.is_dir() else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Files by name, the page for its own routes, problem+json for anything else."""
        if scope["type"] == "websocket":
            path: str = scope["path"]
            refusal = problem_response(path, unknown_route(path), self._clock)
            await WebSocket(scope, receive, send).send_denial_response(refusal)
            return
        response = await self._answer(scope)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        path: str = scope["path"]
        if path.startswith("/api/") or path == "/api":
            return problem_response(path, unknown_route(path), self._clock)
        if scope["method"] not in ("GET", "HEAD"):
            problem = wrong_method(scope["method"], path, ["GET", "HEAD"])
            return problem_response(path, problem, self._clock)
        wanted = path.lstrip("/") or "index.html"
        if self._files is None:
            if is_page(wanted):
                return HTMLResponse(NOT_BUILT, headers={"cache-control": REVALIDATE})
            return problem_response(path, unknown_route(path), self._clock)
        return await self._from_files(self._files, wanted, scope)

    async def _from_files(self, files: StaticFiles, wanted: str, scope: Scope) -> Response:
        try:
            response = await files.get_response(wanted, scope)
        except HTTPException:
            if not is_page(wanted):
                path: str = scope["path"]
                return problem_response(path, unknown_route(path), self._clock)
            response = await files.get_response("index.html", scope)
        hashed = wanted.startswith("assets/")
        response.headers["cache-control"] = IMMUTABLE if hashed else REVALIDATE
        return response


def is_page(wanted: str) -> bool:
    """An address of the dashboard's own router: no file name, and none of the API's."""
    last = wanted.rpartition("/")[2]
    return wanted == "index.html" or ("." not in last and not wanted.startswith(_NOT_PAGES))
