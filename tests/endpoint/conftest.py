"""A small graph in our model, served by the application without a socket."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from endpoint.app import create_app
from endpoint.dataset import Dataset
from endpoint.settings import Settings
from kg.formats import BY_NAME, write_rdf
from kg.store import write_store

SETTINGS = Settings(query_timeout=20, workers=2, page_workers=1, worker_memory=4096, max_result=2, stream_after=2)
TIGER = "https://w3id.org/neakg/id/species/amur-tiger"

GRAPH = """
@base <https://w3id.org/neakg/> .
@prefix neakg: <https://w3id.org/neakg/ontology#> .
@prefix id: <id/> .
@prefix graph: <graph/> .
@prefix scheme: <scheme/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix dwc: <http://rs.tdwg.org/dwc/terms/> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

graph:made-up {
  <id/species/amur-tiger> a neakg:Taxon ;
    rdfs:label "Amur tiger"@en ; dwc:scientificName "Panthera tigris altaica" ; dwc:taxonRank "subspecies" ;
    rdfs:comment "A made-up remark with <tags> & signs."@en .
  <id/country/kp> a neakg:Country ; rdfs:label "DPRK"@en ; neakg:memberState true .
  <id/country/jp> a neakg:Country ; rdfs:label "Japan"@en ; neakg:memberState false .
  <id/population-estimate/one> a neakg:PopulationEstimate ;
    neakg:ofTaxon <id/species/amur-tiger> ; neakg:minimum 500 ; neakg:maximum 1600.5 ;
    neakg:manner <scheme/manner/about> ; neakg:unit <scheme/unit/individuals> ;
    neakg:asOf "2014/2015" ; neakg:startYear "2014"^^xsd:gYear ; neakg:endYear "2015"^^xsd:gYear ;
    neakg:hasEvidence <id/evidence/made-up-1> .
  <id/population-estimate/two> a neakg:PopulationEstimate ;
    neakg:ofTaxon <id/species/amur-tiger> ; neakg:value 7 ; neakg:undated true ;
    neakg:hasEvidence <id/evidence/made-up-1> .
  <id/name/zh> a neakg:Name ; neakg:nameOf <id/species/amur-tiger> ;
    skosxl:literalForm "东北虎"@zh-Hans ; neakg:hasEvidence <id/evidence/made-up-1> .
  <id/listing/one> a neakg:Listing ; neakg:ofTaxon <id/species/amur-tiger> ;
    neakg:inList <id/list/neaspec-flagship-species> ; neakg:hasEvidence <id/evidence/made-up-1> .
  <id/evidence/made-up-1> a neakg:Evidence ; neakg:heading "A heading" ; neakg:paragraph 3 ;
    dcterms:source <id/source/made-up> ;
    neakg:passageLink <https://example.org/page#:~:text=tiger> ; oa:hasSelector <id/selector/1> .
  <id/selector/1> a oa:TextPositionSelector ; oa:start 1 ; oa:end 9 .
  <id/place/a%20b> a neakg:Place ; rdfs:label "Place with a blank"@en ;
    neakg:inCountry <id/country/kp> .
  <id/place/虎林> a neakg:Place ; rdfs:label "Hulin"@en .
}
graph:bibliography {
  <id/source/made-up> a neakg:Source ; dcterms:title "A made-up source" ;
    schema:url <https://example.org/page> .
}
<graph/derived/labels> {
  <id/species/amur-tiger> skos:prefLabel "Amur tiger"@en , "东北虎"@zh-Hans , "амурский тигр"@ru .
  <id/country/kp> rdfs:label "DPRK"@en .
}
graph:vocabularies {
  scheme:manner a skos:ConceptScheme ; skos:prefLabel "Manner"@en .
  <scheme/manner/about> a skos:Concept ; skos:prefLabel "about"@en ; skos:inScheme scheme:manner .
  <scheme/unit/individuals> a skos:Concept ; skos:prefLabel "individuals"@en .
}
graph:catalogue {
  <dataset> a void:Dataset ; dcterms:title "Made up"@en .
  graph:made-up a void:Dataset ; dcterms:title "A made-up graph"@en ; dcterms:rights "No rights"@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ; void:triples 30 .
}
"""


def write_snapshot(folder: Path, text: str = GRAPH) -> Dataset:
    """Write what ``neakg build`` writes, from TriG."""
    quads = list(parse(text.encode(), format=RdfFormat.TRIG))
    write_store(folder / "store", quads)
    (folder / "dumps").mkdir()
    files = {}
    for name in ("nquads", "trig"):
        data = write_rdf(quads, BY_NAME[name])
        file = f"neakg.{BY_NAME[name].extension}"
        (folder / "dumps" / file).write_bytes(data)
        files[file] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest = {
        "neakg": "0.0.0",
        "base": "https://w3id.org/neakg/",
        "nquads": {"sha256": files["neakg.nq"]["sha256"], "quads": len(quads)},
        "sharedTriples": 1,
        "files": files,
        "credits": ["Made with made-up data."],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return Dataset.of_snapshot(folder)


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_snapshot(tmp_path_factory.mktemp("snapshot"))


@pytest.fixture(scope="session")
def client(snapshot: Dataset) -> Iterator[TestClient]:
    """A client that follows no redirects and sends no Accept of its own."""
    with TestClient(create_app(snapshot, SETTINGS), raise_server_exceptions=False, follow_redirects=False) as found:
        del found.headers["accept"]
        yield found


@pytest.fixture
def canary_hits() -> list[str]:
    return []


@pytest.fixture
def canary(canary_hits: list[str]) -> Iterator[str]:
    """A listener on loopback that notes every request; nothing may come."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            canary_hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/data.ttl"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def canary_file(tmp_path: Path) -> str:
    """A file that no request may bring into an answer."""
    path = tmp_path / "secret.nt"
    path.write_text("<urn:s> <urn:p> <urn:canary> .\n")
    return path.as_uri()
