"""The drawings of the ontology: complete, up to date, and fit for a page that allows no style and no script."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from kg.errors import NeakgError, UsageError
from kg.namespaces import NEAKG
from kg.vocabulary import __main__ as makers
from kg.vocabulary import diagrams
from kg.vocabulary.diagrams import DRAWINGS, OF_STATEMENTS, OVERVIEW, dot, drawing, drawings, fingerprint, render
from kg.vocabulary.terms import MODULES, Term, of_module, terms

SVG = "{http://www.w3.org/2000/svg}"
MODULE_NAMES = [name for name in DRAWINGS if name != OVERVIEW]
needs_graphviz = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def links(svg: str) -> set[str]:
    return {link.get("href", "").removeprefix("#") for link in ET.fromstring(svg).iter(f"{SVG}a")}


def shown(name: str, members: list[Term], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the DOT text of a module as if it had these terms."""
    known = {**terms(), **{term.iri: term for term in members}}
    monkeypatch.setattr(diagrams, "terms", lambda: known)
    monkeypatch.setattr(diagrams, "of_module", lambda _: members)
    return dot(name)


def test_each_module_with_terms_in_use_has_a_drawing() -> None:
    assert set(DRAWINGS) - {OVERVIEW} == set(MODULES) - {"deprecated"}


def test_every_drawing_is_fresh() -> None:
    stale = [name for name in DRAWINGS if f'data-dot-sha256="{fingerprint(name)}"' not in drawing(name)]
    assert not stale, f"stale drawings {stale}: install graphviz and run `make ontology`"


@pytest.mark.parametrize("name", MODULE_NAMES)
def test_a_drawing_links_every_term_of_its_module(name: str) -> None:
    members = {term.name for term in of_module(name)}
    assert members
    assert members - links(drawing(name)) == set()


def test_the_overview_links_every_class_in_use() -> None:
    classes = {term.name for term in terms().values() if term.kind == "class" and term.module != "deprecated"}
    assert len(classes) > 20
    assert classes - links(drawing(OVERVIEW)) == set()


def test_what_the_overview_draws_from_statements_is_bound_to_no_narrower_class() -> None:
    for name in OF_STATEMENTS:
        assert set(terms()[f"{NEAKG}{name}"].domains) <= {f"{NEAKG}Statement"}, name
        assert f">{name}<" in drawing(OVERVIEW)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_links_to_terms_only(name: str) -> None:
    unknown = [link for link in links(drawing(name)) if f"{NEAKG}{link}" not in terms()]
    assert not unknown


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_fits_a_strict_page(name: str) -> None:
    text = drawing(name)
    root = ET.fromstring(text)
    tags = {element.tag for element in root.iter()}
    assert tags <= {f"{SVG}{tag}" for tag in ("svg", "title", "desc", "g", "a", "text", "path", "polygon")}
    attributes = {key for element in root.iter() for key in element.keys()}  # noqa: SIM118 - an element is no mapping
    assert "style" not in attributes
    assert not [key for key in attributes if key.startswith("on") or "{" in key]
    assert re.findall(r"(?:https?:)?//[^\s\"<]+", text) == ["http://www.w3.org/2000/svg"]
    assert "<!" not in text, "a document type or comment has no place inside HTML"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_names_itself_and_no_id_stands_on_two_drawings(name: str) -> None:
    root = ET.fromstring(drawing(name))
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    assert all(str(key).startswith(f"drawing-{name}-") for key in ids)
    assert (ids[root.get("aria-labelledby")].text or "").startswith(name.capitalize())
    assert ids[root.get("aria-describedby")].text == diagrams.LEGEND
    # "img" would hide the links from those who read with a screen reader (WAI-ARIA: its children are presentational).
    assert root.get("role") == "graphics-document document"


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_fits_a_page_and_every_word_is_inside(name: str) -> None:
    root = ET.fromstring(drawing(name))
    _, _, width, height = (float(number) for number in root.get("viewBox", "").split())
    assert (root.get("width"), root.get("height")) == (f"{width:.0f}", f"{height:.0f}")
    assert width <= 1250, "wider than a page: the words would shrink"
    words = list(root.iter(f"{SVG}text"))
    assert words
    for word in words:
        assert 0 < float(word.get("x", "-1")) < width
        assert 0 < float(word.get("y", "-1")) < height


def test_the_text_of_a_drawing_is_the_same_in_every_process() -> None:
    code = "from kg.vocabulary.diagrams import DRAWINGS, fingerprint; print(*map(fingerprint, DRAWINGS))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == [fingerprint(name) for name in DRAWINGS]


def test_labels_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Term(f"{NEAKG}Odd", "Odd", "class", "core", {"en": 'a <b> & "c"'})
    assert "a &lt;b&gt; &amp; &quot;c&quot;" in shown("core", [odd], monkeypatch)


def test_a_concept_is_a_row_and_another_class_an_arrow() -> None:
    text = dot("places")
    assert '"Designation" -> "Place"' in text
    assert "skos:Concept" not in text
    assert re.search(r'HREF="#designationKind".*?>concept<', text)


def test_superclasses_of_other_modules_are_drawn_without_their_properties() -> None:
    text = dot("habitats")
    assert '"Statement" -> "HabitatUse" [dir=back' in text
    box = next(line for line in text.splitlines() if line.strip().startswith('"Statement" ['))
    assert "neakg:Statement, core" in box
    assert "asOf" not in box


def test_narrower_and_inverse_properties_stand_beside_what_they_belong_to(monkeypatch: pytest.MonkeyPatch) -> None:
    taxon, place = f"{NEAKG}Taxon", f"{NEAKG}Place"

    def arrow(name: str, start: str, end: str, **more: tuple[str, ...]) -> Term:
        return Term(f"{NEAKG}{name}", name, "object property", "species", {}, domains=(start,), ranges=(end,), **more)

    members = [
        arrow("livesIn", taxon, place),
        arrow("other", taxon, place),
        arrow("restsIn", taxon, place, parents=(f"{NEAKG}livesIn",)),
        arrow("homeOf", place, taxon, inverses=(f"{NEAKG}livesIn",)),
    ]
    text = shown("species", members, monkeypatch)
    assert text.count(" -> ") == 1
    order = re.findall(r">((?:&#160;|/ )*\w+)</FONT></TD>", text.partition(" -> ")[2])
    assert order == ["livesIn", "/ homeOf", "&#160;&#160;restsIn", "other"]


def test_an_unknown_drawing_is_refused_with_the_known_names() -> None:
    for use in (dot, drawing):
        with pytest.raises(UsageError, match="no drawing 'birds'; there are: overview, core"):
            use("birds")


def test_a_stale_drawing_without_graphviz_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagrams, "fingerprint", lambda _: "0" * 64)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NeakgError, match="install graphviz and run `make ontology`"):
        drawings()


def test_make_ontology_ends_with_a_message_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(diagrams, "fingerprint", lambda _: "0" * 64)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(makers, "MAKERS", (drawings,))
    with pytest.raises(SystemExit) as ended:
        makers.main()
    assert ended.value.code == NeakgError.exit_code
    assert capsys.readouterr().err == (
        "error: ontology/diagrams/overview.svg is stale: install graphviz and run `make ontology`\n"
    )


def test_fresh_drawings_need_no_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    made = drawings()
    assert {path: body.decode() for path, body in made.items()} == {
        f"diagrams/{name}.svg": drawing(name) for name in DRAWINGS
    }


@needs_graphviz
def test_a_drawing_laid_out_now_shows_what_the_stored_one_shows() -> None:
    def words(svg: str) -> list[str | None]:
        return sorted(word.text or "" for word in ET.fromstring(svg).iter(f"{SVG}text"))

    assert words(render("borders")) == words(drawing("borders"))


@needs_graphviz
def test_what_graphviz_refuses_is_an_error_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagrams, "dot", lambda _: "digraph {")
    with pytest.raises(NeakgError, match=r"graphviz could not draw core: .*syntax error"):
        render("core")
