"""``kg.source_text`` on a small text of our own making; no source text is needed here."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

import pytest

from kg.errors import SourceMismatch, UsageError
from kg.records import Distribution, Evidence, Figure, FlagshipList, Locator, Origin, Project, Record, Source
from kg.source_text import date_forms, normalise, number_forms, resolve_fragment, sha256, verify, with_quotes

TEXT = """Birds of the Quiet Bay

Plovers

In 2011, 1,250 plovers were counted in the bay.
About two dozen stay for the winter.

• A two-year study

The study began in April 2014 and was planned for 2014-2015. It was agreed in the 3rd meeting."""

COUNT = "In 2011, 1,250 plovers were counted in the bay."
WINTER = "About two dozen stay for the winter."
STUDY = "began in April 2014 and was planned for 2014-2015"
MEETING = "agreed in the 3rd meeting"
TITLE = "A two-year study"


def locate(passage: str, heading: str, paragraph: int, text: str = TEXT) -> Evidence:
    start = text.index(passage)
    words = passage.split()
    first, last = (quote(" ".join(part), safe="").replace("-", "%2D") for part in (words[:2], words[-2:]))
    fragment = f":~:text={first},{last}" if len(words) > 3 else f":~:text={quote(passage).replace('-', '%2D')}"
    return Evidence(("bay",), Locator(heading, paragraph, start, start + len(passage), sha256(passage), fragment))


def figure(key: str, evidence: Evidence, line: int = 2, **values: object) -> Figure:
    common = {"kind": "site-count", "unit": "individuals", "manner": "about", "confidence": "stated"}
    return Figure(id=key, evidence=(evidence,), origin=Origin("bay/figures.csv", line), **{**common, **values})  # type: ignore[arg-type]


def records() -> list[Record | Source]:
    count, winter = locate(COUNT, "Plovers", 1), locate(WINTER, "Plovers", 2)
    study, title = locate(STUDY, "A two-year study", 1), locate(TITLE, "A two-year study", 0)
    return [
        figure("plovers", count, value=Decimal(1250), as_of="2011"),
        figure("winter", winter, 3, value=Decimal(24)),
        Project(
            id="study",
            label="study",
            kind="project",
            interval="2014-04/2015",
            evidence=(study, title),
            confidence="stated",
        ),
        FlagshipList(
            id="agreed",
            label="agreed",
            adopted_at="3rd meeting",
            evidence=(locate(MEETING, "A two-year study", 1),),
            confidence="stated",
        ),
        Source(id="bay", title="Birds of the Quiet Bay", kind="web-page", group="bay"),
    ]


# --- the normalised text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"\xef\xbb\xbfone\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\u00a0\t b \n\u2003c", "a b\nc"),
        ("\n\na\n \n\u00a0\n\nb\n\n", "a\n\nb"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("", ""),
    ],
)
def test_blanks_line_ends_and_marks_do_not_matter(raw: bytes | str, expected: str) -> None:
    assert normalise(raw) == expected
    assert normalise(normalise(raw)) == expected


def test_a_line_stays_a_paragraph() -> None:
    assert normalise("a\nb") == "a\nb"


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(UsageError, match="not UTF-8"):
        normalise(b"\xff\xfe")


@pytest.mark.parametrize(
    "saved", [TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, TEXT.replace(" plovers", "\u00a0 plovers")]
)
def test_another_way_of_saving_the_text_passes(saved: str) -> None:
    assert verify("bay", records(), saved) == []
    assert verify("bay", records(), saved.encode()) == []


# --- forms and fragments -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "form"),
    [("2693", "2,693"), ("2693", "2693"), ("24", "two dozen"), ("24", "two dozens"), ("100", "one hundred"),
     ("8", "eight"), ("95", "ninety-five"), ("350", "three hundred and fifty"), ("43.50", "43.5"), ("12", "a dozen")],
)  # fmt: skip
def test_a_number_has_its_usual_forms(number: str, form: str) -> None:
    assert form in number_forms(Decimal(number))


@pytest.mark.parametrize(
    ("date", "form"),
    [("2014", "2014"), ("2014-04", "April 2014"), ("2012-05-06", "6 May 2012"), ("2012-05-06", "May 6, 2012"),
     ("2012-05-06", "2012-05-06")],
)  # fmt: skip
def test_a_date_has_its_usual_forms(date: str, form: str) -> None:
    assert form in date_forms(date)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("about%20two,winter.", WINTER),
        ("PLOVERS%20were", "plovers were"),
        ("In%202011%2C%201%2C250", "In 2011, 1,250"),
        ("planned%20for-,2014%2D2015,-.", "2014-2015"),
        ("Plover", None),
        ("a,b,c,d", None),
    ],
)
def test_a_fragment_marks_what_a_browser_marks(fragment: str, expected: str | None) -> None:
    span = resolve_fragment(f"#:~:text={fragment}", TEXT)
    assert (TEXT[span[0] : span[1]] if span else None) == expected


# --- the check -----------------------------------------------------------------------------------------------


def test_records_that_fit_the_text_have_no_problem() -> None:
    assert verify("bay", records(), TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "who"),
    [
        ("1,250", "1,350", "bay/figures.csv:2 figure plovers: value 1250: expected '1250' or '1,250'"),
        ("1,250", "11,250", "bay/figures.csv:2 figure plovers: value 1250"),
        ("In 2011", "In 2012", "figure plovers: as_of 2011: expected '2011'"),
        ("two dozen", "three dozen", "bay/figures.csv:3 figure winter: value 24"),
        ("April 2014", "March 2014", "project study: interval 2014-04: expected 'April 2014'"),
        ("2014-2015", "2014-2016", "project study: interval 2015"),
        ("3rd", "4th", "list agreed: adopted_at 3rd"),
    ],
)
def test_a_changed_figure_or_date_names_the_record_and_what_was_found(old: str, new: str, who: str) -> None:
    problems = verify("bay", records(), TEXT.replace(old, new))
    said = [problem for problem in problems if who in problem]
    assert said, problems
    assert new in said[0].split("found", 1)[1]
    assert any("changed or gone" in problem for problem in problems)


def test_a_passage_that_moved_is_told_from_one_that_changed() -> None:
    problems = verify("bay", records(), "A line on top\n\n" + TEXT)
    assert len(problems) == 5
    assert all("moved: the passage is unchanged but now at" in problem for problem in problems)


def test_a_passage_that_is_gone_is_named_with_its_place() -> None:
    problems = verify("bay", records(), TEXT.replace(WINTER, ""))
    assert any("passage 'Plovers', paragraph 2" in problem and "changed or gone" in problem for problem in problems)


def test_a_wrong_value_fails_though_every_passage_is_right() -> None:
    rows = [
        replace(row, value=Decimal(125)) if isinstance(row, Figure) and row.id == "plovers" else row
        for row in records()
    ]
    assert len(verify("bay", rows, TEXT)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heading": "Gulls"}, "no such line before it"),
        ({"paragraph": 2}, "found it in 1"),
        ({"fragment": ":~:text=two%20dozen"}, "does not lead to it"),
    ],
)
def test_a_locator_that_misleads_is_a_problem(change: dict[str, object], message: str) -> None:
    rows = records()
    first = rows[0]
    assert isinstance(first, Figure)
    locator = first.evidence[0].locator
    assert locator is not None
    rows[0] = replace(first, evidence=(Evidence(("bay",), replace(locator, **change)),))  # type: ignore[arg-type]
    problems = verify("bay", rows, TEXT)
    assert len(problems) == 1
    assert message in problems[0]


def test_a_number_of_the_text_that_nobody_cites_is_not_recorded() -> None:
    problems = verify("bay", records(), TEXT + "\nNext to them live 77 gulls and six terns.")
    assert [problem.split(" (")[0] for problem in problems] == [
        f"not recorded: the text has '77' at {len(TEXT) + 19}",
        f"not recorded: the text has 'six' at {len(TEXT) + 32}",
    ]


def test_a_record_without_a_passage_is_a_problem() -> None:
    bare = Distribution(
        id="bare", taxon="species/plover", place="place/bay", seasonality="uncertain", presence="extant",
        manner="stated", evidence=(Evidence(("bay",)),), confidence="stated",
    )  # fmt: skip
    assert verify("bay", [*records(), bare], TEXT) == ["distribution bare: cites bay without a passage"]


def test_records_of_another_source_are_left_alone() -> None:
    other = figure("other", Evidence(("elsewhere",)), value=Decimal(5))
    assert verify("bay", [*records(), other], TEXT) == []


def test_nothing_to_check_is_a_failure() -> None:
    assert verify("bay", [], TEXT) == ["bay: no record cites a passage of it"]


# --- quotes ------------------------------------------------------------------------------------------------


def test_quotes_are_the_passages() -> None:
    rows = list(with_quotes(records(), TEXT))
    assert isinstance(rows[-1], Source)
    quotes = [item.locator.quote for row in rows if isinstance(row, Record) for item in row.evidence if item.locator]
    assert quotes == [COUNT, WINTER, STUDY, TITLE, MEETING]


def test_quotes_are_refused_for_another_text() -> None:
    with pytest.raises(SourceMismatch, match="value 1250"):
        with_quotes(records(), TEXT.replace("1,250", "1,251"))


def test_quotes_need_records_of_one_source() -> None:
    with pytest.raises(SourceMismatch, match="one source"):
        with_quotes([], TEXT)
