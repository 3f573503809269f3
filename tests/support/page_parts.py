"""Parts of the pages: tables, words in backticks, sentences."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted(
        [*ROOT.glob("*.md"), *ROOT.glob("examples/*.md"), *ROOT.glob("docs/**/*.md")]
    )
    if "_build" not in path.parts
]
ENTRIES = ["docs/entries/defects.toml", "docs/entries/rules.toml"]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def prose_of(page: str) -> str:
    """Give a page without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```", "", text_of(page), flags=re.MULTILINE | re.DOTALL)


def codes(text: str) -> list[str]:
    """Give what stands in backticks, in lines that may be broken."""
    return [" ".join(code.split()) for code in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]


def table(page: str, header: str) -> list[list[str]]:
    """Give the rows of the one table with that first line, which is `"a | b"`, cell by cell."""
    (lines,) = re.findall(
        rf"^\| {re.escape(header)} \|\n\|[-:|]+\|\n((?:\|.*\|\n)+)", text_of(page), re.MULTILINE
    )
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines.splitlines()]


def sentence(page: str, pattern: str) -> str:
    """Give what the one group of a pattern has; a space in the pattern may be a line break."""
    found = re.findall(pattern.replace(" ", r"\s+"), text_of(page), re.DOTALL)
    assert len(found) == 1, f"{page}: {pattern}: {found}"
    (text,) = found
    assert isinstance(text, str)
    return text
