"""A progress bar is drawn for a person and for nobody else."""

from __future__ import annotations

import pytest

from kg.progress import progress


class Terminal:
    def __init__(self, watched: bool) -> None:
        self.watched = watched
        self.text = ""

    def isatty(self) -> bool:
        return self.watched

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("watched", [True, False])
def test_the_items_come_through_and_a_bar_only_where_a_person_watches(
    watched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(watched)
    monkeypatch.setattr("sys.stderr", terminal)
    assert list(progress(iter([1, 2, 3]), "counting", 3)) == [1, 2, 3]
    assert ("counting" in terminal.text) == watched
