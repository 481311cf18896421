"""What worker processes share from their start: imported once by the process that they are forked from."""

from __future__ import annotations

from endpoint import worker
from kg.diagnosis import prepare

__all__ = ["worker"]

prepare()
