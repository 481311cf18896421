"""A build that is killed at any moment leaves one whole build published."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kg.pipeline import current

KILLS = 50
BUILD = [sys.executable, "-c", "from endpoint.command import main; main()", "build", "--out"]


def assert_whole(out: Path) -> str:
    """Check that the published snapshot is one whole build, and return its hash."""
    snapshot = current(out)
    manifest = json.loads((snapshot.path / "manifest.json").read_text("utf-8"))
    dump = (snapshot.path / "dumps" / "neakg.nq").read_bytes()
    assert hashlib.sha256(dump).hexdigest() == manifest["nquads"]["sha256"]
    for name, described in manifest["files"].items():
        assert (snapshot.path / "dumps" / name).stat().st_size == described["bytes"]
    store = snapshot.open()
    for graph, count in manifest["graphs"].items():
        assert sum(1 for _ in store.quads(graph)) == count
    return str(manifest["nquads"]["sha256"])


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_build_killed_at_any_moment_leaves_a_whole_build(tmp_path: Path, root: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    moments = random.Random(seed)
    started = time.monotonic()
    subprocess.run([*BUILD, str(tmp_path)], cwd=root, check=True, capture_output=True)
    lasted = time.monotonic() - started
    first = assert_whole(tmp_path)
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(
            [*BUILD, str(tmp_path)], cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=moments.uniform(0.02, lasted))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        assert assert_whole(tmp_path) == first, f"seed {seed}"
    assert killed > KILLS // 4, f"only {killed} of {KILLS} builds were killed before their end (seed {seed})"
    # What the killed builds left behind does not stay: the next build clears it.
    subprocess.run([*BUILD, str(tmp_path)], cwd=root, check=True, capture_output=True)
    assert assert_whole(tmp_path) == first
    assert len(list((tmp_path / "snapshots").iterdir())) <= 2
