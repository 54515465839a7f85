"""How the other subcommands find and ask the running sidecar. Blocking, standard library only."""

from __future__ import annotations

import http.client
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llama_runner_pro.cli.exit_codes import Exit
from llama_runner_pro.cli.output import say_error
from llama_runner_pro.core.origin import origin, reached_at

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

DEFAULT_URL = "http://127.0.0.1:8585"
TIMEOUT_S = 10.0


@dataclass
class ClientError(Exception):
    """The command ends here: words for the user and the exit code."""

    message: str
    exit_code: Exit

    def __str__(self) -> str:
        """The words."""
        return self.message


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of every subcommand that asks the sidecar."""
    parser.add_argument("--url", help="address of the sidecar (default: the one that runs here)")
    parser.add_argument("--data-dir", type=Path, help="data folder of the sidecar")
    parser.add_argument("--json", action="store_true", help="print data as JSON")


def sidecar_url(arguments: argparse.Namespace) -> str:
    """`--url`, else where the running sidecar says it listens, else the usual address.

    Raises ClientError for a URL that is not one.
    """
    if arguments.url:
        parts = urlsplit(arguments.url)
        if parts.scheme != "http" or not parts.hostname:
            raise ClientError(
                f"--url: {arguments.url!r} is not an address like {DEFAULT_URL}", Exit.USAGE
            )
        return str(arguments.url).rstrip("/")
    from llama_runner_pro.config.paths import DataPaths, data_root

    paths = DataPaths(data_root(arguments.data_dir, os.environ, Path.home()))
    return announced(paths.presence_file) or DEFAULT_URL


def announced(presence_file: Path) -> str | None:
    """Where the running sidecar says that it can be reached; None when it says nothing."""
    try:
        presence = json.loads(presence_file.read_text())
        host, port = str(presence["host"]), int(presence["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return origin(reached_at(host), port)


def token_for(arguments: argparse.Namespace, url: str) -> str | None:
    """The access token of the sidecar that runs here; None for any other address.

    Somebody else's server must never be told it.
    """
    from llama_runner_pro.config.paths import DataPaths, data_root
    from llama_runner_pro.config.token import read_token

    paths = DataPaths(data_root(arguments.data_dir, os.environ, Path.home()))
    if announced(paths.presence_file) != url:
        return None
    try:
        return read_token(paths.token_file)
    except OSError:
        return None


def asked(arguments: argparse.Namespace, ask: Callable[[Client], int]) -> int:
    """Let `ask` talk to the sidecar; every failure becomes words and an exit code here."""
    url = DEFAULT_URL
    try:
        url = sidecar_url(arguments)
        return ask(Client(url, token_for(arguments, url)))
    except ClientError as error:
        say_error(error.message)
        return error.exit_code
    except (KeyError, TypeError):
        # JSON, but not the documents that our sidecar answers with.
        say_error(not_ours(url).message)
        return Exit.BAD_DATA


class Client:
    """Asks one sidecar. Every failure is a ClientError with words and exit code."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self._token = token
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80

    @property
    def credentials(self) -> dict[str, str]:
        """Headers that show the token, when we have it."""
        return {} if self._token is None else {"authorization": f"Bearer {self._token}"}

    def get(self, path: str) -> Any:
        """The answer's JSON."""
        return self._ask("GET", path, None, TIMEOUT_S)

    def post(self, path: str, body: dict[str, Any], timeout_s: float = TIMEOUT_S) -> Any:
        """Send a command; the answer's JSON."""
        return self._ask("POST", path, json.dumps(body), timeout_s)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The answer as it comes, however long it is."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        try:
            connection.request("GET", path, None, self.credentials)
            response = connection.getresponse()
            if response.status >= 400:
                self._understood(response.status, response.read())
            while chunk := response.read1(65_536):
                yield chunk
        except TimeoutError as error:
            words = f"the sidecar at {self.url} did not answer within {TIMEOUT_S:.0f} s"
            raise ClientError(words, Exit.UNAVAILABLE) from error
        except http.client.IncompleteRead as error:
            raise ClientError("the sidecar broke off its answer", Exit.BAD_DATA) from error
        except (OSError, http.client.HTTPException) as error:
            raise not_running(self.url) from error
        finally:
            connection.close()

    def _ask(self, method: str, path: str, body: str | None, timeout_s: float) -> Any:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
        headers = {"content-type": "application/json"} if body is not None else {}
        headers.update(self.credentials)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            status, content = response.status, response.read()
        except TimeoutError as error:
            words = f"the sidecar at {self.url} did not answer within {timeout_s:.0f} s"
            raise ClientError(words, Exit.UNAVAILABLE) from error
        except (OSError, http.client.HTTPException) as error:
            raise not_running(self.url) from error
        finally:
            connection.close()
        return self._understood(status, content)

    def _understood(self, status: int, content: bytes) -> Any:
        try:
            answer = json.loads(content)
        except ValueError as error:
            raise not_ours(self.url) from error
        if status < 400:
            return answer
        raise refused(status, answer, self.url)


def not_running(url: str) -> ClientError:
    """Nobody listens."""
    return ClientError(
        f"the sidecar is not running at {url}. Start it with: llama-runner-pro serve",
        Exit.UNAVAILABLE,
    )


def not_ours(url: str) -> ClientError:
    """Somebody else listens."""
    return ClientError(
        f"what answers at {url} is not LlamaRunner Pro. Name the right address with --url",
        Exit.BAD_DATA,
    )


def refused(status: int, answer: Any, url: str) -> ClientError:
    """The sidecar said no; its own words."""
    problem = answer.get("data", answer) if isinstance(answer, dict) else None
    if not isinstance(problem, dict) or "detail" not in problem:
        return not_ours(url)
    words = str(problem["detail"])
    if problem.get("hint") and status != 404:
        words += f". {str(problem['hint']).capitalize()}"
    return ClientError(words, Exit.NO_INPUT if status == 404 else Exit.UNHEALTHY)
