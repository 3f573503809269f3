"""What README promises is run, and what it shows is compared."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

import reviewcorpus as rc
from reviewcorpus.defects import DefectKind
from reviewcorpus.formats import DIALECT
from reviewcorpus.parser._grammar import INLINE_ELEMENTS

ROOT = Path(__file__).parents[2]
PACKAGE = Path(rc.__file__).parent  # which nox installs from a wheel, with src/ out of the way
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block_after(marker: str, language: str, text: str = README) -> str:
    found = re.search(rf"<!-- {marker} -->\n```{language}\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def run_readme(code: str) -> str:
    done = subprocess.run(  # noqa: S603 our own text
        [sys.executable, "-c", code],
        cwd=ROOT / "src" / "reviewcorpus" / "samples",
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def check_readme(text: str) -> None:
    code = block_after('example: run in the folder "src/reviewcorpus/samples"', "python", text)
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
        modules = PACKAGE.glob("*.py")
        missing = [module.name for module in modules if f"`{module.name}`" not in text]
    assert missing == []


def test_the_clean_examples_are_clean_and_the_damaged_ones_are_not() -> None:
    assert list(rc.Corpus(ROOT / "src" / "reviewcorpus" / "samples" / "clean").defects()) == []
    for path in (ROOT / "src" / "reviewcorpus" / "samples" / "damaged").iterdir():
        assert list(rc.Corpus(path).defects()), path


def test_a_module_imports_only_from_those_above_it_in_the_design() -> None:
    design = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    order = re.findall(r"^\| `(\w+)(?:\.py|/)` \|", design, re.MULTILINE)
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        code = path.read_text(encoding="utf-8")
        names = set(re.findall(r"^ *from reviewcorpus\.(\w+)[.\w]* import", code, re.MULTILINE))
        names.discard(own if path.parent != PACKAGE else "")
        assert [n for n in names if order.index(n) >= order.index(own)] == [], path.name


# ---- the page about the format ------------------------------------------------------------

FORMAT = (ROOT / "docs" / "format.md").read_text(encoding="utf-8")


def test_the_page_about_the_format_has_every_element() -> None:
    names = re.findall(r"^\| `(\w+)` \| (?:the file|`\w+`) \|", FORMAT, re.MULTILINE)
    movie, review = DIALECT.movie, DIALECT.review
    fields = [field.element for field in (*movie.fields, *review.fields)]
    assert sorted(names) == sorted([movie.element, review.element, *fields])


def test_the_page_about_the_format_has_every_limit() -> None:
    shown = dict(re.findall(r"^\| `(max_\w+)` \| ([\d,]+)(?: MiB)?", FORMAT, re.MULTILINE))
    limits = attrs.asdict(rc.Limits())
    limits["max_field_bytes"] //= 1 << 20
    assert {name: int(number.replace(",", "")) for name, number in shown.items()} == limits


def test_the_page_about_the_format_has_every_tag_of_running_text() -> None:
    found = re.search(r"those of HTML's elements\s([^.]*)\.", FORMAT)
    assert found
    words = found[1].replace("h1 to h6", "h1 h2 h3 h4 h5 h6").replace(" and ", " ")
    assert set(re.split(r"[,\s]+", words)) == INLINE_ELEMENTS


def test_the_severities_on_the_page_about_the_format_are_those_of_the_kinds() -> None:
    rows = re.findall(r"^\| \[`([\w-]+)`\]\(defects\.md#\1\) \| (\w+) \|", FORMAT, re.MULTILINE)
    assert dict(rows) == {kind.value: kind.severity.value for kind in DefectKind}
