"""Strict reading of tables.  ``tables/invalid/<case>/`` holds tables and, in expected.txt, all that is reported."""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from kg.errors import TableErrors
from kg.records import TABLES, Evidence, Figure, Locator, Name, Origin, Source
from kg.tables import (
    BadCell,
    columns,
    parse_decimal,
    parse_edtf,
    parse_language,
    parse_slug,
    parse_url,
    read_folder,
    read_table,
)

INVALID = Path(__file__).parent / "tables" / "invalid"
CASES = sorted(path.name for path in INVALID.iterdir())

NAMES = "subject,language,name,kind,sources,confidence,note\n"
ONE_NAME = "species/amur-tiger,en,Amur tiger,preferred,a-book,stated,\n"


def test_there_are_cases() -> None:
    assert len(CASES) > 40


@pytest.mark.parametrize("case", CASES)
def test_a_faulty_table_is_refused_with_every_mistake(case: str) -> None:
    expected = (INVALID / case / "expected.txt").read_text("utf-8").splitlines()
    with pytest.raises(TableErrors) as caught:
        list(read_folder(INVALID / case, "here"))
    assert [str(issue).removeprefix("here/") for issue in caught.value.issues] == expected


def test_the_message_names_all_mistakes_and_says_that_nothing_was_built() -> None:
    with pytest.raises(TableErrors, match=r"2 mistake\(s\) in the tables, nothing was built:\n  x:2:.*\n  x:3:"):
        read_table((NAMES + ONE_NAME.replace("en,", "EN,") * 2).encode(), "names.csv", "x")


def test_mistakes_mean_exit_code_3() -> None:
    assert TableErrors.exit_code == 3


def test_a_row_becomes_a_typed_record() -> None:
    text = (
        "id,kind,taxon,places,minimum,maximum,unit,manner,as_of,sources,confidence,note\n"
        "one,site-count,species/amur-tiger,place/jilin;area/hunchun,12,13.50,individuals,about,2012-05/..,"
        'a;b,stated,"a, b"\n'
    )
    (row,) = read_table(text.encode(), "figures.csv", "kg/sources/x/figures.csv")
    assert row == Figure(
        id="one",
        kind="site-count",
        taxon="species/amur-tiger",
        places=("place/jilin", "area/hunchun"),
        minimum=Decimal(12),
        maximum=Decimal("13.50"),
        unit="individuals",
        manner="about",
        as_of="2012-05/..",
        evidence=(Evidence(("a", "b")),),
        confidence="stated",
        note="a, b",
    )
    assert row.origin == Origin("kg/sources/x/figures.csv", 2)


def test_empty_optional_cells_mean_not_recorded() -> None:
    text = "id,title,kind,url,date,note\na,A,report,,,\n"
    (row,) = read_table(text.encode(), "bibliography.csv", "x")
    assert row == Source(id="a", title="A", kind="report")


def test_columns_may_stand_in_any_order_and_optional_ones_be_left_out() -> None:
    text = "confidence,name,sources,subject,language\nstated,Amur tiger,a,species/amur-tiger,en\n"
    (row,) = read_table(text.encode(), "names.csv", "x")
    assert isinstance(row, Name)
    assert (row.name, row.kind, row.note) == ("Amur tiger", "preferred", "")


def test_line_numbers_count_the_lines_of_the_file() -> None:
    text = NAMES + ONE_NAME.replace(",\n", ',"one\ntwo\nthree"\n') + ONE_NAME.replace("Amur", "Siberian")
    rows = read_table(text.encode(), "names.csv", "x")
    assert [row.origin.line for row in rows if row.origin] == [2, 5]
    assert rows[0].note == "one\ntwo\nthree"


def test_names_in_all_scripts_are_read() -> None:
    text = (
        NAMES + ONE_NAME.replace("en,Amur tiger", "zh-Hans,东北虎") + ONE_NAME.replace("en,Amur tiger", "mn,Амарын бар")
    )
    assert [row.name for row in read_table(text.encode(), "names.csv", "x") if isinstance(row, Name)] == [
        "东北虎",
        "Амарын бар",
    ]


def test_a_folder_with_locators_gives_each_passage_as_evidence(tmp_path: Path) -> None:
    digest = "ab" * 32
    (tmp_path / "locators.csv").write_text(
        "id,heading,paragraph,start,end,sha256,fragment\n"
        f"p1,Tigers,1,5,10,{digest},:~:text=x\np2,Tigers,2,11,20,{digest},:~:text=y\n"
    )
    (tmp_path / "names.csv").write_text(
        "subject,language,name,sources,locators,confidence\nspecies/amur-tiger,en,Amur tiger,page,p1;p2,stated\n"
    )
    (tmp_path / "bibliography.csv").write_text("id,title,kind\npage,A page,web-page\n")
    (tmp_path / "source.ttl").write_text("not a table")
    source, name = read_folder(tmp_path, "x")
    assert isinstance(source, Source)
    assert isinstance(name, Name)
    assert [evidence.locator for evidence in name.evidence] == [
        Locator("Tigers", 1, 5, 10, digest, ":~:text=x"),
        Locator("Tigers", 2, 11, 20, digest, ":~:text=y"),
    ]
    assert all(evidence.sources == ("page",) for evidence in name.evidence)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_its_columns(table: str) -> None:
    record = TABLES[table]
    names = [column.name for column in columns(record)]
    fields = {field.name for field in dataclasses.fields(record)}
    assert set(names) == fields - {"evidence", "origin", "group"} | ({"sources"} if record is not Source else set())
    assert len(set(names)) == len(names)
    assert [column.name for column in columns(record, located=True)] == [*names, "locators"]


# --- any text in a cell: parsed, or refused with a reason --------------------------------------------------

ANY = st.text() | st.from_regex(r"[0-9./:\-a-zA-Z;]{0,20}", fullmatch=True)


@given(ANY)
def test_a_parser_gives_a_value_or_says_what_was_expected(text: str) -> None:
    for parse in (parse_edtf, parse_decimal, parse_language, parse_slug, parse_url):
        try:
            parse(text)
        except BadCell as error:
            assert str(error)  # noqa: PT017


@given(ANY, st.sampled_from(sorted(TABLES)))
def test_a_cell_of_any_column_gives_a_value_or_says_what_was_expected(text: str, table: str) -> None:
    for column in columns(TABLES[table], located=True):
        try:
            column.parse(text)
        except BadCell as error:
            assert str(error)  # noqa: PT017


@given(st.binary(max_size=200), st.sampled_from(["names.csv", "figures.csv", "bibliography.csv", "other.csv"]))
def test_any_bytes_give_records_or_mistakes(data: bytes, table: str) -> None:
    try:
        assert read_table(data, table, "x")
    except TableErrors as error:
        assert error.issues  # noqa: PT017


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=100))
def test_any_row_gives_records_or_mistakes(text: str) -> None:
    try:
        assert read_table((NAMES + text).encode(), "names.csv", "x")
    except TableErrors as error:
        assert error.issues  # noqa: PT017


@given(st.from_regex(r"https?://[^ ]{1,20}", fullmatch=True))
def test_an_address_is_one_that_a_node_can_have(text: str) -> None:
    try:
        address = parse_url(text)
    except BadCell:
        return
    assert NamedNode(address).value == text


@given(st.dates(date(1500, 1, 1), date(2100, 12, 31)), st.sampled_from([4, 7, 10]))
def test_every_day_month_and_year_of_the_calendar_is_a_date(day: date, size: int) -> None:
    text = day.isoformat()[:size]
    assert parse_edtf(text) == text
    assert parse_edtf(f"{text}/..") == f"{text}/.."


@given(st.dates(date(1500, 1, 1), date(2100, 12, 31)), st.dates(date(1500, 1, 1), date(2100, 12, 31)))
def test_an_interval_is_a_date_exactly_when_it_runs_forward(first: date, last: date) -> None:
    text = f"{first}/{last}"
    if first <= last:
        assert parse_edtf(text) == text
    else:
        with pytest.raises(BadCell):
            parse_edtf(text)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_plain_decimal_keeps_its_value(value: Decimal) -> None:
    assert parse_decimal(f"{value:f}") == value


@given(st.from_regex(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", fullmatch=True))
def test_a_language_tag_stays_as_it_is(tag: str) -> None:
    assert parse_language(tag) == tag
