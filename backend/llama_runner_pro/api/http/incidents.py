"""`/api/incidents`: what broke, what was done, how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Reply
from llama_runner_pro.api.schemas import Incidents, IncidentsQuery

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call


async def all_incidents(call: Call) -> Reply:
    """Newest first; of one endpoint when the query names it."""
    query = call.query_as(IncidentsQuery)
    supervisor = call.deps.supervisor
    if query.endpoint is not None:
        supervisor.view(query.endpoint)  # an unknown name is an error, not an empty list
    found = supervisor.incidents(limit=query.limit, endpoint=query.endpoint)
    return Reply(Incidents(incidents=list(found)))


async def one_incident(call: Call) -> Reply:
    """With all its steps and the evidence."""
    wanted = call.path["id"]
    found = call.deps.supervisor.incident(wanted)
    if found is None:
        raise ApiProblem(
            404,
            "unknown_incident",
            "No such incident",
            f"there is no incident {wanted!r}",
            hint="GET /api/incidents lists the ones that are remembered",
        )
    return Reply(found)
