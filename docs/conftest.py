"""Runs the examples of these pages, and compares what they print."""

from __future__ import annotations

import doctest
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

if TYPE_CHECKING:
    from sybil import Example

EXAMPLES = Path(__file__).parents[1] / "examples"


def copy_examples(namespace: dict[str, Any]) -> None:
    """Go to a copy of the folder of examples, where a page may leave files."""
    import tempfile  # noqa: PLC0415 of the namespace of examples, which begins empty

    folder = tempfile.TemporaryDirectory()
    namespace["_folder"], namespace["_before"] = folder, Path.cwd()
    shutil.copytree(EXAMPLES, folder.name, dirs_exist_ok=True)
    os.chdir(folder.name)


def leave(namespace: dict[str, Any]) -> None:
    """Go back, and remove the copy."""
    os.chdir(namespace["_before"])
    namespace["_folder"].cleanup()


def run_console(example: Example) -> str | None:
    """Run the commands behind `$`, and compare the lines between them; `...` stands for any."""
    commands = example.parsed.split("$ ")
    if commands[0].strip():
        return f"a console block begins with a command, not with {commands[0]!r}"
    for part in commands[1:]:
        line, _, expected = part.partition("\n")
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
        if not doctest.OutputChecker().check_output(expected.rstrip() + "\n", shown, flags):
            return f"$ {line}\nexpected:\n{expected}\ngot:\n{shown}"
    return None


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
        CodeBlockParser(language="console", evaluator=run_console),
        SkipParser(),
    ],
    patterns=["*.md"],
    excludes=["spark.md"],  # tests/test_spark.py runs it, with the session that it has
    setup=copy_examples,
    teardown=leave,
).pytest()
