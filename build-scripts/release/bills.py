"""Bills of materials in CycloneDX: what the Python side and the JavaScript side consist of.

The tools of both languages write them (`cyclonedx-py`, `npm sbom`); they tell of everything that
is installed, tools and tests too, so what a release does not carry is taken out again.
"""

from __future__ import annotations

import json
import re
import subprocess
import uuid
from datetime import UTC, datetime
from importlib.metadata import distribution
from typing import TYPE_CHECKING, Any

from freeze.contents import runtime_packages
from packing.archive import source_time_s
from pipeline.job import JobFailed
from places import ROOT, npm, venv_program
from release.parts import declared, node_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from release.parts import Part

Bill = dict[str, Any]
NAME = "llama-runner-pro"
LONGEST_S = 120
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://")


def _said(argv: Sequence[str]) -> Bill:
    ended = subprocess.run(
        argv,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    if ended.returncode != 0:
        raise JobFailed(f"{argv[0]} ended with {ended.returncode}", tail=ended.stderr[-4000:])
    found: Bill = json.loads(ended.stdout)
    return found


def python_bill(version: str, extra: Sequence[Part] = ()) -> Bill:
    """What the frozen program consists of; `extra`: what no package brings, as the interpreter."""
    whole = _said(
        (
            # What is left of it is checked by the tests; checking the whole takes half a minute.
            *(venv_program("cyclonedx-py"), "environment", "--no-validate"),
            "--output-reproducible",
            *("--output-file", "-", venv_program("python")),
        )
    )
    own = {_plain(name) for name in runtime_packages()}
    kept = [_licensed(part) for part in whole["components"] if _plain(part["name"]) in own]
    return _finished(whole, version, "python", [*kept, *map(_component, extra)])


def node_bill(version: str, extra: Sequence[Part] = ()) -> Bill:
    """What the page and the window are bundled from; `extra`: Electron."""
    whole = _said((npm(), "sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application"))
    own = set(node_names())
    kept = [_published(part) for part in whole["components"] if _node_name(part) in own]
    return _finished(whole, version, "npm", [*kept, *map(_component, extra)])


def _licensed(component: Bill) -> Bill:
    """The tool leaves out a licence that a package names in words of its own."""
    if component.get("licenses"):
        return component
    return component | {
        "licenses": [{"license": {"name": declared(distribution(component["name"]))}}]
    }


def _published(component: Bill) -> Bill:
    """Under the name that it is published by, for npm tells the one that it is installed as.

    It also passes on what authors wrote, such as `git@host:path`, which is no address.
    """
    told = component.get("externalReferences", ())
    return component | {
        "name": component["bom-ref"].rpartition("@")[0],
        "externalReferences": [one for one in told if _ADDRESS.match(str(one.get("url")))],
    }


def _node_name(component: Bill) -> str:
    group = component.get("group")
    name = f"{group}/{component['name']}" if group else component["name"]
    return f"{name}@{component['version']}"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _component(part: Part) -> Bill:
    known = {"version": part.version} if part.version else {}
    spaced = " " in part.licence
    licence = {"expression": part.licence} if spaced else {"license": {"id": part.licence}}
    return {
        "type": "library",
        "bom-ref": "@".join([_plain(part.name), *known.values()]),
        "name": part.name,
        **known,
        "licenses": [licence],
    }


def _finished(whole: Bill, version: str, kind: str, components: list[Bill]) -> Bill:
    """The bill of these parts alone, said to be of our product, the same whenever it is made."""
    present = {part["bom-ref"] for part in components}
    links = [
        {**link, "dependsOn": sorted(set(link.get("dependsOn", ())) & present)}
        for link in whole.get("dependencies", ())
        if link["ref"] in present
    ]
    product = f"{NAME}@{version}"
    links.append({"ref": product, "dependsOn": sorted(present)})
    moment = datetime.fromtimestamp(source_time_s(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    tools = whole["metadata"].get("tools", [])
    return {
        "$schema": whole["$schema"],
        "bomFormat": "CycloneDX",
        "specVersion": whole["specVersion"],
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{product}#{kind}')}",
        "version": 1,
        "metadata": {
            "timestamp": moment,
            "tools": tools,
            "component": {
                "type": "application",
                "bom-ref": product,
                "name": NAME,
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": sorted(components, key=lambda part: str(part["bom-ref"])),
        "dependencies": sorted(links, key=lambda link: str(link["ref"])),
    }


def write(target: Path, bill: Bill) -> None:
    """As JSON that people can read as well."""
    target.write_text(json.dumps(bill, indent=2, ensure_ascii=False) + "\n", "utf-8")
