"""The command ``neakg``: declarations of the commands; what they do lies in ``kg.commands``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from kg.errors import NeakgError

#: Serves a build folder or files: (build, files, host, port) -> exit code.
Serve = Callable[[Path | None, Sequence[Path], str, int], int]

_EPILOG = """exit codes: 0 done; 1 failed; 2 wrong use; 3 mistakes in the tables; 4 does not conform to the shapes;
5 a source's text does not say what the records say; 6 the store or build folder cannot be used."""
_FORMATS = ("turtle", "ntriples", "nquads", "trig", "rdfxml", "jsonld", "json", "xml", "csv", "tsv")
_GRAPH_FORMATS = _FORMATS[:6]


def default_build() -> Path:
    """Return the build folder: $NEAKG_BUILD, else ./build."""
    return Path(os.environ.get("NEAKG_BUILD") or "build")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="neakg",
        description="The linked-open-data graph of nature conservation across the borders of North-East Asia.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_sources(commands)
    _add_build(commands)
    _add_serve(commands)
    _add_reading(commands)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    """Add a command whose own help says what it does and what its exit codes mean."""
    raw = argparse.RawDescriptionHelpFormatter
    described = f"{text[0].upper()}{text[1:]}."
    return commands.add_parser(name, help=text, description=described, epilog=_EPILOG, formatter_class=raw)


def _build_option(parser: argparse.ArgumentParser) -> None:
    text = "read this build folder (default: $NEAKG_BUILD, then ./build)"
    parser.add_argument("--build", type=Path, metavar="DIR", help=text)


def _json_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON for programs (default: text for people)")


def _add_sources(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "sources", "list the sources, their licences and how many records each has")
    _json_option(parser)
    verify = _command(commands, "verify-source", "check a source's text against the records that cite it")
    verify.add_argument("id", help="the source, for example neaspec-page")
    verify.add_argument("file", type=Path, help="its text (UTF-8)")
    _json_option(verify)
    validate = _command(commands, "validate", "check our graph, or RDF files, against the shapes")
    help_text = "RDF files to check (default: the graph that the sources make)"
    validate.add_argument("files", type=Path, nargs="*", metavar="FILE", help=help_text)
    _json_option(validate)


def _add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "build", "make the graph, check it and publish it as a snapshot")
    parser.add_argument("--out", type=Path, metavar="DIR", help="build folder (default: $NEAKG_BUILD, then ./build)")
    text = "text of a source, whose passages are then quoted (default: locators and hashes only); may be repeated"
    parser.add_argument("--source-text", action="append", default=[], metavar="ID=FILE", help=text)
    text = "name things under this address (default: https://w3id.org/neakg/); the vocabulary keeps its own"
    parser.add_argument("--base-iri", metavar="IRI", help=text)
    text = "leave out graphs whose sources forbid reuse (default: all graphs)"
    parser.add_argument("--open-only", action="store_true", help=text)
    _json_option(parser)


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = _command(commands, "serve", "serve SPARQL and resolvable addresses over HTTP")
    text = "serve this build, made first when there is none (default: $NEAKG_BUILD, then ./build)"
    parser.add_argument("--build", type=Path, metavar="DIR", help=text)
    text = "serve exactly these RDF files instead of our graph (default: the build)"
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="FILE", help=text)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")


def _add_reading(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    query = _command(commands, "query", "run a stored query, a file or standard input")
    query.add_argument("query", nargs="?", help="name of a stored query, a .rq file, or - (default: list the names)")
    text = "set a parameter of a stored query (default: the value in its file); may be repeated"
    query.add_argument("-p", "--parameter", action="append", default=[], metavar="NAME=VALUE", help=text)
    text = "output format (default: csv for rows, turtle for graphs)"
    query.add_argument("--format", choices=_FORMATS, help=text)
    text = "query exactly these RDF files instead of our graph (default: the build)"
    query.add_argument("--data", type=Path, nargs="+", default=[], metavar="FILE", help=text)
    _build_option(query)
    export = _command(commands, "export", "write the graph to standard output")
    export.add_argument("--format", choices=_GRAPH_FORMATS, default="nquads", help="default: nquads")
    export.add_argument("--graph", metavar="IRI|NAME", help="one named graph (default: all)")
    _build_option(export)
    describe = _command(commands, "describe", "print what the graph says about a thing")
    describe.add_argument("iri", metavar="IRI", help="an IRI, or a reference such as species/amur-tiger")
    describe.add_argument("--format", choices=_GRAPH_FORMATS, default="turtle", help="default: turtle")
    _build_option(describe)


def run(arguments: Sequence[str], serve: Serve) -> int:
    """Run the command line and return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    from kg import commands  # after parsing: --help and wrong use answer without loading the engine

    if options.version:
        print(f"neakg {commands.version_text()}")
        return 0
    if options.command is None:
        parser.print_help()
        return 2
    try:
        if options.command == "serve":
            code = commands.serve(options, serve, default_build())
        else:
            code = commands.ACTIONS[options.command](options, default_build())
        sys.stdout.flush()  # here, where a reader that went away is no error
    except NeakgError as error:
        print(f"neakg {options.command}: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output went away (| head): not an error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"neakg {options.command}: stopped", file=sys.stderr)
        return 130
    return code
