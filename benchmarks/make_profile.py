"""Measure a real file, so that corpora of the same structure can be invented.

    python benchmarks/make_profile.py FILE > benchmarks/profile.json

The profile has numbers, punctuation and letters that are not ASCII, and no word of the file. FILE
is well-formed enough for its fields to be found between their tags.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

_STEPS = 20  # between the least length and the largest
_LEAST = 2  # times that something is found; a single find may be peculiar to the file
_REFERENCE = re.compile(r"&#?\w+;")
# What is between two words, and the letter after it: its case tells a sentence that runs on
# ("end.Next") from a mark inside a word ("caf?s").
_BETWEEN = re.compile(r"(?<=[^\W_])([\W_]+)([^\W_])")


def _quantiles(numbers: list[int]) -> list[int]:
    ordered = sorted(numbers)
    return [ordered[step * (len(ordered) - 1) // _STEPS] for step in range(_STEPS + 1)]


def _counts(found: Counter[str]) -> dict[str, int]:
    return {text: count for text, count in found.most_common() if count >= _LEAST}


def measure(text: str) -> dict[str, Any]:
    """Return the profile of a file.

    Args:
        text: The content of the file.

    Returns:
        Lengths are quantiles in characters, and everything else is counted: `between` what
        separates two words of a body, followed by "A" or "a" for the case of the next letter;
        `references` in bodies, as they are written; `letters` that are not ASCII in bodies, and
        `reviews_with_letters` how many bodies have one.
    """

    def values(tag: str) -> list[str]:
        return re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)

    bodies = values("fullReview")
    plain = [_REFERENCE.sub(" ", body) for body in bodies]
    days = [datetime.date.fromisoformat(day).toordinal() for day in values("date") if day != "null"]
    between: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for body in plain:
        pairs = _BETWEEN.findall(body)
        between.update(mark + ("A" if letter.isupper() else "a") for mark, letter in pairs)
        words.update(str(len(word)) for word in re.findall(r"[^\W_]+", body))
    foreign = [
        [letter for letter in body if letter.isalpha() and letter > "\x7f"] for body in plain
    ]
    return {
        "reviews": len(bodies),
        "reviews_per_movie": _quantiles(
            [movie.count("<review>") for movie in text.split("</movie>")[:-1]]
        ),
        "username_lengths": _quantiles([len(name) for name in values("username")]),
        "headline_lengths": _quantiles([len(it) for it in values("shortDescription")]),
        "body_lengths": _quantiles([len(body) for body in bodies]),
        "days": _quantiles(days),
        "scores": dict(Counter(values("score")).most_common()),
        "word_lengths": _counts(words),
        "between": _counts(between),
        "references": dict(Counter(_REFERENCE.findall("\n".join(bodies))).most_common()),
        "reviews_with_letters": sum(map(bool, foreign)),
        "letters": dict(Counter(letter for some in foreign for letter in some).most_common()),
    }


def main() -> None:
    """Print the profile of the file that the command line names."""
    profile = measure(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in profile.items()]
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
