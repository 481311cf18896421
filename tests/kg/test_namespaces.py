"""The table of prefixes."""

from __future__ import annotations

import pytest

from kg.namespaces import BASE, NEAKG, PREFIXES, SCHEME, SHAPES, expand, shrink


def test_no_two_prefixes_share_a_namespace() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_name_is_expanded_and_shrunk_again(prefix: str) -> None:
    assert expand(f"{prefix}:name") == f"{PREFIXES[prefix]}name"
    assert shrink(f"{PREFIXES[prefix]}name") == f"{prefix}:name"


@pytest.mark.parametrize("iri", [NEAKG, "https://schema.org/a/b", "http://example.org/x", "", f"{NEAKG}a#b"])
def test_what_has_no_short_name_has_none(iri: str) -> None:
    assert shrink(iri) is None


def test_the_vocabulary_lies_under_the_public_base() -> None:
    assert all(iri.startswith(BASE) for iri in (NEAKG, SCHEME, SHAPES))
