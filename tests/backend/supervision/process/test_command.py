"""What exactly is executed for an endpoint."""

from __future__ import annotations

import sys
from typing import Literal

import msgspec
import pytest

from llama_runner_pro.core.errors import StartFailed
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.process.command import (
    Command,
    Runtime,
    build_command,
    build_stop_command,
    clean_environment,
    startable,
    this_runtime,
)
from llama_runner_pro.supervision.process.identity import NONCE_VARIABLE


def runtime(*, frozen: bool = False, **environ: str) -> Runtime:
    return Runtime(executable="/opt/python", frozen=frozen, environ=environ, home="/home/ada")


def build(spec: EndpointSpec, on: Runtime | None = None) -> Command:
    return build_command(spec, nonce="n-1", runtime=on or runtime(PATH="/bin"))


def test_placeholders_are_filled_in_each_element() -> None:
    spec = EndpointSpec(
        name="a",
        port=8081,
        model_path="/models/a b.gguf",
        start_command=("${HOME}/serve", "-m", "${MODEL}", "--listen=:${PORT}", "$PORT", "${OTHER}"),
    )
    assert build(spec).argv == (
        "/home/ada/serve",
        "-m",
        "/models/a b.gguf",
        "--listen=:8081",
        "$PORT",
        "${OTHER}",
    )


def test_filled_in_value_is_not_searched_for_placeholders_again() -> None:
    spec = EndpointSpec(name="a", model_path="${HOME}", start_command=("x", "${MODEL}"))
    assert build(spec).argv == ("x", "${HOME}")


@pytest.mark.parametrize("kind", ["embedded", "llamacpp"])
def test_in_debug_mode_llama_cpp_logs_in_detail(kind: Literal["embedded", "llamacpp"]) -> None:
    usual = EndpointSpec(name="a", kind=kind, port=8081, model_path="m.gguf")
    asked = EndpointSpec(
        name="a", kind=kind, port=8081, model_path="m.gguf", parameters={"verbose": True}
    )
    assert "--verbose" not in build(usual).argv
    for spec in (usual, asked):
        command = build_command(spec, nonce="n", runtime=runtime(), verbose=True)
        assert command.argv.count("--verbose") == 1


def test_a_command_of_the_users_is_not_added_to_in_debug_mode() -> None:
    spec = EndpointSpec(name="a", start_command=("x",))
    assert build_command(spec, nonce="n", runtime=runtime(), verbose=True).argv == ("x",)


def test_port_may_come_from_the_url() -> None:
    spec = EndpointSpec(name="a", url="http://127.0.0.1:9000", start_command=("x", "${PORT}"))
    assert build(spec).argv == ("x", "9000")


@pytest.mark.parametrize(
    ("command", "words"),
    [(("x", "${PORT}"), "no port is configured"), (("x", "${MODEL}"), "no model_path")],
)
def test_placeholder_without_a_value_is_refused_for_good(
    command: tuple[str, ...], words: str
) -> None:
    with pytest.raises(StartFailed, match=words) as refused:
        build(EndpointSpec(name="a", start_command=command))
    assert refused.value.final


def test_environment_is_ours_with_that_of_the_spec_and_the_nonce() -> None:
    spec = EndpointSpec(name="a", port=1, start_command=("x",), env={"HOST": ":${PORT}"})
    env = build(spec, runtime(PATH="/bin", HOST="old")).env
    assert env == {"PATH": "/bin", "HOST": ":1", NONCE_VARIABLE: "n-1"}


def test_working_folder_is_filled_in_too() -> None:
    spec = EndpointSpec(name="a", start_command=("x",), cwd="${HOME}/models")
    assert build(spec).cwd == "/home/ada/models"


def test_the_engine_gets_large_pages_unless_somebody_chose_otherwise() -> None:
    engine = EndpointSpec(name="a", kind="embedded", port=1, model_path="m.gguf")
    chosen = msgspec.structs.replace(engine, env={"GLIBC_TUNABLES": "mine"})
    assert build(engine).env["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    assert build(chosen).env["GLIBC_TUNABLES"] == "mine"
    assert build(engine, runtime(GLIBC_TUNABLES="theirs")).env["GLIBC_TUNABLES"] == "theirs"
    other = EndpointSpec(name="a", port=1, start_command=("x",))
    assert "GLIBC_TUNABLES" not in build(other).env


def test_environment_does_not_show_in_logs() -> None:
    spec = EndpointSpec(name="a", start_command=("x",), env={"TOKEN": "s3cret"})
    assert "s3cret" not in repr(build(spec))


def test_mark_of_another_endpoint_is_not_handed_down() -> None:
    around = {NONCE_VARIABLE: "of-somebody-else", "LD_LIBRARY_PATH": "/mine"}
    assert clean_environment(runtime(**around)) == {"LD_LIBRARY_PATH": "/mine"}


EMBEDDED = EndpointSpec(
    name="demo",
    kind="embedded",
    port=8586,
    model="tiny",
    model_path="/m.gguf",
    parameters={"ctx-size": 2048, "verbose": True, "mlock": False},
)


def test_embedded_engine_runs_in_a_process_of_our_own_program() -> None:
    assert build(EMBEDDED).argv == (
        *("/opt/python", "-P", "-m", "llama_runner_pro.engine"),
        *("--model", "/m.gguf", "--host", "127.0.0.1", "--port", "8586", "--alias", "tiny"),
        *("--ctx-size", "2048", "--verbose"),
    )


def test_frozen_sidecar_is_its_own_engine() -> None:
    assert build(EMBEDDED, runtime(frozen=True)).argv[:2] == ("/opt/python", "engine")


def test_llama_server_is_started_with_its_metrics() -> None:
    spec = EndpointSpec(name="a", kind="llamacpp", model_path="/m.gguf")
    argv = build(spec).argv
    assert argv[0] == "llama-server"
    assert argv[argv.index("--port") + 1] == "8080"
    assert {"--metrics", "--slots"} <= set(argv)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (EndpointSpec(name="a", kind="ollama"), "a has no start_command"),
        (EndpointSpec(name="a", kind="embedded"), "a has no model_path"),
        (
            EndpointSpec(name="a", kind="embedded", model_path="/m", url="unix:/x"),
            "a has no port",
        ),
    ],
)
def test_spec_that_says_too_little_is_refused_for_good(spec: EndpointSpec, words: str) -> None:
    with pytest.raises(StartFailed, match=words) as refused:
        build(spec)
    assert refused.value.final
    assert refused.value.hint


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (EndpointSpec(name="a", start_command=("x",)), True),
        (EndpointSpec(name="a", start_command=()), False),
        (EMBEDDED, True),
        (EndpointSpec(name="a", kind="llamacpp", model_path="/m"), True),
        (EndpointSpec(name="a", kind="llamacpp"), False),
        (EndpointSpec(name="a", kind="ollama", model_path="/m"), False),
    ],
)
def test_startable_is_what_says_how(spec: EndpointSpec, expected: bool) -> None:
    assert startable(spec) is expected


def test_stop_command_carries_no_nonce_and_would_not_be_taken_for_the_endpoint() -> None:
    spec = EndpointSpec(name="a", port=5, stop_command=("stop", "${PORT}"))
    command = build_stop_command(spec, runtime=runtime())
    assert command is not None
    assert command.argv == ("stop", "5")
    assert NONCE_VARIABLE not in command.env


def test_no_stop_command_means_a_signal() -> None:
    assert build_stop_command(EndpointSpec(name="a"), runtime=runtime()) is None


def test_runtime_of_the_tests_is_this_interpreter() -> None:
    own = this_runtime()
    assert own.executable == sys.executable
    assert not own.frozen
