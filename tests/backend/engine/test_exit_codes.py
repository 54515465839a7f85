"""The exit codes are a contract with the supervisor and with scripts."""

from __future__ import annotations

from llama_runner_pro.engine.exit_codes import EngineExit


def test_the_codes_keep_their_numbers() -> None:
    assert {code.name: code.value for code in EngineExit} == {
        "OK": 0,
        "BAD_ARGUMENTS": 64,
        "NOT_A_GGUF": 65,
        "MODEL_MISSING": 66,
        "PORT_TAKEN": 69,
        "LOAD_FAILED": 70,
        "TOO_LITTLE_MEMORY": 71,
        "NOT_INSTALLED": 78,
    }
