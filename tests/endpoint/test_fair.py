"""A queue that serves clients in turn."""

from __future__ import annotations

import asyncio

import pytest

from endpoint.fair import FairQueue, Full


async def joined(queue: FairQueue[str], clients: str) -> dict[asyncio.Future[str], str]:
    return {queue.join(client): f"{client}{number}" for number, client in enumerate(clients)}


def served(clients: str, may: str = "abc") -> list[str]:
    """The order in which waiting requests are served; ``clients`` names the client of each."""

    async def run() -> list[str]:
        queue: FairQueue[str] = FairQueue(100, 100)
        names = await joined(queue, clients)
        found = []
        while taken := queue.next(lambda client: client in may):
            found.append(names[taken[1]])
        return found

    return asyncio.run(run())


def test_clients_are_served_in_turn_and_each_in_its_order() -> None:
    assert served("aaabbc") == ["a0", "b3", "c5", "a1", "b4", "a2"]


def test_a_client_that_may_not_be_served_is_passed_over() -> None:
    assert served("aab", may="b") == ["b2"]
    assert served("aa", may="") == []


def test_a_full_queue_and_a_full_share_are_told_apart() -> None:
    async def run() -> None:
        queue: FairQueue[str] = FairQueue(3, 2)
        await joined(queue, "aa")
        with pytest.raises(Full) as own:
            queue.join("a")
        assert own.value.of_client
        queue.join("b")
        with pytest.raises(Full) as all_of_it:
            queue.join("c")
        assert not all_of_it.value.of_client
        assert len(queue) == 3

    asyncio.run(run())


def test_who_leaves_is_not_served() -> None:
    async def run() -> None:
        queue: FairQueue[str] = FairQueue(3, 2)
        first, second = queue.join("a"), queue.join("a")
        queue.leave("a", first)
        queue.leave("a", first)
        queue.leave("b", first)
        assert len(queue) == 1
        assert queue.next() == ("a", second)
        assert queue.next() is None

    asyncio.run(run())
