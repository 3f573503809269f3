"""Hostile texts that are meant for one step, and repeats: steps take linear time.

Those for everything are in `tests/limits/test_hostile_records.py`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from hostile_records import BODY, CHARACTERS, MOST_GROWTH, RECORDS, Hostile, growth
from reviewcorpus.cleaning import (
    drop_repeats,
    fix_mojibake,
    merge_movies,
    redact_emails,
    split_sentences,
    unescape_again,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def in_username(text: str) -> object:
    return redact_emails(rc.Review(username=text))


TEXTS = [
    (split_sentences, Hostile("ab.Cd")),
    (split_sentences, Hostile("film.At ")),
    (split_sentences, Hostile("ab.Cd", end="@")),
    (split_sentences, Hostile("a!")),
    (unescape_again, Hostile("amp;", start="&")),
    (unescape_again, Hostile("&")),
    (unescape_again, Hostile("0", start="&#")),
    (unescape_again, Hostile("&amp;a")),
    (fix_mojibake, Hostile("Ã©")),
    (fix_mojibake, Hostile("Ã© ")),
    (fix_mojibake, Hostile("Â", end="©")),
    (fix_mojibake, Hostile(f"{'Â' * 40}© ")),
    (fix_mojibake, Hostile("Ã" + "Â\x83" * 40 + " ")),
    (fix_mojibake, Hostile("a", end="Ã©")),
    (fix_mojibake, Hostile("“", end="Ã©")),
    (fix_mojibake, Hostile("â€œ")),
    (redact_emails, Hostile("a@")),
    (redact_emails, Hostile("a@b.")),
    (redact_emails, Hostile("a@example.org+")),
    (redact_emails, Hostile("+a", start="a@example.org")),
    (redact_emails, Hostile("a.", end="@")),
    (in_username, Hostile("(")),
    (in_username, Hostile(")")),
    (in_username, Hostile("(a@example.org)")),
    (in_username, Hostile("(a@example.org)   ")),
    (in_username, Hostile(" ", start="(a@example.org)", end="(a@example.org)")),
]


@pytest.mark.slow
@pytest.mark.parametrize(("step", "hostile"), TEXTS)
def test_time_is_linear_in_a_text(step: Callable[[str], object], hostile: Hostile) -> None:
    step(hostile.make(100))  # imports and compiles what it needs
    assert growth(step, hostile.make, CHARACTERS) <= MOST_GROWTH


def repetitive(size: int, kind: str) -> rc.Movie:
    fields: dict[str, Callable[[int], dict[str, Any]]] = {
        "all equal": lambda _: {},
        "scores differ": lambda index: {"score": index / size},
        "headlines differ": lambda index: {"short_description": str(index)},
        "some lack what others have": lambda index: {
            "score": index / size if index % 2 else None,
            "short_description": str(index) if index % 3 else None,
            "extra": {"place": str(index)} if index % 5 else {},
        },
        "no body": lambda _: {"full_review": None},
    }
    same = {"username": "ann", "full_review": BODY}
    return rc.Movie(reviews=[rc.Review(**{**same, **fields[kind](i)}) for i in range(size)])


@pytest.mark.slow
@pytest.mark.parametrize("merge", [False, True])
@pytest.mark.parametrize(
    "kind",
    [
        "all equal",
        "scores differ",
        "headlines differ",
        "some lack what others have",
        "no body",
    ],
)
def test_time_is_linear_in_the_repeats(kind: str, merge: bool) -> None:
    def run(movie: rc.Movie) -> object:
        return merge_movies([movie, movie]) if merge else drop_repeats(movie)

    assert growth(run, partial(repetitive, kind=kind), RECORDS) <= MOST_GROWTH
