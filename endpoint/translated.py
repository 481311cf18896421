"""Labels in other languages: who says each of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kg.vocabulary.translations import LabelSource, labels, sources


@cache
def _said() -> Mapping[tuple[str, str, str], str]:
    try:
        titles = {source.id: f"{source.title} ({source.publisher})" for source in sources()}
        return {(label.iri, label.language.lower(), label.text): titles[label.source] for label in labels()}
    except FileNotFoundError:
        return {}


def said_by(iri: str, language: str, text: str) -> str:
    """Return title and publisher of the source of a label; "" when it is our own.

    Args:
        iri: the term or the concept.
        language: its tag, in any case.
        text: the label.
    """
    return _said().get((iri, language.lower(), text), "")


def label_sources() -> tuple[LabelSource, ...]:
    """Return the sources of labels; none when the package holds none."""
    try:
        return sources()
    except FileNotFoundError:
        return ()
