"""LM Studio's API, version 1: models, loading and unloading, downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.surfaces.answers import json_answer
from llama_runner_pro.gateway.surfaces.downloads import by_lm_studio
from llama_runner_pro.gateway.translate.lmstudio_models import load_config, model_type, v1_item

if TYPE_CHECKING:
    from starlette.responses import Response

    from llama_runner_pro.gateway.surfaces.answers import Streamed
    from llama_runner_pro.gateway.surfaces.call import Call

S = TypeVar("S", bound=msgspec.Struct)
_MISSING = "missing_required_parameter"


class LoadAsked(msgspec.Struct):
    """`POST /api/v1/models/load`. How a model is loaded is settled in our configuration."""

    model: str = ""
    echo_load_config: bool = False


class UnloadAsked(msgspec.Struct):
    """`POST /api/v1/models/unload`."""

    instance_id: str = ""


class DownloadAsked(msgspec.Struct):
    """`POST /api/v1/models/download`."""

    model: str = ""


async def models(call: Call) -> Response:
    """`GET /api/v1/models`: by this address clients tell LM Studio from Ollama."""
    return json_answer({"models": [v1_item(view) for view in call.models()]})


async def load(call: Call) -> Response:
    """`POST /api/v1/models/load`; returns when it is loaded."""
    asked = _parsed(await call.body(), LoadAsked)
    call.find(asked.model)
    clock = call.desk.info.clock
    began_s = clock.monotonic()
    view = await call.unless_gone(
        lambda: call.desk.table.load(asked.model, priority=call.visitor.priority)
    )
    load_s = clock.monotonic() - began_s
    if asked.echo_load_config:
        # What it was loaded with is known to its server alone, which has only just begun.
        view = await call.unless_gone(lambda: call.desk.table.asked_now(asked.model))
    told: dict[str, object] = {
        "type": model_type(view),
        "instance_id": view.name,
        "load_time_seconds": load_s,
        "status": "loaded",
    }
    return json_answer(
        {**told, "load_config": load_config(view)} if asked.echo_load_config else told
    )


async def unload(call: Call) -> Response:
    """`POST /api/v1/models/unload`; returns when it is unloaded."""
    asked = _parsed(await call.body(), UnloadAsked)
    if not asked.instance_id:
        raise BadRequest(
            "instance_id is required", "instance_id", code="missing_required_parameter"
        )
    call.find(asked.instance_id)
    await call.unless_gone(lambda: call.desk.table.unload(asked.instance_id))
    return json_answer({"instance_id": asked.instance_id})


async def download(call: Call) -> Response | Streamed:
    """`POST /api/v1/models/download`: what is here already is said to be; a real LM Studio behind
    us downloads.
    """
    body = await call.body()
    asked = _parsed(body, DownloadAsked)
    if not asked.model:
        raise BadRequest("model is required", "model", code=_MISSING)
    view = call.desk.table.find(asked.model)
    if view is None:
        passed_on = await by_lm_studio(call, asked.model, body)
        if passed_on is not None:
            return passed_on
        raise BadRequest(
            "this server does not download models; put the file where the configuration finds it",
            "model",
            status=501,
            code="not_implemented",
        )
    told: dict[str, object] = {"status": "already_downloaded"}
    if view.size_bytes:
        told["total_size_bytes"] = view.size_bytes
    return json_answer(told)


async def download_status(call: Call) -> Response | Streamed:
    """`GET /api/v1/models/download/status/{job_id}`, as the real LM Studio behind us tells it."""
    job = call.param("job")
    passed_on = await by_lm_studio(call, "", None)
    if passed_on is not None:
        return passed_on
    raise BadRequest(f"there is no download {job!r}", "job_id", status=404, code="job_not_found")


def _parsed(body: bytes, shape: type[S]) -> S:
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except UNREADABLE as error:
        raise BadRequest(str(error), code="invalid_value") from error
