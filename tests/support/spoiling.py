"""Puts a wrong word into what examples show, so that tests can see whether it is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTPUT = re.compile(
    # what begins an example, the lines that belong to it, and what it prints
    r"^(?:>>> .*\n(?:\.\.\. .*\n|\.\.\.\n)*+|\$ .*\n)((?:(?!>>> |\$ |```|\n).*\n)+)",
    re.MULTILINE,
)


def blocks(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"^```(\S*)[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def with_a_wrong_word(output: str) -> str:
    """Change a letter of the last line that is compared."""
    lines = output.splitlines()
    index = max(i for i, line in enumerate(lines) if line.strip(" .") or len(lines) == 1)
    lines[index] = re.sub(r"\w|\S", lambda c: "Q" if c[0] != "Q" else "K", lines[index], count=1)
    return "\n".join(lines) + "\n"


def spoil(text: str) -> tuple[str, set[int]]:
    """Put a wrong word into the output of each example; give the text, and where examples begin."""
    places = set()
    for block in reversed(list(blocks(text))):
        if block[1] not in {"python", "console"}:
            continue
        for found in reversed(list(OUTPUT.finditer(block[2]))):
            start, end = (block.start(2) + place for place in found.span(1))
            text = text[:start] + with_a_wrong_word(found[1]) + text[end:]
            places.add(1 + text.count("\n", 0, block.start(2) + found.start()))
    return text, places
