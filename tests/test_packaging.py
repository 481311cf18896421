"""The wheel holds what the tree holds, and what it holds is found: from an installation and from a zip."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ("ontology", "shapes", "queries")
CODE = ("kg", "endpoint")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        capture_output=True,
        timeout=100,
        check=True,
    )
    (found,) = out.glob("*.whl")
    return found


def tree(folder: str) -> set[str]:
    """The files of a folder of the checkout, without what the interpreter leaves behind."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts)
    }


def test_the_wheel_holds_exactly_the_files_of_the_tree(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = set().union(*(tree(folder) for folder in CODE))
    for folder in DATA:
        files = tree(folder)
        assert files, folder
        expected |= {f"kg/_data/{name}" for name in files}
    assert names == expected


def test_the_wheel_holds_both_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for licence in ("LICENSE", "LICENSE-DATA.md"):
        assert any(name.endswith(f".dist-info/licenses/{licence}") for name in names)


CHECK = """
import sys
from kg import resources
assert {top!r} in str(resources.__file__), resources.__file__
for name, suffix in (("ontology", ".ttl"), ("shapes", ".ttl"), ("queries", ".rq")):
    found = resources.walk(resources.folder(name), suffix)
    assert found and all(entry.read_bytes() for entry in found), name
from kg.sources import discover
from kg.sensitive import load_policy
from kg.stored_queries import stored_queries
from kg.derive import RULES
from kg.geometry import outlines
from kg.iris import Base
from kg.pipeline import vocabulary_quads
load_policy()
quads = vocabulary_quads(Base())
graphs = {{quad.graph_name.value.removeprefix("https://w3id.org/neakg/graph/") for quad in quads}}
assert {{"ontology", "vocabularies", "alignments/prov"}} <= graphs, graphs
print(len(discover()), len(stored_queries()), len(RULES), len(outlines()), len(quads))
"""


def check(top: Path, folder: Path) -> str:
    """Run the check with ``top`` (a folder or a zip) as the only place that the package could come from."""
    code = f"import sys; sys.path.insert(0, {str(top)!r})\n" + CHECK.format(top=str(top))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_is_found_in_an_installation_and_in_a_zip(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    here, there = check(installed, tmp_path), check(wheel, tmp_path)
    assert here == there == check(ROOT, tmp_path)
    assert all(int(number) > 0 for number in here.split())


def test_a_folder_that_is_nowhere_is_named_with_both_places(tmp_path: Path) -> None:
    from kg.resources import folder

    with pytest.raises(FileNotFoundError, match=r"no data folder 'none': looked in .*_data.*none and .*none"):
        folder("none")


@pytest.mark.skipif(shutil.which("git") is None or not (ROOT / ".git").exists(), reason="no git, or no checkout of it")
def test_git_ignores_no_file_that_the_wheel_needs() -> None:
    files = sorted(set().union(*(tree(folder) for folder in (*CODE, *DATA, "tests"))))
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin"],
        cwd=ROOT,
        input="\n".join(files),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == ""
