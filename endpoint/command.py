"""The console script ``neakg``: the commands of the graph, with a web server to serve it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from kg.cli import run


def _serve(build: Path | None, files: Sequence[Path], host: str, port: int) -> int:
    from endpoint.app import serve_build  # only where it is used: the other commands start without a web server

    return serve_build(build, files, host, port)


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:], _serve))
