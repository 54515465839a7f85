"""Ports and other sidecars, judged from measured values."""

from __future__ import annotations

from llama_runner_pro.doctor.neighbours import (
    PortUse,
    Sidecar,
    endpoint_ports,
    other_instances,
    port_free,
)

NONE = Sidecar(runs=False)
RUNS = Sidecar(runs=True, pid=77, port=8585, answers=True)
STUCK = Sidecar(runs=True, pid=77, port=8585, answers=False)


def test_a_free_port_is_well() -> None:
    assert port_free("127.0.0.1", 8585, NONE, None).level == "ok"


def test_a_port_that_the_sidecar_holds_is_well() -> None:
    assert port_free("127.0.0.1", 8585, RUNS, "python (pid 77)").level == "ok"


def test_a_port_that_another_program_holds_fails_and_names_it() -> None:
    finding = port_free("127.0.0.1", 8585, NONE, "nginx (pid 99)")
    assert finding.level == "fail"
    assert "nginx (pid 99)" in finding.what
    assert "--port 8586" in finding.fix
    assert "--port 8585" in port_free("127.0.0.1", 65_535, NONE, "nginx (pid 99)").fix


def test_a_sidecar_that_runs_must_answer() -> None:
    assert other_instances("/d", NONE, [])[0].level == "ok"
    assert other_instances("/d", RUNS, [])[0].level == "ok"
    (stuck,) = other_instances("/d", STUCK, [])
    assert (stuck.level, "pid 77" in stuck.what) == ("fail", True)
    (unknown,) = other_instances("/d", Sidecar(runs=True), [])
    assert unknown.level == "fail"


def test_sidecars_of_other_folders_are_named() -> None:
    _, others = other_instances("/d", RUNS, [5, 6])
    assert (others.level, "pid 5, 6" in others.what) == ("warn", True)


def test_a_foreign_holder_of_an_endpoints_port_is_named() -> None:
    uses = [
        PortUse("free", 1, None, ours=False),
        PortUse("ours", 2, "llama-server (pid 2)", ours=True),
        PortUse("taken", 3, "nginx (pid 3)", ours=False),
    ]
    (finding,) = endpoint_ports(uses)
    assert (finding.level, finding.where) == ("warn", "taken")
    assert "nginx (pid 3)" in finding.what
    assert endpoint_ports(uses[:2])[0].level == "ok"
    assert endpoint_ports([])[0].level == "ok"
