from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.config.gateway import GatewaySpec, KeySpec
from llama_runner_pro.core.errors import Denied, Saturated
from llama_runner_pro.gateway.access import Doorkeeper, is_exposed

if TYPE_CHECKING:
    from llama_runner_pro.gateway.ports import Access

HOST = (b"host", b"127.0.0.1:1234")
KEY = KeySpec(name="laptop", secret="correct-horse", priority=2, models=("demo",))
OTHER = KeySpec(name="phone", secret="battery-staple", max_parallel=1)


def keeper(**more: object) -> Doorkeeper:
    return Doorkeeper(GatewaySpec(**more), FakeClock())  # type: ignore[arg-type]


def refusal(access: Access, *headers: tuple[bytes, bytes]) -> Denied:
    with pytest.raises(Denied) as denied:
        access.enter(headers)
    return denied.value


@pytest.mark.parametrize(
    "host", [b"127.0.0.1:1234", b"localhost", b"LOCALHOST:1234", b"[::1]:1234", b"localhost.:80"]
)
def test_on_loopback_nobody_needs_a_key(host: bytes) -> None:
    visitor = keeper().enter([(b"host", host)])
    assert (visitor.key, visitor.answer_headers, visitor.leave) == (None, (), None)


@pytest.mark.parametrize("host", [b"evil.example", b"127.0.0.1.evil.example:1234", b"", b"[::1"])
def test_a_rebound_host_name_is_refused(host: bytes) -> None:
    access = keeper()
    assert refusal(access, (b"host", host)).status == 403
    assert refusal(access, (b"host", host)).code == "wrong_host"


def test_a_request_without_host_is_refused() -> None:
    assert refusal(keeper()).code == "wrong_host"


def test_many_host_names_do_not_pile_up() -> None:
    access = keeper()
    for number in range(1_000):
        refusal(access, (b"host", b"%d.example" % number))
    assert access.enter([HOST]).key is None


def test_an_allowed_page_gets_its_cors_headers() -> None:
    visitor = keeper().enter([HOST, (b"origin", b"http://localhost:5173")])
    assert visitor.answer_headers == (
        (b"access-control-allow-origin", b"http://localhost:5173"),
        (b"access-control-expose-headers", b"Retry-After"),
        (b"vary", b"Origin"),
    )


def test_a_foreign_page_is_refused_remembered_and_told_what_to_do() -> None:
    access = keeper()
    denied = refusal(access, HOST, (b"origin", b"https://evil.example"))
    assert (denied.status, denied.code) == (403, "foreign_origin")
    assert "gateway.origins" in denied.hint
    assert [one.origin for one in access.origins.refused()] == ["https://evil.example"]


def test_a_preflight_is_answered_without_a_key() -> None:
    access = keeper(keys=(KEY,))
    answer = dict(access.preflight([HOST, (b"origin", b"vscode-webview://abc")]))
    assert answer[b"access-control-allow-origin"] == b"vscode-webview://abc"
    assert b"POST" in answer[b"access-control-allow-methods"]
    for wanted in (b"authorization", b"content-type", b"x-api-key", b"x-stainless-lang"):
        assert wanted in answer[b"access-control-allow-headers"]
    assert b"access-control-allow-private-network" not in answer
    assert access.preflight([HOST]) == ()
    with pytest.raises(Denied):
        access.preflight([HOST, (b"origin", b"https://evil.example")])


def test_a_page_from_elsewhere_may_reach_this_private_network_once_it_is_allowed() -> None:
    access = keeper(origins=("https://chat.example",))
    asks = (b"access-control-request-private-network", b"true")
    answer = dict(access.preflight([HOST, (b"origin", b"https://chat.example"), asks]))
    assert answer[b"access-control-allow-private-network"] == b"true"


@pytest.mark.parametrize(
    "header",
    [
        (b"authorization", b"Bearer correct-horse"),
        (b"authorization", b"bearer  correct-horse "),
        (b"x-api-key", b"correct-horse"),
    ],
)
def test_a_key_opens_the_door_in_either_header(header: tuple[bytes, bytes]) -> None:
    visitor = keeper(keys=(KEY, OTHER)).enter([HOST, header])
    assert (visitor.key, visitor.priority, visitor.models) == ("laptop", 2, ("demo",))


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ((b"authorization", b"Bearer wrong"), "key_wrong"),
        ((b"authorization", b"Basic correct-horse"), "key_missing"),
        ((b"authorization", b"Bearer"), "key_missing"),
        ((b"x-api-key", b"correct-horse2"), "key_wrong"),
        ((b"x-api-key", b"\xff\xfe"), "key_wrong"),
        ((b"accept", b"*/*"), "key_missing"),
    ],
)
def test_no_or_a_wrong_key_is_refused(header: tuple[bytes, bytes], code: str) -> None:
    denied = refusal(keeper(keys=(KEY,)), HOST, header)
    assert (denied.status, denied.code) == (401, code)
    assert "correct-horse" not in str(denied)


def test_a_key_s_limit_counts_until_the_request_leaves() -> None:
    access = keeper(keys=(KEY, OTHER))
    header = (b"x-api-key", b"battery-staple")
    visitor = access.enter([HOST, header])
    with pytest.raises(Saturated):
        access.enter([HOST, header])
    assert visitor.leave is not None
    visitor.leave()
    access.enter([HOST, header])


def test_reachable_from_other_machines_a_key_is_needed_whatever_the_host_name() -> None:
    access = keeper(host="0.0.0.0", keys=(KEY,))
    assert refusal(access, (b"host", b"box.lan:1234")).code == "key_missing"
    assert access.enter([(b"host", b"box.lan"), (b"x-api-key", b"correct-horse")]).key == "laptop"
    assert refusal(keeper(host="0.0.0.0"), (b"host", b"box.lan")).status == 401


def test_auth_none_lets_everybody_in_who_was_let_near() -> None:
    access = keeper(host="0.0.0.0", auth="none", keys=(KEY,))
    assert not access.key_required
    assert access.enter([(b"host", b"box.lan:1234")]).key is None


def test_new_settings_hold_from_the_next_request_on() -> None:
    access = keeper(keys=(OTHER,))
    header = (b"x-api-key", b"battery-staple")
    inside = access.enter([HOST, header])
    access.configure(GatewaySpec(keys=(OTHER, KEY), origins=("https://chat.example",)))
    with pytest.raises(Saturated):
        access.enter([HOST, header])
    assert inside.leave is not None
    inside.leave()
    access.enter([HOST, header])
    assert access.enter(
        [HOST, (b"origin", b"https://chat.example"), (b"x-api-key", b"correct-horse")]
    )
    edition = access.edition
    access.configure(GatewaySpec())
    assert access.enter([HOST]).key is None
    assert access.edition != edition, "who came in before is judged anew"


@pytest.mark.parametrize(
    ("host", "exposed"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("::", True)],
)
def test_only_loopback_addresses_are_out_of_reach(host: str, exposed: bool) -> None:
    assert is_exposed(host) is exposed
