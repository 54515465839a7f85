"""The sidecar itself: health, version, and the description of this API."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from llama_runner_pro.api.frames import WIRE_VERSION
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Reply
from llama_runner_pro.api.schemas import Health, ShutdownRequest, ShuttingDown, Version
from llama_runner_pro.core.leaving import WITHIN_S

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def health(call: Call) -> Reply:
    """We are alive; says nothing about the models."""
    return Reply(
        Health(
            status="ok",
            instance=call.deps.instance,
            uptime_s=round(call.deps.clock.monotonic() - call.started_s, 3),
            pid=os.getpid(),
            otlp=call.deps.otlp(),
        )
    )


async def shutdown(call: Call) -> Reply:
    """End this sidecar, and the models with it unless they are to go on."""
    wanted, own = call.body_as(ShutdownRequest), call.deps.instance
    if wanted.instance is not None and wanted.instance != own:
        raise ApiProblem(
            409,
            "another_instance",
            "Another sidecar is meant",
            f"this one is {own}; the one that is meant has ended",
            hint="ask /api/health which one runs now",
        )
    call.deps.leaving.ask(keep_models=wanted.keep_models)
    return Reply(ShuttingDown(instance=own, pid=os.getpid(), within_s=WITHIN_S), status=202)


async def version(call: Call) -> Reply:
    """Versions of program, wire and Python."""
    return Reply(
        Version(
            version=call.deps.version,
            wire_version=WIRE_VERSION,
            python=platform.python_version(),
        )
    )


async def openapi(call: Call) -> Reply:
    """This API as an OpenAPI 3.1 document."""
    # The document is made from the route table, which holds this handler.
    from llama_runner_pro.api.openapi import openapi_document

    return Reply(openapi_document(call.deps.version))
