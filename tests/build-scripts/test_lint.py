"""Which files a quick look takes, and what looks at them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lint import changed, commands

AUTHOR = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.invalid")


def git(checkout: Path, *words: str) -> None:
    """Runs git there, as somebody."""
    subprocess.run(("git", *AUTHOR, *words), cwd=checkout, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A branch that left main with one commit of its own."""
    git(tmp_path, "init", "--initial-branch=main")
    for name in ("kept.py", "gone.py", "edited.ts"):
        (tmp_path / name).write_text("1\n", "utf-8")
    (tmp_path / ".gitignore").write_text("built/\n", "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message=first")
    git(tmp_path, "checkout", "-b", "branch")
    (tmp_path / "committed.vue").write_text("1\n", "utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message=second")
    return tmp_path


def test_committed_edited_and_new_files_are_taken_but_not_deleted_or_ignored_ones(
    checkout: Path,
) -> None:
    (checkout / "edited.ts").write_text("2\n", "utf-8")
    (checkout / "gone.py").unlink()
    (checkout / "größer new.py").write_text("1\n", "utf-8")
    (checkout / "built").mkdir()
    (checkout / "built" / "x.py").write_text("1\n", "utf-8")
    assert changed(checkout) == ["committed.vue", "edited.ts", "größer new.py"]


def test_on_main_itself_it_is_what_is_not_committed(checkout: Path) -> None:
    git(checkout, "checkout", "main")
    (checkout / "new.py").write_text("1\n", "utf-8")
    assert changed(checkout) == ["new.py"]


def test_every_tool_gets_the_files_that_it_knows() -> None:
    files = ["README.md", "a/b.py", "electron/src/main.ts", "frontend/src/App.vue"]
    taken = {
        Path(words[0] if words[0] != "node" else words[1]).stem: [
            word for word in words if word in files
        ]
        for words in commands(files)[1:]
    }
    assert taken == {"ruff": ["a/b.py"], "prettier": files, "eslint": ["frontend/src/App.vue"]}
    assert "electron/src/main.ts" in commands(files)[-2]


def test_nothing_changed_starts_nothing() -> None:
    assert commands([]) == []
