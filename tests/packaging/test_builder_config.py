"""What electron-builder is told, for every system."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from packing.app import CONFIG

UPDATES = "https://example.org/updates"


def config(**environment: str) -> dict[str, Any]:
    """The configuration as electron-builder gets it."""
    script = "console.log(JSON.stringify(require(process.argv[1])))"
    asked = subprocess.run(
        ["node", "-e", script, str(CONFIG)],
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **environment},
    )
    found: dict[str, Any] = json.loads(asked.stdout)
    return found


@pytest.mark.parametrize(
    ("system", "targets"),
    [
        ("linux", {"AppImage", "deb", "rpm", "tar.gz"}),
        ("mac", {"dmg", "zip"}),
        ("win", {"nsis", "portable"}),
    ],
)
def test_every_system_gets_all_its_packages_for_both_processors(
    system: str, targets: set[str]
) -> None:
    found = config()[system]["target"]
    assert {entry["target"] for entry in found} == targets
    assert all(entry["arch"] == ["x64", "arm64"] for entry in found)


def test_no_name_of_a_file_or_folder_has_a_space() -> None:
    found = config()
    parts = [found, *(found[key] for key in ("linux", "deb", "nsis", "portable", "win"))]
    names = [part.get(key) for part in parts for key in ("artifactName", "executableName")]
    assert not [name for name in [*names, found["productName"]] if name and " " in name]


def test_a_build_looks_for_updates_only_where_a_release_says() -> None:
    assert config()["publish"] is None
    (feed,) = config(LLAMA_RUNNER_PRO_UPDATE_URL=UPDATES)["publish"]
    assert feed == {"provider": "generic", "url": UPDATES, "channel": "latest"}


def test_a_release_can_insist_on_signatures() -> None:
    assert config()["forceCodeSigning"] is False
    assert config(LLAMA_RUNNER_PRO_MUST_SIGN="1")["forceCodeSigning"] is True


def test_nothing_is_rebuilt_and_nothing_needs_fuse_2() -> None:
    found = config()
    assert found["npmRebuild"] is False
    assert found["toolsets"] == {"appimage": "1.0.3"}
    assert found["electronLanguages"] == ["en-US"]


def test_fuses_close_what_a_release_does_not_use() -> None:
    fuses = config()["electronFuses"]
    assert fuses["runAsNode"] is False
    assert fuses["enableNodeOptionsEnvironmentVariable"] is False
    assert fuses["enableNodeCliInspectArguments"] is False
    assert fuses["grantFileProtocolExtraPrivileges"] is False
    assert fuses["onlyLoadAppFromAsar"] is True
    assert fuses["enableCookieEncryption"] is True


def test_a_fuse_that_an_old_electron_lacks_is_not_named() -> None:
    fuses = config(LLAMA_RUNNER_PRO_ELECTRON_MAJOR="22")["electronFuses"]
    assert "grantFileProtocolExtraPrivileges" not in fuses


def test_a_build_for_tests_differs_in_one_fuse_and_its_folder() -> None:
    usual, open_to_tests = config(), config(LLAMA_RUNNER_PRO_INSPECTABLE="1")
    changed = {key for key in usual if usual[key] != open_to_tests[key]}
    assert changed == {"directories", "electronFuses"}
    fuses = usual["electronFuses"] | {"enableNodeCliInspectArguments": True}
    assert open_to_tests["electronFuses"] == fuses


def test_an_uninstall_on_windows_keeps_what_people_made() -> None:
    nsis = config()["nsis"]
    assert nsis["deleteAppDataOnUninstall"] is False
    assert nsis["oneClick"] is False
    assert nsis["perMachine"] is False


def test_the_menu_entry_is_the_one_of_the_debian_package() -> None:
    entry = config()["linux"]["desktop"]["entry"]
    assert entry["StartupWMClass"] == "llama-runner-pro"
    assert entry["Name"] == "LlamaRunner Pro"
    # These depend on where the app lies, so electron-builder writes them.
    assert not {"Exec", "Icon", "MimeType"} & entry.keys()
