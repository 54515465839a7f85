"""A window that can be killed: starts the sidecar, shakes hands, repeats what it says.

    python window_process.py DATA_FOLDER

Standard library only. Prints the sidecar's own lines; ends when somebody kills it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys


def main() -> None:
    """Play the window until killed."""
    sidecar = subprocess.Popen(
        [sys.executable, "-m", "llama_runner_pro", "serve", "--desktop", "--no-gateway"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert sidecar.stdin is not None
    assert sidecar.stdout is not None
    line = {
        "protocol": 1,
        "token": "a" * 64,
        "nonce": "b" * 64,
        "data_dir": sys.argv[1],
        "port": 0,
        "strict_port": False,
        "parent_pid": os.getpid(),
        "keep_models": False,
    }
    sidecar.stdin.write(json.dumps(line).encode() + b"\n")
    sidecar.stdin.flush()
    for said in sidecar.stdout:
        sys.stdout.write(said.decode())
        sys.stdout.flush()


if __name__ == "__main__":
    main()
