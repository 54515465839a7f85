"""Names that clients give to models: kept as aliases in the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.config.gateway import ServedModelSpec
from llama_runner_pro.config.gateway_rules import name_key
from llama_runner_pro.core.errors import BadRequest, ConfigError, LlamaRunnerError, ModelNotFound

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.config.gateway import GatewaySpec
    from llama_runner_pro.gateway.ports import ModelTable

ALIASES_MAX = 200
"""Over all models: clients may add them without the access token."""


class GivenNames:
    """Satisfies `gateway.ports.ModelNames`. Use from the event loop only."""

    def __init__(
        self,
        spec: Callable[[], GatewaySpec],
        table: ModelTable,
        amend: Callable[[dict[str, Any]], Awaitable[object]],
    ) -> None:
        """`amend` changes keys of the configuration's `gateway`."""
        self._spec, self._table, self._amend = spec, table, amend

    async def copy(self, source: str, destination: str) -> None:
        """Serve `source` as `destination` too. Raises `ModelNotFound`, `BadRequest`."""
        view = self._table.find(source)
        if view is None:
            raise ModelNotFound(source, [one.name for one in self._table.models()])
        name = destination.strip().removesuffix(":latest")
        if not name:
            raise BadRequest("the new name is empty", "destination")
        there = self._table.find(name)
        if there is not None:
            if there.name == view.name:
                return
            raise BadRequest(f"{name!r} is a name of {there.name!r} already", "destination", 409)
        models = self._spec().models
        if sum(len(one.aliases) for one in models) >= ALIASES_MAX:
            raise BadRequest(f"there are {ALIASES_MAX} further names already", "destination", 409)
        mine = _served(models, view.name) or ServedModelSpec(name=view.name)
        more = msgspec.structs.replace(mine, aliases=(*mine.aliases, name))
        await self._save([*(one for one in models if one is not mine), more])

    async def delete(self, name: str) -> None:
        """Take a name away. Raises `ModelNotFound`, and `BadRequest` for a model's own name."""
        key = name_key(name)
        for one in self._spec().models:
            left = tuple(alias for alias in one.aliases if name_key(alias) != key)
            if left != one.aliases:
                less = msgspec.structs.replace(one, aliases=left)
                models = [less if each is one else each for each in self._spec().models]
                await self._save([each for each in models if each != _bare(each)])
                return
        if self._table.find(name) is None:
            raise ModelNotFound(name, [one.name for one in self._table.models()])
        raise BadRequest(
            f"{name!r} is the model's own name; remove its endpoint in the settings instead",
            "model",
            409,
        )

    async def _save(self, models: list[ServedModelSpec]) -> None:
        try:
            await self._amend({"models": [_document(one) for one in models]})
        except ConfigError as error:
            raise BadRequest(f"the name cannot be kept: {error.problems[0]}", None, 400) from error
        except LlamaRunnerError as error:
            raise BadRequest(f"the name cannot be kept: {error}", None, 500) from error


def _served(models: tuple[ServedModelSpec, ...], name: str) -> ServedModelSpec | None:
    return next((one for one in models if name_key(one.name) == name_key(name)), None)


def _bare(spec: ServedModelSpec) -> ServedModelSpec:
    """An entry that says nothing but the name: as good as none."""
    return ServedModelSpec(name=spec.name)


def _document(spec: ServedModelSpec) -> dict[str, Any]:
    """As it stands in a file: without what is as usual."""
    usual = msgspec.to_builtins(_bare(spec))
    said: dict[str, Any] = msgspec.to_builtins(spec)
    return {key: value for key, value in said.items() if key == "name" or value != usual[key]}
