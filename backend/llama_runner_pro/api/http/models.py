"""Commands for one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.envelope import envelope, unless_kept
from llama_runner_pro.api.http.status import model_status
from llama_runner_pro.api.route import Reply

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call
    from llama_runner_pro.endpoints.ports import EndpointView


async def enable(call: Call) -> Reply:
    """Watch it again, and start it when we can."""
    view = await call.deps.supervisor.enable(call.path["name"])
    return _switched(call, view, f"{view.name} is enabled")


async def disable(call: Call) -> Reply:
    """Watch it no more; its process keeps running. A warning: this will not survive a restart."""
    view = await call.deps.supervisor.disable(call.path["name"])
    return _switched(call, view, f"{view.name} is disabled")


async def start(call: Call) -> Reply:
    """Start it."""
    view = await call.deps.supervisor.start(call.path["name"])
    return _done(call, view, f"{view.name} is {view.state.value}")


async def stop(call: Call) -> Reply:
    """Stop it until somebody starts it again."""
    view = await call.deps.supervisor.stop(call.path["name"])
    return _done(call, view, f"{view.name} is {view.state.value}")


async def restart(call: Call) -> Reply:
    """Stop and start."""
    view = await call.deps.supervisor.restart(call.path["name"])
    return _done(call, view, f"{view.name} is {view.state.value}")


async def accept_proposal(call: Call) -> Reply:
    """Change its configuration as its card proposes; it starts with that."""
    view = await call.deps.supervisor.accept_proposal(call.path["name"])
    return _done(call, view, f"{view.name} is {view.state.value}")


def _switched(call: Call, view: EndpointView, message: str) -> Reply:
    """A warning when it cannot be kept for the next start."""
    why = call.deps.supervisor.unkept
    words, shown = unless_kept(message, why), model_status(view)
    return Reply(envelope(call.deps.clock, words, shown, "success" if why is None else "warning"))


def _done(call: Call, view: EndpointView, message: str) -> Reply:
    return Reply(envelope(call.deps.clock, message, model_status(view)))
