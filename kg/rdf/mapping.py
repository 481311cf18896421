"""Which class a record is and which property each of its fields becomes: one table, read by ``kg.rdf.convert``.

A field that is not listed here is converted by a rule of its own in ``kg.rdf.convert`` (geometry, dates, evidence).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from kg import records

Kind = Literal["reference", "concept", "source", "text", "english", "number", "integer", "boolean", "address", "date"]


@dataclass(frozen=True, slots=True)
class Property:
    """A field becomes triples with this predicate (a CURIE); ``scheme`` names the concept scheme of a concept."""

    field: str
    predicate: str
    kind: Kind
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """The classes of a record's node, its properties, and the field that says when (``time``)."""

    classes: tuple[str, ...]
    properties: tuple[Property, ...]
    time: tuple[str, str] | None = None
    is_statement: bool = False


def _ref(field: str, predicate: str) -> Property:
    return Property(field, predicate, "reference")


def _concept(field: str, predicate: str, scheme: str) -> Property:
    return Property(field, predicate, "concept", scheme)


def _text(field: str, predicate: str) -> Property:
    return Property(field, predicate, "text")


def _english(field: str, predicate: str) -> Property:
    return Property(field, predicate, "english")


def _number(field: str, predicate: str) -> Property:
    return Property(field, predicate, "number")


_LABEL = _english("label", "rdfs:label")
_AMOUNT = (
    _number("value", "neakg:value"),
    _number("minimum", "neakg:minimum"),
    _number("maximum", "neakg:maximum"),
    _concept("unit", "neakg:unit", "unit"),
    _concept("manner", "neakg:manner", "manner"),
)
_OF = (_ref("taxon", "neakg:ofTaxon"), _ref("population", "neakg:ofPopulation"))

MAPPINGS: Final[dict[type, Mapping]] = {
    records.Source: Mapping(
        ("neakg:Source",),
        (
            _text("title", "dcterms:title"),
            _text("publisher", "dcterms:publisher"),
            Property("url", "schema:url", "address"),
            Property("read_at", "neakg:readAt", "address"),
            Property("date", "dcterms:date", "date"),
            _text("version", "schema:version"),
            _concept("kind", "neakg:sourceKind", "source-kind"),
            _text("rights", "dcterms:rights"),
        ),
    ),
    records.Country: Mapping(
        ("neakg:Country",),
        (_english("name", "rdfs:label"), _english("official_name", "neakg:officialName")),
    ),
    records.Taxon: Mapping(
        ("neakg:Taxon",),
        (
            _LABEL,
            _text("scientific_name", "dwc:scientificName"),
            _text("authorship", "dwc:scientificNameAuthorship"),
            _text("rank", "dwc:taxonRank"),
            Property("according_to", "neakg:accordingTo", "source"),
            _ref("parent", "neakg:parentTaxon"),
        ),
    ),
    records.TaxonName: Mapping(
        ("neakg:TaxonName",),
        (
            _ref("taxon", "neakg:ofTaxon"),
            _text("scientific_name", "dwc:scientificName"),
            _text("authorship", "dwc:scientificNameAuthorship"),
            _text("status", "dwc:taxonomicStatus"),
            Property("according_to", "neakg:accordingTo", "source"),
        ),
        is_statement=True,
    ),
    records.Population: Mapping(
        ("neakg:Population",),
        (
            _LABEL,
            _ref("taxon", "neakg:ofTaxon"),
            _ref("part_of", "neakg:partOfPopulation"),
            _ref("range", "neakg:rangePlace"),
        ),
    ),
    records.Place: Mapping(
        ("neakg:Place",),
        (
            _LABEL,
            _concept("kind", "neakg:placeKind", "place-kind"),
            _ref("countries", "neakg:inCountry"),
            _ref("part_of", "neakg:partOfPlace"),
        ),
    ),
    records.ProtectedArea: Mapping(
        ("neakg:ProtectedArea",),
        (
            _LABEL,
            _ref("countries", "neakg:inCountry"),
            _concept("status", "neakg:areaStatus", "area-status"),
            _text("ended", "neakg:ended"),
        ),
    ),
    records.Border: Mapping(
        ("neakg:Border",),
        (
            _LABEL,
            _ref("countries", "neakg:betweenCountry"),
            _concept("status", "neakg:borderStatus", "border-status"),
            Property("parts", "neakg:partCount", "integer"),
        ),
    ),
    records.Geometry: Mapping(("geo:Geometry",), ()),
    records.Habitat: Mapping(
        ("neakg:HabitatClass", "skos:Concept"),
        (
            _english("label", "skos:prefLabel"),
            _english("definition", "skos:definition"),
            _english("definition_after", "skos:editorialNote"),
            _text("code", "skos:notation"),
            _english("biome", "neakg:biomeName"),
        ),
    ),
    records.Organisation: Mapping(
        ("neakg:Organisation",),
        (
            _LABEL,
            _ref("part_of", "org:subOrganizationOf"),
            Property("homepage", "schema:url", "address"),
        ),
    ),
    records.FlagshipList: Mapping(
        ("neakg:TaxonList",),
        (
            _LABEL,
            _ref("issued_by", "neakg:issuedBy"),
            _text("adopted", "neakg:adopted"),
            _english("adopted_at", "neakg:adoptedAt"),
        ),
    ),
    records.Agreement: Mapping(
        ("neakg:Agreement",),
        (
            _LABEL,
            _concept("status", "neakg:agreementStatus", "agreement-status"),
            _ref("countries", "neakg:party"),
            _ref("areas", "neakg:coversArea"),
            _text("signed", "neakg:signed"),
        ),
    ),
    records.Project: Mapping(
        ("neakg:Project",),
        (
            _LABEL,
            _concept("kind", "neakg:projectKind", "project-kind"),
            _ref("leads", "neakg:ledBy"),
            _ref("partners", "neakg:hasPartner"),
            _ref("donors", "neakg:fundedBy"),
            _ref("taxa", "neakg:targetsTaxon"),
            _ref("sites", "neakg:targetsPlace"),
            _ref("habitats", "neakg:targetsHabitat"),
            _english("outputs", "neakg:output"),
            _english("goal", "neakg:goal"),
            _english("site_text", "neakg:siteText"),
        ),
        time=("interval", "neakg:interval"),
    ),
    records.Activity: Mapping(
        ("neakg:Activity",),
        (
            _LABEL,
            _ref("project", "neakg:activityOf"),
            _concept("kind", "neakg:activityKind", "activity-kind"),
            _concept("methods", "neakg:method", "method"),
            _ref("sites", "neakg:atPlace"),
            _ref("taxa", "neakg:ofTaxon"),
        ),
        time=("interval", "neakg:interval"),
    ),
    records.Name: Mapping(
        ("neakg:Name",),
        (_ref("subject", "neakg:nameOf"), _concept("kind", "neakg:nameKind", "name-kind")),
        is_statement=True,
    ),
    records.Identifier: Mapping(
        ("neakg:Identifier",),
        (
            _ref("subject", "neakg:identifies"),
            _concept("scheme", "neakg:identifierScheme", "identifier-scheme"),
            _text("value", "neakg:identifierValue"),
            _concept("match", "neakg:match", "match"),
            _text("scheme_version", "neakg:schemeVersion"),
        ),
        is_statement=True,
    ),
    records.Assessment: Mapping(
        ("neakg:StatusAssessment",),
        (
            _ref("taxon", "neakg:ofTaxon"),
            _concept("category", "neakg:category", "red-list-category"),
            _concept("system", "neakg:assessmentSystem", "assessment-system"),
            _text("criteria", "neakg:criteria"),
            _text("identifier", "dcterms:identifier"),
        ),
        time=("assessed", "neakg:asOf"),
        is_statement=True,
    ),
    records.Listing: Mapping(
        ("neakg:Listing",),
        (_ref("taxon", "neakg:ofTaxon"), _ref("list", "neakg:inList")),
        time=("since", "neakg:since"),
        is_statement=True,
    ),
    records.Location: Mapping(
        ("neakg:Location",),
        (
            _ref("subject", "neakg:locationOf"),
            _number("latitude", "dwc:decimalLatitude"),
            _number("longitude", "dwc:decimalLongitude"),
            _concept("kind", "neakg:locationKind", "location-kind"),
            _english("exception", "neakg:exception"),
            _english("generalisation", "dwc:dataGeneralizations"),
        ),
        is_statement=True,
    ),
    records.Designation: Mapping(
        ("neakg:Designation",),
        (
            _ref("area", "neakg:designationOf"),
            _concept("kind", "neakg:designationKind", "designation"),
            _english("title", "neakg:designationTitle"),
            _text("ended", "neakg:ended"),
            _number("area_km2", "neakg:areaSquareKilometres"),
            _concept("iucn_category", "neakg:iucnCategory", "iucn-category"),
            _concept("identifier_scheme", "neakg:identifierScheme", "identifier-scheme"),
            _text("identifier", "neakg:identifierValue"),
        ),
        time=("year", "neakg:designated"),
        is_statement=True,
    ),
    records.Measurement: Mapping(
        ("neakg:Measurement",),
        (
            _ref("subject", "neakg:measurementOf"),
            _concept("quantity", "neakg:quantity", "quantity"),
            _concept("extent", "neakg:extent", "extent"),
            *_AMOUNT,
            _concept("method", "neakg:method", "method"),
        ),
        time=("as_of", "neakg:asOf"),
        is_statement=True,
    ),
    records.Relation: Mapping(
        ("neakg:Relation",),
        (
            _ref("subject", "neakg:relationFrom"),
            _concept("relation", "neakg:relationKind", "relation"),
            _ref("object", "neakg:relationTo"),
        ),
        time=("since", "neakg:since"),
        is_statement=True,
    ),
    records.Figure: Mapping(
        (),
        (
            *_OF,
            _ref("places", "neakg:atPlace"),
            *_AMOUNT,
            _concept("life_stage", "neakg:lifeStage", "life-stage"),
            _concept("season", "neakg:season", "season"),
            _concept("role", "neakg:role", "role"),
            _concept("method", "neakg:method", "method"),
            _english("method_text", "neakg:methodText"),
            _ref("share_of", "neakg:shareOf"),
        ),
        time=("as_of", "neakg:asOf"),
        is_statement=True,
    ),
    records.Distribution: Mapping(
        ("neakg:Distribution",),
        (
            *_OF,
            _ref("place", "neakg:atPlace"),
            _concept("seasonality", "neakg:seasonality", "seasonality"),
            _concept("presence", "neakg:presence", "presence"),
            _concept("manner", "neakg:statementManner", "statement-manner"),
            _english("remark", "rdfs:comment"),
        ),
        time=("as_of", "neakg:asOf"),
        is_statement=True,
    ),
    records.Movement: Mapping(
        (),
        (
            *_OF,
            _ref("origins", "neakg:fromPlace"),
            _ref("via", "neakg:viaPlace"),
            _ref("destinations", "neakg:toPlace"),
            _concept("season", "neakg:season", "season"),
            _number("distance_km", "neakg:distanceKilometres"),
            _concept("method", "neakg:method", "method"),
            _concept("count_manner", "neakg:manner", "manner"),
        ),
        time=("as_of", "neakg:asOf"),
        is_statement=True,
    ),
    records.HabitatUse: Mapping(
        ("neakg:HabitatUse",),
        (
            _ref("taxon", "neakg:ofTaxon"),
            _ref("habitat", "neakg:usesHabitat"),
            _concept("role", "neakg:role", "role"),
        ),
        is_statement=True,
    ),
    records.Finding: Mapping(
        ("neakg:Finding",),
        (
            _ref("about", "neakg:about"),
            _concept("kind", "neakg:findingKind", "finding-kind"),
            _english("text", "dcterms:description"),
        ),
        is_statement=True,
    ),
}

#: The class of a figure and of a movement comes from its ``kind``.
KIND_CLASSES: Final[dict[str, str]] = {
    "population-estimate": "neakg:PopulationEstimate",
    "site-count": "neakg:SiteCount",
    "share": "neakg:Share",
    "area-count": "neakg:AreaCount",
    "migration": "neakg:Migration",
    "cross-border-movement": "neakg:CrossBorderMovement",
}

#: Terms that ``kg.rdf.convert`` writes by rules of its own: a test holds all terms against the ontology.
EXTRA_TERMS: Final = (
    "neakg:Evidence",
    "neakg:hasEvidence",
    "neakg:confidence",
    "neakg:startYear",
    "neakg:endYear",
    "neakg:undated",
    "neakg:heading",
    "neakg:paragraph",
    "neakg:passageSha256",
    "neakg:passageLink",
    "neakg:targetIri",
    "neakg:memberState",
    "neakg:isSensitivePlace",
    "neakg:evidenceScope",
    "neakg:habitatSystem",
    "neakg:wwfCode",
)

#: Address of an identifier's target, by scheme; schemes without a public page per value are absent.
TARGETS: Final[dict[str, str]] = {
    "wikidata": "http://www.wikidata.org/entity/{}",
    "gbif-backbone": "https://www.gbif.org/species/{}",
    "ncbi-taxonomy": "http://purl.obolibrary.org/obo/NCBITaxon_{}",
    "inaturalist": "https://www.inaturalist.org/taxa/{}",
    "itis": "https://www.itis.gov/servlet/SingleRpt/SingleRpt?search_topic=TSN&search_value={}",
    "ebird": "https://ebird.org/species/{}",
    "eol": "https://eol.org/pages/{}",
    "geonames": "https://sws.geonames.org/{}/",
    "wdpa": "https://www.protectedplanet.net/{}",
    "ramsar": "https://rsis.ramsar.org/ris/{}",
    "unesco-whs": "https://whc.unesco.org/en/list/{}",
    "col-xr": "https://www.checklistbank.org/dataset/315834/taxon/{}",
}
