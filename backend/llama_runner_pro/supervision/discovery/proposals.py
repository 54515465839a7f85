"""From what was found to endpoints that the user can accept. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.origin import origin
from llama_runner_pro.supervision.discovery.findings import InstalledProgram
from llama_runner_pro.supervision.discovery.products import PRODUCTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.supervision.discovery.fingerprints import Match
    from llama_runner_pro.supervision.discovery.installed import Program
    from llama_runner_pro.supervision.discovery.products import Product

NEEDS_KEY = (
    "It asks for an API key: add the endpoint, then give the key as a header "
    '("Authorization": "Bearer …").'
)
_PORT_LIMIT = 65_535


class Proposals:
    """Makes endpoint documents whose names and ports do not clash with known ones."""

    def __init__(self, names: Iterable[str], ports: Iterable[int]) -> None:
        self._names = {name.lower() for name in names}
        self._ports = set(ports)

    def watch(self, match: Match, host: str, port: int) -> dict[str, Any]:
        """An endpoint that watches a running server and leaves starting it to others."""
        product = match.product
        document: dict[str, Any] = {
            "name": self._name(product, port),
            "kind": product.kind,
            "url": base_url(product, host, port),
        }
        if product.health_endpoint is not None:
            document["health_endpoint"] = product.health_endpoint
        if product.one_model and len(match.models) == 1:
            document["model"] = match.models[0]
        return document

    def start(self, program: Program) -> InstalledProgram:
        """A program that does not run, with the endpoint that would start it."""
        how, product = program.startable, PRODUCTS[program.startable.product]
        proposal: dict[str, Any] | None = None
        if how.supervised:
            port = self._port(product.ports[0])
            proposal = {
                "name": self._name(product, port),
                "kind": product.kind,
                "port": port,
                "start_command": [program.path, *how.arguments],
            }
            if how.env:
                proposal["env"] = dict(how.env)
            if product.health_endpoint is not None:
                proposal["health_endpoint"] = product.health_endpoint
        return InstalledProgram(
            product=product.key,
            label=product.label,
            kind=product.kind,
            path=program.path,
            command=(program.path, *how.arguments) if how.arguments else (),
            needs=how.needs,
            proposal=proposal,
            note=how.note,
        )

    def _name(self, product: Product, port: int) -> str:
        usual = port in product.ports[:1]
        wanted = product.key if usual else f"{product.key}-{port}"
        name, number = wanted, 2
        while name.lower() in self._names:
            name, number = f"{wanted}-{number}", number + 1
        self._names.add(name.lower())
        return name

    def _port(self, wanted: int) -> int:
        """`wanted`, or the next that nobody has."""
        candidates = range(wanted, _PORT_LIMIT + 1)
        port = next((each for each in candidates if each not in self._ports), wanted)
        self._ports.add(port)
        return port


def base_url(product: Product, host: str, port: int) -> str:
    """Where a product's API begins."""
    return f"{origin(host, port)}{product.base_path}"
