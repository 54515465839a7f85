"""The official packages for JavaScript, each in a run of vitest against the same doors."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from places import ROOT, node_tool

if TYPE_CHECKING:
    from conftest import Doors

PATIENCE_S = 400


@pytest.mark.timeout(PATIENCE_S + 10)
@pytest.mark.parametrize("package", ["openai", "ollama"])
def test_the_javascript_package_is_content(doors: Doors, models: list[str], package: str) -> None:
    settings = {
        "OPENAI_DOOR": doors.openai,
        "OLLAMA_DOOR": doors.ollama,
        "SIDECAR": f"http://127.0.0.1:{doors.sidecar.port}",
        "MODELS": ",".join(models),
    }
    command = [*node_tool("vitest", "vitest.mjs"), "run", f"node/{package}.client.ts"]
    ran = subprocess.run(
        [*command, "--config", str(ROOT / "tests/conformance/node/vitest.config.ts")],
        cwd=ROOT,
        env={**os.environ, **{f"LLAMA_RUNNER_PRO_{key}": value for key, value in settings.items()}},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
