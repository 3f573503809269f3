"""Hostile texts and movies: steps take time that is linear in them.

Time is measured as `test_hostile` does it: at two sizes that are three doublings apart, and again
where it looks too slow.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import reviewcorpus as rc
from hostile_input import processor_time
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

DOUBLINGS = 3
MOST_GROWTH = 2.5**DOUBLINGS
CHARACTERS = 1 << 14  # of the smaller text
REVIEWS = 1 << 9  # of the smaller movie
LEAST_TIME = 0.002  # seconds; less says nothing about growth
MOST_ATTEMPTS = 4

BODY = "The same words, again and again."


class Hostile(NamedTuple):
    """A text: a beginning, what is repeated, an end."""

    unit: str
    end: str = ""
    start: str = ""

    def make(self, size: int) -> str:
        return self.start + self.unit * (size // len(self.unit)) + self.end


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


def growth(measure: Callable[[int], float], size: int) -> float:
    """Return how many times as long the larger one takes, the least of several attempts."""
    found = float("inf")
    for _ in range(MOST_ATTEMPTS):
        small, large = measure(size), measure(size << DOUBLINGS)
        if large < LEAST_TIME:
            return 0.0
        found = min(found, large / max(small, LEAST_TIME / MOST_GROWTH))
        if found <= MOST_GROWTH:
            break
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("step", "hostile"), TEXTS)
def test_time_is_linear_in_a_text(step: Callable[[str], object], hostile: Hostile) -> None:
    step(hostile.make(100))  # imports and compiles what it needs
    assert (
        growth(lambda size: processor_time(partial(step, hostile.make(size))), CHARACTERS)
        <= MOST_GROWTH
    )


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
    def measure(size: int) -> float:
        movie = repetitive(size, kind)
        return processor_time(
            partial(merge_movies, [movie, movie]) if merge else partial(drop_repeats, movie)
        )

    assert growth(measure, REVIEWS) <= MOST_GROWTH
