"""`npm start`: gets the checkout ready, then becomes the server with the demo model.

What stands after `--` goes to the server: `npm start -- --port 9000`.
"""

from __future__ import annotations

import sys

from bootstrap import become, parts, ready_or_exit
from places import venv_program


def main() -> None:
    """Never returns: this process becomes the server."""
    ready_or_exit(parts())
    become([venv_program("llama-runner-pro"), "serve", "--demo", *sys.argv[1:]])


if __name__ == "__main__":
    main()
