"""The description of the data set and of each of its graphs: VoID, DCAT, licence, rights, credits and counts.

The catalogue is a graph of its own (``graph/catalogue``); it lies outside the hashed dump because it carries the
dump's hash.  What a person writes about a source lies in its ``source.ttl``; the rest is counted here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg.errors import UsageError
from kg.iris import Base, digest
from kg.namespaces import BASE, NEAKG, ONTOLOGY, XSD, expand, shrink

CATALOGUE = "catalogue"
_TYPE = expand("rdf:type")
_TITLE = NamedNode(expand("dcterms:title"))
_REUSE = f"{NEAKG}reuse"
OPEN, RESTRICTED = "open", "restricted"


@dataclass(frozen=True, slots=True)
class Description:
    """What ``source.ttl`` says: the triples about the graph, whether its facts may be reused, and credits to print."""

    id: str
    triples: tuple[Triple, ...]
    title: str
    reuse: str
    credit: str


@dataclass(frozen=True, slots=True)
class DumpFile:
    """A file of the release: name, media type, size in bytes and SHA-256."""

    name: str
    media_type: str
    size: int
    sha256: str


def describe(source: str, turtle: bytes, base: Base) -> Description:
    """Read a ``source.ttl``.

    Raises:
        UsageError: not well formed, or title, licence or rights, publisher, or reuse is missing.
    """
    shown = f"kg/sources/{source.replace('-', '_')}/source.ttl"
    subject = f"{BASE}graph/{source}"
    try:
        quads = list(parse(turtle, format=RdfFormat.TURTLE, base_iri=BASE))
    except SyntaxError as error:
        raise UsageError(f"{shown}:{error.lineno}: not well-formed Turtle: {error.msg}") from error
    values: dict[str, str] = {}
    for quad in quads:
        if not isinstance(quad.subject, NamedNode) or quad.subject.value != subject:
            raise UsageError(f"{shown}: describes {quad.subject}, expected only <{subject}>")
        values[quad.predicate.value] = quad.object.value
    for curie in ("dcterms:title", "dcterms:description", "dcterms:publisher", "dcterms:license", "dcterms:rights"):
        if expand(curie) not in values:
            raise UsageError(f"{shown}: {curie} is missing")
    reuse = values.get(_REUSE, "")
    if reuse not in (OPEN, RESTRICTED):
        raise UsageError(f"{shown}: neakg:reuse must be {OPEN!r} or {RESTRICTED!r}, not {reuse!r}")
    here = NamedNode(base.graph(source))
    triples = tuple(Triple(here, quad.predicate, quad.object) for quad in quads)
    credit = values.get(f"{NEAKG}credit", "")
    return Description(source, triples, values[expand("dcterms:title")], reuse, credit)


def catalogue(
    quads: Iterable[Quad],
    descriptions: Iterable[Description],
    rules: Iterable[tuple[str, str, str]],
    base: Base,
    release: dict[str, str],
    dumps: Iterable[DumpFile] = (),
) -> list[Quad]:
    """Return the catalogue's quads.

    Args:
        quads: the whole graph, to count and to find which sources a graph rests on.
        descriptions: what is said of each source's graph.
        rules: id, title and description of each derivation rule.
        base: where graphs are named.
        release: ``version`` and ``date`` of the release.
        dumps: files to offer for download.
    """
    writer = _Writer(base)
    found = list(quads)
    writer.dataset(release, found)
    for description in descriptions:
        writer.triples.extend(description.triples)
    graphs = {quad.graph_name.value for quad in found}  # type: ignore[union-attr]
    for rule, title, text in rules:
        for restricted in (False, True):
            if (iri := base.derived(rule, restricted=restricted)) in graphs:
                writer.derived(iri, title, text, restricted=restricted)
    writer.own_graphs()
    for quad in found:
        if quad.subject.value.startswith(f"{ONTOLOGY}/alignments/") and quad.predicate == _TITLE:  # type: ignore[union-attr]
            writer.alignment(quad)
    writer.counts(found)
    for dump in dumps:
        writer.dump(dump)
    graph = NamedNode(base.graph(CATALOGUE))
    return sorted({Quad(item.subject, item.predicate, item.object, graph) for item in writer.triples}, key=str)


class _Writer:
    def __init__(self, base: Base) -> None:
        self._base = base
        self._dataset = f"{base.iri}dataset"
        self.triples: list[Triple] = []

    def _add(self, subject: str, curie: str, value: NamedNode | Literal | int) -> None:
        if isinstance(value, int):
            value = Literal(str(value), datatype=NamedNode(f"{XSD}integer"))
        self.triples.append(Triple(NamedNode(subject), NamedNode(expand(curie)), value))

    def dataset(self, release: dict[str, str], quads: list[Quad]) -> None:
        iri = self._dataset
        for curie in ("void:Dataset", "dcat:Dataset", "schema:Dataset"):
            self._add(iri, "rdf:type", NamedNode(expand(curie)))
        title = "NEAKG: nature conservation across the borders of North-East Asia"
        text = (
            "Species, habitats, protected areas, borders and projects of transboundary nature conservation in China, "
            "DPRK, Japan, Mongolia, Republic of Korea and Russian Federation; every statement with its source."
        )
        self._add(iri, "dcterms:title", Literal(title, language="en"))
        self._add(iri, "dcterms:description", Literal(text, language="en"))
        self._add(iri, "dcterms:license", NamedNode("https://creativecommons.org/licenses/by/4.0/"))
        self._add(iri, "dcterms:publisher", Literal("NEAKG"))
        self._add(iri, "dcat:version", Literal(release["version"]))
        self._add(iri, "dcterms:issued", Literal(release["date"], datatype=NamedNode(f"{XSD}date")))
        self._add(iri, "void:uriSpace", Literal(f"{self._base.iri}id/"))
        self._add(iri, "void:sparqlEndpoint", NamedNode(f"{self._base.iri}sparql"))
        self._add(iri, "void:vocabulary", NamedNode(ONTOLOGY))
        self._add(iri, "void:exampleResource", NamedNode(self._base.thing("species/amur-tiger")))
        self._add(iri, "void:triples", len({quad.triple for quad in quads}))
        self._add(iri, "void:distinctSubjects", len({quad.subject for quad in quads}))
        self._add(iri, "void:properties", len({quad.predicate for quad in quads}))
        self._partitions(quads)

    def _partitions(self, quads: list[Quad]) -> None:
        classes = Counter(quad.object.value for quad in quads if quad.predicate.value == _TYPE)  # type: ignore[union-attr]
        properties = Counter(quad.predicate.value for quad in quads)
        for kind, counts, link, count in (
            ("class", classes, "void:classPartition", "void:entities"),
            ("property", properties, "void:propertyPartition", "void:triples"),
        ):
            for term, number in sorted(counts.items()):
                node = f"{self._dataset}/{kind}/{(shrink(term) or digest(term)).replace(':', '-')}"
                self._add(self._dataset, link, NamedNode(node))
                self._add(node, f"void:{kind}", NamedNode(term))
                self._add(node, count, number)

    def derived(self, iri: str, title: str, text: str, *, restricted: bool) -> None:
        """Describe a graph that a rule computed."""
        rights = "Computed with the help of graphs whose sources forbid reuse." if restricted else "Computed by NEAKG."
        self._own(iri, title, text, rights, self._dataset, RESTRICTED if restricted else OPEN)

    def own_graphs(self) -> None:
        """Describe the graphs that belong to no source folder."""
        for name, (source, text) in {
            "ontology": (ONTOLOGY, "The classes and properties that the graph uses."),
            "vocabularies": (ONTOLOGY, "The concept schemes that the graph uses."),
            "bibliography": (self._dataset, "The sources of the graph, and the plain citations of them."),
            CATALOGUE: (self._dataset, "What the graphs are, where they come from and what they count."),
        }.items():
            self._own(self._base.graph(name), f"NEAKG {name}", text, "Written by NEAKG.", source, OPEN)

    def alignment(self, titled: Quad) -> None:
        """Describe a graph that matches our vocabulary to another, by the title that the alignment has in it."""
        graph, alignment, title = titled.graph_name.value, titled.subject.value, titled.object.value  # type: ignore[union-attr]
        text = "What terms and concepts of NEAKG have in common with those of the other; the SSSOM table says why."
        self._own(graph, title, text, "Written by NEAKG.", alignment, OPEN)

    def _own(self, iri: str, title: str, text: str, rights: str, source: str, reuse: str) -> None:
        self._add(iri, "rdf:type", NamedNode(expand("void:Dataset")))
        self._add(iri, "dcterms:title", Literal(title, language="en"))
        self._add(iri, "dcterms:description", Literal(text, language="en"))
        self._add(iri, "dcterms:license", NamedNode("https://creativecommons.org/licenses/by/4.0/"))
        self._add(iri, "dcterms:rights", Literal(rights, language="en"))
        self._add(iri, "dcterms:publisher", Literal("NEAKG"))
        self._add(iri, "dcterms:source", NamedNode(source))
        self._add(iri, "neakg:reuse", Literal(reuse))

    def counts(self, quads: list[Quad]) -> None:
        triples: Counter[str] = Counter()
        cited: dict[str, set[str]] = defaultdict(set)
        sources: dict[str, set[str]] = defaultdict(set)
        for quad in quads:
            assert isinstance(quad.graph_name, NamedNode), "the graph has named graphs only"
            triples[quad.graph_name.value] += 1
            if quad.predicate.value == f"{NEAKG}hasEvidence":
                cited[quad.graph_name.value].add(quad.object.value)  # type: ignore[union-attr]
            elif quad.predicate.value == expand("dcterms:source"):
                sources[quad.subject.value].add(quad.object.value)  # type: ignore[union-attr]
            elif quad.predicate.value == _TYPE and quad.object.value == f"{NEAKG}Source":  # type: ignore[union-attr]
                cited[quad.graph_name.value].add(quad.subject.value)  # type: ignore[union-attr]
        for graph, number in sorted(triples.items()):
            self._add(graph, "void:triples", number)
            self._add(self._dataset, "void:subset", NamedNode(graph))
            for evidence in sorted(cited[graph]):
                for source in sorted(sources.get(evidence, {evidence})):
                    self._add(graph, "dcterms:source", NamedNode(source))

    def dump(self, dump: DumpFile) -> None:
        iri = f"{self._base.iri}dumps/{dump.name}"
        self._add(self._dataset, "dcat:distribution", NamedNode(iri))
        self._add(self._dataset, "void:dataDump", NamedNode(iri))
        self._add(iri, "rdf:type", NamedNode(expand("dcat:Distribution")))
        self._add(iri, "dcat:downloadURL", NamedNode(iri))
        self._add(iri, "dcat:mediaType", NamedNode(f"https://www.iana.org/assignments/media-types/{dump.media_type}"))
        self._add(iri, "dcat:byteSize", dump.size)
        self._add(iri, "spdx:checksum", NamedNode(f"{iri}#sha256"))
        self._add(f"{iri}#sha256", "spdx:algorithm", NamedNode(expand("spdx:checksumAlgorithm_sha256")))
        self._add(f"{iri}#sha256", "spdx:checksumValue", Literal(dump.sha256))


def credit_lines(descriptions: Iterable[Description]) -> Iterator[str]:
    """Yield the lines that the sources ask to be credited with, each once."""
    yield from dict.fromkeys(item.credit for item in descriptions if item.credit)
