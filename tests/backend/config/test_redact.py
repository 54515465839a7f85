"""What a shown configuration holds, and what it does not."""

from __future__ import annotations

import json

import pytest

from llama_runner_pro.config.model import Config
from llama_runner_pro.config.redact import redacted, redacted_argv, secrets_of
from llama_runner_pro.core.secrets import HIDDEN
from llama_runner_pro.endpoints.spec import EndpointSpec

SPEC = EndpointSpec(
    name="a",
    port=1,
    headers={"Authorization": "Bearer s3cret-1", "X-Team": "s3cret-2"},
    env={"HF_TOKEN": "s3cret-3", "OLLAMA_HOST": "127.0.0.1"},
    parameters={"api-key": "s3cret-4", "ctx-size": 4096, "key": 5},
    start_command=("serve", "--api-key", "s3cret-5", "--token=s3cret-6", "--port", "1"),
    stop_command=("stop", "--password=s3cret-7"),
)
CONFIG = Config(endpoints=(SPEC, EndpointSpec(name="b")))


def test_no_secret_is_shown_and_everything_else_is() -> None:
    document = redacted(CONFIG)
    assert "s3cret" not in json.dumps(document)
    entry = document["endpoints"][0]
    assert entry["headers"] == {"Authorization": HIDDEN, "X-Team": HIDDEN}
    assert entry["env"] == {"HF_TOKEN": HIDDEN, "OLLAMA_HOST": "127.0.0.1"}
    assert entry["parameters"] == {"api-key": HIDDEN, "ctx-size": 4096, "key": HIDDEN}
    assert entry["stop_command"] == ["stop", f"--password={HIDDEN}"]
    assert document["endpoints"][1]["start_command"] is None


def test_configuration_itself_is_not_touched() -> None:
    redacted(CONFIG)
    assert SPEC.env["HF_TOKEN"] == "s3cret-3"


def test_every_hidden_value_can_be_kept_out_of_logs() -> None:
    assert secrets_of(CONFIG) == {
        "Bearer s3cret-1",
        *(f"s3cret-{n}" for n in range(2, 8)),
    }


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["x", "--api-key", "k"], ["x", "--api-key", HIDDEN]),
        (["x", "--api_key=k"], ["x", f"--api_key={HIDDEN}"]),
        (["x", "--password", "--verbose"], ["x", "--password", "--verbose"]),
        (["x", "--max-tokens", "5"], ["x", "--max-tokens", "5"]),
        (["token", "value"], ["token", "value"]),
        ([], []),
    ],
)
def test_command_line_hides_the_values_of_secret_options(argv: list[str], shown: list[str]) -> None:
    assert redacted_argv(argv) == shown
