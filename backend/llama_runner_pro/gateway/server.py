"""The settings of the doors' HTTP servers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import uvicorn

from llama_runner_pro.endpoints.traffic import OWN_SERVER_HEADER
from llama_runner_pro.gateway.door_protocol import DoorProtocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Surface
    from llama_runner_pro.gateway.relay import Relay

SHUTDOWN_S = 3


def door_config(
    app: ASGIApp, relay: Relay, clock: Clock, *, surface: Surface, **more: Any
) -> uvicorn.Config:
    """The server of one door. `surface` words errors of requests that are no use to anybody;
    `more` says where to listen and goes to uvicorn as it is.
    """
    settings: dict[str, Any] = {
        "http": functools.partial(DoorProtocol, relay=relay, surface=surface, clock=clock),
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "headers": [("server", OWN_SERVER_HEADER)],
        "timeout_graceful_shutdown": SHUTDOWN_S,
        "proxy_headers": False,
    }
    return uvicorn.Config(app, **{**settings, **more})
