"""What the shapes of the configuration take and what they refuse."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.api.config_shapes import (
    ConfigUpdate,
    EndpointCreate,
    EndpointDelete,
    EndpointUpdate,
    RollbackRequest,
)


@pytest.mark.parametrize(
    ("shape", "least"),
    [
        (ConfigUpdate, {"version": "v", "document": {}}),
        (EndpointCreate, {"endpoint": {}}),
        (EndpointUpdate, {"endpoint": {}}),
        (EndpointDelete, {}),
        (RollbackRequest, {}),
    ],
)
def test_each_takes_the_least_and_nothing_unknown(
    shape: type[msgspec.Struct], least: dict[str, object]
) -> None:
    assert msgspec.convert(least, shape)
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({**least, "surprise": 1}, shape)
    for key in least:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**least, key: 5}, shape)
