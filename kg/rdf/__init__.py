"""Records become quads: the only package that knows which property says what."""

from kg.rdf.convert import Converter
from kg.rdf.mapping import MAPPINGS, Mapping, Property

__all__ = ["MAPPINGS", "Converter", "Mapping", "Property"]
