"""A real Prometheus for tests: our own process on loopback, its data in a folder of the test."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import yaml
from fakes.running_sidecar import free_port, until

from provision import prometheus

if TYPE_CHECKING:
    from pathlib import Path


def program(name: str) -> str:
    """Path of `prometheus` or `promtool`; tests that need it are marked `needs_prometheus`."""
    folder = prometheus.find()
    assert folder is not None
    return str(folder / name)


def promtool(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run promtool to its end."""
    argv = [program("promtool"), *arguments]
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=50)


def backfill(folder: Path, openmetrics: str) -> None:
    """Put samples with times of their own into the data folder of a Prometheus to come."""
    source = folder / "samples.txt"
    source.write_text(openmetrics)
    done = promtool(
        *("tsdb", "create-blocks-from", "openmetrics", "--quiet", str(source), str(folder / "data"))
    )
    assert done.returncode == 0, done.stdout + done.stderr


class RealPrometheus:
    """Starts Prometheus over a configuration; ends it by its own process."""

    def __init__(
        self,
        folder: Path,
        scrape_configs: list[dict[str, Any]],
        *,
        prefix: str = "/",
        rule_files: list[str] | None = None,
        port: int | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        document = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
            "rule_files": rule_files or [],
            "scrape_configs": scrape_configs,
        }
        config = folder / "prometheus.yml"
        config.write_text(yaml.safe_dump(document))
        self.port = free_port() if port is None else port
        self.url = f"http://127.0.0.1:{self.port}{prefix.rstrip('/')}"
        self._output = folder / "output.txt"
        argv = [program("prometheus"), f"--config.file={config}"]
        argv += [f"--web.listen-address=127.0.0.1:{self.port}"]
        argv += [f"--storage.tsdb.path={folder / 'data'}", "--log.level=warn"]
        argv += [f"--web.route-prefix={prefix}", "--storage.tsdb.retention.time=20y"]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(argv, stdout=output, stderr=output)

    def __enter__(self) -> RealPrometheus:
        """Wait until it answers."""
        until(lambda: self.process.poll() is not None or self._is_ready())
        assert self.process.poll() is None, self._output.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The result of an instant query; an error of the query fails the test."""
        return self._asked("query", {"query": expression})

    def query_range(self, expression: str, span_s: int = 60, step_s: int = 1) -> list[Any]:
        """The result of a query over the last seconds."""
        now_s = time.time()
        times = {"start": now_s - span_s, "end": now_s, "step": step_s}
        return self._asked("query_range", {"query": expression, **times})

    def _asked(self, verb: str, parameters: dict[str, Any]) -> list[Any]:
        body = urllib.parse.urlencode(parameters).encode()
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{verb}", body, timeout=60) as answer:
                found: list[Any] = json.load(answer)["data"]["result"]
                return found
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters['query']}: {error.read().decode()}") from error

    def _is_ready(self) -> bool:
        with urllib.request.urlopen(f"{self.url}/-/ready", timeout=60) as answer:
            return bool(answer.status == 200)


def scrape_of(*ports: int, job: str = "llama-runner") -> list[dict[str, Any]]:
    """A scrape configuration for sidecars on this computer."""
    targets = [f"127.0.0.1:{port}" for port in ports]
    return [{"job_name": job, "static_configs": [{"targets": targets}]}]
