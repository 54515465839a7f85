"""Documents of every shape, by chance: problems with their places, never anything else."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from fakes.configured import START, Configured

from llama_runner_pro.config.document import JsonObject
from llama_runner_pro.config.load import check_document
from llama_runner_pro.core.errors import ConfigError
from llama_runner_pro.endpoints.spec import EndpointSpec

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.core.errors import Problem

KEYS = [*EndpointSpec.__struct_fields__, "check_interval", "endpoints", "models", "alerts", "kind"]
TEXTS = [
    "", " ", "a", "a/b", 'say "x"', "'", "größe", "😀", "\u202eolleh\u202c", "مرحبا", "\0", "\n",
    "\ud83d", "${PORT}", "${", "http://127.0.0.1:1", "http://[", "http://h:99999", "//", "•••",
    "x" * 5_000, "../../etc/passwd", "-rf", "%s%n", "__class__",
]  # fmt: skip
NUMBERS = [0, 1, -1, 8080, 65_536, 2**63, 10**400, 0.5, 1e308, float("inf"), float("nan"), -0.0]


def anything(chance: random.Random, depth: int) -> Any:
    """A JSON value."""
    kind = chance.randrange(8 if depth else 5)
    if kind < 2:
        return chance.choice(TEXTS)
    if kind == 2:
        return chance.choice(NUMBERS)
    if kind < 5:
        return chance.choice([None, True, False])
    if kind == 5:
        return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {
        chance.choice([*KEYS, *TEXTS]): anything(chance, depth - 1)
        for _ in range(chance.randrange(4))
    }


def document(chance: random.Random) -> dict[str, Any]:
    """A configuration that is nearly right, or not at all."""
    entries: list[Any] = []
    for number in range(chance.randrange(5)):
        entry: Any = {"name": chance.choice([f"e{number}", *TEXTS]), "port": 9000 + number}
        for _ in range(chance.randrange(4)):
            entry[chance.choice([*KEYS, *TEXTS])] = anything(chance, 3)
        entries.append(entry if chance.random() < 0.9 else anything(chance, 2))
    made: dict[str, Any] = {chance.choice(["endpoints", "endpoints", "models"]): entries}
    while chance.random() < 0.3:
        made[chance.choice([*KEYS, *TEXTS])] = anything(chance, 3)
    return made


def placed(problems: list[Problem]) -> bool:
    """Each has a place and words, and can be sent."""
    json.dumps([str(problem) for problem in problems], ensure_ascii=False).encode()
    return bool(problems) and all(problem.path and problem.message for problem in problems)


def problems_of(made: dict[str, Any]) -> list[Problem]:
    """What the check says; nothing for a sound document."""
    try:
        check_document(JsonObject(list(made.items())), source="test")
    except ConfigError as refused:
        return refused.problems
    return []


@pytest.mark.parametrize("seed", range(40))
def test_every_document_is_sound_or_has_problems_with_their_places(seed: int) -> None:
    chance = random.Random(seed)
    found = [problems_of(document(chance)) for _ in range(25)]
    assert all(placed(problems) for problems in found if problems)
    assert any(found)


async def problems_of_saving(configured: Configured, made: dict[str, Any]) -> list[Problem]:
    """What saving says; nothing when it was done."""
    try:
        await configured.store.save(made, configured.store.version)
    except ConfigError as refused:
        return refused.problems
    return []


@pytest.mark.parametrize("seed", range(10))
async def test_no_document_disturbs_what_runs_unless_it_is_sound(seed: int, tmp_path: Path) -> None:
    chance, configured = random.Random(seed), Configured(tmp_path)
    for _ in range(15):
        before, version = configured.path.read_bytes(), configured.store.version
        problems = await problems_of_saving(configured, document(chance))
        if problems:
            assert placed(problems)
            assert configured.path.read_bytes() == before
            assert configured.store.version == version
        else:
            json.loads(configured.path.read_bytes())


@pytest.mark.parametrize("seed", range(10))
async def test_no_edit_of_the_file_does_either(seed: int, tmp_path: Path) -> None:
    chance, configured = random.Random(seed), Configured(tmp_path)
    good = json.dumps(START).encode()
    for _ in range(15):
        damaged = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        configured.path.write_bytes(damaged)
        await configured.store.reload()
        shown = await configured.store.shown()
        assert shown.problems or configured.store.config.endpoints is not None
    configured.path.write_bytes(good)
    await configured.store.reload()
    assert configured.running == ["demo", "org/model"]
    assert (await configured.store.shown()).problems == ()


def crowd(**more: Any) -> list[dict[str, Any]]:
    return [{"name": f"e{at}", "port": 10_000 + at, **more} for at in range(10_000)]


@pytest.mark.parametrize(
    ("entries", "count"),
    [
        (crowd(), 0),
        (crowd(prot=1), 10_000),
        ([{"name": "same", "port": 1}] * 10_000, 2 * 9_999),
        ([5] * 10_000, 10_000),
        ([{**one, "depends_on": [f"e{(at + 1) % 10_000}"]} for at, one in enumerate(crowd())],
         10_000),
    ],
    ids=["sound", "unknown keys", "all the same", "no objects", "one large circle"],
)  # fmt: skip
def test_ten_thousand_endpoints_are_checked_as_one(entries: list[Any], count: int) -> None:
    given = JsonObject([("endpoints", entries)])
    if count == 0:
        assert len(check_document(given, source="test").endpoints) == 10_000
        return
    with pytest.raises(ConfigError) as refused:
        check_document(given, source="test")
    assert len(refused.value.problems) == count
