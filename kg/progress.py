"""A progress bar on long work, when a person watches: off when standard error is not a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def progress(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """Yield ``items``, drawing a bar called ``label`` on standard error when that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from tqdm import tqdm  # only where a person watches: keeps the commands quick to start

    yield from tqdm(items, desc=label, total=total, leave=False)
