from __future__ import annotations

import pytest

from endpoint.negotiate import Offer, Range, choose, parse_accept, prefers_html

OFFERS = [
    Offer("turtle", "text/turtle"),
    Offer("ntriples", "application/n-triples"),
    Offer("jsonld", "application/ld+json"),
    Offer("html", "text/html"),
]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "turtle"),
        ("*/*", "turtle"),
        (BROWSER, "html"),
        ("application/ld+json", "jsonld"),
        ("APPLICATION/LD+JSON", "jsonld"),
        ("text/turtle;q=0.5, application/ld+json;q=0.9", "jsonld"),
        ("text/turtle;q=0.5,application/ld+json", "jsonld"),
        ("text/*", "turtle"),
        ("text/*;q=0.4, application/*;q=0.6", "ntriples"),
        ("text/html, */*", "html"),
        ("*/*, application/ld+json", "jsonld"),
        ("text/turtle;q=0, */*", "ntriples"),
        ("text/turtle;q=0", None),
        ("image/png", None),
        ("image/png, */*;q=0.1", "turtle"),
        ("*/*;q=0", None),
        ("text/turtle; charset=utf-8", "turtle"),
        ("text/turtle ; charset=UTF-8 ; q=0.2 , text/html;q=0.1", "turtle"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#framed"', "jsonld"),
        ('application/ld+json;profile="a,b;q=0", text/html;q=0.1', "html"),
        ("text/html;level=1, text/turtle;q=0.3", "turtle"),
        ("text/turtle;q=1.5, text/html;q=0.2", "html"),
        ("text/turtle;q=abc, text/html;q=0.2", "html"),
        ("text/turtle;q=0.1234, text/html;q=0.2", "html"),
        ("*/turtle, text/html;q=0.2", "html"),
        ("nonsense, text/html;q=0.2", "html"),
        (", ,text/html;q=0.2,,", "html"),
        ("text/turtle;q=0.001, application/n-triples;q=0.002", "ntriples"),
    ],
)
def test_accept_is_read_by_its_grammar(header: str, expected: str | None) -> None:
    chosen = choose(parse_accept([header]), OFFERS)
    assert (chosen.name if chosen else None) == expected


def test_several_accept_lines_count_as_one_list() -> None:
    chosen = choose(parse_accept(["text/turtle;q=0.1", "application/ld+json;q=0.9"]), OFFERS)
    assert chosen == OFFERS[2]


def test_a_specific_range_outweighs_a_wildcard_for_its_own_type_only() -> None:
    ranges = [Range("*", "*", weight=1.0), Range("text", "turtle", weight=0.1)]
    assert choose(ranges, OFFERS[:2]) == OFFERS[1]


def test_browsers_get_pages_and_programs_do_not() -> None:
    assert prefers_html(parse_accept([BROWSER]), "application/problem+json")
    assert not prefers_html(parse_accept(["*/*"]), "application/problem+json")
    assert not prefers_html([], "application/problem+json")
    assert not prefers_html(parse_accept(["text/csv"]), "application/problem+json")
