"""How much memory a model needs, and how much this process may still take."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from llama_runner_pro.engine.gguf import GgufHeader

_KIB: Final = 1024
_COMPUTE_BYTES: Final = 64 * _KIB * _KIB
"""Work buffers, library and interpreter beside weights and cache, rounded down."""
_CACHE_VALUE_BYTES: Final = 2
"""llama.cpp keeps the cache in 16-bit floats unless told otherwise."""
_SPLIT_NAME: Final = re.compile(r"^(?P<stem>.+)-\d{5}-of-(?P<total>\d{5})\.gguf$")


def weights_bytes(model_path: Path) -> int:
    """Size of the model on disk, all parts of a split file together. Raises `OSError`."""
    own_bytes = model_path.stat().st_size
    split = _SPLIT_NAME.match(model_path.name)
    if split is None:
        return own_bytes
    parts = model_path.parent.glob(f"*-of-{split['total']}.gguf")
    return sum(part.stat().st_size for part in parts if part.name.startswith(split["stem"] + "-"))


def cache_bytes(header: GgufHeader, context_tokens: int) -> int:
    """The key-value cache for `context_tokens` (0: as trained), estimated from the header.

    0 for models that keep no such cache or whose header does not say; sliding windows are not
    counted as savings.
    """
    tokens = context_tokens or header.whole_number("context_length")
    layers = header.whole_number("block_count")
    latent = header.whole_number("attention.kv_lora_rank")
    if latent:
        per_token = layers * (latent + header.whole_number("rope.dimension_count"))
        return per_token * tokens * _CACHE_VALUE_BYTES
    heads = header.whole_number("attention.head_count")
    if not heads:
        return 0
    head_values = header.whole_number("embedding_length") // heads
    per_head = (header.whole_number("attention.key_length") or head_values) + (
        header.whole_number("attention.value_length") or head_values
    )
    cached_heads = header.per_layer("attention.head_count_kv", layers)
    return (sum(cached_heads) or heads * layers) * per_head * tokens * _CACHE_VALUE_BYTES


def needed_bytes(model_path: Path, header: GgufHeader, context_tokens: int) -> int:
    """A low estimate of what serving this model on the CPU takes. Raises `OSError`."""
    return weights_bytes(model_path) + cache_bytes(header, context_tokens) + _COMPUTE_BYTES


def available_bytes() -> int | None:
    """Memory that can be taken now without swapping, container limits included; None if unknown."""
    if not sys.platform.startswith("linux"):
        import psutil  # a slow import, and on Linux the kernel answers directly

        return int(psutil.virtual_memory().available)
    machine = parse_meminfo(_read(Path("/proc/meminfo")))
    group = Path("/sys/fs/cgroup", _read(Path("/proc/self/cgroup")).partition("0::/")[2].strip())
    container = parse_cgroup(
        _read(group / "memory.max"), _read(group / "memory.current"), _read(group / "memory.stat")
    )
    known = [amount for amount in (machine, container) if amount is not None]
    return min(known) if known else None


def parse_meminfo(text: str) -> int | None:
    """`MemAvailable` of /proc/meminfo in bytes; None when the line is absent."""
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * _KIB if found else None


def parse_cgroup(maximum: str, current: str, stat: str) -> int | None:
    """What a version 2 control group has left in bytes; None without a limit.

    Pages of files that nobody used lately count as free: the kernel drops them first.
    """
    if not maximum.strip().isdigit() or not current.strip().isdigit():
        return None
    inactive = re.search(r"^inactive_file (\d+)", stat, re.MULTILINE)
    used_bytes = int(current) - (int(inactive[1]) if inactive else 0)
    return max(0, int(maximum) - used_bytes)


def _read(path: Path) -> str:
    """A kernel file's text; empty when this kernel does not have it."""
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
