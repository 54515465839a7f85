"""What the hub needs of a viewer."""

from __future__ import annotations

import asyncio

from fakes.clock import FakeClock, settle
from fakes.viewer_socket import FakeSocket

from llama_runner_pro.api.ws.tick import SharedTick
from llama_runner_pro.api.ws.viewer import PlainViewer


def tick(seq: int) -> SharedTick:
    """One per second."""
    return SharedTick(
        seq=seq,
        previous_seq=seq - 1,
        t_ms=seq * 1000,
        at_s=float(seq),
        fields_version=1,
        values={},
        changed={},
        group_of={},
        plain=lambda: {"seq": seq},
    )


async def test_a_plain_viewer_gets_the_newest_when_it_was_slow() -> None:
    socket = FakeSocket()
    viewer = PlainViewer(socket, FakeClock(), 1.0)
    running = asyncio.ensure_future(viewer.run())
    await settle()
    socket.stuck()
    for seq in range(1, 7):
        viewer.offer(tick(seq))
        await settle()
    socket.unstuck()
    await settle()
    assert socket.sent == ['{"seq":1}', '{"seq":5}', '{"seq":6}']
    socket.go()
    await running


async def test_a_viewer_that_nobody_sees_is_offered_nothing() -> None:
    viewer = PlainViewer(FakeSocket(), FakeClock(), 1.0)
    viewer.visible = False
    viewer.offer(tick(1))
    assert not viewer.slot


async def test_a_plain_viewer_leaves_without_last_words() -> None:
    socket = FakeSocket()
    viewer = PlainViewer(socket, FakeClock(), 1.0)
    viewer.leave(1001, "stopping")
    await viewer.run()
    assert (socket.sent, socket.closed) == ([], (1001, "stopping"))
