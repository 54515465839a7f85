"""Starting and stopping for whoever needs a model for a while: the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import Refused, UnknownEndpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.endpoints.spec import EndpointSpec
    from llama_runner_pro.supervision.watched import Watched


class OnDemand:
    """Works on what the supervisor watches. Every method raises UnknownEndpoint."""

    def __init__(self, watched: Mapping[str, Watched]) -> None:
        self._watched = watched

    def spec(self, name: str) -> EndpointSpec:
        """How it is configured now."""
        return self._known(name).monitor.spec

    def ours(self, name: str) -> bool:
        """Its process was started by us, now or by an earlier sidecar."""
        return self._known(name).ours()

    async def settled(self, name: str) -> EndpointView:
        """Wait until nothing is under way: it serves, or rests. Cancelling is safe."""
        monitor = self._known(name).monitor
        await monitor.taken()
        await monitor.settled()
        return monitor.view()

    async def unload(self, name: str, why: str) -> EndpointView:
        """End its process because nobody needs it now; back when it is gone.

        It counts neither as stopped by hand nor as a fault; `why` is shown on its card. Raises
        Refused when it is not ours or does not end. Cancelling does not stop the stop.
        """
        known = self._known(name)
        if not known.ours():
            raise Refused(f"{name}: it was not started from here")
        known.monitor.tell("unload", why)
        view = await self.settled(name)
        if known.monitor.condition.alive:
            raise Refused(f"{name}: {view.reason or 'its process did not end'}")
        return view

    def _known(self, name: str) -> Watched:
        watched = self._watched.get(name)
        if watched is None:
            raise UnknownEndpoint(name, list(self._watched))
        return watched
