from __future__ import annotations

import asyncio

import pytest

from llama_runner_pro.core.topic import Topic


async def test_every_subscriber_gets_every_value_in_order() -> None:
    topic: Topic[int] = Topic()
    first, second = topic.subscribe(5), topic.subscribe(5)
    for value in (1, 2, 3):
        topic.publish(value)
    assert [await first.get() for _ in range(3)] == [1, 2, 3]
    assert [await second.get() for _ in range(3)] == [1, 2, 3]


async def test_a_slow_subscriber_loses_its_oldest_values_and_delays_nobody() -> None:
    topic: Topic[int] = Topic()
    slow, quick = topic.subscribe(2), topic.subscribe(10)
    for value in range(5):
        topic.publish(value)
    assert slow.dropped == 3
    assert [await slow.get(), await slow.get()] == [3, 4]
    assert quick.dropped == 0
    assert [await quick.get() for _ in range(5)] == [0, 1, 2, 3, 4]


async def test_a_waiting_subscriber_is_woken_by_the_next_value() -> None:
    topic: Topic[str] = Topic()
    subscription = topic.subscribe(1)
    waiting = asyncio.ensure_future(subscription.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    topic.publish("now")
    assert await waiting == "now"


async def test_cancelling_a_waiting_get_loses_nothing() -> None:
    topic: Topic[int] = Topic()
    subscription = topic.subscribe(5)
    waiting = asyncio.ensure_future(subscription.get())
    await asyncio.sleep(0)
    waiting.cancel()
    topic.publish(1)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await subscription.get() == 1


async def test_closing_ends_a_loop_after_what_was_already_there() -> None:
    topic: Topic[int] = Topic()
    subscription = topic.subscribe(5)
    topic.publish(1)
    subscription.close()
    topic.publish(2)
    assert [value async for value in subscription] == [1]


async def test_closing_wakes_a_waiting_reader() -> None:
    subscription = Topic[int]().subscribe(1)

    async def read_all() -> list[int]:
        return [value async for value in subscription]

    reading = asyncio.ensure_future(read_all())
    await asyncio.sleep(0)
    subscription.close()
    assert await reading == []


def test_a_listener_is_called_in_line_with_the_publish() -> None:
    topic: Topic[int] = Topic()
    heard: list[int] = []
    topic.listen(heard.append)
    topic.publish(7)
    assert heard == [7]


def test_publishing_to_nobody_is_fine() -> None:
    Topic[int]().publish(1)
