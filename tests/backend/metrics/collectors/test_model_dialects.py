from __future__ import annotations

from llama_runner_pro.endpoints.kinds import PROFILES
from llama_runner_pro.metrics.collectors.model_dialects import DIALECTS

# Units that are plain numbers: a part's name then says what is counted.
PLAIN = {"count", "per_s", "total"}


def test_every_dialect_belongs_to_a_kind_that_exists() -> None:
    assert DIALECTS.keys() <= {profile.kind for profile in PROFILES}


def test_the_kinds_with_a_page_of_their_own_are_asked() -> None:
    assert {"embedded", "llamacpp", "ollama", "vllm", "lmstudio"} <= DIALECTS.keys()


def test_parts_end_with_their_unit_and_mean_the_same_everywhere() -> None:
    known: dict[str, object] = {}
    for dialect in DIALECTS.values():
        for part, (unit, label, kind) in dialect.parts.items():
            assert unit in PLAIN or part.endswith(f"_{unit}"), part
            assert label
            assert known.setdefault(part, (unit, kind)) == (unit, kind), part
