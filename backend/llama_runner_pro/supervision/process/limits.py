"""Upper bounds for a process that was just started."""

from __future__ import annotations

import logging
import sys

_log = logging.getLogger(__name__)

if sys.platform == "linux":
    import resource

    def limit_memory(pid: int, limit_bytes: int) -> bool:
        """Bound the address space of a process and of all that it starts from now on.

        An allocation beyond that fails inside the process; the rest of the machine is spared.
        False when it could not be done, which is logged.
        """
        try:
            resource.prlimit(pid, resource.RLIMIT_AS, (limit_bytes, limit_bytes))
        except (OSError, ValueError) as error:
            _log.warning("the memory of pid %d could not be limited: %s", pid, error)
            return False
        return True

else:

    def limit_memory(pid: int, limit_bytes: int) -> bool:
        """This system offers no such limit from outside; said in the log. Always False."""
        _log.warning("limits.memory_bytes has no effect on this system (pid %d)", pid)
        return False
