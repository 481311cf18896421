"""The tables of the NEASPEC page, and the page itself where it is at hand.

The page's text is not part of the repository: it is taken from ``NEAKG_NEASPEC_TEXT`` or from the folder ``shared``
beside the checkout, and the tests that need it are skipped where it is neither.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from kg.records import (
    Assessment,
    Distribution,
    Figure,
    Finding,
    FlagshipList,
    Listing,
    Locator,
    Project,
    Record,
    Source,
)
from kg.source_text import BULLET, NUMBER, normalise, verify, with_quotes
from kg.sources import cia_factbook
from kg.sources.neaspec_page import load

T = TypeVar("T")
ID = "neaspec-page"
ROOT = Path(__file__).resolve().parents[3]
BESIDE = ROOT.parent / "shared" / "sources" / "neaspec-nature-conservation.txt"
PATH = Path(os.environ.get("NEAKG_NEASPEC_TEXT") or BESIDE)
TEXT = normalise(PATH.read_bytes()) if PATH.is_file() else ""
needs_page = pytest.mark.skipif(not TEXT, reason="no page text: set NEAKG_NEASPEC_TEXT to the saved page")
FLAGSHIPS = {
    f"species/{slug}"
    for slug in (
        "amur-tiger", "amur-leopard", "snow-leopard", "white-naped-crane", "hooded-crane", "black-faced-spoonbill",
    )
}  # fmt: skip
#: Fields of our own words; the titles of the projects are names and stand in the page as headings.
OWN_WORDS = ("note", "remark", "label", "goal", "outputs", "site_text", "text", "method_text", "adopted_at")
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


@cache
def rows() -> tuple[Record | Source, ...]:
    return tuple(load())


def of_type(kind: type[T]) -> list[T]:
    return [row for row in rows() if isinstance(row, kind)]


def locators() -> list[Locator]:
    found = {
        item.locator for row in rows() if isinstance(row, Record) for item in row.evidence if item.locator is not None
    }
    return sorted(found, key=lambda locator: (locator.start, locator.end))


def spans(pattern: str) -> list[object]:
    """Return one parameter for each place in the page that the pattern matches; a skipped one without the page."""
    found: list[object] = [
        pytest.param(match.span(), id=f"{match.group()}@{match.start()}")
        for match in re.finditer(pattern, TEXT, re.IGNORECASE)
    ]
    return found or [pytest.param((0, 0), marks=needs_page, id="no-page")]


def changed(span: tuple[int, int], new: str) -> str:
    return TEXT[: span[0]] + new + TEXT[span[1] :]


def another_number(digits: str) -> str:
    return str(int(digits[0]) % 9 + 1) + digits[1:]


# --- without the page -------------------------------------------------------------------------------------


def test_the_strategy_lists_exactly_six_flagship_species_since_2007() -> None:
    listings = of_type(Listing)
    assert {row.taxon for row in listings} == FLAGSHIPS
    assert len(listings) == 6
    assert {(row.list, row.since) for row in listings} == {("list/neaspec-flagship-species", "2007")}
    assert [(row.adopted, row.adopted_at) for row in of_type(FlagshipList)] == [
        ("2007", "12th Senior Officials Meeting")
    ]


def test_all_six_are_called_critically_endangered_in_the_text_only() -> None:
    assessments = of_type(Assessment)
    assert {row.taxon for row in assessments} == FLAGSHIPS
    assert {(row.category, row.system) for row in assessments} == {("CR", "stated-in-text")}


@pytest.mark.parametrize(
    ("key", "value", "unit", "manner", "as_of"),
    [
        ("areas-along-borders", "100", "sites", "more-than", None),
        ("areas-adjoining", "24", "sites", "about", None),
        ("amur-tiger-world", "500", "individuals", "only-about", None),
        ("amur-tiger-sikhote-alin-share", "95", "percent", "exactly", None),
        ("amur-leopard-world", "30", "individuals", "only-about", None),
        ("amur-leopard-amur-valley", "20", "individuals", "about", None),
        ("amur-leopard-ussuri-valley", "10", "individuals", "about", None),
        ("snow-leopard-world", "4500-7500", "individuals", "estimated", None),
        ("white-naped-crane-western", "5500-6500", "individuals", "about", None),
        ("white-naped-crane-eastern", "2000", "individuals", "about", None),
        ("white-naped-crane-dmz", "300", "individuals", "about", None),
        ("hooded-crane-world", "9200", "individuals", "about", None),
        ("hooded-crane-izumi-share", "80", "percent", "more-than", None),
        ("black-faced-spoonbill-2012", "2693", "individuals", "exactly", "2012"),
        ("black-faced-spoonbill-mature", "1600", "mature-individuals", "estimated", "2012"),
    ],
)
def test_a_figure_stands_as_the_page_gives_it(key: str, value: str, unit: str, manner: str, as_of: str | None) -> None:
    (figure,) = [row for row in of_type(Figure) if row.id == f"neaspec-{key}"]
    bounds = [number for number in (figure.value, figure.minimum, figure.maximum) if number is not None]
    assert bounds == [Decimal(number) for number in value.split("-")]
    assert (figure.unit, figure.manner, figure.as_of) == (unit, manner, as_of)


def test_there_are_fifteen_figures() -> None:
    assert len(of_type(Figure)) == 15


def test_what_each_species_does_where() -> None:
    counts = Counter((row.taxon.split("/")[1], row.seasonality, row.presence) for row in of_type(Distribution))
    assert counts["amur-leopard", "resident", "former"] == 3
    assert counts["snow-leopard", "resident", "extant"] == 10
    assert counts["white-naped-crane", "passage", "extant"] == 2
    assert counts["hooded-crane", "breeding", "extant"] == 2
    assert [row.place for row in of_type(Distribution) if row.manner == "reported"] == ["place/tumen-estuary"]


def test_projects_carry_their_years_and_taxa() -> None:
    assert {row.id: (row.interval, len(row.taxa)) for row in of_type(Project)} == {
        "nc-strategy": ("2007/..", 6),
        "migratory-birds": ("2014/2015", 3),
        "tiger-leopard": ("2014-04/..", 2),
    }


def test_every_row_cites_a_passage_of_the_page_and_is_stated() -> None:
    for row in rows():
        if isinstance(row, Record) and not isinstance(row, Finding):
            assert row.confidence == "stated", row
            assert row.evidence, row
            assert all(item.sources == (ID,) and item.locator for item in row.evidence), row


def test_the_ussuri_on_the_dprk_border_is_doubted_with_evidence_of_its_own() -> None:
    known = {item.id: item for item in cia_factbook.load() if isinstance(item, Finding)}
    finding = known["neaspec-ussuri-on-dprk-border"]
    assert finding.kind == "geographically-doubtful"
    assert "figure/neaspec-amur-leopard-ussuri-valley" in finding.about
    assert ID not in finding.evidence[0].sources


# --- with the page --------------------------------------------------------------------------------------------


@needs_page
def test_the_page_says_what_the_tables_say() -> None:
    assert verify(ID, rows(), PATH.read_bytes()) == []


@needs_page
def test_quotes_are_the_cited_passages() -> None:
    quoted = [item.locator for row in with_quotes(rows(), TEXT) if isinstance(row, Record) for item in row.evidence]
    present = [locator for locator in quoted if locator is not None]
    assert len({locator.quote for locator in present}) == len(locators())
    assert all(locator.quote == TEXT[locator.start : locator.end] for locator in present)


@pytest.mark.parametrize("span", spans(r"\d+"))
def test_a_page_with_one_number_changed_fails(span: tuple[int, int]) -> None:
    new = another_number(TEXT[span[0] : span[1]])
    problems = verify(ID, rows(), changed(span, new))
    assert any("changed or gone" in problem and new in problem for problem in problems)
    if TEXT[span[0] - 1] != "(":  # the marks (1), (2), (3) are in a passage but say nothing
        assert any(re.search(r"^kg/sources/neaspec_page/\w+\.csv:\d+ .*: expected .*, found ", one) for one in problems)


@pytest.mark.parametrize("span", spans(r"\d+"))
def test_a_page_with_one_number_longer_or_gone_fails(span: tuple[int, int]) -> None:
    assert verify(ID, rows(), changed(span, TEXT[span[0] : span[1]] + "1"))
    assert verify(ID, rows(), changed(span, ""))


@pytest.mark.parametrize("span", spans(rf"(?!\d)(?:{NUMBER.pattern})"))
def test_a_page_with_one_number_word_changed_fails(span: tuple[int, int]) -> None:
    assert any("changed or gone" in problem for problem in verify(ID, rows(), changed(span, "seventy")))


@pytest.mark.parametrize("span", spans(rf"(?:(?:{MONTHS}) )?(?:19|20)\d\d"))
def test_a_page_with_one_date_changed_fails(span: tuple[int, int]) -> None:
    for new in ("1999", "March 2013"):
        problems = verify(ID, rows(), changed(span, new))
        assert any(re.search(r"(as_of|interval|adopted|since) \d", problem) for problem in problems)


@pytest.mark.parametrize("span", spans(r"(?<=April )2014|April(?= 2014)"))
def test_month_and_year_are_checked_each(span: tuple[int, int]) -> None:
    problems = verify(ID, rows(), changed(span, "2013" if TEXT[span[0]].isdigit() else "March"))
    assert any("interval 2014-04: expected 'April 2014'" in problem for problem in problems)


@needs_page
def test_a_page_without_one_of_the_passages_fails() -> None:
    assert locators()
    for locator in locators():
        problems = verify(ID, rows(), changed((locator.start, locator.end), ""))
        name = f"{locator.heading!r}, paragraph {locator.paragraph}, {locator.start}-{locator.end}: changed or gone"
        assert any(name in problem for problem in problems), locator


@needs_page
def test_a_new_number_in_the_page_is_not_recorded() -> None:
    (problem,) = verify(ID, rows(), f"{TEXT}\n\nUpdated 2031")
    assert problem.startswith("not recorded: the text has '2031'")


@needs_page
def test_every_link_marks_its_passage_alone() -> None:
    fragments = [locator.fragment for locator in locators()]
    assert len(set(fragments)) == len(fragments)
    assert all(re.fullmatch(r":~:text=[A-Za-z0-9%.,_~-]+", fragment) for fragment in fragments)


@needs_page
def test_no_words_of_ours_repeat_eight_words_of_the_page() -> None:
    headings = {locator.heading for locator in locators()}
    prose = "\n".join(line for line in TEXT.split("\n") if line.removeprefix(BULLET) not in headings)
    runs = eight_words(prose)
    assert runs
    for row in rows():
        for name in OWN_WORDS:
            assert not runs & eight_words(getattr(row, name, "")), (row, name)


def eight_words(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + 8]) for at in range(len(words) - 7)}
