from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
import pytest

from llama_runner_pro.config.derived import DerivedModelSpec
from llama_runner_pro.config.gateway import GatewaySpec, ServedModelSpec
from llama_runner_pro.config.gateway_rules import name_key
from llama_runner_pro.core.errors import BadRequest, ConfigError, ModelNotFound, Problem
from llama_runner_pro.endpoints.traffic import ModelView
from llama_runner_pro.wiring.names import ALIASES_MAX, GivenNames

if TYPE_CHECKING:
    from llama_runner_pro.gateway.ports import ModelTable


class Kept:
    """A configuration with two models, and their table."""

    def __init__(self, *models: ServedModelSpec) -> None:
        self.spec = GatewaySpec(models=models)
        self.refuses: Exception | None = None
        self.written: dict[str, Any] = {}
        self.names = GivenNames(lambda: self.spec, cast("ModelTable", self), self.amend)

    async def amend(self, changes: dict[str, Any]) -> None:
        if self.refuses is not None:
            raise self.refuses
        document = {**msgspec.to_builtins(self.spec), **changes}
        self.spec = msgspec.convert(document, GatewaySpec)
        self.written = changes

    def models(self) -> list[ModelView]:
        return [
            ModelView(name=name, endpoint=name, kind="llamacpp", state="loaded")
            for name in ("qwen", "llama", *(one.name for one in self.spec.derived))
        ]

    def find(self, name: str) -> ModelView | None:
        aliases = {name_key(alias): one.name for one in self.spec.models for alias in one.aliases}
        wanted = aliases.get(name_key(name), name)
        return next((one for one in self.models() if name_key(one.name) == name_key(wanted)), None)

    meant = find


async def test_a_copy_is_one_more_alias() -> None:
    kept = Kept()
    await kept.names.copy("QWEN:latest", "mine:latest")
    await kept.names.copy("mine", "other")
    assert kept.spec.models == (ServedModelSpec(name="qwen", aliases=("mine", "other")),)


async def test_settings_of_the_model_stay() -> None:
    kept = Kept(ServedModelSpec(name="qwen", pinned=True, ttl_s=60.0))
    await kept.names.copy("qwen", "mine")
    assert kept.spec.models == (
        ServedModelSpec(name="qwen", pinned=True, ttl_s=60.0, aliases=("mine",)),
    )


async def test_the_same_copy_twice_changes_nothing() -> None:
    kept = Kept()
    await kept.names.copy("qwen", "mine")
    before = kept.spec
    await kept.names.copy("qwen", "MINE")
    assert kept.spec is before


@pytest.mark.parametrize(("destination", "status"), [("llama", 409), (" ", 400), (":latest", 400)])
async def test_a_name_that_is_taken_or_empty_is_refused(destination: str, status: int) -> None:
    with pytest.raises(BadRequest) as refused:
        await Kept().names.copy("qwen", destination)
    assert refused.value.status == status


async def test_an_unknown_model_is_not_found() -> None:
    with pytest.raises(ModelNotFound, match="known: qwen, llama"):
        await Kept().names.copy("gone", "mine")
    with pytest.raises(ModelNotFound):
        await Kept().names.delete("gone")


async def test_names_do_not_pile_up_without_end() -> None:
    full = ServedModelSpec(name="qwen", aliases=tuple(f"a{n}" for n in range(ALIASES_MAX)))
    with pytest.raises(BadRequest, match=f"{ALIASES_MAX} further names"):
        await Kept(full).names.copy("llama", "one-more")


async def test_a_name_goes_and_an_entry_that_says_nothing_more_goes_with_it() -> None:
    pinned = ServedModelSpec(name="llama", pinned=True, aliases=("b",))
    kept = Kept(ServedModelSpec(name="qwen", aliases=("mine",)), pinned)
    await kept.names.delete("Mine:latest")
    assert kept.spec.models == (pinned,)
    await kept.names.delete("b")
    assert kept.spec.models == (ServedModelSpec(name="llama", pinned=True),)


async def test_a_model_s_own_name_stays() -> None:
    with pytest.raises(BadRequest, match="own name") as refused:
        await Kept().names.delete("qwen")
    assert refused.value.status == 409


async def test_what_the_configuration_refuses_is_told_in_its_words() -> None:
    kept = Kept()
    kept.refuses = ConfigError([Problem("gateway.models[0].aliases[0]", "too long")])
    with pytest.raises(BadRequest, match="too long"):
        await kept.names.copy("qwen", "x" * 1_000)


async def test_a_model_of_ones_own_is_kept_replaced_and_deleted() -> None:
    kept = Kept(ServedModelSpec(name="qwen", aliases=("bot",)))
    made = DerivedModelSpec(name="bot", base="qwen", system="Be kind")
    # The alias of that name gives way.
    await kept.names.derive(made)
    assert (kept.spec.derived, kept.spec.models) == ((made,), ())
    assert kept.written["derived"] == [{"name": "bot", "base": "qwen", "system": "Be kind"}]
    other = DerivedModelSpec(name="BOT", base="llama", stop=("X",))
    await kept.names.derive(other)
    assert kept.spec.derived == (other,)
    await kept.names.delete("bot:latest")
    assert kept.spec.derived == ()


async def test_a_models_own_name_is_not_given_to_another() -> None:
    with pytest.raises(BadRequest, match="name of a model") as refused:
        await Kept().names.derive(DerivedModelSpec(name="qwen", base="llama"))
    assert refused.value.status == 409


async def test_models_of_ones_own_do_not_pile_up_without_end() -> None:
    kept = Kept()
    text = "x" * 99_000
    for number in range(10):
        await kept.names.derive(DerivedModelSpec(name=f"b{number}", base="qwen", system=text))
    with pytest.raises(BadRequest, match="no room"):
        await kept.names.derive(DerivedModelSpec(name="b10", base="qwen", system=text))
    kept.spec = GatewaySpec(
        derived=tuple(DerivedModelSpec(name=f"b{n}", base="qwen") for n in range(ALIASES_MAX))
    )
    with pytest.raises(BadRequest, match="further names"):
        await kept.names.derive(DerivedModelSpec(name="more", base="qwen"))
    # One that is there already takes no more room.
    await kept.names.derive(DerivedModelSpec(name="b1", base="llama"))
