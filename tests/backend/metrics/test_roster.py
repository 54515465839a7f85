from __future__ import annotations

from llama_runner_pro.metrics.roster import Roster


def test_names_get_keys_of_letters_and_digits() -> None:
    roster = Roster(at_once=8, ever=8)
    assert roster.choose(["eth0", "Wi-Fi 2", "/"]) == {
        "eth0": "eth0",
        "Wi-Fi 2": "wi_fi_2",
        "/": "unnamed",
    }


def test_names_that_look_alike_get_different_keys() -> None:
    assert Roster(at_once=8, ever=8).choose(["a.b", "a-b", "a b"]) == {
        "a.b": "a_b",
        "a-b": "a_b_2",
        "a b": "a_b_3",
    }


def test_a_name_that_comes_back_gets_its_old_key() -> None:
    roster = Roster(at_once=8, ever=8)
    roster.choose(["a.b", "a-b"])
    roster.choose([])
    assert roster.choose(["a-b"]) == {"a-b": "a_b_2"}


def test_only_so_many_have_a_key_at_a_time_and_those_keep_it() -> None:
    roster = Roster(at_once=2, ever=10)
    assert list(roster.choose(["b", "c"])) == ["b", "c"]
    assert list(roster.choose(["a", "b", "c"])) == ["b", "c"]
    assert list(roster.choose(["a", "c"])) == ["c", "a"]


def test_the_number_of_different_names_is_limited_for_good() -> None:
    roster = Roster(at_once=2, ever=3)
    chosen = [set(roster.choose([f"veth{number}"])) for number in range(50)]
    assert set().union(*chosen) == {"veth0", "veth1", "veth2"}
    assert roster.choose(["veth1"]) == {"veth1": "veth1"}
