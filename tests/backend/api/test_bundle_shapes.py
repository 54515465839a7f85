"""The shapes of bundles on the wire."""

from __future__ import annotations

import msgspec

from llama_runner_pro.api.bundle_shapes import Bundles
from llama_runner_pro.supervision.diagnostics.store import Bundle


def test_a_list_of_bundles_survives_the_wire() -> None:
    bundle = Bundle(name="incident-a.tar.gz", size_bytes=12, created_ms=3, incident_id="a")
    sent = Bundles(debug_mode=True, bundles=[bundle])
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Bundles) == sent
