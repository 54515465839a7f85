"""Configurations that load, and everything that is wrong with those that do not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llama_runner_pro.config.load import load_config
from llama_runner_pro.config.model import Config
from llama_runner_pro.core.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[[object], Path]


def problems_of(path: Path, **flags: Any) -> list[Problem]:
    with pytest.raises(ConfigError) as refused:
        load_config(path, **flags)
    return refused.value.problems


def one(**fields: object) -> dict[str, object]:
    return {"endpoints": [{"name": "a", "port": 8081, **fields}]}


def two(first: dict[str, object], second: dict[str, object]) -> dict[str, object]:
    return {"endpoints": [{"name": "a", **first}, {"name": "b", **second}]}


def test_no_file_means_no_endpoints() -> None:
    assert load_config(None) == Config()


def test_whole_endpoint_loads(write: Write) -> None:
    config = load_config(
        write(
            {
                "check_interval": 7,
                "debug_mode": True,
                "endpoints": [
                    {
                        "name": "team/chat",
                        "kind": "llamacpp",
                        "url": "https://models.example:9443/base",
                        "start_command": ["${HOME}/x", "--port", "${PORT}"],
                        "enabled": False,
                        "timeout": 3,
                        "probes": {"liveness": {"period_s": 2, "failures": 4}},
                        "restart": {"policy": "on-failure", "budget": 2},
                        "stop": {"grace_s": 1.5, "signal": "INT"},
                        "parameters": {"ctx-size": 4096, "mlock": True, "temp": 0.5, "x": "y"},
                        "temp_paths": ["${HOME}/*.lock", "C:\\temp\\*.pid"],
                        "limits": {"memory_bytes": 1000000},
                        "headers": {"Authorization": "Bearer x"},
                        "env": {"A": "1"},
                        "model": None,
                    },
                    {"name": "other", "kind": "ollama", "depends_on": ["team/chat"]},
                ],
            }
        )
    )
    first, second = config.endpoints
    assert (config.check_interval, config.debug_mode) == (7.0, True)
    assert (first.stop.grace_s, first.restart.budget, first.timeout) == (1.5, 2, 3.0)
    assert first.parameters == {"ctx-size": 4096, "mlock": True, "temp": 0.5, "x": "y"}
    assert second.depends_on == ("team/chat",)


def test_check_interval_is_the_period_of_probes_that_set_none(write: Write) -> None:
    document = one(probes={"liveness": {"period_s": 2}})
    spec = load_config(write({**document, "check_interval": 30})).endpoints[0]
    assert spec.probes.liveness.period_s == 2
    assert spec.probes.readiness.period_s == 30
    assert spec.probes.startup.period_s == 0.1


OLDER_ENTRY = {
    "url": "http://localhost:11434",
    "health_endpoint": "/api/tags",
    "process_name": "ollama",
    "start_command": ["surely-not-installed-here", "serve"],
    "stop_command": None,
    "port": 11434,
    "expected_response": "models",
    "timeout": 10,
    "restart_delay": 5,
    "max_restart_attempts": 3,
    "enabled": True,
}


@pytest.mark.parametrize(
    "models",
    [[{"name": "Ollama", **OLDER_ENTRY}], {"Ollama": OLDER_ENTRY}],
    ids=["list", "mapping"],
)
def test_file_of_the_older_monitor_loads_as_it_is(write: Write, models: object) -> None:
    path = write({"check_interval": 30, "debug_mode": False, "models": models})
    config = load_config(path)
    spec = config.endpoints[0]
    assert config.check_interval == 30
    assert spec.name == "Ollama"
    assert spec.start_command == ("surely-not-installed-here", "serve")
    assert (spec.timeout, spec.restart_delay, spec.max_restart_attempts) == (10, 5, 3)


def test_demo_adds_the_embedded_engine() -> None:
    model = Path("/models/tiny.gguf")
    config = load_config(None, demo=True, demo_model=model, demo_port=9001)
    spec = config.endpoints[0]
    assert (spec.name, spec.kind, spec.port) == ("demo", "embedded", 9001)
    assert (spec.model, spec.model_path) == ("tiny", "/models/tiny.gguf")


def test_demo_stands_beside_what_is_configured(write: Write) -> None:
    config = load_config(write(one()), demo=True, demo_model=Path("/m.gguf"), demo_port=9001)
    assert [spec.name for spec in config.endpoints] == ["a", "demo"]


@pytest.mark.parametrize(
    ("document", "flags", "message"),
    [
        ({"endpoints": []}, {}, "the demo model is not installed"),
        (
            {"endpoints": [{"name": "demo", "port": 1}]},
            {"demo_model": Path("/m.gguf")},
            "an endpoint named 'demo' already",
        ),
        (one(), {"demo_model": Path("/m.gguf"), "demo_port": 8081}, "port 8081 is used already"),
    ],
)
def test_demo_that_cannot_be_added_says_why(
    write: Write, document: object, flags: dict[str, Any], message: str
) -> None:
    (problem,) = problems_of(write(document), demo=True, **flags)
    assert message in problem.message
    assert problem.path.startswith("--demo")
    assert problem.hint


A = "endpoints[0]"
B = "endpoints[1]"
BAD = [
    # what the user wrote · where it is wrong · what is said · what is advised
    ({"endpoint": []}, "endpoint", "unknown key", "did you mean endpoints?"),
    ({"endpoints": {}}, "endpoints", "expected a list, got an object", ""),
    ({"endpoints": ["a"]}, A, 'expected an object, got the text "a"', ""),
    ({"check_interval": 0}, "check_interval", "greater than 0", ""),
    ({"debug_mode": "true"}, "debug_mode", "true or false", "write true without quotes"),
    ({"debug_mode": 1}, "debug_mode", "got the number 1", ""),
    ({"endpoints": [{"port": 1}]}, f"{A}.name", "is missing", "a text of 1 to 100 characters"),
    ({"models": 5}, "models", "expected a list or an object, got the number 5", ""),
    ({"models": [], "endpoints": []}, "models", "both models and endpoints", "keep one"),
    ({"models": {"x y": {"port": []}}}, 'models["x y"].port', "got an empty list", ""),
    ({"models": {"a": 1}}, "models.a", "expected an object", ""),
    (one(name=""), f"{A}.name", "1 to 100 characters", ""),
    (one(name=" a"), f"{A}.name", "characters that cannot be seen", "remove"),
    (one(name="a\nb"), f"{A}.name", "characters that cannot be seen", "remove"),
    (one(prot=1), f"{A}.prot", "unknown key", "did you mean port?"),
    (one(xyzzy=1), f"{A}.xyzzy", "unknown key", "known are: cwd"),
    (one(grace_s=1), f"{A}.grace_s", "unknown key", "write it inside stop"),
    (one(port="8081"), f"{A}.port", 'got the text "8081"', "write 8081 without quotes"),
    (one(port=70000), f"{A}.port", "from 1 to 65535, got the number 70000", ""),
    (one(port=True), f"{A}.port", "got true", ""),
    (one(kind="olama"), f"{A}.kind", "expected one of auto, custom", "did you mean ollama?"),
    (one(kind=None), f"{A}.kind", "got null", ""),
    (one(url="/v1"), f"{A}.url", "not an absolute http or https URL", "http://127.0.0.1"),
    (one(url="localhost:8081"), f"{A}.url", "not an absolute", "http://127.0.0.1"),
    (one(url="ftp://host"), f"{A}.url", "not an absolute", ""),
    (one(url="http://h:x"), f"{A}.url", "not a valid URL", ""),
    (one(url="http://a b"), f"{A}.url", "not a valid URL", ""),
    (one(url="http://me:pw@host"), f"{A}.url", "must not hold a password", "headers"),
    (one(url="http://host/?a=1"), f"{A}.url", "must not hold ? or #", ""),
    (one(url="http://h:9000"), f"{A}.port", "port is 8081, but the url says 9000", "equal"),
    (one(port=None), A, "neither url nor port", "http://127.0.0.1:PORT"),
    (one(start_command="x -m 'a b'"), f"{A}.start_command", "a list", 'as ["x", "-m", "a b"]'),
    (one(start_command="x 'a"), f"{A}.start_command", "a list", """as ["x", "'a"]"""),
    (one(start_command=["x", 1]), f"{A}.start_command[1]", "a text, got the number 1", ""),
    (one(start_command=[]), f"{A}.start_command", "names no program", "use null"),
    (one(stop_command=[" "]), f"{A}.stop_command", "names no program", ""),
    (one(start_command=["sh", "\0"]), f"{A}.start_command", "NUL", ""),
    (one(start_command=["no-such-server"]), f"{A}.start_command[0]", "no program", "install it"),
    (one(cwd="/no/such"), f"{A}.cwd", "the folder /no/such does not exist", ""),
    (one(kind="embedded"), f"{A}.model_path", "is missing", ".gguf"),
    (one(health_endpoint="/a b"), f"{A}.health_endpoint", "no spaces", "%20"),
    (one(health_endpoint="ws://x/"), f"{A}.health_endpoint", "not an absolute", ""),
    (one(env={"A=B": "1"}), f"{A}.env", "cannot be an environment variable", ""),
    (one(env={"A": 1}), f"{A}.env.A", "a text, got the number 1", ""),
    (one(env=[]), f"{A}.env", "expected an object, got an empty list", ""),
    (one(headers={"a b": "1"}), f"{A}.headers", "'a b' cannot be the name", ""),
    (one(headers={"X": "a\r\nb"}), f"{A}.headers", "value of X cannot be sent", "ASCII"),
    (one(probes={"liveness": {"period": 1}}), f"{A}.probes.liveness.period", "", "period_s?"),
    (one(probes={"liveness": []}), f"{A}.probes.liveness", "expected an object", ""),
    (one(stop={"grace_s": -1}), f"{A}.stop.grace_s", "from 0 to 86400", ""),
    (one(restart={"policy": "allways"}), f"{A}.restart.policy", "", "did you mean always?"),
    (
        one(restart={"backoff_initial_s": 90}),
        f"{A}.restart.backoff_initial_s",
        "longer than the longest",
        "60",
    ),
    (one(limits={"memory_bytes": 1.5}), f"{A}.limits.memory_bytes", "greater than 0", ""),
    (one(parameters={"a": []}), f"{A}.parameters.a", "a text or a whole number", ""),
    (one(temp_paths=["*.lock"]), f"{A}.temp_paths[0]", "relative to no folder", "${HOME}"),
    (one(temp_paths={"a": 1}), f"{A}.temp_paths", "expected a list, got an object", ""),
    (one(depends_on=["b"]), f"{A}.depends_on[0]", "no endpoint is named 'b'", ""),
    (one(depends_on=["a"]), f"{A}.depends_on[0]", "would wait for itself", ""),
    (
        {"endpoints": [{"name": "a", "port": 1}, {"name": "a", "port": 2}]},
        f"{B}.name",
        f"used already, by {A}",
        "",
    ),
    (two({"port": 9}, {"url": "http://localhost:9/"}), f"{B}.port", f"already, by {A}", ""),
    (two({"kind": "localai"}, {"kind": "llamacpp"}), f"{B}.port", "port 8080", "another port"),
]


@pytest.mark.parametrize(
    ("document", "path", "message", "hint"), BAD, ids=[f"{n}-{row[1]}" for n, row in enumerate(BAD)]
)
def test_mistake_is_named_with_its_place_and_a_hint(
    write: Write, document: object, path: str, message: str, hint: str
) -> None:
    (problem,) = problems_of(write(document))
    assert problem.path == path
    assert message in problem.message
    assert hint in problem.hint


def test_every_problem_is_named_at_once(write: Write) -> None:
    document = {
        "check_intervall": 5,
        "endpoints": [
            {"name": "a", "port": "x", "url": "relative", "timeout": -1},
            {"name": "a", "start_command": "a b", "kind": "nope"},
            {"name": "c", "port": 8080, "stop": {"grace": 1}},
            {"name": "d", "port": 8080, "depends_on": ["e"]},
        ],
    }
    assert [problem.path for problem in problems_of(write(document))] == [
        "check_intervall",
        "endpoints[0].port",
        "endpoints[0].timeout",
        "endpoints[0].url",
        "endpoints[1].start_command",
        "endpoints[1].kind",
        "endpoints[2].stop.grace",
        "endpoints[1].name",
        "endpoints[3].port",
        "endpoints[3].depends_on[0]",
    ]


def test_fault_of_the_eleventh_endpoint_is_not_taken_for_one_of_the_second(write: Write) -> None:
    entries: list[dict[str, object]] = [{"name": f"n{at}", "port": 9000 + at} for at in range(11)]
    entries[10]["port"] = "x"
    entries[1]["port"] = 9000
    paths = [problem.path for problem in problems_of(write({"endpoints": entries}))]
    assert paths == ["endpoints[10].port", "endpoints[1].port"]


def test_key_written_twice_is_named_wherever_it_is(write: Write) -> None:
    text = (
        '{"debug_mode": true, "debug_mode": false, "endpoints": [{"name": "a", "port": 1,'
        ' "port": 2, "env": {"A": "1", "A": "2"}, "stop": {"grace_s": 1, "grace_s": 2}}]}'
    )
    assert {problem.path for problem in problems_of(write(text))} == {
        "debug_mode",
        f"{A}.port",
        f"{A}.env.A",
        f"{A}.stop.grace_s",
    }


def test_key_written_twice_in_an_older_file_is_named_too(write: Write) -> None:
    text = '{"models": {"a": {"port": 1, "port": 2}}}'
    assert [problem.path for problem in problems_of(write(text))] == ["models.a.port"]


def test_same_port_on_another_host_is_another_place(write: Write) -> None:
    path = write(two({"url": "http://10.0.0.1:9"}, {"url": "http://10.0.0.2:9"}))
    assert len(load_config(path).endpoints) == 2


@pytest.mark.parametrize("path", ["/api/tags", "up", "http://127.0.0.1:9/up?deep=1"])
def test_health_endpoint_may_be_a_path_or_a_whole_url(write: Write, path: str) -> None:
    assert load_config(write(one(health_endpoint=path))).endpoints[0].health_endpoint == path


def test_missing_file_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "none.json")
    assert problem.message == "the file does not exist"
