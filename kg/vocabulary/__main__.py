"""``python -m kg.vocabulary``: write the files of ``ontology/`` that are made from others (``make ontology``)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kg.resources import folder
from kg.vocabulary import translations

Maker = Callable[[], dict[str, bytes]]
#: Each returns the files it makes: path below ``ontology/`` -> bytes.
MAKERS: tuple[Maker, ...] = (translations.files,)


def made() -> dict[str, bytes]:
    """Return every file that is made from others."""
    return {path: body for maker in MAKERS for path, body in maker().items()}


def main() -> None:
    """Write what differs from what lies there."""
    top = Path(str(folder("ontology")))
    for path, body in made().items():
        target = top / path
        if not target.is_file() or target.read_bytes() != body:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
            print(f"written: ontology/{path}")


if __name__ == "__main__":
    main()
