"""A test of the tests: a wrong word in what an example shows is found, in whichever example."""

from __future__ import annotations

import codeop
import doctest
import pkgutil
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import reviewcorpus
from extras import module_or_skip
from spoiling import blocks, spoil, with_a_wrong_word

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
RUN_ELSEWHERE = {"spark.md"}  # by tests/test_spark.py, which has a session
SHOWN_ONLY = {"bash", "text", "toml", "xml"}  # what is no example of ours, or runs nothing


def failures(folder: Path) -> set[int]:
    """Run the page in a folder; give the lines of the examples that fail."""
    command = [sys.executable, "-m", "pytest", "-q", "--junit-xml=results.xml", "--rootdir=."]
    subprocess.run(  # noqa: S603 our own pages
        [*command, "-p", "no:cacheprovider", "-c", "empty.ini", "docs"],
        check=False,
        cwd=folder,
        capture_output=True,
    )
    cases = ET.parse(folder / "results.xml").iter("testcase")  # noqa: S314 pytest wrote it
    wrong = (case.get("name", "") for case in cases if case.find("failure") is not None)
    return {int(re.findall(r"line:(\d+)", name)[0]) for name in wrong}


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in PAGES
        if spoil(page.read_text("utf-8"))[1] and page.name not in RUN_ELSEWHERE
    ],
    ids=lambda page: page.relative_to(DOCS).as_posix(),
)
def test_every_wrong_output_of_a_page_is_found(page: Path, tmp_path: Path) -> None:
    spoilt, places = spoil(page.read_text(encoding="utf-8"))
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "docs").mkdir()
    shutil.copy(DOCS / "conftest.py", tmp_path / "docs")
    (tmp_path / "empty.ini").touch()
    (tmp_path / "docs" / page.name).write_text(spoilt, encoding="utf-8")
    assert failures(tmp_path) >= places - skipped(spoilt)


def skipped(text: str) -> set[int]:
    """Give the lines of parts that are skipped, since a package is not there."""
    lines: set[int] = set()
    for part in re.finditer(r"skip: start if\((.*?), reason.*?skip: end", text, re.DOTALL):
        if eval(part[1]):  # noqa: S307 our own condition
            first = text.count("\n", 0, part.start()) + 1
            lines |= set(range(first, first + part[0].count("\n") + 1))
    return lines


def test_examples_are_found() -> None:
    page = (
        "```python\n>>> f(\n...     1)\n2\n3\n>>> x\n\n```\n\n```console\n$ reviewcorpus\nno\n```\n"
    )
    changed = (
        "```python\n>>> f(\n...     1)\n2\nQ\n>>> x\n\n```\n\n```console\n$ reviewcorpus\nQo\n```\n"
    )
    assert spoil(page) == (changed, {2, 11})
    assert sum(len(spoil(path.read_text(encoding="utf-8"))[1]) for path in PAGES) > 90


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_block_is_run_or_runs_nothing(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        language, text = block[1], block[2]
        if language == "python":
            assert text.startswith(">>> "), text
        elif language == "console":
            assert text.startswith("$ reviewcorpus "), text
        else:
            assert language in SHOWN_ONLY or language.startswith("{"), language
            assert ">>> " not in text
            assert "$ reviewcorpus" not in text


def paste(text: str) -> None:
    """Give the lines of examples, without what stands before them, to an interactive Python.

    Raises:
        SyntaxError: A statement is not at its end where the next one begins.
    """
    lines: list[str] = []
    for prompt, line in re.findall(r"^ *(>>>|\.\.\.)(?: (.*))?$", text, re.MULTILINE):
        if prompt == ">>>" and lines:
            raise SyntaxError(f"{lines} go on when the next statement begins")
        lines.append(line)
        if codeop.compile_command("\n".join(lines), symbol="single") is not None:
            lines = []


def test_what_cannot_be_pasted_is_found() -> None:
    paste(">>> for i in x:\n...     f(i)\n...\n>>> f(\n...    1)\n2\n>>> @d\n... def f(): 1")
    with pytest.raises(SyntaxError):
        paste(">>> for i in x:\n...     f(i)\n3\n>>> f(1)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_block_of_a_page_can_be_pasted(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        paste(block[2])


def modules() -> list[str]:
    found = pkgutil.walk_packages(reviewcorpus.__path__, "reviewcorpus.")
    return ["reviewcorpus", *(module.name for module in found if "__main__" not in module.name)]


@pytest.mark.parametrize("name", modules())
def test_every_example_of_a_docstring_can_be_pasted(name: str) -> None:
    module = module_or_skip(name)
    for docstring in doctest.DocTestFinder().find(module, name):
        paste(docstring.docstring or "")


@pytest.mark.parametrize("name", modules())
def test_every_wrong_output_of_a_docstring_is_found(name: str) -> None:
    module = module_or_skip(name)
    for docstring in doctest.DocTestFinder().find(module, name):
        shown = [example for example in docstring.examples if example.want]
        for example in shown:
            example.want = with_a_wrong_word(example.want)
            example.exc_msg = None
        results = doctest.DocTestRunner(verbose=False).run(docstring, out=lambda _: None)
        assert results.failed == len(shown), docstring.name
