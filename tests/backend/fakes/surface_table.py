"""Models as surfaces see them: from a list, with a log of what was asked of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from llama_runner_pro.core.errors import ModelNotFound

if TYPE_CHECKING:
    from llama_runner_pro.config.derived import DerivedModelSpec
    from llama_runner_pro.core.errors import GatewayError
    from llama_runner_pro.endpoints.traffic import ModelView


@dataclass
class FakeTable:
    """Satisfies `gateway.ports.ModelTable`."""

    views: list[ModelView]
    log: list[tuple[Any, ...]] = field(default_factory=list)
    error: GatewayError | None = None
    old: set[str] = field(default_factory=set)
    """Servers that do not know Anthropic's API."""
    later: dict[str, ModelView] = field(default_factory=dict)
    """Views as they are once their servers were asked again."""
    recipes: dict[str, DerivedModelSpec] = field(default_factory=dict)
    """Of views that are derived models."""

    def models(self) -> list[ModelView]:
        return self.views

    def find(self, name: str) -> ModelView | None:
        plain = name.lower().removesuffix(":latest")
        for view in self.views:
            if plain in (view.name.lower(), *view.aliases):
                return view
        return None

    meant = find

    def recipe(self, name: str) -> DerivedModelSpec | None:
        view = self.find(name)
        return None if view is None else self.recipes.get(view.name)

    def hosts(self, kind: str) -> list[str]:
        return [view.endpoint for view in self.views if view.kind == kind]

    def speaks_messages(self, endpoint: str) -> bool:
        return endpoint not in self.old

    def look_again(self, endpoint: str) -> None:
        self.log.append(("look again", endpoint))

    async def load(
        self, name: str, *, keep_alive_s: float | None = None, priority: int = 0
    ) -> ModelView:
        self.log.append(("load", name, keep_alive_s))
        if self.error is not None:
            raise self.error
        view = self.find(name)
        if view is None:
            raise ModelNotFound(name, [])
        return replace(view, state="loaded")

    async def asked_now(self, name: str) -> ModelView:
        self.log.append(("ask", name))
        view = self.later.get(name) or self.find(name)
        assert view is not None
        return view

    async def unload(self, name: str) -> ModelView:
        self.log.append(("unload", name))
        view = self.find(name)
        assert view is not None
        return replace(view, state="not_loaded")


@dataclass
class FakeNames:
    """Satisfies `gateway.ports.ModelNames`."""

    log: list[tuple[str, ...]] = field(default_factory=list)
    derived: list[DerivedModelSpec] = field(default_factory=list)

    async def derive(self, recipe: DerivedModelSpec) -> None:
        self.derived.append(recipe)

    async def copy(self, source: str, destination: str) -> None:
        self.log.append(("copy", source, destination))

    async def delete(self, name: str) -> None:
        self.log.append(("delete", name))


class OpenAccess:
    """Lets pages in that say they are from here."""

    def preflight(self, headers: Any) -> tuple[tuple[bytes, bytes], ...]:
        return ((b"access-control-allow-origin", dict(headers).get(b"origin", b"*")),)
