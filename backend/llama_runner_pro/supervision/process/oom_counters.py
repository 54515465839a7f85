"""How often the kernel has ended a process for lack of memory. Blocking, microseconds."""

from __future__ import annotations

from pathlib import Path

from llama_runner_pro.core.value_object import ValueObject

_VMSTAT = Path("/proc/vmstat")
_CGROUPS = Path("/sys/fs/cgroup")


class OomCounters(ValueObject, frozen=True):
    """Counts since boot; None where this system tells none."""

    machine: int | None = None
    group: int | None = None
    """In the control group of one process."""

    def rose_since(self, before: OomCounters) -> bool:
        """True when either counter has grown."""
        pairs = ((self.machine, before.machine), (self.group, before.group))
        return any(now is not None and then is not None and now > then for now, then in pairs)


def group_of(pid: int) -> Path | None:
    """Folder of the control group (version 2) of a process; None when there is none."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return None
    unified = next((line[3:] for line in lines if line.startswith("0::")), None)
    if unified is None:
        return None
    folder = _CGROUPS / unified.lstrip("/")
    return folder if (folder / "memory.events").is_file() else None


def read_counters(group: Path | None) -> OomCounters:
    """The present counts."""
    events = None if group is None else group / "memory.events"
    return OomCounters(_count(_VMSTAT), None if events is None else _count(events))


def _count(file: Path) -> int | None:
    """The line `oom_kill N` of a file."""
    try:
        lines = file.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    found = (line.split() for line in lines)
    return next((int(words[1]) for words in found if words[:1] == ["oom_kill"]), None)
