"""A small web server for the installer's tests: ranges, redirections, proxying, broken answers.

`web_server.py FOLDER LOG [PEM]` prints its port and serves the folder until it is ended, encrypted
with a certificate and its key where there are some. It answers requests to a proxy with its own
files. In the folder, `break-off-once` names a file whose first answer ends half-way, and
`redirections` has lines of a path and where it leads.
"""

from __future__ import annotations

import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

FOLDER, LOG = Path(sys.argv[1]), Path(sys.argv[2])


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    def do_HEAD(self) -> None:
        """The head alone."""
        self._answer(with_body=False)

    def do_GET(self) -> None:
        """The file, or its rest."""
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        wanted = self.headers.get("Range", "")
        with LOG.open("a") as log:
            log.write(f"{self.command} {self.path} {wanted}\n")
        path = urlsplit(self.path).path
        target = self._redirection(path)
        if target:
            self.send_response(302)
            self.send_header("Location", target)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        file = FOLDER / path.lstrip("/")
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        if with_body:
            self._send(file, content[begin:])

    def _send(self, file: Path, content: bytes) -> None:
        breaking = FOLDER / "break-off-once"
        if breaking.is_file() and breaking.read_text().strip() == file.name:
            breaking.unlink()
            content = content[: len(content) // 2]
            self.close_connection = True
        self.wfile.write(content)

    def _redirection(self, path: str) -> str | None:
        listed = FOLDER / "redirections"
        lines = listed.read_text().splitlines() if listed.is_file() else []
        return dict(line.split(" ", 1) for line in lines).get(path)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing on the terminal."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 3:
    encryption = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    encryption.load_cert_chain(sys.argv[3])
    server.socket = encryption.wrap_socket(server.socket, server_side=True)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
