"""Runs llama.cpp's own HTTP server in this process. The only module that imports xllamacpp.

What was found out about xllamacpp 2026.10 and shapes this file:

- `Server(params)` holds the interpreter lock until the model is loaded, so no Python code (signal
  handlers included) runs meanwhile. The native listener is up within milliseconds and answers 503
  "Loading model" by itself.
- It installs no signal handlers.
- Its destructor holds the lock too and waits for every open request, for minutes if need be. It
  must never run: the process ends without finalisation, and the kernel gives everything back.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from llama_runner_pro.engine.exit_codes import PREFIX, EngineExit
from llama_runner_pro.engine.memory import available_bytes, needed_bytes
from llama_runner_pro.engine.params import threads_for
from llama_runner_pro.engine.preflight import (
    EngineRefusal,
    check_complete,
    check_memory,
    check_model,
    check_port,
)

if TYPE_CHECKING:
    from llama_runner_pro.engine.gguf import GgufHeader
    from llama_runner_pro.engine.params import EngineParams

_STOP_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)
_DRAIN_POLL_S: Final = 0.05
_QUIET_LOOKS: Final = 2
"""A request stops counting a moment before its answer is sent, so one quiet look is not enough."""
_VERBOSITY_INFO: Final = 3
_VERBOSITY_DEBUG: Final = 5


def serve(params: EngineParams) -> NoReturn:
    """Load the model and serve it until SIGTERM or SIGINT; then the process ends with exit code 0.

    Raises `EngineRefusal` when it cannot start. While the model loads, a stop signal ends the
    process at once by that signal; afterwards running requests get `drain_ms` to finish, and a
    second signal cuts that short.
    """
    header = check_model(params.model_path)
    check_port(params.host, params.port)
    _let_signals_kill()
    library = _library()
    # Named, so that its destructor does not run: see the module's docstring.
    _server = _start(library, params, header)
    _wait_for_stop(params)
    _drain(params)
    os._exit(EngineExit.OK)


def devices() -> list[str]:
    """What the library can compute on, in its own words. Raises `EngineRefusal`."""
    return [f"{one['name']} ({one['description']})" for one in _library().get_device_info()]


def _library() -> Any:
    """The native module. Raises `EngineRefusal` when it is missing or does not fit this machine."""
    _load_own_openmp()
    try:
        import xllamacpp
    except ModuleNotFoundError as error:
        reason = (
            "the embedded engine is not installed: run `pip install 'llama-runner-pro[engine]'`"
        )
        raise EngineRefusal(EngineExit.NOT_INSTALLED, reason) from error
    except ImportError as error:
        reason = f"the embedded engine cannot be loaded: {error}"
        if "libgomp" in reason:
            reason += "; install the system package libgomp1 (Debian, Ubuntu) or libgomp"
        raise EngineRefusal(EngineExit.NOT_INSTALLED, reason) from error
    return xllamacpp


def _load_own_openmp() -> None:
    """Load libgomp from our environment if it was put there.

    The library needs it, bare systems lack it, and not every user may install system packages.
    """
    own = Path(sys.prefix, "lib", "libgomp.so.1")
    if own.is_file():
        import ctypes

        ctypes.CDLL(str(own), mode=ctypes.RTLD_GLOBAL)


def _start(library: Any, params: EngineParams, header: GgufHeader) -> Any:
    """Start the server and load the model; raises `EngineRefusal` with the best reason there is."""
    cpu = library.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
    has_gpu = any(device["type"] != cpu for device in library.get_device_info())
    uses_gpu = has_gpu and params.gpu_layers != 0
    if not uses_gpu:  # what fits on a GPU is for llama.cpp to find out
        needed = needed_bytes(params.model_path, header, params.context_tokens)
        check_memory(needed, available_bytes())
    try:
        return library.Server(_native_params(library, params, uses_gpu=uses_gpu))
    except (RuntimeError, MemoryError) as error:
        check_port(params.host, params.port)
        check_complete(params.model_path)
        reason = f"llama.cpp could not load {params.model_path}: its log lines above say why"
        raise EngineRefusal(EngineExit.LOAD_FAILED, reason) from error


def _native_params(library: Any, params: EngineParams, *, uses_gpu: bool) -> Any:
    native = library.CommonParams()
    native.model.path = str(params.model_path)
    native.model_alias = {params.alias}
    native.hostnames = [params.host]
    native.port = params.port
    native.n_ctx = params.context_tokens
    native.n_parallel = params.parallel
    native.kv_unified = params.parallel > 1
    threads = params.threads or threads_for(os.cpu_count() or 1)
    if threads is not None:
        native.cpuparams.n_threads = threads
        native.cpuparams_batch.n_threads = threads
    if params.gpu_layers is not None:
        native.n_gpu_layers = params.gpu_layers
    # Fitting reads the model's header once more: half of the start of a small model.
    native.fit_params = uses_gpu and params.gpu_layers is None
    # The first token warms it up just as well; whoever starts us asks for one before any client.
    native.warmup = False
    native.endpoint_metrics = True
    native.endpoint_slots = True
    native.endpoint_props = False
    native.ui = False
    # No web page may read this server's answers; the dashboard and the gateway ask on its behalf.
    native.cors_origins = ""
    native.cors_credentials = False
    native.verbosity = _VERBOSITY_DEBUG if params.verbose else _VERBOSITY_INFO
    return native


def _let_signals_kill() -> None:
    """Give stop signals their default effect, the only one that works during the load."""
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _wait_for_stop(params: EngineParams) -> None:
    """Say that the engine is ready, then block until a stop signal comes.

    The kernel may hand the signal to a native thread, which would not interrupt a wait of this one;
    Python's wakeup descriptor works from any thread, and on Windows too.
    """
    woken, wakeup = socket.socketpair()
    wakeup.setblocking(False)
    signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
    for number in _STOP_SIGNALS:
        signal.signal(number, lambda *_: None)
    _note(f"is ready: {params.alias} on http://{params.host}:{params.port}")
    woken.recv(1)
    signal.set_wakeup_fd(-1)
    for number in _STOP_SIGNALS:
        signal.signal(number, lambda *_: os._exit(EngineExit.OK))


def _drain(params: EngineParams) -> None:
    """Let running requests finish, within the time allowed."""
    from http.client import HTTPConnection, HTTPException  # only needed here, at the very end

    _note(f"is stopping; running requests have {params.drain_ms} ms to finish")
    deadline_s = time.monotonic() + params.drain_ms / 1000
    quiet_looks = 0
    while quiet_looks < _QUIET_LOOKS and (left_s := deadline_s - time.monotonic()) > 0:
        connection = HTTPConnection(params.host, params.port, timeout=left_s)
        try:
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode("utf-8", "replace")
        except (OSError, HTTPException):
            return
        finally:
            connection.close()
        quiet_looks = 0 if running_requests(text) else quiet_looks + 1
        time.sleep(_DRAIN_POLL_S)


def _note(text: str) -> None:
    """Log one line of ours; unlike a refusal it does not start with `PREFIX`."""
    sys.stderr.write(f"{PREFIX.rstrip(': ')} {text}\n")
    sys.stderr.flush()


def running_requests(metrics_text: str) -> int:
    """Requests that llama.cpp's /metrics calls processing or deferred."""
    names = ("llamacpp:requests_processing ", "llamacpp:requests_deferred ")
    return sum(
        int(float(line.split()[1])) for line in metrics_text.splitlines() if line.startswith(names)
    )
