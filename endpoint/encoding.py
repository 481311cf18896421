"""Content codings: what a client accepts (RFC 9110, section 12.5.3), and how we compress.

::

    Accept-Encoding = #( codings [ weight ] )
    codings         = content-coding / "identity" / "*"
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterable
from typing import Final

import brotli
import zstandard

IDENTITY: Final = "identity"
#: Bodies below this size are sent as they are.
SMALLEST: Final = 1000
_ELEMENT: Final = re.compile(
    r"\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*(?:;\s*[qQ]\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)
_NOT_WORTH: Final = re.compile(r"image/(?!svg)|application/(gzip|zip|zstd)")


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=6).compress(body)


def _brotli(body: bytes) -> bytes:
    found: bytes = brotli.compress(body, quality=5)
    return found


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


#: Content coding -> how it is done, in the order that we prefer.
CODINGS: Final[dict[str, Callable[[bytes], bytes]]] = {"zstd": _zstd, "br": _brotli, "gzip": _gzip}


def weights(lines: Iterable[str]) -> dict[str, float]:
    """Return the weight of each coding that all Accept-Encoding lines together name; wrong elements are passed over."""
    found: dict[str, float] = {}
    for element in ",".join(lines).split(","):
        match = _ELEMENT.fullmatch(element)
        if match:
            name = match[1].lower()
            found["gzip" if name == "x-gzip" else name] = float(match[2] or 1)
    return found


def choose(lines: Iterable[str], content_type: str, size: int) -> str:
    """Return the coding for a body: the best that the client accepts, or ``identity``.

    Args:
        lines: the Accept-Encoding lines; none means no coding is asked for.
        content_type: the body's media type.
        size: its bytes.
    """
    if size < SMALLEST or _NOT_WORTH.match(content_type):
        return IDENTITY
    accepted = weights(lines)
    others = accepted.get("*", 0.0)
    order = {name: (accepted.get(name, others), -rank) for rank, name in enumerate(CODINGS)}
    best = max(order, key=lambda name: order[name])
    plain = accepted.get(IDENTITY, 0.0)
    return best if order[best][0] > 0 and order[best][0] >= plain else IDENTITY
