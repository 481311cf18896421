"""What is served: a snapshot of our graph, or files a user handed in; small enough to send to a worker."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kg.errors import StoreError
from kg.iris import Base
from kg.store import GraphStore, write_store

OUR_LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Where the data lie and what they are.

    Args:
        kind: ``snapshot`` (a build of our graph) or ``files``.
        store: the store directory, opened read-only by every worker.
        dumps: the folder of files to download, if there is one.
        base: where things and graphs are named.
        manifest: of the snapshot; empty for files.
        names: of the files, without their folders.
    """

    kind: Literal["snapshot", "files"]
    store: Path
    dumps: Path | None = None
    base: Base = field(default_factory=Base)
    manifest: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @classmethod
    def of_snapshot(cls, path: Path) -> Dataset:
        """Describe the snapshot in a folder.

        Raises:
            StoreError: its manifest cannot be read.
        """
        try:
            manifest = json.loads((path / "manifest.json").read_text("utf-8"))
            return cls("snapshot", path / "store", path / "dumps", Base(manifest["base"]), manifest)
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(f"{path}: the manifest of the build cannot be read: {error}") from error

    @classmethod
    def of_build(cls, out: Path) -> Dataset:
        """Describe the published snapshot of a build folder.

        Raises:
            StoreError: there is none.
        """
        if not (out / "current").exists():
            raise StoreError(f"{out}: no build here; make one with: neakg build --out {out}")
        return cls.of_snapshot((out / "current").resolve())  # the folder itself: it stays when `current` moves on

    @classmethod
    def of_files(cls, paths: Sequence[Path]) -> Dataset:
        """Load files into a temporary store that all workers share; ``close`` removes it.

        Raises:
            UsageError: a file is missing, not well formed, or all of them are empty.
        """
        loaded = GraphStore.from_files(paths)
        folder = Path(tempfile.mkdtemp(prefix="neakg-"))
        write_store(folder / "store", loaded.quads())
        return cls("files", folder / "store", names=tuple(path.name for path in paths))

    @property
    def is_ours(self) -> bool:
        """Whether our graph is served, not somebody's files."""
        return self.kind == "snapshot"

    def open(self) -> GraphStore:
        """Open the store read-only."""
        shared = self.manifest.get("sharedTriples", 1) > 0
        return GraphStore.open(self.store, union=self.is_ours, shares_triples=shared)

    def close(self) -> None:
        """Remove what ``of_files`` made; a snapshot is left alone."""
        if self.kind == "files":
            shutil.rmtree(self.store.parent, ignore_errors=True)

    @property
    def age(self) -> float:
        """Seconds since the data were written."""
        try:
            return time.time() - self.store.stat().st_mtime
        except OSError:
            return 0.0

    @property
    def release(self) -> str:
        """The version of the software and the first digits of the data's hash, as people read it."""
        if not self.is_ours:
            return ", ".join(self.names)
        return f"{self.manifest.get('neakg', '')} ({self.digest[:12]})"

    @property
    def digest(self) -> str:
        """The SHA-256 of the snapshot's N-Quads; empty for files."""
        return str(self.manifest.get("nquads", {}).get("sha256", ""))
