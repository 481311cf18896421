"""Write ``expected.nq`` of every source anew; read the difference before committing it."""

from __future__ import annotations

from pathlib import Path

from kg.iris import Base
from kg.pipeline import assemble
from kg.sources import discover


def main() -> None:
    here = Path(__file__).parent
    quads = assemble().quads
    for source in discover():
        graph = Base().graph(source.id)
        lines = [f"{quad} .\n" for quad in quads if quad.graph_name.value == graph]  # type: ignore[union-attr]
        folder = here / source.id.replace("-", "_")
        folder.mkdir(exist_ok=True)
        (folder / "expected.nq").write_text("".join(lines), "utf-8")
        print(f"{source.id}: {len(lines)} quads")


if __name__ == "__main__":
    main()
