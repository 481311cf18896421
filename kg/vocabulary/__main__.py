"""``python -m kg.vocabulary``: write the files of ``ontology/`` that are made from others (``make ontology``)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from kg.errors import NeakgError
from kg.resources import folder
from kg.vocabulary import alignments, diagrams, frames, translations

Maker = Callable[[], dict[str, bytes]]
#: Each returns the files it makes: path below ``ontology/`` -> bytes.
MAKERS: tuple[Maker, ...] = (frames.files, diagrams.drawings, alignments.made, translations.files)


def made() -> dict[str, bytes]:
    """Return every file that is made from others."""
    return {path: body for maker in MAKERS for path, body in maker().items()}


def main() -> None:
    """Write what differs from what lies there; end with a message and an exit code if something cannot be made."""
    top = Path(str(folder("ontology")))
    try:
        files = made()
    except NeakgError as problem:
        print(f"error: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)
    for path, body in files.items():
        target = top / path
        if not target.is_file() or target.read_bytes() != body:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
            print(f"written: ontology/{path}")


if __name__ == "__main__":
    main()
