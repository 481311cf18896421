"""The command line's declarations: names, help, defaults, and how quickly it starts."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from kg import commands
from kg.cli import _parser, default_build, run
from kg.errors import NeakgError

COMMANDS = ["sources", "build", "validate", "serve", "query", "export", "describe", "verify-source"]


def no_server(*_: object) -> int:
    raise AssertionError("nothing is served here")


def parsers() -> dict[str, argparse.ArgumentParser]:
    (action,) = [item for item in _parser()._actions if isinstance(item, argparse._SubParsersAction)]
    return dict(action.choices)


def test_the_commands_are_the_eight_of_the_contract() -> None:
    assert sorted(parsers()) == sorted(COMMANDS)
    assert sorted([*commands.ACTIONS, "serve"]) == sorted(COMMANDS)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_says_what_it_does_and_what_the_exit_codes_mean(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run([*filter(None, [name]), "--help"], no_server)
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "exit codes: 0 done; 1 failed; 2 wrong use; 3 mistakes in the tables" in text
    assert text.startswith(f"usage: neakg {name}".rstrip())
    assert len(text.split("\n\n")) >= 4


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_what_happens_when_an_option_is_absent(name: str) -> None:
    for action in parsers()[name]._actions:
        if action.dest != "help" and (action.option_strings or action.nargs in ("?", "*")):
            assert "default" in (action.help or ""), action.option_strings
        else:
            assert action.help


def test_every_exit_code_of_the_help_is_an_errors_code() -> None:
    def all_of(kind: type[NeakgError]) -> set[int]:
        return {kind.exit_code}.union(*(all_of(sub) for sub in kind.__subclasses__()))

    assert all_of(NeakgError) == {1, 2, 3, 4, 5, 6}


def test_the_options_of_the_contract_are_there() -> None:
    options = {
        name: {option for a in parser._actions for option in a.option_strings} for name, parser in parsers().items()
    }
    assert {"--out", "--source-text", "--base-iri", "--open-only"} <= options["build"]
    assert {"--build", "--data", "--host", "--port"} <= options["serve"]
    assert {"-p", "--format"} <= options["query"]
    assert {"--format", "--graph"} <= options["export"]
    for name in ("sources", "build", "validate", "verify-source"):
        assert "--json" in options[name]


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["build", "--colour", "red"],
        ["query", "x", "--format", "yaml"],
        ["export", "--format", "csv"],
        ["describe"],
        ["verify-source", "neaspec-page"],
        ["serve", "--port", "http"],
    ],
)
def test_wrong_use_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(arguments, no_server)
    assert caught.value.code == 2
    assert "usage: neakg" in capsys.readouterr().err


def test_without_a_command_the_help_is_printed_and_nothing_done(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([], no_server) == 2
    assert "COMMAND" in capsys.readouterr().out


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"], no_server) == 0
    assert capsys.readouterr().out == f"neakg {commands.version_text()}\n"


def test_the_build_folder_comes_from_the_environment_or_is_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEAKG_BUILD", raising=False)
    assert default_build() == Path("build")
    monkeypatch.setenv("NEAKG_BUILD", "")
    assert default_build() == Path("build")
    monkeypatch.setenv("NEAKG_BUILD", "/somewhere/else")
    assert default_build() == Path("/somewhere/else")


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["frobnicate"]])
def test_help_and_wrong_use_load_no_engine_and_no_web_server(arguments: list[str], root: Path) -> None:
    code = (
        "import sys\nfrom endpoint.command import main\n"
        f"sys.argv = ['neakg', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pyoxigraph', 'fastapi', 'uvicorn', 'rdflib', 'pyshacl', 'shapely', 'kg.pipeline', 'kg.store'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.endswith("LOADED []\n")


def test_querying_loads_no_web_server_and_no_validator(root: Path, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<http://a> <http://b> 1 .")
    code = (
        "import sys\nfrom endpoint.command import main\n"
        f"sys.argv = ['neakg', 'query', '-', '--data', {str(tmp_path / 'a.ttl')!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    print('CODE', end.code)\n"
        "heavy = {'fastapi', 'uvicorn', 'starlette', 'pyshacl', 'rdflib', 'shapely'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, input="ASK {}", capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "true\nCODE 0\nLOADED []\n"
