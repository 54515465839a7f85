"""Names that clients give to models, and models they make of others: kept in the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.config.derived import DERIVED_MAX_BYTES, DerivedModelSpec
from llama_runner_pro.config.gateway import ServedModelSpec
from llama_runner_pro.config.gateway_rules import name_key
from llama_runner_pro.core.errors import BadRequest, ConfigError, LlamaRunnerError, ModelNotFound

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

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
        self._check_count(models, self._spec().derived)
        mine = _served(models, view.name) or ServedModelSpec(name=view.name)
        more = msgspec.structs.replace(mine, aliases=(*mine.aliases, name))
        await self._save({"models": [*(one for one in models if one is not mine), more]})

    async def derive(self, recipe: DerivedModelSpec) -> None:
        """Serve a model that is made of another. One of that name, or an alias, gives way.

        Raises `BadRequest` for a model's own name, and when there is no room for more.
        """
        key = name_key(recipe.name)
        models = [_without(one, key) for one in self._spec().models]
        is_alias = any(a != b for a, b in zip(models, self._spec().models, strict=True))
        others = [one for one in self._spec().derived if name_key(one.name) != key]
        is_derived = len(others) < len(self._spec().derived)
        if not (is_alias or is_derived) and self._table.find(recipe.name) is not None:
            raise BadRequest(f"{recipe.name!r} is the name of a model already", "model", 409)
        self._check_count(models, others)
        if len(msgspec.json.encode([*others, recipe])) > DERIVED_MAX_BYTES:
            raise BadRequest("there is no room for more models of one's own", "model", 409)
        changes: dict[str, list[Any]] = {"derived": [*others, recipe]}
        if is_alias:
            changes["models"] = [one for one in models if one != _bare(one)]
        await self._save(changes)

    async def delete(self, name: str) -> None:
        """Take a name away. Raises `ModelNotFound`, and `BadRequest` for a model's own name."""
        key = name_key(name)
        for one in self._spec().models:
            less = _without(one, key)
            if less != one:
                models = [less if each is one else each for each in self._spec().models]
                await self._save({"models": [each for each in models if each != _bare(each)]})
                return
        others = [one for one in self._spec().derived if name_key(one.name) != key]
        if len(others) < len(self._spec().derived):
            await self._save({"derived": others})
            return
        if self._table.find(name) is None:
            raise ModelNotFound(name, [one.name for one in self._table.models()])
        raise BadRequest(
            f"{name!r} is the model's own name; remove its endpoint in the settings instead",
            "model",
            409,
        )

    def _check_count(
        self, models: Sequence[ServedModelSpec], derived: Sequence[DerivedModelSpec]
    ) -> None:
        if sum(len(one.aliases) for one in models) + len(derived) >= ALIASES_MAX:
            raise BadRequest(f"there are {ALIASES_MAX} further names already", "destination", 409)

    async def _save(self, changes: dict[str, list[Any]]) -> None:
        """Write these lists, each entry without what is as usual."""
        documents = {key: [_document(one) for one in entries] for key, entries in changes.items()}
        try:
            await self._amend(documents)
        except ConfigError as error:
            raise BadRequest(f"the name cannot be kept: {error.problems[0]}", None, 400) from error
        except LlamaRunnerError as error:
            raise BadRequest(f"the name cannot be kept: {error}", None, 500) from error


def _served(models: tuple[ServedModelSpec, ...], name: str) -> ServedModelSpec | None:
    return next((one for one in models if name_key(one.name) == name_key(name)), None)


def _without(spec: ServedModelSpec, key: str) -> ServedModelSpec:
    left = tuple(alias for alias in spec.aliases if name_key(alias) != key)
    return spec if left == spec.aliases else msgspec.structs.replace(spec, aliases=left)


def _bare(spec: ServedModelSpec) -> ServedModelSpec:
    """An entry that says nothing but the name: as good as none."""
    return ServedModelSpec(name=spec.name)


def _document(spec: ServedModelSpec | DerivedModelSpec) -> dict[str, Any]:
    """As it stands in a file: without what is as usual."""
    said: dict[str, Any] = msgspec.to_builtins(spec)
    usual = {
        one.encode_name: msgspec.to_builtins(_default(one))
        for one in msgspec.structs.fields(spec)
        if not one.required
    }
    return {key: value for key, value in said.items() if key not in usual or value != usual[key]}


def _default(one: msgspec.structs.FieldInfo) -> Any:
    return one.default_factory() if callable(one.default_factory) else one.default
