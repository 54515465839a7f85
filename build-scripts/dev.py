"""`npm run dev`: the server, and the page with hot reload in front of it.

Open the address that Vite prints; it passes API and WebSocket calls on to the server. What
stands after `--` goes to the server, but its port stays 8585, where Vite looks for it.
"""

from __future__ import annotations

import subprocess
import sys

from bootstrap import parts, ready_or_exit, stop_on_sigterm
from places import PAGE, ROOT, node_tool, venv_program

STOP_S = 15.0


def main() -> int:
    """Runs both until Ctrl-C or until one of them ends; gives the exit code of that one."""
    ready_or_exit(parts(with_page=False))
    stop_on_sigterm()
    server = subprocess.Popen(
        [venv_program("llama-runner-pro"), "serve", "--demo", *sys.argv[1:]], cwd=ROOT
    )
    vite = subprocess.Popen(
        [*node_tool("vite", "bin/vite.js"), "--config", str(PAGE / "vite.config.ts")], cwd=ROOT
    )
    both = (server, vite)
    try:
        while all(child.poll() is None for child in both):
            try:
                server.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
    except KeyboardInterrupt:
        sys.stdout.write("\nStopping.\n")
    ended = next((child.returncode for child in both if child.returncode is not None), 0)
    for child in both:
        if child.poll() is None:
            child.terminate()
    for child in both:
        child.wait(STOP_S)
    return ended


if __name__ == "__main__":
    sys.exit(main())
