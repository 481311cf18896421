"""The documentation page: everything a stranger needs to model a project or a census stands on it, and leads on."""

from __future__ import annotations

import html
import re
from collections import Counter

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from endpoint.ontology import GUIDES, package_text
from endpoint.terms import language_tag
from kg.namespaces import NEAKG
from kg.resources import folder, walk
from kg.validate import validate
from kg.vocabulary.frames import kebab
from kg.vocabulary.terms import Term, of_module, terms

TERMS = list(terms().values())
CLASSES = [term for term in TERMS if term.kind == "class"]
#: Names of ids and classes in our pages.
_TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def page(client: TestClient) -> str:
    found = client.get("/ontology", headers={"accept": "text/html"})
    assert found.status_code == 200
    return found.text


def article(page: str, name: str) -> str:
    """Return the part of the page about a term."""
    found = page.partition(f'<article class="term" id="{name}">')[2].partition("</article>")[0]
    assert found, name
    return found


def words(part: str) -> str:
    """Return the text of a part of a page, blanks folded."""
    return " ".join(html.unescape(_TAG.sub("", part)).split())


def row(part: str, name: str) -> str:
    """Return the row of a class's table that starts with a property."""
    rows = [item for item in part.split("<tr") if re.search(rf'<th scope="row">(<a[^>]*>)?{name}<', item)]
    assert len(rows) == 1, (name, len(rows))
    return rows[0]


# --- the page as a whole -------------------------------------------------------------------------------------


def test_links_within_the_page_lead_to_one_place_each(page: str) -> None:
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert {name for name, times in ids.items() if times > 1} == set()
    wanted = set(re.findall(r'href="#([^"]*)"', page))
    assert len(wanted) > len(TERMS)
    assert wanted <= set(ids)


def test_the_page_keeps_to_its_budget_and_its_policy(page: str) -> None:
    assert 200_000 < len(page.encode()) < 1_000_000
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", page)


def test_the_head_says_what_the_ontology_says_of_itself(page: str) -> None:
    head = page.partition('id="start-here"')[0]
    quads = [quad for quad in parse(package_text("core.ttl").encode(), format=RdfFormat.TURTLE)
             if str(quad.subject) == f"<{NEAKG[:-1]}>"]  # fmt: skip
    said = {quad.predicate.value.rpartition("/")[2].rpartition("#")[2]: quad.object.value for quad in quads}  # type: ignore[union-attr]
    for name in ("title", "description", "versionIRI", "priorVersion", "license", "bibliographicCitation",
                 "preferredNamespacePrefix", "preferredNamespaceUri", "modified"):  # fmt: skip
        assert said[name] in words(head), name


def test_every_module_has_its_drawing_and_its_terms(page: str) -> None:
    drawings = {entry.name.removesuffix(".svg") for entry in walk(folder("ontology") / "diagrams", ".svg")}
    assert "overview" in drawings
    assert page.count("<svg") == len(drawings)
    for name in drawings - {"overview"}:
        section = page.partition(f'id="module-{name}"')[2].partition('id="module-')[0]
        assert "<svg" in section
        for term in of_module(name):
            assert f'<article class="term" id="{term.name}">' in section


def test_every_scheme_is_listed_with_what_uses_it(page: str) -> None:
    section = page.partition('id="concept-schemes"')[2].partition("</section>")[0]
    for entry in walk(folder("ontology") / "vocabularies", ".ttl"):
        assert f'href="/doc/scheme/{entry.name.removesuffix(".ttl")}"' in section
    assert "#projectKind" in section.partition("/doc/scheme/project-kind")[2].partition("</tr>")[0]


# --- terms ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_a_term_is_shown_whole(page: str, term: Term) -> None:
    part = article(page, term.name)
    text = words(part)
    for said in (term.label, f"neakg:{term.name}", term.iri, term.kind, term.definition, *term.scope_notes,
                 *term.examples, *term.characteristics, term.since):  # fmt: skip
        assert " ".join(said.split()) in text, said
    for tag, label in term.labels.items():
        if tag not in ("", "en"):
            assert re.search(rf'lang="{language_tag(tag)}"[^>]*>{re.escape(html.escape(label))}<', part), label
    for other in (*term.parents, *term.domains, *term.ranges, *term.inverses, *term.disjoint):
        if other in terms():
            assert f'href="#{other.removeprefix(NEAKG)}"' in part, other


def test_labels_in_other_languages_say_who_gives_them(page: str) -> None:
    part = article(page, "Taxon")
    found = re.findall(r'lang="[a-z]{2}[^"]*" title="([^"]+)"', part)
    assert len(found) >= 3
    assert all(re.fullmatch(r".+ \(.+\)", item) for item in found)


def test_deprecated_terms_answer_with_reason_and_successor(page: str) -> None:
    deprecated = of_module("deprecated")
    assert deprecated
    section = page.partition('id="module-deprecated"')[2]
    for term in deprecated:
        part = article(section, term.name)
        assert term.reason in words(part)
        assert "Replaced by" in part
        assert '<span class="tag deprecated">deprecated</span>' in part


def test_a_class_says_how_many_of_what(page: str) -> None:
    part = article(page, "Project")
    kind = row(part, "projectKind")
    assert "exactly one" in kind
    assert 'href="/doc/scheme/project-kind"' in kind
    assert 'href="/shapes#project-kind"' in kind
    assert "any number" in row(part, "ledBy")
    assert 'href="#Organisation"' in row(part, "ledBy")
    estimate = article(page, "PopulationEstimate")
    assert estimate.index(">hasEvidence<") < estimate.index(">lifeStage<"), "what is required comes first"
    assert "exactly one" in row(estimate, "ofTaxon")
    assert re.search(r">value</a> <span class=\"quiet\">or</span> <a[^>]*>minimum<", estimate)
    assert "identifierScheme" not in estimate.partition("Also possible")[0], "asked only of what has an identifier"


def test_a_property_says_which_rules_apply(page: str) -> None:
    part = article(page, "evidenceScope")
    assert "Evidence, at least one: Evidence says whether" in words(part)
    assert 'href="/shapes#evidence-scope"' in part
    assert '<span class="tag">warning</span>' in article(page, "siteText")
    assert "The first year of a time is not after its last year." in words(article(page, "endYear"))


def test_every_shape_that_the_page_names_is_on_the_page_of_the_shapes(client: TestClient, page: str) -> None:
    named = set(re.findall(r'href="/shapes#([^"]+)"', page))
    assert len(named) > 100
    there = set(re.findall(r'id="([^"]+)"', client.get("/shapes", headers={"accept": "text/html"}).text))
    assert named <= there


def test_uses_are_those_of_the_served_graph(client: TestClient, page: str) -> None:
    """The graph of the tests has two estimates, three statements of the tiger, and no border."""
    part = article(page, "PopulationEstimate")
    address = re.search(r'<dt>In the graph</dt><dd><a href="([^"]+)">2 instances</a>', part)
    assert address
    rows = client.get(html.unescape(address[1]).replace("&format=html", "&format=csv"))
    assert len(rows.text.strip().splitlines()) == 1 + 2
    assert "3 triples" in article(page, "ofTaxon")
    assert "<dt>In the graph</dt><dd>none</dd>" in article(page, "Border")
    assert re.search(r"none, and \d+ of its subclasses", article(page, "Figure"))


def test_mappings_to_other_vocabularies_stand_with_the_term(page: str) -> None:
    part = article(page, "PopulationEstimate")
    assert "<dt>Elsewhere</dt>" in part
    assert "confidence" in part.partition("<dt>Elsewhere</dt>")[2].partition("</dd>")[0]


@pytest.mark.parametrize("term", [term for term in CLASSES if package_text(f"examples/{kebab(term.name)}.ttl")],
                         ids=lambda term: term.name)  # fmt: skip
def test_a_class_has_its_example_and_its_frame(client: TestClient, page: str, term: Term) -> None:
    part = article(page, term.name)
    file, frame = f"/ontology/examples/{kebab(term.name)}.ttl", f"/frames/{kebab(term.name)}.jsonld"
    assert f'href="{file}"' in part
    code = words(re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", part, re.DOTALL)[-1])
    assert re.search(rf" a neakg:{term.name} [;,]", code)
    assert code in " ".join(client.get(file).text.split())
    assert f'href="{frame}"' in part
    assert client.get(frame).status_code == 200


# --- guides --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_builds_a_file_that_conforms_without_a_warning(name: str) -> None:
    quads = list(parse(package_text(f"guide/{name}.ttl").encode(), format=RdfFormat.TURTLE))
    assert len(quads) > 40
    assert [str(item) for item in validate(quads).violations] == []


@pytest.mark.parametrize("name", GUIDES)
def test_whatever_a_guide_makes_up_says_so_by_its_address(name: str) -> None:
    quads = parse(package_text(f"guide/{name}.ttl").encode(), format=RdfFormat.TURTLE)
    subjects = {str(quad.subject)[1:-1] for quad in quads}
    known = {iri for iri in subjects if re.search(r"neakg/id/(species|country)/", iri)}
    assert known
    assert all(iri.startswith("https://example.org/") for iri in subjects - known)


@pytest.mark.parametrize("name", GUIDES)
def test_every_step_of_a_guide_is_on_the_page(page: str, name: str) -> None:
    text = package_text(f"guide/{name}.ttl")
    section = page.partition(f'id="guide-{name}"')[2].partition("</section>")[0]
    shown = words(section)
    headings = re.findall(r"^# \d+\. (.+)$", text, re.MULTILINE)
    assert len(headings) >= 5
    for number, heading in enumerate(headings, 1):
        assert f"{number} {heading}" in shown
    comments = [line for line in text.splitlines()[1:] if line.startswith("# ") and not re.match(r"# \d+\. ", line)]
    for line in comments:
        assert " ".join(line[2:].replace("`", "").split()) in shown, line
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            assert " ".join(line.split()) in shown, line


@pytest.mark.parametrize(
    ("name", "part", "message"),
    [
        ("new-project", "    neakg:projectKind project-kind:project ;\n", "A project says whether"),
        ("new-project", "    neakg:evidenceScope evidence-scope:this-source ;\n", "Evidence says whether"),
        ("new-census", "    neakg:unit unit:individuals ;\n", "A figure needs a unit."),
        ("new-census", '    neakg:asOf "2025" ;\n', "has a date or is marked as undated"),
    ],
)
def test_leaving_out_what_a_guide_calls_required_is_noticed(name: str, part: str, message: str) -> None:
    text = package_text(f"guide/{name}.ttl")
    assert part in text
    quads = parse(text.replace(part, "").encode(), format=RdfFormat.TURTLE)
    assert any(message in item.message for item in validate(quads).violations)
