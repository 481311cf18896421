"""Versions: a term never vanishes, the header names the right version, and the changelog tells users what changed."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256

import pytest
from rdflib import OWL, RDF, Graph, URIRef

from kg.namespaces import NEAKG, ONTOLOGY, VS
from kg.resources import folder, walk
from kg.vocabulary.terms import Term, of_module, terms
from tests.ontology.test_reuse import is_listed

HEADER = URIRef(ONTOLOGY)
FROZEN = {entry.name.removesuffix(".ttl"): entry for entry in walk(folder("ontology") / "versions", ".ttl")}
CHANGELOG = (folder("ontology") / "CHANGELOG.md").read_text("utf-8")
#: What was published does not change: SHA-256 of each frozen version.
PUBLISHED = {"0.1.0": "b3a198bf520051d05cabc83afc92b88e3c3aaeaa63ca4865a2df05b4f6d43fe5"}
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}


def number(version: str) -> tuple[int, ...]:
    """Return a version for comparison."""
    assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{version} is no version: major.minor.patch"
    return tuple(map(int, version.split(".")))


@cache
def frozen(version: str) -> Graph:
    """Return a version as it was published."""
    return Graph().parse(data=FROZEN[version].read_bytes(), format="turtle")


def kinds_then(version: str) -> dict[str, URIRef]:
    """Return the terms of a frozen version: IRI -> kind."""
    return {
        str(term): kind
        for term, kind in frozen(version).subject_objects(RDF.type)
        if str(term).startswith(NEAKG) and kind in KINDS and isinstance(kind, URIRef)
    }


def header(graph: Graph, predicate: URIRef) -> str:
    return str(graph.value(HEADER, predicate))


def test_there_are_frozen_versions() -> None:
    assert FROZEN, "ontology/versions is empty: keep the version that was replaced"
    for version in FROZEN:
        assert kinds_then(version), f"versions/{version}.ttl has no term"
        assert header(frozen(version), OWL.versionInfo) == version, f"versions/{version}.ttl is another version"
        assert header(frozen(version), OWL.versionIRI) == f"{ONTOLOGY}/{version}"


def test_a_frozen_version_is_as_it_was_published() -> None:
    found = {version: sha256(entry.read_bytes()).hexdigest() for version, entry in FROZEN.items()}
    changed = [version for version in FROZEN.keys() | PUBLISHED.keys() if found.get(version) != PUBLISHED.get(version)]
    assert not changed, f"put versions/ back as it was; a version that is new there needs its hash here: {changed}"


@pytest.mark.parametrize("version", sorted(FROZEN))
def test_no_term_vanishes_or_changes_its_kind(modules: Graph, version: str) -> None:
    for term, kind in kinds_then(version).items():
        name = term.removeprefix(NEAKG)
        assert (URIRef(term), RDF.type, None) in modules, (
            f"neakg:{name} of version {version} is gone: put it back, or into deprecated.ttl with its replacement"
        )
        assert (URIRef(term), RDF.type, kind) in modules, (
            f"neakg:{name} was a {kind} in version {version}: deprecate it and give the new kind a new name"
        )


def test_the_header_names_this_version_and_the_one_before(modules: Graph) -> None:
    version = header(modules, OWL.versionInfo)
    assert header(modules, OWL.versionIRI) == f"{ONTOLOGY}/{version}"
    assert version not in FROZEN, f"{version} is published: raise the version before changing the ontology"
    newest = max(FROZEN, key=number)
    assert number(newest) < number(version), f"{version} is not newer than {newest}"
    assert header(modules, OWL.priorVersion) == f"{ONTOLOGY}/{newest}", f"the prior version is {newest}"
    assert version in header(modules, URIRef("http://purl.org/dc/terms/bibliographicCitation"))


def test_a_term_says_since_when_it_is_there(modules: Graph) -> None:
    versions = [*sorted(FROZEN, key=number), header(modules, OWL.versionInfo)]
    for term in terms().values():
        first = next((version for version in versions[:-1] if term.iri in kinds_then(version)), versions[-1])
        assert term.since == first, f"neakg:{term.name}: the first version that has it is {first}, not {term.since!r}"


def test_a_new_term_is_testing(modules: Graph) -> None:
    version = header(modules, OWL.versionInfo)
    new = [term for term in terms().values() if term.since == version]
    wrong = [term.name for term in new if term.status != "testing"]
    assert not wrong, f"new in {version}, so testing (NOTES.md, what a status promises): {wrong}"


def entry_of(version: str) -> str:
    """Return what the changelog says of a version."""
    found = re.search(rf"^## {re.escape(version)}\b.*?\n(.*?)(?=^## |\Z)", CHANGELOG, re.MULTILINE | re.DOTALL)
    assert found, f"CHANGELOG.md has no entry for {version}"
    return found[1]


def test_the_changelog_has_every_version_newest_first(modules: Graph) -> None:
    said = re.findall(r"^## (\S+)", CHANGELOG, re.MULTILINE)
    assert said == sorted({*FROZEN, header(modules, OWL.versionInfo)}, key=number, reverse=True)


def test_the_changelog_names_what_is_new_and_what_is_deprecated(modules: Graph) -> None:
    version = header(modules, OWL.versionInfo)
    before = frozen(max(FROZEN, key=number))
    old = {str(term) for term in before.subjects(URIRef(f"{VS}term_status")) if "deprecated" in
           {str(status) for status in before.objects(term, URIRef(f"{VS}term_status"))}}  # fmt: skip
    changed = [term.name for term in terms().values() if term.since == version]
    changed += [term.name for term in terms().values() if term.status == "deprecated" and term.iri not in old]
    assert changed, f"{version} adds and deprecates nothing"
    missing = [name for name in changed if f"`neakg:{name}`" not in entry_of(version)]
    assert not missing, f"CHANGELOG.md, {version}, does not name {missing}"


def test_the_changelog_names_defined_terms_only() -> None:
    named = set(re.findall(r"`neakg:(\w+)`", CHANGELOG))
    assert named
    assert named <= {term.name for term in terms().values()}


# --- deprecated terms ------------------------------------------------------------------------------------


def deprecated() -> list[Term]:
    found = of_module("deprecated")
    assert found, "deprecated.ttl is empty"
    return found


def test_deprecated_terms_stand_in_their_file_and_nowhere_else(modules: Graph) -> None:
    marked = {str(term) for term in modules.subjects(OWL.deprecated, None)}
    by_status = {term.iri for term in terms().values() if term.status == "deprecated"}
    assert marked == by_status == {term.iri for term in deprecated()}


def test_a_deprecated_term_says_what_replaces_it_and_why(modules: Graph) -> None:
    for term in deprecated():
        assert term.replaced_by, f"neakg:{term.name}: name what replaces it (dcterms:isReplacedBy)"
        for other in term.replaced_by:
            own = terms().get(other)
            assert own.status != "deprecated" if own else is_listed(other), f"neakg:{term.name}: {other} does not exist"
        assert re.fullmatch(r"Deprecated in \d+\.\d+\.\d+: .+[.]", term.reason), (
            f"neakg:{term.name}: say why, a sentence"
        )
        since = term.reason.split()[2].rstrip(":")
        assert since in {*FROZEN, header(modules, OWL.versionInfo)}, f"neakg:{term.name}: no version {since}"


def test_no_term_leans_on_a_deprecated_one(modules: Graph) -> None:
    for term in deprecated():
        leaning = [
            str(subject).removeprefix(NEAKG)
            for subject, predicate in modules.subject_predicates(URIRef(term.iri))
            if predicate != OWL.inverseOf or str(subject) != term.iri
        ]
        assert not leaning, f"neakg:{term.name} is deprecated, and these name it: {leaning}"
