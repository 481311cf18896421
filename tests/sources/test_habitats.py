"""Every habitat class says what it is, in a sentence of its own, and what the sentence was written after."""

from __future__ import annotations

import re
from collections import Counter

from kg.records import Habitat
from kg.sources import discover


def habitats() -> list[Habitat]:
    found = [record for folder in discover() for record in folder.load() if isinstance(record, Habitat)]
    assert len(found) > 100
    return found


def test_a_definition_is_one_sentence_that_does_not_repeat_the_label() -> None:
    for habitat in habitats():
        assert re.fullmatch(r"[A-Z][^.]*\.", habitat.definition), habitat.id
        assert habitat.definition.lower().rstrip(".") != habitat.label.lower(), habitat.id
        assert 5 <= len(habitat.definition.split()) <= 30, habitat.id
        assert habitat.definition_after, habitat.id


def test_no_two_classes_are_defined_alike() -> None:
    counts = Counter(habitat.definition for habitat in habitats())
    assert [text for text, count in counts.items() if count > 1] == []
