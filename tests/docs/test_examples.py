"""A test of the tests: a wrong word in what an example shows is found, in whichever example."""

from __future__ import annotations

import ast
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
from sybil import Document
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

import reviewcorpus
from extras import module_or_skip
from spoiling import OUTPUT, blocks, spoil, with_a_wrong_word

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
RUN_ELSEWHERE = {"spark.md"}  # by tests/test_spark.py, which has a session
# Without one of these, large or only tried here, an example is not run; the package is no reason.
MAY_BE_MISSING = {"dask", "datasets", "duckdb", "pandas", "polars", "pyarrow", "ray"}
NOT_THERE = r'__import__\("importlib\.util"\)\.util\.find_spec\("(\w+)"\) is None'
SKIPPED = re.compile(
    rf'<!--- skip: (?:start if\({NOT_THERE}(?: or {NOT_THERE})*, reason="needs \w[^"]*"\)|end) -->'
)
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


# ---- what is run at all -----------------------------------------------------------------


def strays(text: str) -> list[str]:
    """Give the lines that look like examples, and stand where nothing runs or spoils them."""
    run: dict[str, set[int]] = {}
    for language in ("python", "console"):
        run[language] = lines_of_sybil(text, language) & lines_of(text, language)
    found = []
    for number, line in enumerate(text.splitlines()):
        looks = re.match(r"\s*(?:(>>> )|\$ reviewcorpus)", line)
        if looks and (line[0].isspace() or number not in run["python" if looks[1] else "console"]):
            found.append(line)
    return found


def lines_of_sybil(text: str, language: str) -> set[int]:
    """Give the lines, from 0, that Sybil finds in blocks of a language."""
    regions = FencedCodeBlockLexer(language)(Document(text, "page.md"))
    pairs = ((text.count("\n", 0, r.start), text.count("\n", 0, r.end)) for r in regions)
    return {number for first, last in pairs for number in range(first + 1, last)}


def lines_of(text: str, language: str) -> set[int]:
    """Give the lines, from 0, into which these tests put wrong words."""
    found = (block for block in blocks(text) if block[1] == language)
    pairs = ((text.count("\n", 0, b.start(2)), text.count("\n", 0, b.end(2))) for b in found)
    return {number for first, last in pairs for number in range(first, last)}


@pytest.mark.parametrize(
    ("text", "stray"),
    [
        ("```python\n>>> 1\n1\n```\n", False),
        ("```console\n$ reviewcorpus check .\n```\n", False),
        (":::{note}\n```python\n>>> 1\n1\n```\n:::\n", False),
        (":::{code} python\n>>> 1\n1\n:::\n", True),
        ("text\n\n    >>> 1\n    1\n", True),
        ("- item\n\n  ```python\n  >>> 1\n  1\n  ```\n", True),
        ("```python\n  >>> 1\n  1\n```\n", True),
        ("```python \n>>> 1\n1\n```\n", True),
        ("```py\n>>> 1\n1\n```\n", True),
        ("```{code-block} python\n>>> 1\n1\n```\n", True),
        ("~~~python\n>>> 1\n1\n~~~\n", True),
        ("```text\n$ reviewcorpus check .\n```\n", True),
        ("```python\n$ reviewcorpus check .\n```\n", True),
        (">>> 1\n1\n", True),
    ],
)
def test_an_example_that_is_not_run_is_found(text: str, *, stray: bool) -> None:
    assert bool(strays(text)) is stray


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_example_of_a_page_is_run(page: Path) -> None:
    assert strays(page.read_text(encoding="utf-8")) == []


def test_every_page_is_run() -> None:
    configuration = ast.parse((DOCS / "conftest.py").read_text(encoding="utf-8"))
    (call,) = (
        node
        for node in ast.walk(configuration)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Sybil"
    )
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    assert given["patterns"] == "['*.md']"
    assert ast.literal_eval(given["excludes"]) == sorted(RUN_ELSEWHERE)


def wrong_skips(text: str) -> list[str]:
    """Give the directives that skip for another reason than a package that may be missing."""
    found = re.findall(r"^.*(?:<!-.*\bskip\b|doctest: *\+).*$", text, re.MULTILINE)
    return [
        line
        for line in found
        if not SKIPPED.fullmatch(line)
        or not set(re.findall(r'find_spec\("(\w+)"\)', line)) <= MAY_BE_MISSING
    ]


MISSING_RAY = '__import__("importlib.util").util.find_spec("ray") is None'


@pytest.mark.parametrize(
    "line",
    [
        "<!--- skip: next -->",
        "<!-- skip: start -->",
        '<!--- skip: start if(True, reason="needs ray") -->',
        f'<!--- skip: start if(1 or {MISSING_RAY}, reason="needs ray") -->',
        f'<!--- skip: start if({MISSING_RAY} or True, reason="needs ray") -->',
        f"<!--- skip: start if({MISSING_RAY}) -->",
        f'<!--- skip: start if({MISSING_RAY.replace("ray", "click")}, reason="needs click") -->',
        f'<!--- skip: start if({MISSING_RAY.replace(" is ", " is not ")}, reason="needs ray") -->',
        ">>> f()  # doctest: +SKIP",
    ],
)
def test_a_skip_for_another_reason_is_found(line: str) -> None:
    good = f'<!--- skip: start if({MISSING_RAY}, reason="needs ray") -->\n<!--- skip: end -->\n'
    assert wrong_skips(good) == []
    assert wrong_skips(good + line + "\n") == [line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_an_example_of_a_page_is_skipped_only_where_a_package_is_missing(page: Path) -> None:
    assert wrong_skips(page.read_text(encoding="utf-8")) == []


def says_nothing(output: str) -> bool:
    """Tell whether an output is nothing but dots, to which every output is equal."""
    return not output.strip(" .\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_output_of_a_page_says_something(page: Path) -> None:
    for block in blocks(page.read_text(encoding="utf-8")):
        if block[1] in {"python", "console"}:
            assert [found[0] for found in OUTPUT.finditer(block[2]) if says_nothing(found[1])] == []


def test_an_output_that_says_nothing_is_found() -> None:
    (found,) = OUTPUT.finditer("$ reviewcorpus check .\n...\n")
    assert says_nothing(found[1])
    (found,) = OUTPUT.finditer("$ reviewcorpus check .\n...\na\n")
    assert not says_nothing(found[1])


# ---- what can be pasted -----------------------------------------------------------------


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
        assert not any(says_nothing(example.want) for example in shown)
        assert wrong_skips(docstring.docstring or "") == []
        for example in shown:
            example.want = with_a_wrong_word(example.want)
            example.exc_msg = None
        results = doctest.DocTestRunner(verbose=False).run(docstring, out=lambda _: None)
        assert results.failed == len(shown), docstring.name
