"""`npm run gen:types`: writes frontend/src/wire/types.ts from the server's OpenAPI document.

With `--check` nothing is written; the exit code is 1 when the file differs from what would be.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from bootstrap import inside_venv, parts, ready_or_exit
from places import PAGE, ROOT, node_tool, shown

TARGET = PAGE / "src" / "wire" / "types.ts"
HEADER = """\
/**
 * The shapes on the wire. Written by `npm run gen:types` from the server's OpenAPI document:
 * change backend/llama_runner_pro/api/schemas.py instead, then run it again.
 */

"""


def generated() -> str:
    """What types.ts should hold. Needs the project's own Python and the Node packages."""
    # Here and not at the top: the launcher's own Python does not have the package.
    from llama_runner_pro.api.openapi import openapi_document

    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        output = Path(folder) / "types.ts"
        # The page names shapes, never paths: types.ts stays short without them.
        whole = openapi_document(version("llama-runner-pro"))
        document.write_text(json.dumps({**whole, "paths": {}}), "utf-8")
        command = (
            *node_tool("openapi-typescript", "bin/cli.js"),
            *(str(document), "--output", str(output)),
            *("--alphabetize", "--immutable", "--empty-objects-unknown"),
        )
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"openapi-typescript failed:\n{done.stdout}{done.stderr}")
        body = output.read_text("utf-8")
    # Its own header names the tool only; ours says what to do.
    return HEADER + body[body.index("*/") + 2 :].lstrip()


def main() -> int:
    """Writes or checks the file."""
    if "--check" not in sys.argv[1:]:
        ready_or_exit(parts(with_page=False))
    inside_venv(__file__)
    wanted = generated()
    present = TARGET.read_text("utf-8") if TARGET.is_file() else ""
    if wanted == present:
        sys.stdout.write(f"{shown(TARGET)} is fresh\n")
        return 0
    if "--check" in sys.argv[1:]:
        sys.stdout.write(f"{shown(TARGET)} does not match the server: npm run gen:types\n")
        return 1
    TARGET.write_text(wanted, "utf-8", newline="\n")
    sys.stdout.write(f"wrote {shown(TARGET)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
