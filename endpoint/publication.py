"""The tasks behind ``/ontology``: present and earlier versions, examples, guides, alignments, changelog and notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from endpoint import alignments, ontology
from endpoint.context import Context, Representation
from endpoint.documents import HTML_TYPE, chosen_format, data, once, split_suffix
from endpoint.errors import Problem
from endpoint.negotiate import HTML_OFFERS, Offer, Range, choose
from kg.namespaces import NEAKG, ONTOLOGY, expand
from kg.resources import folder, walk
from kg.vocabulary.terms import terms

_MARKDOWN: Final = "text/markdown"
_NAME: Final = re.compile(r"<code>neakg:(\w+)</code>")
_RELATIVE: Final = re.compile(r'href="(?![a-z]+:|[/#])([^"]+)"')
_SSSOM: Final = ".sssom.tsv"
#: Addresses below /ontology/ that are texts for people -> file and title.
TEXTS: Final[dict[str, tuple[str, str]]] = {
    "changelog": ("CHANGELOG.md", "Changes of the ontology"),
    "notes": ("NOTES.md", "Notes on the ontology"),
}
#: Folders whose Turtle files are served as they lie there.
_AS_THEY_LIE: Final = ("examples", "guide")


@dataclass(frozen=True, slots=True)
class Part:
    """A document below /ontology.

    Args:
        found: the document.
        address: its address without suffix.
        negotiated: whether Accept chose the format.
        formats: whether it can be had in every format of a document.
        links: further Link values.
    """

    found: Representation
    address: str
    negotiated: bool
    formats: bool
    links: tuple[str, ...] = ()


def versions() -> list[str]:
    """Return the numbers of the versions that are kept, newest first, without the present one."""
    try:
        names = [entry.name.removesuffix(".ttl") for entry in walk(folder("ontology") / "versions", ".ttl")]
    except FileNotFoundError:
        return []
    return sorted(names, key=_order, reverse=True)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else -1 for part in version.split("."))


def present_version(context: Context) -> str:
    """Return the number of the present version (owl:versionInfo); "" when the package has no ontology."""
    values = (quad.object.value for quad in context.ontology if quad.subject == NamedNode(ONTOLOGY)
              and quad.predicate.value == expand("owl:versionInfo") and isinstance(quad.object, Literal))  # fmt: skip
    return next(values, "")


def _all_versions(context: Context) -> list[str]:
    return sorted({present_version(context), *versions()} - {""}, key=_order, reverse=True)


def present(context: Context, suffix: str, accept: tuple[Range, ...]) -> Part:
    """Return the ontology as it is now.

    Raises:
        Problem: not acceptable, or not in this installation.
    """
    name, media_type = chosen_format(suffix, accept)
    if not context.ontology:
        raise Problem("not-found", "this installation has no ontology")

    def make() -> Representation:
        if name == "html":
            return Representation(ontology.page(context, _all_versions(context)), HTML_TYPE, "html")
        return data(context.ontology, name, media_type, ONTOLOGY)

    found = once(context, f"ontology {name} {media_type}", make)
    return Part(found, "/ontology", not suffix, True, tuple(_relations(context, present_version(context))))


def _relations(context: Context, version: str) -> list[str]:
    """Return the Link values between versions (RFC 5829, section 3)."""
    known = _all_versions(context)
    links = ['</ontology/changelog>; rel="version-history"'] if ontology.package_text("CHANGELOG.md") else []
    if version in known:
        place = known.index(version)
        links += [f'</ontology/{item}>; rel="predecessor-version"' for item in known[place + 1 : place + 2]]
        links += [f'</ontology/{item}>; rel="successor-version"' for item in known[max(0, place - 1) : place]]
    return [*links, '</ontology>; rel="latest-version"']


def part(context: Context, path: str, accept: tuple[Range, ...]) -> Part:
    """Return what lies at ``/ontology/{path}``.

    Raises:
        Problem: nothing lies there (the body lists what does), or not acceptable.
    """
    top, _, rest = path.partition("/")
    if top in _AS_THEY_LIE:
        return _file(top, rest)
    if top == "alignments":
        return _alignment(context, rest, accept)
    stem, suffix = split_suffix(path)
    name = stem.removesuffix(".md")
    if name in TEXTS and suffix in ("", "html"):
        return _text(context, name, "markdown" if name != stem else suffix, accept)
    if stem == present_version(context):
        found = present(context, suffix, accept)
        return Part(found.found, f"/ontology/{stem}", not suffix, True, found.links)
    if stem in versions():
        return _earlier(context, stem, suffix, accept)
    raise Problem("not-found", "no part of the ontology has this address", _what_there_is(context))


def _what_there_is(context: Context) -> dict[str, object]:
    texts = [name for name, (file, _) in TEXTS.items() if ontology.package_text(file)]
    return {
        "versions": _all_versions(context),
        "alignments": [table.name for table in alignments.sets()],
        "documents": [f"/ontology/{name}" for name in texts],
    }


def _file(top: str, name: str) -> Part:
    """Return a Turtle file of the package as it lies there."""
    try:
        names = {entry.name: entry for entry in walk(folder("ontology") / top, ".ttl")}
    except FileNotFoundError:
        names = {}
    if name not in names:
        raise Problem("not-found", f"no file of this name among /ontology/{top}/", {"files": sorted(names)})
    found = Representation(names[name].read_bytes(), "text/turtle; charset=utf-8", "ttl")
    return Part(found, f"/ontology/{top}/{name.removesuffix('.ttl')}", False, False)


def _earlier(context: Context, version: str, suffix: str, accept: tuple[Range, ...]) -> Part:
    name, media_type = chosen_format(suffix, accept)

    def make() -> Representation:
        body = (folder("ontology") / "versions" / f"{version}.ttl").read_bytes()
        quads: list[Quad] = sorted(parse(body, format=RdfFormat.TURTLE), key=str)
        if name == "html":
            shown = ontology.version_page(context, quads, version, present_version(context))
            return Representation(shown, HTML_TYPE, "html")
        return data(quads, name, media_type, ONTOLOGY)

    found = once(context, f"ontology {version} {name} {media_type}", make)
    return Part(found, f"/ontology/{version}", not suffix, True, tuple(_relations(context, version)))


def _alignment(context: Context, path: str, accept: tuple[Range, ...]) -> Part:
    """Return an alignment: a page, data, or the SSSOM table that it is made from."""
    stem, suffix = split_suffix(path.removesuffix(_SSSOM))
    table = next((item for item in alignments.sets() if item.name == stem), None)
    if table is None:
        raise Problem("not-found", "no alignment of this name", _what_there_is(context))
    address = f"/ontology/alignments/{stem}"
    if path == stem + _SSSOM:
        body = ontology.package_text(f"alignments/{path}").encode()
        return Part(Representation(body, "text/tab-separated-values; charset=utf-8", _SSSOM[1:]), address, False, True)
    name, media_type = chosen_format(suffix, accept)

    def make() -> Representation:
        if name == "html":
            return Representation(alignments.page(context, table), HTML_TYPE, "html")
        text = ontology.package_text(f"alignments/{stem}.ttl")
        return data(sorted(parse(text, format=RdfFormat.TURTLE), key=str), name, media_type, table.iri, ours=False)

    found = once(context, f"alignment {stem} {name} {media_type}", make)
    link = f'<{address}{_SSSOM}>; rel="alternate"; type="text/tab-separated-values"'
    return Part(found, address, not suffix, True, (link,))


def _link(match: re.Match[str]) -> str:
    return (
        f'<code><a href="/ontology#{match[1]}">neakg:{match[1]}</a></code>' if NEAKG + match[1] in terms() else match[0]
    )


def _address(match: re.Match[str]) -> str:
    """Turn a link from file to file into one from page to page."""
    pages = {file: name for name, (file, _) in TEXTS.items()}
    path = match[1]
    if path.startswith("versions/"):
        path = path.removeprefix("versions/").removesuffix(".ttl")
    return f'href="/ontology/{pages.get(path, path)}"'


def _text(context: Context, name: str, wanted: str, accept: tuple[Range, ...]) -> Part:
    """Return a text for people: as a page, or as the Markdown that it is."""
    file, title = TEXTS[name]
    text = ontology.package_text(file)
    if not text:
        raise Problem("not-found", f"this installation has no {name} of the ontology")
    offers = [*HTML_OFFERS, Offer("markdown", _MARKDOWN), Offer("markdown", "text/plain")]
    offer = next((item for item in offers if item.name == wanted), None) or choose(accept, offers)
    if offer is None:
        raise Problem("not-acceptable", "this text can be had as: text/html, text/markdown")
    if offer.name == "markdown":
        found = Representation(text.encode(), f"{offer.media_type}; charset=utf-8", "md")
    else:
        # Raw HTML stays text: `commonmark` with html off, so a slip in our own file is no hole in the page.
        html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
        body = Markup(_RELATIVE.sub(_address, _NAME.sub(_link, html)))  # noqa: S704
        found = Representation(context.pages.render("text.html", title=title, body=body, name=name), HTML_TYPE, "html")
    return Part(found, f"/ontology/{name}", not wanted, False)
