"""A collector on loopback that takes OTLP over HTTP, decodes it, and can be told to misbehave."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from tests.tools.loopback import free_port


class OtlpReceiver:
    """Keeps every push it accepted. May be closed and opened again on the same port."""

    def __init__(self) -> None:
        self.pushes: list[ExportMetricsServiceRequest] = []
        self.headers: list[dict[str, str]] = []
        self.asked = 0
        self.status = 200
        self.retry_after: str | None = None
        self.may_answer = threading.Event()
        """Cleared: requests are held."""
        self.may_answer.set()
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> OtlpReceiver:
        """Listen; on the port of before, if there was one."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked += 1
                receiver.may_answer.wait(100)
                receiver.take(self.path, dict(self.headers.items()), body)
                answer = ExportMetricsServiceResponse().SerializeToString()
                self.send_response(receiver.status)
                if receiver.retry_after is not None:
                    self.send_header("Retry-After", receiver.retry_after)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *words: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def close(self) -> None:
        """Stop listening."""
        self.may_answer.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """Decode a push; one that is none fails loudly in the server's thread."""
        if self.status >= 300:
            return
        assert path == "/v1/metrics"
        self.headers.append({name.lower(): value for name, value in headers.items()})
        push = ExportMetricsServiceRequest()
        push.ParseFromString(gzip.decompress(body))
        self.pushes.append(push)

    @property
    def url(self) -> str:
        """Its address, without the path."""
        return f"http://127.0.0.1:{self.port}"


def resource_of(push: ExportMetricsServiceRequest) -> dict[str, str]:
    """Who sent it."""
    return {one.key: one.value.string_value for one in push.resource_metrics[0].resource.attributes}


def metrics_of(push: ExportMetricsServiceRequest) -> dict[str, Any]:
    """Name → metric."""
    return {one.name: one for one in push.resource_metrics[0].scope_metrics[0].metrics}


def points_of(metric: Any) -> dict[tuple[tuple[str, str], ...], float]:
    """Attributes → value."""
    points = (metric.sum if metric.HasField("sum") else metric.gauge).data_points
    return {
        tuple(sorted((one.key, one.value.string_value) for one in point.attributes)): (
            point.as_double or point.as_int
        )
        for point in points
    }
