"""What README promises is run, and what it shows is compared."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import reviewcorpus as rc

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block_after(marker: str, language: str, text: str = README) -> str:
    found = re.search(rf"<!-- {marker} -->\n```{language}\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def run_readme(code: str) -> str:
    done = subprocess.run(  # noqa: S603 our own text
        [sys.executable, "-c", code],
        cwd=ROOT / "examples",
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def check_readme(text: str) -> None:
    code = block_after('example: run in the folder "examples"', "python", text)
    assert run_readme(code) == block_after("output of the example above", "text", text)


def test_the_ten_lines_print_what_readme_shows() -> None:
    check_readme(README)


def test_a_wrong_word_in_readme_is_found() -> None:
    assert "Saw it twice" in README
    with pytest.raises(AssertionError):
        check_readme(README.replace("Saw it twice", "Saw it thrice"))


def test_every_file_that_readme_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) >= 4
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("page", ["format.md", "design.md"])
def test_every_kind_is_on_the_page_about_the_format(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    if page == "format.md":
        missing = [kind.value for kind in rc.DefectKind if f"`{kind}`" not in text]
    else:
        modules = (ROOT / "src" / "reviewcorpus").glob("*.py")
        missing = [module.name for module in modules if f"`{module.name}`" not in text]
    assert missing == []


def test_the_clean_examples_are_clean_and_the_damaged_ones_are_not() -> None:
    assert list(rc.Corpus(ROOT / "examples" / "clean").defects()) == []
    for path in (ROOT / "examples" / "damaged").iterdir():
        assert list(rc.Corpus(path).defects()), path


def test_a_module_imports_only_from_those_above_it_in_the_design() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    order = re.findall(r"^\| `(\w+)(?:\.py|/)` \|", design, re.MULTILINE)
    package = ROOT / "src" / "reviewcorpus"
    for path in package.rglob("*.py"):
        own = path.relative_to(package).with_suffix("").parts[0]
        code = path.read_text(encoding="utf-8")
        names = set(re.findall(r"^ *from reviewcorpus\.(\w+)[.\w]* import", code, re.MULTILINE))
        names.discard(own if path.parent != package else "")
        assert [n for n in names if order.index(n) >= order.index(own)] == [], path.name
