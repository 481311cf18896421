"""What the README promises is there, and what it shows is what comes out."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from endpoint.app import ROUTES, create_app
from endpoint.dataset import Dataset
from endpoint.settings import Settings
from kg.cli import _parser
from kg.formats import BY_NAME
from kg.iris import Base
from kg.pipeline import Built, Snapshot
from kg.store import write_answer
from kg.stored_queries import stored_queries

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
#: Addresses that browsers ask for by themselves, and other spellings of those in the table.
UNLISTED = re.compile(r"/(static|favicon|robots|problem|ontology\.|ontology/|shapes\.|graph/$|dumps/$|dataset/)")


def shown(name: str) -> tuple[str, str]:
    """Return the command and the output of a block of the README."""
    block = re.search(rf"<!-- try: {name} -->\n```console\n\$ (.*?)\n```", README, re.DOTALL)
    assert block, f"the README has no block {name}"
    command, _, output = block[1].partition("\n") if name != "sparql" else block[1].partition("'\n")
    return command, output


@pytest.fixture(scope="module")
def client(snapshot: Snapshot) -> Iterator[TestClient]:
    with TestClient(create_app(Dataset.of_build(snapshot.path.parents[1]), Settings())) as found:
        yield found


def test_the_first_query_gives_what_the_readme_shows(client: TestClient) -> None:
    command, output = shown("sparql")
    query = command.partition("'query=")[2]
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert answer.text.replace("\r\n", "\n").strip() == output.strip()


def test_the_thing_as_json_ld_is_what_the_readme_shows(client: TestClient) -> None:
    command, output = shown("jsonld")
    path = command.partition("127.0.0.1:8000")[2]
    assert client.get(path, headers={"Accept": "application/ld+json"}).text.strip() == output.strip()


def test_the_stored_query_gives_what_the_readme_shows(snapshot: Snapshot) -> None:
    command, output = shown("stored")
    query = stored_queries()[command.split()[2]]
    answer = write_answer(snapshot.open().query(query.bind({})), BY_NAME["csv"])
    assert answer.decode().replace("\r\n", "\n").strip() == output.strip()


def test_every_command_stands_in_the_readme() -> None:
    (commands,) = [action for action in _parser()._actions if action.dest == "command"]
    names = list(commands.choices or ())
    assert len(names) == 8
    for name in names:
        assert f"`neakg {name}" in README, name


def test_every_format_stands_in_the_readme() -> None:
    listed = re.search(r"^Formats: `([a-z ]+)`", README, re.MULTILINE)
    assert listed
    assert set(listed[1].split()) == set(BY_NAME)


def test_every_setting_stands_in_the_readme() -> None:
    for item in dataclasses.fields(Settings):
        assert f"| `NEAKG_{item.name.upper()}` | {item.default:g} |" in README


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    table = README.partition("## Dependencies, and why")[2]
    for line in project["dependencies"]:
        name = re.split(r"[<>=;\s]", line)[0]
        assert re.search(rf"\b{name}\b", table), name
        assert "<" in line or name in ("uvloop", "httptools"), f"{line} has no upper bound"


def test_every_route_stands_in_the_readme() -> None:
    table = README.partition("## The service")[2].partition("## The map")[0]
    for route in ROUTES:
        path = route.path
        if not UNLISTED.match(path):
            assert path.partition("{")[0].rstrip("/") in table, path


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets
    assert {"serve", "test", "long", "bench", "build"} <= targets


def test_the_credits_of_the_sources_stand_in_the_readme(built: Built) -> None:
    lines = [item.credit for item in built.descriptions if item.credit]
    assert len(lines) > 5
    for credit in lines:
        assert credit in README


def test_the_changelog_has_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"## {project['version']} (" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_redirects_cover_every_kind_of_address() -> None:
    rules = (ROOT / "w3id" / ".htaccess").read_text("utf-8")
    for word in ("id", "doc", "graph", "scheme", "ontology", "shapes", "sparql", "dumps", "context", "frames"):
        assert re.search(rf"RewriteRule .*\b{word}\b", rules), word


def test_no_file_names_a_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this tree is no git checkout")
    assert len(listed.stdout.splitlines()) > 100
    machine = re.compile(r"(?<![\w./-])/(work|farm|root)/\w|--(extra-)?index-url")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path != Path(__file__):
            text = path.read_bytes().decode("utf-8", errors="replace")
            assert not machine.search(text), f"{name}: {machine.search(text)}"


def test_names_stay_at_the_public_base() -> None:
    assert Base().iri in README
