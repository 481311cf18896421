"""The task behind /sparql: check, negotiate, evaluate completely, serialise."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Final, NamedTuple

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples

from endpoint.context import Context, Representation
from endpoint.errors import Problem
from endpoint.negotiate import HTML_OFFERS, Offer, Range, choose, offers_of
from endpoint.outlet import STREAMED
from endpoint.terms import Shown, show
from kg.formats import BY_NAME, RDF_FORMATS, RESULT_FORMATS, Format, names
from kg.sparql_text import limited
from kg.store import Answer, DatasetChoice, engine_errors, write_answer, write_solutions

#: JSON first: it is what a client gets that names nothing.
RESULT_OFFERS: Final = offers_of(RESULT_FORMATS)
GRAPH_OFFERS: Final = offers_of(RDF_FORMATS)
#: Rows that a page shows; the page says how many there are in all.
SHOWN_ROWS: Final = 1000


class Question(NamedTuple):
    """A query as a client sent it.

    Args:
        text: the SPARQL text.
        dataset: the graphs named beside the text.
        accept: the ranges of the Accept header.
        format: the name of the format asked for by ``format=``; empty for none.
        page: whether a page is asked for, whatever Accept says.
        max_rows: how many rows the client wants at most; 0 for all.
    """

    text: str
    dataset: DatasetChoice
    accept: tuple[Range, ...]
    format: str = ""
    page: bool = False
    max_rows: int = 0


def answer(context: Context, question: Question) -> Representation | str:
    """Answer a query; rows beyond a first part stream through the context's outlet, and ``STREAMED`` is returned.

    Raises:
        Problem: no fitting format.
        QueryError: the query is wrong, refused, or its answer too large.
    """
    asked = context.store.checked(question.text, question.dataset)
    if question.max_rows and asked.form not in ("SELECT", ""):
        raise Problem("bad-request", f"max-rows fits SELECT queries; this is {asked.form}")
    is_graph = asked.form in ("CONSTRUCT", "DESCRIBE")
    offer = HTML_OFFERS[0] if question.page else _offer(question.accept, question.format, is_graph=is_graph)
    with engine_errors(question.text):
        found = context.store.query(question.text, question.dataset, asked)
        if offer.name == "html":
            return _page(context, question, found)
        row = BY_NAME[offer.name]
        content_type = _content_type(row, offer)
        if isinstance(found, QuerySolutions) and question.max_rows:
            return _cut(context, question, row, content_type)
        if isinstance(found, QuerySolutions):
            outlet = context.outlet(content_type)
            write_solutions(found, row, outlet)
            body = outlet.finish()
            return STREAMED if body is None else Representation(body, content_type)
        body = write_answer(found, row, context.settings.max_result * 1_000_000)
    return Representation(body, content_type)


def _cut(context: Context, question: Question, row: Format, content_type: str) -> Representation:
    """Return as many rows as the client wants; a header, and the meta of JSON, say whether there were more."""
    most = question.max_rows
    more = _solutions(context, question, most + 1)
    is_cut = sum(1 for _ in more) > most
    body = write_answer(_solutions(context, question, most), row, context.settings.max_result * 1_000_000)
    if row.name == "json":
        meta = json.dumps({"maxRows": most, "cut": is_cut})
        body = b'{"meta":' + meta.encode() + b"," + body.removeprefix(b"{")
    headers = (("NEAKG-Rows", f"max={most}; cut={'yes' if is_cut else 'no'}"),)
    return Representation(body, content_type, headers=headers)


def _solutions(context: Context, question: Question, rows: int) -> QuerySolutions:
    found = context.store.query(limited(question.text, rows), question.dataset)
    assert isinstance(found, QuerySolutions)
    return found


def _content_type(row: Format, offer: Offer) -> str:
    if offer.media_type == row.media_type:
        return row.content_type
    return f"{offer.media_type}; charset=utf-8" if offer.media_type.startswith("text/") else offer.media_type


@lru_cache(maxsize=1000)
def _offer(accept: tuple[Range, ...], wanted: str, *, is_graph: bool) -> Offer:
    rows = RDF_FORMATS if is_graph else RESULT_FORMATS
    if wanted:
        row = BY_NAME[wanted]
        if row not in rows:
            what = "a graph" if is_graph else "rows or a boolean"
            text = f"{row.name} cannot hold {what}; use one of: {names(rows)}"
            raise Problem("format-does-not-fit", text, {"formats": [item.name for item in rows]})
        return Offer(row.name, row.media_type)
    offers = [*(GRAPH_OFFERS if is_graph else RESULT_OFFERS), *HTML_OFFERS]
    chosen = choose(accept, offers)
    if chosen is None:
        types = [offer.media_type for offer in offers]
        raise Problem("not-acceptable", f"this answer can be had as: {', '.join(types)}", {"mediaTypes": types})
    return chosen


# --- as a page ------------------------------------------------------------------------------------------


def _page(context: Context, question: Question, found: Answer) -> Representation:
    columns: list[str] = []
    rows: list[list[Shown]] = []
    total = 0
    if isinstance(found, QuerySolutions):
        columns = [variable.value for variable in found.variables]
        kept = []
        for total, solution in enumerate(found, 1):
            if total <= SHOWN_ROWS:
                kept.append([solution[name] for name in columns])
        rows = _shown(context, kept)
    elif isinstance(found, QueryTriples):
        columns = ["subject", "predicate", "object"]
        triples = []
        for total, triple in enumerate(found, 1):
            if total <= SHOWN_ROWS:
                triples.append([triple.subject, triple.predicate, triple.object])
        rows = _shown(context, triples)
    formats = RDF_FORMATS if isinstance(found, QueryTriples) else RESULT_FORMATS
    body = context.pages.render(
        "results.html",
        query=question.text,
        graphs=question.dataset,
        columns=columns,
        rows=rows,
        total=total,
        boolean=bool(found) if isinstance(found, QueryBoolean) else None,
        formats=formats,
    )
    return Representation(body, "text/html; charset=utf-8")


def _shown(context: Context, rows: list[list[object]]) -> list[list[Shown]]:
    # The terms as they are: whoever writes a query wants to see what came back, not a label in its place.
    base = context.dataset.base
    return [[Shown("") if term is None else show(term, {}, base) for term in row] for row in rows]  # type: ignore[arg-type]
