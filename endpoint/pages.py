"""HTML pages: the template environment and what every page shows."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from endpoint.dataset import OUR_LICENCE, Dataset
from endpoint.examples import examples, first_query
from kg.formats import RDF_FORMATS


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file: its bytes, media type and a hash that its address carries."""

    body: bytes
    content_type: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """Return the static files by name."""
    found = {}
    for entry in (files("endpoint") / "static").iterdir():
        if entry.is_file() and not entry.name.startswith("."):
            body = entry.read_bytes()
            kind = mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
            kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
            found[entry.name] = Asset(body, kind, hashlib.sha256(body).hexdigest()[:12])
    return found


def asset_address(name: str) -> str:
    """Return the address of a static file, which changes when its content does."""
    return f"/static/{name}?v={assets()[name].version}"


def query_address(text: str) -> str:
    """Return the address of a query's answer."""
    return f"/sparql?query={quote(text, safe='')}"


class Pages:
    """Renders the templates for one dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._environment = Environment(
            loader=PackageLoader("endpoint", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            asset=asset_address,
            query_address=query_address,
            ours=dataset.is_ours,
            release=dataset.release,
            credits=dataset.manifest.get("credits", []),
            licence=OUR_LICENCE if dataset.is_ours else "",
            rdf_formats=RDF_FORMATS,
            first_query=first_query(dataset),
        )

    @cached_property
    def examples(self) -> list[tuple[str, str]]:
        """The queries of the query page."""
        return examples(self._dataset)

    def render(self, template: str, **values: Any) -> bytes:
        """Return a page as UTF-8."""
        return self._environment.get_template(template).render(**values).encode()
