"""Texts that are remembered for a while."""

from __future__ import annotations

from endpoint.memory import Remembered


def test_a_text_is_remembered_for_its_time() -> None:
    now = 100.0
    memory = Remembered(10, 5, lambda: now)
    memory.add("a")
    now = 104.0
    assert memory.seconds_left("a") == 6
    assert memory.seconds_left("b") == 0
    now = 110.0
    assert memory.seconds_left("a") == 0
    assert len(memory) == 0


def test_a_text_added_again_begins_anew_and_a_forgotten_one_ends() -> None:
    now = 0.0
    memory = Remembered(10, 5, lambda: now)
    memory.add("a")
    now = 5.0
    memory.add("a")
    assert memory.seconds_left("a") == 10
    memory.forget("a")
    memory.forget("a")
    assert memory.seconds_left("a") == 0


def test_the_oldest_go_first() -> None:
    memory = Remembered(10, 2, lambda: 0.0)
    for text in ("a", "b", "c"):
        memory.add(text)
    assert [memory.seconds_left(text) for text in ("a", "b", "c")] == [0, 10, 10]
