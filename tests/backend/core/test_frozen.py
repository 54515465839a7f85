"""Children of the frozen program get the user's environment."""

from __future__ import annotations

import pytest

from llama_runner_pro.core.frozen import forget_loader, is_frozen, without_loader_traces


@pytest.mark.parametrize(
    ("environ", "kept"),
    [
        ({"_PYI_ARCHIVE_FILE": "x", "_MEIPASS2": "x", "A": "1"}, {"A": "1"}),
        (
            {"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/mine"},
            {"LD_LIBRARY_PATH": "/mine"},
        ),
        ({"LD_LIBRARY_PATH": "/bundle"}, {}),
        ({"LD_LIBRARY_PATH_ORIG": ""}, {"LD_LIBRARY_PATH": ""}),
        ({"PATH": "/bin", "PYI": "1"}, {"PATH": "/bin", "PYI": "1"}),
    ],
)
def test_the_users_environment_comes_back(environ: dict[str, str], kept: dict[str, str]) -> None:
    assert without_loader_traces(environ) == kept
    forget_loader(environ)
    assert environ == kept


def test_this_is_not_the_frozen_program() -> None:
    assert not is_frozen()
