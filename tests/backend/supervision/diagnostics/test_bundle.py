"""Archives are small, whole and without secrets."""

from __future__ import annotations

import io
import random
import tarfile

from fakes.archives import unpacked

from llama_runner_pro.core.secrets import HIDDEN
from llama_runner_pro.supervision.diagnostics.bundle import Member, pack
from llama_runner_pro.supervision.diagnostics.redaction import Redactor

NOW_S = 1_700_000_000.0


def test_every_member_lies_below_one_folder_with_its_text() -> None:
    members = [Member("a.txt", "one\n"), Member("b/c.txt", "zwei ✓\n")]
    content = pack(members, Redactor(), folder="top", now_s=NOW_S)
    assert unpacked(content) == {"top/a.txt": "one\n", "top/b/c.txt": "zwei ✓\n"}


def test_members_are_private_and_dated() -> None:
    content = pack([Member("a.txt", "x")], Redactor(), folder="top", now_s=NOW_S)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        (entry,) = archive.getmembers()
    assert (entry.mode, entry.mtime, entry.uid) == (0o600, NOW_S, 0)


def test_secrets_are_replaced_in_every_member() -> None:
    members = [Member(f"{n}.txt", f"line {n}: sesame-{n % 2}\n") for n in range(6)]
    found = unpacked(pack(members, Redactor(["sesame-0", "sesame-1"]), folder="x", now_s=NOW_S))
    assert len(found) == 6
    assert all(HIDDEN in text and "sesame" not in text for text in found.values())


def test_of_a_long_text_the_end_is_kept_in_whole_lines() -> None:
    text = "".join(f"line {n}\n" for n in range(30_000))
    content = pack([Member("a", text)], Redactor(), folder="x", now_s=NOW_S, limit_bytes=100_000)
    (kept,) = unpacked(content).values()
    first, second, *_, last = kept.splitlines()
    assert len(kept) <= 100_000
    assert first == "(the beginning was left out)"
    assert second.startswith("line ")
    assert last == "line 29999"


def test_no_part_of_a_secret_is_left_where_a_text_was_cut() -> None:
    key = "first-half-of-it\nsecond-half-of-it"
    for limit in range(40, 140):
        members = [Member("a", f"one line\n{key}\nx=hf_{'a' * 20} and more\nlast\n")]
        content = pack(members, Redactor([key]), folder="x", now_s=NOW_S, limit_bytes=limit)
        (text,) = unpacked(content).values()
        assert "half" not in text
        assert "aaa" not in text


def test_all_texts_together_stay_below_the_limit_even_when_nothing_can_be_compressed() -> None:
    roll = random.Random(7)
    noise = "\n".join(f"{roll.getrandbits(400):x}" for _ in range(500))
    members = [Member(f"{n}.txt", noise) for n in range(10)]
    content = pack(members, Redactor(), folder="x", now_s=NOW_S, limit_bytes=200_000)
    found = unpacked(content)
    assert len(found) == 10
    assert sum(map(len, found.values())) <= 200_000
    assert len(content) <= 200_000


def test_a_text_of_no_valid_characters_is_packed_all_the_same() -> None:
    found = unpacked(pack([Member("a", "x\udcff")], Redactor(), folder="x", now_s=NOW_S))
    assert found == {"x/a": "x?"}
