"""The tasks behind documents: what the graph says about a thing, a named graph, the shapes, the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from pyoxigraph import Quad

from endpoint import description, entity, listing
from endpoint.context import Context, Representation
from endpoint.errors import Problem
from endpoint.jsonld import write_jsonld
from endpoint.negotiate import DOCUMENT_OFFERS, Range, choose
from kg.catalogue import CATALOGUE
from kg.formats import BY_NAME, RDF_FORMATS, write_rdf
from kg.namespaces import SCHEME
from kg.store import GraphStore

#: Suffix of a document's address -> name of the format.
SUFFIXES: Final[dict[str, str]] = {"html": "html", **{row.extension: row.name for row in RDF_FORMATS}}
HTML_TYPE: Final = "text/html; charset=utf-8"


def split_suffix(path: str) -> tuple[str, str]:
    """Return a path without its format suffix, and the format's name ("" when there is none)."""
    stem, dot, suffix = path.rpartition(".")
    if dot and stem and suffix in SUFFIXES:
        return stem, SUFFIXES[suffix]
    return path, ""


def chosen_format(wanted: str, accept: tuple[Range, ...]) -> tuple[str, str]:
    """Return the format's name and media type: the suffix's, else the one that Accept prefers.

    Raises:
        Problem: not acceptable.
    """
    if wanted:
        return wanted, ""
    offer = choose(accept, DOCUMENT_OFFERS)
    if offer is None:
        types = list(dict.fromkeys(item.media_type for item in DOCUMENT_OFFERS))
        raise Problem("not-acceptable", f"this document can be had as: {', '.join(types)}", {"mediaTypes": types})
    return offer.name, offer.media_type


def data(
    quads: Iterable[Quad], name: str, media_type: str = "", first: str = "", *, ours: bool = True
) -> Representation:
    """Write quads in a data format; formats without graphs, and JSON-LD, hold each triple once.

    Args:
        quads: what to write.
        name: the format's name.
        media_type: the media type asked for, when it is an alias.
        first: the IRI of the node that JSON-LD puts first.
        ours: whether JSON-LD is compacted with our context, which fits our terms only.
    """
    row = BY_NAME[name]
    found = list(quads)
    if name == "jsonld":
        triples = list(dict.fromkeys(quad.triple for quad in found))
        body = write_jsonld(triples, first) if ours else write_rdf(triples, row)
    else:
        body = write_rdf(found, row)
    kind = row.content_type
    if media_type and media_type != row.media_type:
        kind = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
    return Representation(body, kind, row.extension)


# --- things ---------------------------------------------------------------------------------------------


def iris_of_path(path: str, context: Context) -> list[str]:
    """Return the IRIs that a path below /id/ or /doc/ may stand for.

    The path is taken as it was sent; a second reading decodes percent-encoded characters beyond ASCII.
    """
    readings = dict.fromkeys((path, _beyond_ascii(path)))
    base = context.dataset.base.iri
    found = []
    for reading in readings:
        if reading.startswith("scheme/"):
            found.append(SCHEME + reading.removeprefix("scheme/"))
        found += [f"{base}id/{reading}", f"{base}{reading}"] if not context.dataset.is_ours else [f"{base}id/{reading}"]
    return found


def _beyond_ascii(path: str) -> str:
    def decoded(match: re.Match[str]) -> str:
        try:
            return unquote_to_bytes(match.group()).decode()
        except UnicodeDecodeError:
            return match.group()

    return re.sub(r"(?:%[89A-Fa-f][0-9A-Fa-f])+", decoded, path)


def find(context: Context, path: str) -> tuple[GraphStore, str]:
    """Return the store and the IRI that a path names.

    Raises:
        Problem: nothing is known.
    """
    for iri in iris_of_path(path, context):
        for store in (context.store, context.package):
            try:
                if store.exists(iri):
                    return store, iri
            except ValueError:
                continue  # the path makes no IRI
    raise Problem("not-found", "the graph says nothing about this address")


def exists(context: Context, path: str) -> str:
    """Return the IRI that a path names.

    Raises:
        Problem: nothing is known.
    """
    return find(context, path)[1]


def document(context: Context, path: str, accept: tuple[Range, ...]) -> tuple[Representation, str]:
    """Return a document about a thing, and the thing's IRI."""
    stem, wanted = split_suffix(path)
    store, iri = find(context, stem)
    name, media_type = chosen_format(wanted, accept)

    def make() -> Representation:
        if name == "html":
            return Representation(entity.page(context, store, iri, f"/doc/{stem}"), HTML_TYPE, "html")
        return data(store.document(iri), name, media_type, iri)

    return once(context, f"{iri} {name} {media_type}", make), iri


def once(context: Context, key: str, make: Callable[[], Representation]) -> Representation:
    """Make a representation once: the store never changes while a worker runs."""
    found = context.kept.get(key)
    if found is None:
        found = make()
        if sum(len(item.body) for item in context.kept.values()) > context.settings.cache * 1_000_000:
            context.kept.clear()
        context.kept[key] = found
    return found


# --- graphs -----------------------------------------------------------------------------------------------


def graph(context: Context, path: str, accept: tuple[Range, ...]) -> tuple[Representation, str]:
    """Return a named graph of ours, or the page that describes it, and the graph's IRI."""
    stem, wanted = split_suffix(path)
    iri = context.dataset.base.graph(stem)
    if iri not in context.store.graphs:
        raise Problem("not-found", "no graph of this name is loaded; /graphs lists them")
    name, media_type = chosen_format(wanted, accept)
    if name == "html":
        return Representation(listing.graph_page(context, iri, f"/graph/{stem}"), HTML_TYPE, "html"), iri
    return data(sorted(context.store.quads(iri), key=str), name, media_type), iri


def catalogue(context: Context, accept: tuple[Range, ...]) -> Representation:
    """Return the description of the data: our catalogue graph, or what can be counted of files."""
    name, media_type = chosen_format("", accept)
    iri = context.dataset.base.graph(CATALOGUE)
    if iri in context.store.graphs and context.dataset.is_ours:
        if name == "html":
            return Representation(listing.graph_page(context, iri, "/graph/catalogue"), HTML_TYPE, "html")
        return data(sorted(context.store.quads(iri), key=str), name, media_type, ours=False)
    if name == "html":
        return Representation(listing.graphs_page(context), HTML_TYPE, "html")
    return data(description.void(context), name, media_type, ours=False)


# --- what the package holds ---------------------------------------------------------------------------------


def shapes(context: Context, suffix: str, accept: tuple[Range, ...]) -> Representation:
    """Return the shapes."""
    quads = context.shapes
    if not quads:
        raise Problem("not-found", "this installation has no shapes")
    name, media_type = chosen_format(suffix, accept)

    def make() -> Representation:
        if name == "html":
            return Representation(listing.shapes_page(context, quads), HTML_TYPE, "html")
        return data(quads, name, media_type)

    return once(context, f"shapes {name} {media_type}", make)
