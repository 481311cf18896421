"""What a source says, as frozen typed values: one class a kind of row, one field a column.

A record knows no RDF (see ``kg.rdf``) and no file format (see ``kg.tables``).  A reference is
``type/slug`` (``species/amur-tiger``); a date is a profile of EDTF level 0 (ISO 8601-2): ``2012``,
``2012-05``, ``2012-05-16``, ``2014/2015``, ``2014/..``; numbers are ``Decimal`` so that nothing is lost.
An empty optional field means "not recorded here", never "unknown".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

# --- kinds of text in a cell ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RefTo:
    """The cell holds ``type/slug`` with one of these types; the target must exist in the whole graph."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """The cell follows a named form; ``kg.tables`` has one parser a form."""

    name: Literal["slug", "edtf", "url", "language", "latitude", "longitude", "wkt"]


Slug = Annotated[str, Form("slug")]
When = Annotated[str, Form("edtf")]
Url = Annotated[str, Form("url")]
Language = Annotated[str, Form("language")]
Latitude = Annotated[Decimal, Form("latitude")]
Longitude = Annotated[Decimal, Form("longitude")]

TaxonRef = Annotated[str, RefTo(("species",))]
PopulationRef = Annotated[str, RefTo(("population",))]
PlaceRef = Annotated[str, RefTo(("place", "country", "area", "border"))]
AreaRef = Annotated[str, RefTo(("area",))]
CountryRef = Annotated[str, RefTo(("country",))]
HabitatRef = Annotated[str, RefTo(("habitat",))]
OrganisationRef = Annotated[str, RefTo(("organisation",))]
ProjectRef = Annotated[str, RefTo(("project",))]
FigureRef = Annotated[str, RefTo(("figure",))]
ListRef = Annotated[str, RefTo(("list",))]
EntityRef = Annotated[
    str,
    RefTo(
        (
            "species",
            "population",
            "place",
            "country",
            "area",
            "border",
            "habitat",
            "organisation",
            "project",
            "agreement",
            "list",
        )
    ),
]
AnyRef = Annotated[str, RefTo(("*",))]

# --- closed vocabularies: each is one scheme in ontology/vocabularies without its groups (a test compares them) ---

Confidence = Literal["verified", "one-source", "computed", "inferred", "stand-in", "stated"]
Seasonality = Literal["resident", "breeding", "non-breeding", "passage", "uncertain"]
Presence = Literal["extant", "possibly-extant", "possibly-extinct", "extinct", "former", "uncertain"]
StatementManner = Literal["stated", "reported", "inferred"]
Manner = Literal["exactly", "about", "only-about", "estimated", "at-least", "more-than", "up-to", "less-than"]
Unit = Literal[
    "individuals", "mature-individuals", "pairs", "nests", "sites", "percent", "square-kilometre", "kilometre"
]
LifeStage = Literal["all", "adults", "subadults-and-adults", "cubs", "including-cubs"]
Season = Literal["winter", "spring", "summer", "autumn", "spring-and-autumn"]
Role = Literal["breeding", "wintering", "stopover", "staging", "year-round", "feeding"]
RedListCategory = Literal["EX", "EW", "CR", "EN", "VU", "NT", "LC", "DD", "NE"]
IucnManagementCategory = Literal["Ia", "Ib", "II", "III", "IV", "V", "VI"]
PlaceKind = Literal[
    "country",
    "census-area",
    "province",
    "region",
    "mountain-range",
    "mountain",
    "plain",
    "desert",
    "peninsula",
    "river",
    "river-stretch",
    "river-basin",
    "river-valley",
    "estuary",
    "bay",
    "lake",
    "island",
    "island-group",
    "coast",
    "sea-area",
    "wetland",
    "settlement",
    "site",
    "border-zone",
    "transboundary-area",
    "corridor",
    "flyway",
    "range",
    "world",
]
DesignationKind = Literal[
    "national-park",
    "strict-nature-reserve",
    "national-nature-reserve",
    "nature-reserve",
    "provincial-nature-reserve",
    "strictly-protected-area",
    "federal-wildlife-refuge",
    "regional-wildlife-refuge",
    "nature-park",
    "natural-monument",
    "forest-park",
    "wetland-park",
    "wetland-protection-area",
    "migratory-bird-reserve",
    "wildlife-reserve",
    "special-protection-zone",
    "private-protected-area",
    "ecological-corridor",
    "marine-reserve",
    "other-national",
    "ramsar-site",
    "biosphere-reserve",
    "transboundary-biosphere-reserve",
    "world-heritage-site",
    "important-bird-area",
    "flyway-network-site",
    "crane-network-site",
    "transboundary-protected-area",
]
SourceKind = Literal[
    "web-page", "dataset", "dataset-package", "repository-file", "ontology", "encyclopedia", "news", "site-sheet",
    "report", "paper", "official-page", "standard", "register",
]  # fmt: skip
IdentifierScheme = Literal[
    "wikidata",
    "gbif-backbone",
    "col-xr",
    "iucn-red-list",
    "ncbi-taxonomy",
    "itis",
    "inaturalist",
    "birdlife",
    "avibase",
    "ebird",
    "eol",
    "geonames",
    "iso-3166-1-alpha-2",
    "iso-3166-1-alpha-3",
    "iso-3166-2",
    "un-m49",
    "wdpa",
    "ramsar",
    "unesco-whs",
    "mab",
    "eaaf",
    "avilist",
    "tgn",
]
Match = Literal["exact", "close", "broad", "narrow", "related", "not-same"]
RelationKind = Literal[
    "on-border",
    "near-border",
    "adjoins",
    "partner-across-border",
    "part-of",
    "overlaps",
    "replaced-by",
    "managed-by",
    "partner",
    "preys-on",
    "associated-with",
    "transboundary-agreement",
]
QuantityKind = Literal["area", "length", "protected-land-area", "protected-land-share", "protected-marine-share"]
Extent = Literal["whole", "core", "buffer", "transition", "land", "sea", "designation"]
LocationKind = Literal["stated", "computed", "stand-in"]
AreaStatus = Literal["current", "former", "proposed"]
BorderStatus = Literal["boundary", "demarcation-line", "disputed"]
ActivityKind = Literal[
    "scoping-survey",
    "joint-study",
    "capacity-building",
    "awareness-raising",
    "camera-trapping",
    "molecular-genetic-analysis",
    "census",
    "field-survey",
    "meeting",
    "report",
    "monitoring",
    "planning",
]
Method = Literal[
    "camera-trapping",
    "molecular-genetic-analysis",
    "snow-track-census",
    "census",
    "winter-count",
    "roost-count",
    "migration-count",
    "nest-count",
    "satellite-tracking",
    "survey",
    "monitoring",
    "population-model",
    "compilation",
    "estimate",
    "statement",
    "geodesic-computation",
]
FindingKind = Literal[
    "contradicts-other-source",
    "outdated",
    "geographically-doubtful",
    "arithmetic-doubtful",
    "misprint",
    "identity-doubtful",
    "status-contradicted",
    "source-doubtful",
]

# --- where a statement comes from ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Origin:
    """The place in our own repository that a record was read from: file (relative), line, first is 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Locator:
    """A passage of a source's normalised text (Web Annotation, TextPositionSelector).

    ``start`` and ``end`` are character offsets, end exclusive; ``sha256`` is the hash of the passage's UTF-8
    bytes; ``fragment`` is a text directive (``:~:text=``) without the leading ``#``; ``quote`` is the passage
    itself, present only when the operator hands the source text to the build.
    """

    heading: str
    paragraph: int
    start: int
    end: int
    sha256: str
    fragment: str
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which bibliography entries carry a statement, and where in them.

    Several ``sources`` mean "one of these, at least": the table row does not say which cell came from which.
    """

    sources: tuple[str, ...]
    locator: Locator | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """Base of all rows: evidence, confidence, our own remark, and the place it was read from."""

    type: ClassVar[str] = ""
    evidence: tuple[Evidence, ...] = ()
    confidence: Confidence
    note: str = ""
    origin: Origin | None = field(default=None, compare=False)


# --- entities ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Source:
    """A bibliography entry (bibliography.csv).

    ``url`` is the original work's address; ``read_at`` the copy that was read when that is another place; ``group`` is
    the source folder it stands in, set by the pipeline.
    """

    type: ClassVar[str] = "source"
    id: Slug
    title: str
    publisher: str = ""
    url: Url | None = None
    read_at: Url | None = None
    date: When | None = None
    version: str = ""
    kind: SourceKind
    rights: str = ""
    group: str = ""
    note: str = ""
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True)
class Country(Record):
    """A state (countries.csv). ``member`` means a NEASPEC member State."""

    type: ClassVar[str] = "country"
    id: Slug
    name: str
    official_name: str = ""
    member: bool


@dataclass(frozen=True, kw_only=True)
class Taxon(Record):
    """A taxon concept (taxa.csv): the name an authority accepts; ``according_to`` is a bibliography id."""

    type: ClassVar[str] = "species"
    id: Slug
    scientific_name: str
    authorship: str = ""
    rank: Literal["species", "subspecies"]
    according_to: Slug | None = None
    parent: TaxonRef | None = None
    label: str


@dataclass(frozen=True, kw_only=True)
class TaxonName(Record):
    """A scientific name of a taxon by an authority (taxon_names.csv): accepted there, or a synonym."""

    type: ClassVar[str] = "taxon-name"
    taxon: TaxonRef
    scientific_name: str
    authorship: str = ""
    status: Literal["accepted", "synonym"]
    according_to: Slug


@dataclass(frozen=True, kw_only=True)
class Population(Record):
    """A population of a taxon, whole or a named part (populations.csv)."""

    type: ClassVar[str] = "population"
    id: Slug
    label: str
    taxon: TaxonRef
    part_of: PopulationRef | None = None
    range: PlaceRef | None = None


@dataclass(frozen=True, kw_only=True)
class Place(Record):
    """A place that is no protected area (places.csv). ``countries`` are ISO 3166-1 codes, lower case."""

    type: ClassVar[str] = "place"
    id: Slug
    label: str
    kind: PlaceKind
    countries: tuple[CountryRef, ...] = ()
    part_of: tuple[PlaceRef, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProtectedArea(Record):
    """A protected area, current, former or proposed (areas.csv)."""

    type: ClassVar[str] = "area"
    id: Slug
    label: str
    countries: tuple[CountryRef, ...]
    status: AreaStatus
    ended: When | None = None


@dataclass(frozen=True, kw_only=True)
class Border(Record):
    """A land border between two states (borders.csv)."""

    type: ClassVar[str] = "border"
    id: Slug
    label: str
    countries: tuple[CountryRef, ...]
    status: BorderStatus
    parts: int | None = None


@dataclass(frozen=True, kw_only=True)
class Geometry(Record):
    """A line or an outline (from a GeoJSON file beside the tables): WKT, CRS84, degrees, lon lat."""

    type: ClassVar[str] = "geometry"
    subject: PlaceRef
    wkt: Annotated[str, Form("wkt")]
    role: Literal["line", "outline"]


@dataclass(frozen=True, kw_only=True)
class Habitat(Record):
    """A habitat class (habitats.csv): becomes a SKOS concept with a closeMatch to the scheme's own IRI.

    ``broader`` are the next wider classes of the same classification; a class without any is a top concept.
    ``definition`` is in our own words; ``definition_after`` is a sentence that says what was read for it.
    """

    type: ClassVar[str] = "habitat"
    id: Slug
    label: str
    definition: str
    definition_after: str
    scheme: Literal["envo", "iucn-habitats", "resolve-ecoregions"]
    code: str
    uri: Url | None = None
    biome: str = ""
    wwf_code: str = ""
    broader: tuple[HabitatRef, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Organisation(Record):
    """An organisation, programme or committee (organisations.csv)."""

    type: ClassVar[str] = "organisation"
    id: Slug
    label: str
    part_of: OrganisationRef | None = None
    homepage: Url | None = None


@dataclass(frozen=True, kw_only=True)
class FlagshipList(Record):
    """A list that taxa are put on: the flagship list of a strategy, a CITES appendix (lists.csv)."""

    type: ClassVar[str] = "list"
    id: Slug
    label: str
    issued_by: OrganisationRef | None = None
    adopted: When | None = None
    adopted_at: str = ""


@dataclass(frozen=True, kw_only=True)
class Agreement(Record):
    """An agreement or joint scheme across a border (agreements.csv)."""

    type: ClassVar[str] = "agreement"
    id: Slug
    label: str
    status: Literal["in-force", "proposed", "none-found"]
    countries: tuple[CountryRef, ...]
    areas: tuple[AreaRef, ...]
    signed: tuple[When, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Project(Record):
    """A project, programme or strategy (projects.csv).

    ``site_text`` is what the source says of sites that could not be resolved to a place; it makes a warning.
    """

    type: ClassVar[str] = "project"
    id: Slug
    label: str
    kind: Literal["project", "programme", "strategy", "network"]
    interval: When | None = None
    leads: tuple[OrganisationRef, ...] = ()
    partners: tuple[OrganisationRef, ...] = ()
    donors: tuple[OrganisationRef, ...] = ()
    taxa: tuple[TaxonRef, ...] = ()
    sites: tuple[PlaceRef, ...] = ()
    habitats: tuple[HabitatRef, ...] = ()
    outputs: str = ""
    goal: str = ""
    site_text: str = ""


@dataclass(frozen=True, kw_only=True)
class Activity(Record):
    """One thing a project does (activities.csv)."""

    type: ClassVar[str] = "activity"
    id: Slug
    label: str
    project: ProjectRef
    kind: ActivityKind
    methods: tuple[Method, ...] = ()
    sites: tuple[PlaceRef, ...] = ()
    taxa: tuple[TaxonRef, ...] = ()
    interval: When | None = None


# --- statements --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Name(Record):
    """A name of an entity in a language (names.csv); ``language`` is a BCP 47 tag."""

    type: ClassVar[str] = "name"
    subject: EntityRef
    language: Language
    name: str
    kind: Literal["preferred", "alternative"] = "preferred"


@dataclass(frozen=True, kw_only=True)
class Identifier(Record):
    """An identifier of an entity in another scheme (identifiers.csv), typed and dated."""

    type: ClassVar[str] = "identifier"
    subject: EntityRef
    scheme: IdentifierScheme
    value: str
    match: Match = "exact"
    scheme_version: str = ""


@dataclass(frozen=True, kw_only=True)
class Assessment(Record):
    """A conservation status given to a taxon (assessments.csv): a Red List category or a source's own word."""

    type: ClassVar[str] = "assessment"
    id: Slug
    taxon: TaxonRef
    category: RedListCategory
    system: Literal["iucn-red-list", "national-red-list", "stated-in-text"]
    assessed: When | None = None
    criteria: str = ""
    identifier: str = ""


@dataclass(frozen=True, kw_only=True)
class Listing(Record):
    """Membership of a taxon in a list (listings.csv)."""

    type: ClassVar[str] = "listing"
    taxon: TaxonRef
    list: ListRef
    since: When | None = None


@dataclass(frozen=True, kw_only=True)
class Location(Record):
    """A point or a box said of an entity (locations.csv): decimal degrees, WGS 84; either the point or the box.

    ``exception`` explains a point outside the stated countries, ``generalisation`` a point made coarser on purpose.
    """

    type: ClassVar[str] = "location"
    subject: PlaceRef
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    west: Longitude | None = None
    south: Latitude | None = None
    east: Longitude | None = None
    north: Latitude | None = None
    kind: LocationKind
    exception: str = ""
    generalisation: str = ""


@dataclass(frozen=True, kw_only=True)
class Designation(Record):
    """A legal or international designation (designations.csv), with what the source says of that one.

    ``area`` is the protected area; a site that is only listed (an Important Bird Area) is a place.
    """

    type: ClassVar[str] = "designation"
    id: Slug
    area: Annotated[str, RefTo(("area", "place"))]
    kind: DesignationKind
    title: str = ""
    year: When | None = None
    ended: When | None = None
    area_km2: Decimal | None = None
    iucn_category: IucnManagementCategory | None = None
    identifier_scheme: IdentifierScheme | None = None
    identifier: str = ""


@dataclass(frozen=True, kw_only=True)
class Measurement(Record):
    """A measured property of a place (measurements.csv): area in km2, length in km, share in percent."""

    type: ClassVar[str] = "measurement"
    id: Slug
    subject: EntityRef
    quantity: QuantityKind
    extent: Extent = "whole"
    value: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: Unit
    manner: Manner = "exactly"
    as_of: When | None = None
    method: Method | None = None


@dataclass(frozen=True, kw_only=True)
class Relation(Record):
    """A relation between two entities that a source states (relations.csv).

    ``id`` is needed only where something else, such as a finding, speaks of the relation.
    """

    type: ClassVar[str] = "relation"
    id: Slug | None = None
    subject: EntityRef
    relation: RelationKind
    object: EntityRef
    since: When | None = None


@dataclass(frozen=True, kw_only=True)
class Figure(Record):
    """A number said of a population, a taxon's site or a set of areas (figures.csv).

    kinds: ``population-estimate`` (how many there are), ``site-count`` (how many were at a place), ``share``
    (a percentage; ``share_of`` is the figure it is a share of, when the source says which), ``area-count`` (how
    many protected areas).  Either ``value`` or a bound is given; ``as_of`` empty means the source gives no date
    and the figure is marked undated.
    """

    type: ClassVar[str] = "figure"
    id: Slug
    kind: Literal["population-estimate", "site-count", "share", "area-count"]
    taxon: TaxonRef | None = None
    population: PopulationRef | None = None
    places: tuple[PlaceRef, ...] = ()
    value: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unit: Unit
    manner: Manner
    life_stage: LifeStage | None = None
    as_of: When | None = None
    season: Season | None = None
    role: Role | None = None
    method: Method | None = None
    method_text: str = ""
    share_of: FigureRef | None = None


@dataclass(frozen=True, kw_only=True)
class Distribution(Record):
    """Where a taxon or a population is (distributions.csv), in three separate dimensions."""

    type: ClassVar[str] = "distribution"
    id: Slug
    taxon: TaxonRef
    population: PopulationRef | None = None
    place: PlaceRef
    seasonality: Seasonality
    presence: Presence
    manner: StatementManner
    remark: str = ""
    as_of: When | None = None


@dataclass(frozen=True, kw_only=True)
class Movement(Record):
    """A migration or a crossing (movements.csv): from, via, to, season, how many."""

    type: ClassVar[str] = "movement"
    id: Slug
    kind: Literal["migration", "cross-border-movement"]
    taxon: TaxonRef
    population: PopulationRef | None = None
    origins: tuple[PlaceRef, ...] = ()
    via: tuple[PlaceRef, ...] = ()
    destinations: tuple[PlaceRef, ...] = ()
    season: Season | None = None
    as_of: When | None = None
    count: Decimal | None = None
    count_max: Decimal | None = None
    count_manner: Manner | None = None
    distance_km: Decimal | None = None
    method: Method | None = None


@dataclass(frozen=True, kw_only=True)
class HabitatUse(Record):
    """A taxon uses a habitat class (habitat_uses.csv)."""

    type: ClassVar[str] = "habitat-use"
    taxon: TaxonRef
    habitat: HabitatRef
    role: Role | None = None


@dataclass(frozen=True, kw_only=True)
class Finding(Record):
    """Why a statement is doubtful (findings.csv); ``about`` names the statements or entities it speaks of."""

    type: ClassVar[str] = "finding"
    id: Slug
    about: tuple[AnyRef, ...]
    kind: FindingKind
    text: str


#: File name in a source folder -> the record one row becomes.  One place: loader, docs and tests read it.
TABLES: dict[str, type[Record | Source]] = {
    "bibliography.csv": Source,
    "countries.csv": Country,
    "taxa.csv": Taxon,
    "taxon_names.csv": TaxonName,
    "populations.csv": Population,
    "places.csv": Place,
    "areas.csv": ProtectedArea,
    "borders.csv": Border,
    "habitats.csv": Habitat,
    "organisations.csv": Organisation,
    "lists.csv": FlagshipList,
    "agreements.csv": Agreement,
    "projects.csv": Project,
    "activities.csv": Activity,
    "names.csv": Name,
    "identifiers.csv": Identifier,
    "assessments.csv": Assessment,
    "listings.csv": Listing,
    "locations.csv": Location,
    "designations.csv": Designation,
    "measurements.csv": Measurement,
    "relations.csv": Relation,
    "figures.csv": Figure,
    "distributions.csv": Distribution,
    "movements.csv": Movement,
    "habitat_uses.csv": HabitatUse,
    "findings.csv": Finding,
}
