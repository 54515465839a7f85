"""Healing on request: wait for the results, or take the handle of the operation."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from llama_runner_pro.api.envelope import envelope
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Reply
from llama_runner_pro.api.schemas import HealReport, HealRequest, HealResult, HealWait
from llama_runner_pro.core.deadline import Deadline

if TYPE_CHECKING:
    from llama_runner_pro.api.ports import Operation
    from llama_runner_pro.api.route import Call

WAIT_LIMIT_S = 300.0
"""A client that waits gets the handle after this; the heal itself goes on."""


async def heal(call: Call) -> Reply:
    """Heal what is unhealthy, or the one model that the body names."""
    wanted = call.body_as(HealRequest)
    return await _heal(call, wanted.model, wait=wanted.wait, emergency=False)


async def heal_now(call: Call) -> Reply:
    """The emergency: everything unhealthy at once, delays and budget ignored."""
    wanted = call.body_as(HealRequest)
    return await _heal(call, wanted.model, wait=wanted.wait, emergency=True)


async def heal_one(call: Call) -> Reply:
    """Heal the model in the address."""
    wait = call.body_as(HealWait).wait
    return await _heal(call, call.path["name"], wait=wait, emergency=False)


async def operation(call: Call) -> Reply:
    """How far a heal is."""
    handle = call.path["id"]
    found = call.deps.supervisor.operation(handle)
    if found is None:
        raise ApiProblem(
            404,
            "unknown_operation",
            "No such operation",
            f"there is no operation {handle!r}; finished ones are forgotten after a while",
        )
    return Reply(report(found))


async def _heal(call: Call, name: str | None, *, wait: bool, emergency: bool) -> Reply:
    clock = call.deps.clock
    started = call.deps.supervisor.heal(name, emergency=emergency)
    if wait and not started.finished:
        with suppress(TimeoutError):
            async with Deadline(clock, WAIT_LIMIT_S):
                await started.wait()
    done = report(started)
    status: Literal["success", "warning"] = "success"
    if done.finished and any(not result.healed for result in done.results):
        status = "warning"
    code = 200 if done.finished else 202
    return Reply(envelope(clock, sentence(done, name), done, status), code)


def report(found: Operation) -> HealReport:
    """An operation as it goes over the wire."""
    return HealReport(
        operation_id=found.id,
        finished=found.finished,
        results=[
            HealResult(
                name=result.name,
                before=str(result.before),
                after=str(result.after),
                healed=result.healed,
                duration_ms=round(result.duration_ms, 1),
                detail=result.detail,
                incident_id=result.incident_id,
            )
            for result in found.results
        ],
    )


def sentence(done: HealReport, name: str | None) -> str:
    """What happened, for people."""
    if not done.finished:
        return f"healing {'all models' if name is None else name} is under way"
    if not done.results:
        return "nothing to heal: every model is healthy" if name is None else f"{name} is healthy"
    failed = [result for result in done.results if not result.healed]
    healed = f"{len(done.results) - len(failed)} of {len(done.results)} healed"
    if not failed:
        return healed
    return f"{healed}; " + "; ".join(f"{result.name}: {result.detail}" for result in failed)
