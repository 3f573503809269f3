"""Hostile texts and movies, for what works on records: rules, cleaning, the writer, file names."""

from __future__ import annotations

from functools import partial
from math import isqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import reviewcorpus as rc
from hostile_input import processor_time

if TYPE_CHECKING:
    from collections.abc import Callable

DOUBLINGS = 3
MOST_GROWTH = 2.5**DOUBLINGS
CHARACTERS = 1 << 14  # of the smaller text
RECORDS = 1 << 9  # in the smaller movie or corpus
LEAST_TIME = 0.002  # seconds; less says nothing about growth
MOST_ATTEMPTS = 4

LINK = "http://www.imdb.com/title/tt0000042/"
BODY = "The same words, again and again."


def growth(run: Callable[[Any], object], make: Callable[[int], Any], size: int) -> float:
    """Return how many times as long the larger input takes, the least of several attempts."""
    run(make(size >> DOUBLINGS))  # what is imported and compiled once is not measured
    inputs = make(size), make(size << DOUBLINGS)
    found = float("inf")
    for _ in range(MOST_ATTEMPTS):
        small, large = (processor_time(partial(run, given)) for given in inputs)
        if large < LEAST_TIME:
            return 0.0
        found = min(found, large / max(small, LEAST_TIME / MOST_GROWTH))
        if found <= MOST_GROWTH:
            break
    return found


# ---- texts ------------------------------------------------------------------------------


class Hostile(NamedTuple):
    """A text: a beginning, what is repeated, an end."""

    unit: str
    end: str = ""
    start: str = ""

    def make(self, size: int) -> str:
        """Return the text with about so many characters."""
        return self.start + self.unit * (size // len(self.unit)) + self.end


# Every sign that a pattern of the library names, alone, with a letter, with a space.
_SIGNS = "?.!@&;'’\"“”()[]<>-_+%#=:/ÂÃÐâðï€Ÿ\x80\x85\xa0\ufffd"
TEXTS = [
    *(Hostile(unit) for sign in _SIGNS for unit in (sign, f"a{sign}", f"{sign}a ", f"{sign} ")),
    *map(Hostile, [" ", "\n", "\t", "\u2028", "a", "A", "0", "é", "😀", "word ", "Word. "]),
    *map(Hostile, ["a.B", "ab.Cd", "film.At ", "Mr.Ab ", "A.b.", "x.Com ", '." ', ".“A", "ab.I'm"]),
    *map(Hostile, ["://", "www.", "http://a.b?c=", ".com/", "1.", "1? ", "?5m ", "l'?a "]),
    *map(Hostile, ["?word?", " ? ", "ab ? ab", " ?ab? ", "na?ve ", "??a", "a?'", "?'"]),
    *map(Hostile, ["&amp;", "&amp;a", "&#", "&#1", "&#38;", "&#x26;", "&a;", "&eacute;", "&Amp;"]),
    *map(Hostile, ["]]>", "<![CDATA[", "<b>", "\x90", "\r", "\r\n", "null"]),
    *map(
        Hostile, ["Ã©", "Ã© ", "â€œ", "â€™a", "ðŸ˜€", "ï»¿", "ÐŸ", "Â\xa0", "Ä…", "ÃƒÂ©", "Ã\x83Â©"]
    ),
    *map(Hostile, ["a@b.", "a@b.de", "a@b.de ", "@b.de", "a@b.de'", "a@b.de”Ã©", "@@a", "é@é.é"]),
    *map(Hostile, ["(a@b.de)", "(a@b.de) ", "(", ")", "()", "a.b@c.d.e", "EXÃ¤.DEÂ\xa0@"]),
    Hostile("amp;", start="&"),
    Hostile("0", start="&#"),
    Hostile("a", end="@b.de"),
    Hostile("a.", end="@b.de"),
    Hostile("a@", end="b.de"),
    Hostile("'a@b.de", start="a@b.de"),
    Hostile("Ã", end="©"),
    Hostile(" ", start="(a@b.de)", end="(a@b.de)"),
    Hostile(" ", end="?a"),
]


def with_texts(text: str) -> rc.Movie:
    """Return a movie with a text in each of its fields that may hold it."""
    review = rc.Review(username=text, short_description=text, full_review=text)
    return rc.Movie(title=text, link=text, reviews=[review], extra={"mood": text})


# ---- movies -----------------------------------------------------------------------------


def _one(fields: Callable[[int], dict[str, Any]]) -> Callable[[int], list[rc.Movie]]:
    """Return what makes one movie of reviews that are alike but for some fields."""
    same = {"username": "ann", "full_review": BODY}

    def make(size: int) -> list[rc.Movie]:
        reviews = [rc.Review(**{**same, **fields(index)}) for index in range(size)]
        return [rc.Movie(title="Boats", link=LINK, reviews=reviews)]

    return make


def _several(fields: Callable[[int], dict[str, Any]]) -> Callable[[int], list[rc.Movie]]:
    """Return what makes a corpus of movies that are alike but for some fields."""
    same = {"title": "Boats", "reviews": [rc.Review(username="ann", full_review=BODY)]}
    return lambda size: [rc.Movie(**{**same, **fields(index)}) for index in range(size)]


def _lacking(index: int) -> dict[str, Any]:
    return {
        "score": index % 1000 / 1000 if index % 2 else None,
        "short_description": str(index) if index % 3 else None,
        "extra": {"place": str(index)} if index % 5 else {},
    }


MOVIES: dict[str, Callable[[int], list[rc.Movie]]] = {
    "reviews that are equal": _one(lambda _: {}),
    "reviews whose scores differ": _one(lambda index: {"score": index % 1000 / 1000}),
    "reviews whose headlines differ": _one(lambda index: {"short_description": str(index)}),
    "reviews that lack what others have": _one(_lacking),
    "reviews without a body": _one(lambda _: {"full_review": None}),
    "reviews whose whitespace differs": _one(
        lambda index: {"full_review": BODY + " " * (index % 50)}
    ),
    "reviews that begin alike": _one(lambda index: {"full_review": f"{BODY * 9}{index}"}),
    "reviews of users who share a text": _one(lambda index: {"username": str(index)}),
    "reviews without a user": _one(lambda _: {"username": None, "full_review": "Nice."}),
    "movies that are equal": _several(lambda _: {}),
    "records that are equal": _several(lambda _: {"link": LINK}),
    "records whose titles differ": _several(lambda index: {"link": LINK, "title": str(index)}),
    "records with elements of their own": _several(
        lambda index: {"link": LINK, "extra": {f"x{index}": "a"}}
    ),
    "records whose elements differ": _several(
        lambda index: {"link": LINK, "extra": {"x": str(index)}}
    ),
    "movies of one link": _several(lambda _: {"link": "http://example.org/"}),
    "movies of one name": _several(lambda index: {"extra": {"x": str(index)}}),
    "elements that XML does not have": lambda size: [
        rc.Movie(extra={f"{count} x": "a" for count in range(size)})
    ],
    "elements whose other names are taken": lambda size: [
        rc.Movie(extra={f"title{'_' * count}": "a" for count in range(isqrt(64 * size))})
    ],
    "elements of long names": lambda size: [
        rc.Movie(extra={"x" * 2000 + "_" * count: "a" for count in range(size // 32)})
    ],
    "elements": lambda size: [rc.Movie(extra={f"x{count}": "a" for count in range(size)})],
}
"""What makes a corpus of about so many records, by what is hostile in it."""
