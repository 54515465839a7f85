"""What must hold between endpoints: names, ports and dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llama_runner_pro.config.wording import did_you_mean
from llama_runner_pro.endpoints.kind import port_of
from llama_runner_pro.endpoints.kinds import profile_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llama_runner_pro.config.validate import Checker
    from llama_runner_pro.endpoints.spec import EndpointSpec

    Placed = Sequence[tuple[str, EndpointSpec]]

_LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1", "0.0.0.0"})


def check_names(checker: Checker, placed: Placed) -> None:
    """Each name once. An endpoint whose name is wrong has an empty one here."""
    first: dict[str, str] = {}
    for path, spec in placed:
        if spec.name and spec.name in first:
            message = f"the name {spec.name!r} is used already, by {first[spec.name]}"
            checker.note(f"{path}.name", message, "give each endpoint a name of its own")
        first.setdefault(spec.name, path)


def check_ports(checker: Checker, placed: Placed) -> None:
    """Each port of a host once; and each endpoint must be reachable somewhere."""
    first: dict[tuple[str, int], str] = {}
    for path, spec in placed:
        if any(checker.faulty(f"{path}.{key}") for key in ("url", "port", "kind")):
            continue
        port = port_of(spec, profile_of(spec))
        if port is None:
            hint = 'add "url": "http://127.0.0.1:PORT"'
            checker.note(path, "neither url nor port says where it is reached", hint)
            continue
        host = (urlsplit(spec.url).hostname or "") if spec.url else ""
        place = ("" if host in _LOOPBACK else host, port)
        if place in first:
            message = f"port {port} is used already, by {first[place]}"
            checker.note(f"{path}.port", message, "give one of them another port")
        first.setdefault(place, path)


def check_dependencies(checker: Checker, placed: Placed) -> None:
    """Dependencies exist and go round in no circle."""
    wanted_by = {spec.name: spec.depends_on for _, spec in placed if spec.name}
    circle = _circles(wanted_by)
    for path, spec in placed:
        for at, wanted in enumerate(spec.depends_on):
            where = f"{path}.depends_on[{at}]"
            if wanted not in wanted_by:
                hint = did_you_mean(wanted, wanted_by)
                checker.note(where, f"no endpoint is named {wanted!r}", hint)
            elif spec.name and circle[spec.name] == circle[wanted]:
                message = f"{spec.name} would wait for itself"
                checker.note(where, message, "remove one dependency of the circle")


def _circles(ahead: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Name → the same one name for all that reach each other (strongly connected, Kosaraju)."""
    back: dict[str, list[str]] = {name: [] for name in ahead}
    for name, wanted in ahead.items():
        for one in wanted:
            if one in back:
                back[one].append(name)
    circle: dict[str, str] = {}
    seen: set[str] = set()
    for root in reversed(list(_walk(ahead, ahead, set()))):
        for name in _walk([root], back, seen):
            circle[name] = root
    return circle


def _walk(
    roots: Iterable[str], graph: Mapping[str, Sequence[str]], seen: set[str]
) -> Iterator[str]:
    """Each name not seen yet that can be reached, after all that it reaches (depth first)."""
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        path = [(root, iter(graph[root]))]
        while path:
            name, nexts = path[-1]
            step = next((one for one in nexts if one in graph and one not in seen), None)
            if step is None:
                path.pop()
                yield name
            else:
                seen.add(step)
                path.append((step, iter(graph[step])))
