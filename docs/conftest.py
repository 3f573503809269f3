"""Runs the examples of these pages, and compares what they print."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sybil import Region, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sybil import Document, Example

EXAMPLES = Path(__file__).parents[1] / "src" / "reviewcorpus" / "samples"


def copy_examples(namespace: dict[str, Any]) -> None:
    """Go to a copy of the folder of examples, where a page may leave files."""
    folder = tempfile.TemporaryDirectory()
    namespace["_folder"], namespace["_before"] = folder, Path.cwd()
    shutil.copytree(EXAMPLES, folder.name, dirs_exist_ok=True)
    os.chdir(folder.name)


def leave(namespace: dict[str, Any]) -> None:
    """Go back, and remove the copy."""
    os.chdir(namespace["_before"])
    namespace["_folder"].cleanup()


def commands(document: Document) -> Iterator[Region]:
    """Find the commands behind `$` in console blocks, each with the lines that it shall print."""
    for block in FencedCodeBlockLexer("console")(document):
        source = block.lexemes["source"]
        start = block.start + source.offset
        if not source.startswith("$ "):
            raise ValueError(f"a console block begins with a command, not with {source!r}")
        for part in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", source, re.MULTILINE):
            yield Region(start + part.start(), start + part.end(), part.groups(), run_command)


def run_command(example: Example) -> str | None:
    """Run a command, and compare what it prints; `...` stands for any lines."""
    line, expected = example.parsed
    words = shlex.split(line)
    if words[0] != "reviewcorpus":
        return f"this runs no command but reviewcorpus: {line}"
    done = subprocess.run(  # noqa: S603 our own examples
        [sys.executable, "-m", *words],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "80"},
    )
    shown = done.stdout + done.stderr
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if doctest.OutputChecker().check_output(expected.rstrip() + "\n", shown, flags):
        return None
    return f"$ {line}\nexpected:\n{expected}\ngot:\n{shown}"


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        commands,
        SkipParser(),
    ],
    patterns=["*.md"],
    excludes=["spark.md"],  # tests/test_spark.py runs it, with the session that it has
    setup=copy_examples,
    teardown=leave,
).pytest()
