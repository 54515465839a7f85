"""What the model file of an endpoint tells, read beside the event loop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.engine.gguf import GgufBroken, read_header
from llama_runner_pro.engine.memory import needed_bytes, weights_bytes
from llama_runner_pro.gateway.facts import Facts, of_gguf
from llama_runner_pro.gateway.lists import Examined

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.spec import EndpointSpec


async def examine(spec: EndpointSpec) -> Examined | None:
    """Facts from its GGUF file; None when it has none that can be read. Cancelling is safe."""
    if spec.model_path is None:
        return None
    return await asyncio.to_thread(_read, spec.model_path, spec)


def _read(name: str, spec: EndpointSpec) -> Examined | None:
    path = Path(name).expanduser()
    try:
        header = read_header(path)
        context = spec.parameters.get("ctx-size")
        needed = needed_bytes(path, header, context if isinstance(context, int) else 0)
        file = Facts(
            path=str(path),
            size_bytes=weights_bytes(path),
            modified_ms=path.stat().st_mtime_ns // 1_000_000,
        )
    except (OSError, GgufBroken):
        # Starting it says what is wrong; a list has no place for that.
        return None
    return Examined(file.over(of_gguf(header.values)), needed)
