"""`open` prints a link that lets a browser in; other servers are never told the token."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakes.running_sidecar import RunningSidecar, until

from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llama_runner_pro", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Shows redirects instead of following them."""

    def redirect_request(self, *_: Any) -> None:
        return None


def opened(url: str) -> tuple[int, str]:
    """Status and cookie of a link."""
    try:
        urllib.request.build_opener(NoRedirect).open(url, timeout=5)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.headers.get("set-cookie", "")
    raise AssertionError("a link leads on")


def test_the_link_works_once_and_the_browser_may_change_things(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        done = command("open", "--print", "--data-dir", str(tmp_path))
        assert done.returncode == 0
        link = done.stdout.split()[0]
        assert link.startswith(f"http://127.0.0.1:{sidecar.port}/session/")
        status, cookie = opened(link)
        assert (status, opened(link)[0]) == (303, 403)
        request = urllib.request.Request(
            f"http://127.0.0.1:{sidecar.port}/api/session",
            headers={"cookie": cookie.partition(";")[0]},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer)["may_change"] is True


def test_the_token_is_in_no_log_and_in_no_command_line(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}) as sidecar:
        token = (tmp_path / "run" / "token").read_text().strip()
        done = command("open", "--json", "--data-dir", str(tmp_path))
        assert token not in done.stdout + done.stderr + sidecar.output
        assert set(json.loads(done.stdout)) == {"url", "expires_in_s"}
        for part in ("cmdline", "environ"):
            known = Path(f"/proc/{sidecar.process.pid}/{part}").read_bytes()
            assert token.encode() not in known
        for log in (tmp_path / "logs").rglob("*.log"):
            assert token not in log.read_text()


def test_without_a_sidecar_it_says_so(tmp_path: Path) -> None:
    done = command("open", "--data-dir", str(tmp_path), "--url", f"http://127.0.0.1:{free_port()}")
    assert done.returncode == 69
    assert "is not running" in done.stderr


@contextmanager
def stranger() -> Iterator[tuple[str, list[str | None]]]:
    """Somebody else's server; notes which credentials it is shown."""
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.headers.get("authorization"))
            self.send_response(401)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


def test_somebody_elses_server_is_not_told_the_token(tmp_path: Path) -> None:
    with RunningSidecar(tmp_path, {"endpoints": []}), stranger() as (url, seen):
        command("open", "--print", "--data-dir", str(tmp_path), "--url", url)
    assert seen == [None]


def test_where_everything_needs_the_token_the_other_commands_show_it(tmp_path: Path) -> None:
    sidecar = RunningSidecar(tmp_path, {"endpoints": []}, "--host", "0.0.0.0")
    with ExitStack() as ending:
        ending.push(sidecar.__exit__)
        until(lambda: "Ctrl-C" in sidecar.output)
        assert command("status", "--data-dir", str(tmp_path)).returncode == 0
        url = f"http://127.0.0.1:{sidecar.port}"
        refused = command("status", "--url", url, "--data-dir", str(tmp_path / "other"))
        assert refused.returncode == 1
        assert "llama-runner-pro open" in refused.stderr
