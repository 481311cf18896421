"""Promises about the shape of the code: layers, function sizes, and programs that start."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
LONGEST, LONG, SHARE_OF_SHORT = 80, 40, 0.95
MODULES = sorted(path for folder in ("kg", "endpoint") for path in (ROOT / folder).rglob("*.py"))


def functions() -> Iterator[tuple[str, int]]:
    """The name and number of lines of every function of the code."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def lint_imports(config: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from importlinter.cli import lint_imports; "
        f"sys.exit(lint_imports(config_filename={str(config)!r}, cache_dir={str(cache)!r}))"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )


def test_imports_keep_every_contract(tmp_path: Path) -> None:
    done = lint_imports(ROOT / "pyproject.toml", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


def test_a_broken_contract_is_noticed(tmp_path: Path) -> None:
    config = tmp_path / "contracts.toml"
    config.write_text(
        '[tool.importlinter]\nroot_packages = ["kg", "endpoint"]\n[[tool.importlinter.contracts]]\n'
        'name = "upside down"\ntype = "layers"\nlayers = ["kg", "endpoint"]\n'
    )
    done = lint_imports(config, tmp_path)
    assert done.returncode == 1
    assert "1 broken" in done.stdout


def test_the_layers_name_every_module_of_the_graph_side() -> None:
    (layers,) = [contract["layers"] for contract in CONTRACTS if contract["name"] == "inside kg, imports only go down"]
    named = {name.strip() for layer in layers for name in layer.split("|")}
    there = {
        f"kg.{path.stem if path.is_file() else path.name}"
        for path in (ROOT / "kg").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()
    }
    assert named == there


def test_no_function_is_longer_than_two_screens() -> None:
    found = dict(functions())
    assert len(found) > 300
    assert {name: lines for name, lines in found.items() if lines > LONGEST} == {}


def test_nearly_every_function_fits_a_screen() -> None:
    sizes = [lines for _, lines in functions()]
    assert sum(lines <= LONG for lines in sizes) / len(sizes) >= SHARE_OF_SHORT


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert said
    assert len(said.splitlines()[0]) > 10


@pytest.mark.parametrize("name", PROJECT["project"]["scripts"])
def test_every_console_script_starts(name: str) -> None:
    module, _, function = PROJECT["project"]["scripts"][name].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    code = f"import sys; from {module} import {function}; sys.argv = [{name!r}, '--version']; {function}()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{name} ")


#: The addresses that the code, the data and the texts of the repository may never hold.
_ELSEWHERE = ("/home/", "/root/", "/work/", "/tmp/")


@pytest.mark.parametrize("folder", ["kg", "endpoint", "ontology", "shapes", "queries"])
def test_no_file_names_a_path_of_a_machine(folder: str) -> None:
    found = []
    for path in sorted((ROOT / folder).rglob("*")):
        if path.is_file() and path.suffix in (".py", ".ttl", ".rq", ".toml", ".md", ".csv", ".jsonld", ".html"):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if any(f'"{top}' in line or f" {top}" in line for top in _ELSEWHERE):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("module", sorted(path.stem for path in (ROOT / "kg").glob("*.py") if path.stem != "__init__"))
def test_every_module_of_the_graph_side_has_its_tests(module: str) -> None:
    tested_elsewhere = {"errors", "namespaces", "records", "geometry", "progress", "resources"}
    assert module in tested_elsewhere or (ROOT / "tests" / "kg" / f"test_{module}.py").is_file()
