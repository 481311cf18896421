"""The tables of alignments are valid by the package ``sssom``, which runs in an environment of its own (long)."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kg.vocabulary.alignments import alignments

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "ontology" / "alignments"
#: Reads the tables and prints what the package finds.  It leaves out rows that it cannot read and only logs that it
#: does, so what it logs counts as a finding, and so does a row too few.
PROGRAM = """
import json, logging, sys
from sssom.parsers import parse_sssom_table
from sssom.validators import validate
from sssom.constants import SchemaValidationType as Kind

class Keep(logging.Handler):
    def emit(self, record):
        kept.append(record.getMessage())

found = {}
for path in sys.argv[1:]:
    kept = []
    logging.getLogger().handlers = [Keep(logging.WARNING)]
    rows = 0
    try:
        table = parse_sssom_table(path)
        rows = len(table.df)
        kinds = [Kind.JsonSchema, Kind.PrefixMapCompleteness, Kind.StrictCurieFormat]
        for report in validate(table, validation_types=kinds, fail_on_error=False).values():
            kept += [result.message for result in report.results]
    except Exception as error:
        kept.append(repr(error))
    found[path] = {"rows": rows, "found": sorted(set(kept))}
print(json.dumps(found))
"""
#: What is changed in a good table, and must be found.
MISTAKES = {
    "confidence": ("\t0.7\t", "\t1.7\t"),
    "prefix": ('#  org: "http://www.w3.org/ns/org#"\n', ""),
    "object type": ("owl class", "owl klass"),
    "justification": ("semapv:ManualMappingCuration", "semapv:Guess"),
    "column": ("mapping_justification", "mapping_reason"),
    "licence": ("https://creativecommons.org/licenses/by/4.0/", ""),
}


@cache
def interpreter() -> str:
    """Return the Python that has ``sssom``; skip without one, but never where everything must run."""
    python = os.environ.get("NEAKG_SSSOM_PYTHON") or str(ROOT / ".venv-sssom" / "bin" / "python")
    if not Path(python).is_file():
        reason = f"no {python}: `make .venv-sssom/.ready` makes it, or set NEAKG_SSSOM_PYTHON"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return python


def check(paths: list[Path]) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [interpreter(), "-c", PROGRAM, *map(str, paths)], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return {Path(path).name: result for path, result in found.items()}


def test_every_table_is_valid_and_read_whole() -> None:
    paths = sorted(TABLES.glob("*.sssom.tsv"))
    assert paths
    expected = {f"{table.name}.sssom.tsv": {"rows": len(table.matches), "found": []} for table in alignments()}
    assert check(paths) == expected


def test_the_check_finds_mistakes(tmp_path: Path) -> None:
    good = (TABLES / "org.sssom.tsv").read_text(encoding="utf-8")
    rows = {table.name: len(table.matches) for table in alignments()}["org"]
    paths = []
    for name, (old, new) in MISTAKES.items():
        assert old in good, name
        paths.append(tmp_path / f"{name}.sssom.tsv")
        paths[-1].write_text(good.replace(old, new), encoding="utf-8")
    unseen = [name for name, result in check(paths).items() if not result["found"] and result["rows"] == rows]
    assert not unseen
