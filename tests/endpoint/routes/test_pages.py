"""What holds for every page and every address."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from endpoint.errors import KINDS

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PAGES = [
    "/", "/sparql", "/sparql?query=ASK%7B%7D&format=html", "/doc/species/amur-tiger", "/doc/source/made-up", "/graphs",
    "/graph/made-up", "/dumps", "/ontology", "/shapes", "/.well-known/void", "/nothing", "/problem/busy",
]  # fmt: skip


class Reader(HTMLParser):
    """Collects what a check of pages needs: links, ids, and elements left open."""

    void = ("meta", "link", "img", "input", "br", "hr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"] or "")
        if tag == "a":
            self.links.append(found["href"] or "")
        elif tag in ("img", "script") or (tag == "link" and found.get("rel") in ("stylesheet", "icon")):
            self.loaded.append(found.get("src") or found.get("href") or "")
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_well_formed_and_self_contained(client: TestClient, path: str) -> None:
    found = client.get(path, headers=BROWSER)
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in found.headers["content-security-policy"]
    page = Reader(found.text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    names = [tag for tag, _ in page.tags]
    assert names.count("h1") == names.count("main") == 1
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert not any(
        "style" in attributes or any(name.startswith("on") for name in attributes) for _, attributes in page.tags
    )
    for address in page.loaded:
        assert address.startswith("/static/")
        assert client.get(address).status_code == 200
    for tag, attributes in page.tags:
        if tag in ("textarea", "select"):
            assert ("label", {"for": attributes["id"]}) in page.tags
        if tag == "th":
            assert attributes.get("scope")


def test_no_page_links_to_nowhere(client: TestClient) -> None:
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        found = client.get(path, headers=BROWSER)
        assert found.status_code in (200, 303), path
        if not found.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in Reader(found.text).links:
            target = link.split("#")[0]
            # The fixture names a list and a selector that it does not describe, and terms the ontology may lack.
            if (
                target.startswith("/")
                and target not in seen
                and "/list/" not in target
                and not target.startswith("/ontology.")
            ):
                seen.add(target)
                waiting.append(target)
    assert len(seen) > 20


def test_an_unknown_address_is_a_problem(client: TestClient) -> None:
    found = client.get("/nothing/here")
    assert found.status_code == 404
    assert found.json() == {
        "type": "https://w3id.org/neakg/problem/not-found",
        "title": KINDS["not-found"].title,
        "status": 404,
        "detail": KINDS["not-found"].advice,
    }


@pytest.mark.parametrize("name", KINDS)
def test_every_problem_type_is_explained(client: TestClient, name: str) -> None:
    assert client.get(f"/problem/{name}").json()["title"] == KINDS[name].title
    assert client.get("/problem/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/", "/health", "/dumps", "/graphs", "/robots.txt", "/favicon.ico", "/context.jsonld",
                                  "/.well-known/void", "/ontology", "/graph/made-up", "/openapi.json"])  # fmt: skip
def test_head_works_wherever_get_does(client: TestClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert got.status_code == head.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]


def test_the_home_page_leads_into_the_graph(client: TestClient) -> None:
    text = client.get("/").text
    assert "Flagship species" in text
    assert '<a href="/doc/species/amur-tiger"' in text
    assert '<a href="/doc/country/kp"' in text
    assert '<a href="/doc/country/jp"' not in text, "not a member state in the fixture"
    assert "Made with made-up data." in text


def test_the_first_query_runs(client: TestClient) -> None:
    text = client.get("/").text
    match = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)
    assert match
    query = match[1].replace("&lt;", "<").replace("&gt;", ">")
    found = client.get("/sparql", params={"query": query})
    assert len(found.json()["results"]["bindings"]) == 2


def test_static_files_may_be_kept_and_nothing_else_is_there(client: TestClient) -> None:
    address = Reader(client.get("/").text).loaded[-1]
    assert "immutable" in client.get(address).headers["cache-control"]
    for name in ("../pages.py", "%2e%2e%2fpages.py", "missing.css"):
        assert client.get(f"/static/{name}").status_code == 404


def test_no_page_comes_from_elsewhere(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_of_text_is_enough(client: TestClient, dark: bool) -> None:
    """WCAG 2.1, 1.4.3: at least 4.5 to 1 for every text colour on every ground it stands on."""
    css = client.get(next(item for item in Reader(client.get("/").text).loaded if ".css" in item)).text
    light, _, rest = css.partition("@media (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", rest if dark else light))
    assert len(colours) == 13
    grounds = {"ground", "shade", "lit", "head"}
    for text in colours.keys() - {"line", "accent", "edge", *grounds}:
        for ground in grounds if text in ("ink", "quiet", "link") else ("ground", "shade"):
            assert _contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert _contrast("#fff", colours["accent"]) >= 4.5


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
