"""Made-up data in our own model, of any size, the same for the same size: taxa, places, figures, evidence."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from kg.namespaces import BASE, NEAKG, RDF, RDFS, SCHEME, XSD

ID = f"{BASE}id/"
COUNTRIES = ("cn", "kp", "jp", "mn", "kr", "ru")
SEASONS = ("resident", "breeding", "non-breeding", "passage", "uncertain")
#: Triples that one figure and one distribution with their evidence come to, about.
_TRIPLES_A_STEP = 24


def counts(triples: int) -> tuple[int, int, int]:
    """Return how many taxa, places and statements of each kind a graph of about that size has."""
    steps = triples // _TRIPLES_A_STEP
    return max(10, steps // 100), max(20, steps // 20), steps


def lines(triples: int) -> Iterator[str]:
    """Yield about ``triples`` N-Triples."""
    noise = random.Random(triples)
    taxa, places, steps = counts(triples)
    for number in range(taxa):
        yield from _node(f"species/t{number}", "Taxon", label=f"taxon {number}")
    for number in range(places):
        kind = "ProtectedArea" if number % 3 == 0 else "Place"
        yield from _node(f"place/p{number}", kind, label=f"place {number}")
        yield _link(f"place/p{number}", "inCountry", f"{ID}country/{noise.choice(COUNTRIES)}")
        if number >= 20:
            yield _link(f"place/p{number}", "withinPlace", f"{ID}place/p{noise.randrange(number // 10)}")
    for number in range(steps):
        taxon = f"{ID}species/t{min(int(noise.expovariate(8 / taxa)), taxa - 1)}"
        place = f"{ID}place/p{noise.randrange(places)}"
        yield from _figure(number, taxon, place, noise)
        yield from _distribution(number, taxon, place, noise)


def write(path: Path, triples: int) -> int:
    """Write N-Triples to a file and return how many there are."""
    written = 0
    with path.open("w", encoding="utf-8") as file:
        for line in lines(triples):
            file.write(line)
            written += 1
    return written


def _figure(number: int, taxon: str, place: str, noise: random.Random) -> Iterator[str]:
    node = f"site-count/c{number}"
    yield f"<{ID}{node}> <{RDF}type> <{NEAKG}SiteCount> .\n"
    yield _link(node, "ofTaxon", taxon)
    yield _link(node, "atPlace", place)
    yield _value(node, "value", str(int(noise.lognormvariate(4, 2))), "decimal")
    yield _value(node, "startYear", str(noise.randint(1980, 2025)), "gYear")
    yield _link(node, "unit", f"{SCHEME}unit/individuals")
    yield _link(node, "manner", f"{SCHEME}manner/{noise.choice(('about', 'exactly', 'at-least'))}")
    yield from _evidence(node, number, noise)


def _distribution(number: int, taxon: str, place: str, noise: random.Random) -> Iterator[str]:
    node = f"distribution/d{number}"
    yield f"<{ID}{node}> <{RDF}type> <{NEAKG}Distribution> .\n"
    yield _link(node, "ofTaxon", taxon)
    yield _link(node, "atPlace", place)
    yield _link(node, "seasonality", f"{SCHEME}seasonality/{noise.choice(SEASONS)}")
    yield _link(node, "presence", f"{SCHEME}presence/extant")
    yield from _evidence(node, number, noise)


def _evidence(node: str, number: int, noise: random.Random) -> Iterator[str]:
    evidence = f"evidence/{node.replace('/', '-')}"
    yield _link(node, "hasEvidence", f"{ID}{evidence}")
    yield f"<{ID}{evidence}> <{RDF}type> <{NEAKG}Evidence> .\n"
    yield f"<{ID}{evidence}> <http://purl.org/dc/terms/source> <{ID}source/s{noise.randrange(500)}> .\n"
    yield _value(evidence, "heading", f"Heading {number % 97}", "string")
    yield _value(evidence, "paragraph", str(number % 300), "integer")


def _node(name: str, kind: str, label: str) -> Iterator[str]:
    yield f"<{ID}{name}> <{RDF}type> <{NEAKG}{kind}> .\n"
    yield f'<{ID}{name}> <{RDFS}label> "{label}"@en .\n'


def _link(name: str, predicate: str, target: str) -> str:
    return f"<{ID}{name}> <{NEAKG}{predicate}> <{target}> .\n"


def _value(name: str, predicate: str, text: str, datatype: str) -> str:
    return f'<{ID}{name}> <{NEAKG}{predicate}> "{text}"^^<{XSD}{datatype}> .\n'
