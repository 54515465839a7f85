"""Two hundred computers in one real Prometheus, and how long a look at all of them takes.

One sidecar is scraped once; its exposition is then told by a small server under 200 addresses,
each a host of its own. The sidecar that answers reads them back from the store.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from tests.bench.rig import Sidecar, free_port
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

HOSTS = 200
UNPACKED = Path(__file__).parents[2] / ".build" / "prometheus"
ROUNDS = 50
SCRAPES = 30
PATIENCE_S = 90.0
_SHARED_S = 2.1
"""Answers are shared for two seconds; only what comes later asks the store again."""


def measure(model: Path) -> list[Row]:
    """With the Prometheus that the tests use, or the one that is installed."""
    what = f"fleet of {HOSTS} hosts: GET /api/fleet"
    program = shutil.which("prometheus", path=str(UNPACKED)) or shutil.which("prometheus")
    if program is None:
        return [Row(what, "not measured", "≤ 1 s", "apt install prometheus, or run npm test once")]
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        folder, port = Path(name), free_port()
        config = folder / "config.json"
        config.write_text(json.dumps(_document(model, port)))
        running = Sidecar(folder, config)
        try:
            running.wait_state("bench", "online")
            first = _scrape(running.port)
            _wait_measured(running.port)
            scraped = [first, *(_scrape(running.port) for _ in range(SCRAPES))]
            text = scraped[-1][1]
            with _replayed(text) as replay, _store(folder, port, replay, program):
                return [_scrape_row(scraped), *_rows(running, what)]
        finally:
            running.process.terminate()
            running.process.wait(20)


def _document(model: Path, store_port: int) -> dict[str, Any]:
    engine = {"name": "bench", "kind": "embedded", "port": free_port(), "model_path": str(model)}
    store = {"url": f"http://127.0.0.1:{store_port}"}
    return {"endpoints": [engine], "history": {"backend": "prometheus", "prometheus": store}}


def _scrape(port: int) -> tuple[float, str]:
    """Seconds that one scrape takes, and what it tells."""
    began = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return time.monotonic() - began, text


def _wait_measured(port: int) -> None:
    """Rates need two samples, and with nobody watching the second one comes after 10 s."""
    limit = time.monotonic() + PATIENCE_S
    while "llama_runner_model_slots{" not in _scrape(port)[1]:
        if time.monotonic() > limit:
            raise TimeoutError("the model does not tell of itself")
        time.sleep(0.5)


def _scrape_row(scraped: list[tuple[float, str]]) -> Row:
    first_s, *times = (took_s for took_s, _ in scraped)
    text = scraped[-1][1]
    series = sum(not line.startswith("#") for line in text.splitlines())
    remark = f"the first one {first_s * 1000:.0f} ms; {series} series, {len(text) / 1000:.0f} kB"
    return Row("scrape of /metrics", f"{median(times) * 1000:.1f} ms", "", remark)


@contextmanager
def _replayed(text: str) -> Iterator[int]:
    """A server that tells the same under every address; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            now = f"llama_runner_last_sample_timestamp_seconds {time.time()}"
            lines = [
                now if line.startswith("llama_runner_last_sample_timestamp_seconds ") else line
                for line in text.splitlines()
            ]
            # Each one is a computer of its own, of which we are none.
            host = self.path.rpartition("/")[2]
            body = "\n".join([*lines, ""]).replace('hostname="', f'hostname="{host}-').encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _store(folder: Path, port: int, replay_port: int, program: str) -> Iterator[None]:
    """Our own Prometheus that scrapes all of them every 5 s. JSON is YAML."""
    targets = [
        {
            "targets": [f"127.0.0.1:{replay_port}"],
            "labels": {
                "instance": f"host-{n:03}:8585",
                "__metrics_path__": f"/metrics/host-{n:03}",
            },
        }
        for n in range(HOSTS)
    ]
    document = {
        "global": {"scrape_interval": "5s", "scrape_timeout": "4s"},
        "scrape_configs": [{"job_name": "llama-runner", "static_configs": targets}],
    }
    config = folder / "prometheus.yml"
    config.write_text(json.dumps(document))
    argv = [program, f"--config.file={config}", f"--storage.tsdb.path={folder / 'tsdb'}"]
    argv += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _rows(running: Sidecar, what: str) -> list[Row]:
    limit = time.monotonic() + PATIENCE_S
    while len(running.get("/api/fleet")["hosts"]) <= HOSTS:
        if time.monotonic() > limit:
            raise TimeoutError("the store did not come to know all hosts")
        time.sleep(1)
    times, size = [], 0
    for _ in range(ROUNDS):
        time.sleep(_SHARED_S)
        began = time.monotonic()
        with urllib.request.urlopen(
            f"http://127.0.0.1:{running.port}/api/fleet", timeout=10
        ) as answer:
            size = len(answer.read())
        times.append(time.monotonic() - began)
    p95_s = quantiles(times, n=20)[-1]
    measured = f"{median(times) * 1000:.0f} ms, p95 {p95_s * 1000:.0f} ms"
    return [Row(what, measured, "≤ 1 s", f"{ROUNDS} asked, {size / 1000:.0f} kB")]
