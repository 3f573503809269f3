"""Runs the examples of these pages, and compares what they print."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sybil import Region, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

from reviewcorpus.cli import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sybil import Document, Example

INTEROP = {"recipes.md", "use-from.md", "why-not.md"}  # they need more than the group `test`
SAMPLES = Path(__file__).parents[1] / "src" / "reviewcorpus" / "samples"


def copy_samples(namespace: dict[str, Any]) -> None:
    """Change to a copy of the folder of samples: a page may write files there."""
    folder = tempfile.TemporaryDirectory()
    namespace["_folder"], namespace["_before"] = folder, Path.cwd()
    shutil.copytree(SAMPLES, folder.name, dirs_exist_ok=True)
    os.chdir(folder.name)


def leave(namespace: dict[str, Any]) -> None:
    """Change back, and remove the copy."""
    os.chdir(namespace["_before"])
    namespace["_folder"].cleanup()


def commands(document: Document) -> Iterator[Region]:
    """Yield the commands after `$` in console blocks, each with the lines that it must print."""
    for block in FencedCodeBlockLexer("console")(document):
        source = block.lexemes["source"]
        start = block.start + source.offset
        if not source.startswith("$ "):
            raise ValueError(f"a console block must begin with a command, not with {source!r}")
        for part in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", source, re.MULTILINE):
            yield Region(start + part.start(), start + part.end(), part.groups(), run_command)


def run_command(example: Example) -> str | None:
    """Run a command, and compare what it prints; `...` matches any lines."""
    line, expected = example.parsed
    words = shlex.split(line)
    if words[0] != "reviewcorpus":
        return f"only the command reviewcorpus is run here: {line}"
    # In this process: to start Python for each of them takes half a second.
    runner = CliRunner(env={"COLUMNS": "80", "FORCE_COLOR": None})
    done = runner.invoke(cli, words[1:], prog_name="reviewcorpus")
    shown = done.stdout + done.stderr
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if doctest.OutputChecker().check_output(expected.rstrip() + "\n", shown, flags):
        return None
    return f"$ {line}\nexpected:\n{expected}\ngot:\n{shown}"


PAGES = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        commands,
        SkipParser(),
    ],
    patterns=["*.md"],
    excludes=["spark.md"],  # tests/interop/test_spark.py runs it, in its own session
    setup=copy_samples,
    teardown=leave,
)
pytest_collect_file = PAGES.pytest()


@pytest.hookimpl(tryfirst=True)  # before pytest looks at the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the pages that need other packages."""
    for item in items:
        if item.path.parent == Path(__file__).parent and item.path.name in INTEROP:
            item.add_marker("interop")
