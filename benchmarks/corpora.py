"""Corpora to measure with: made from a seed, of any size, clean or damaged at known rates.

Every movie and review is invented. A corpus comes with the reviews that it holds, so that what a
reader lost or changed can be counted.
"""

from __future__ import annotations

import datetime
import itertools
import math
import random
from typing import TYPE_CHECKING

import attrs

from reviewcorpus import Review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# As in the real files: bodies of 1.4 KB in the median and 2 KB in the mean, a tenth of the limit
# of the site at most, headlines of six words.
_BODY_MEDIAN, _BODY_SPREAD, _BODY_MOST = 1420, 0.8, 12_000
_REVIEWS_PER_MOVIE = 100
_REVIEWS_PER_SMALL_MOVIE = 8
_NO_SCORE = 0.18  # of reviews
_REFERENCE = 0.05  # of clean reviews hold an "&amp;"
_ACCENTED = 0.002  # of words; less than one a review has survived the crawler's charset

_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za bre cla dri".split()
_ACCENTS = ["é", "á", "ü", "ö", "ç", "—", "’"]
_FIRST_DAY = datetime.date(1999, 1, 1)
_DAYS = 6000

HEAD = b"<corpus>\n"
TAIL = b"</corpus>\n"


@attrs.frozen
class Piece:
    """What stands between the tags of a field, and what it means."""

    raw: str
    text: str


@attrs.frozen
class Corpus:
    """A corpus in memory.

    Attributes:
        name: What it is called in the tables.
        data: The file.
        reviews: The reviews that it holds, in order.
    """

    name: str
    data: bytes
    reviews: list[Review]


class Writer:
    """Invents movies and reviews, and writes them as the crawler does.

    Args:
        seed: The same seed gives the same corpus.
        in_review: Share of the reviews whose body is damaged.
        in_title: Share of the movies whose title is cut in half a reference.
        in_link: Share of the movies whose link holds a bare `&`.
        damages: The kinds of damage to a body; one of them is drawn for each damaged review.
    """

    def __init__(
        self,
        seed: int,
        *,
        in_review: float = 0.0,
        in_title: float = 0.0,
        in_link: float = 0.0,
        damages: tuple[Callable[[random.Random, Piece], Piece], ...] = (),
    ) -> None:
        self._chance = random.Random(seed)
        self._in_review = in_review
        self._in_title = in_title
        self._in_link = in_link
        self._damages = damages
        self._vocabulary = self._invent_words()
        self._movies = itertools.count(1)

    def movie(self, reviews: int) -> tuple[bytes, list[Review]]:
        """Return a movie as it is written in a file, and its reviews."""
        chance, number = self._chance, next(self._movies)
        title = " ".join(word.title() for word in chance.choices(self._vocabulary, k=2))
        if chance.random() < self._in_title:
            title += " &amp"
        link = f"http://www.imdb.com/title/tt{number:07}/"
        if chance.random() < self._in_link:
            link += "?pf_rd_m=A2F&pf_rd_p=239&ref_=chttp_tt_34"
        head = (
            f"<movie>\n\t<title>{title}</title>\n\t<link>{link}</link>\n"
            f"\t<year>{chance.randint(1930, 2012)}</year>\n\t<generalScore>0.75</generalScore>\n"
        )
        made = [self._review(f"{number}x{index}") for index in range(reviews)]
        raw = "".join([head, *(raw for raw, _ in made), "</movie>\n"])
        return raw.encode(), [review for _, review in made]

    def _review(self, number: str) -> tuple[str, Review]:
        chance = self._chance
        date = _FIRST_DAY + datetime.timedelta(chance.randrange(_DAYS))
        username = f"{chance.choice(self._vocabulary)}{number}"
        score = None if chance.random() < _NO_SCORE else chance.randint(1, 10) / 10
        headline = " ".join(chance.choices(self._vocabulary, k=6)).capitalize()
        body = self._body()
        raw = (
            f"\t<review>\n\t\t<date>{date}</date>\n\t\t<username>{username}</username>\n"
            f"\t\t<score>{-1.0 if score is None else score}</score>\n"
            f"\t\t<shortDescription>{headline}</shortDescription>\n"
            f"\t\t<fullReview>{body.raw}</fullReview>\n\t</review>\n"
        )
        return raw, Review(date, username, score, headline, body.text)

    def _body(self) -> Piece:
        chance = self._chance
        size = min(_BODY_MOST, int(chance.lognormvariate(math.log(_BODY_MEDIAN), _BODY_SPREAD)))
        words = chance.choices(self._vocabulary, k=max(4, size // 7))
        for at in range(0, len(words), 14):
            words[at] = words[at].capitalize()
            words[at - 1] += "."
        text = " ".join(words)
        if chance.random() < self._in_review:
            return chance.choice(self._damages)(chance, Piece(text, text))
        if chance.random() < _REFERENCE:
            return _put(chance, Piece(text, text), " &amp; ", " & ")
        return Piece(text, text)

    def _invent_words(self) -> list[str]:
        chance = self._chance
        words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(2000)]
        for at in range(int(len(words) * _ACCENTED)):
            words[at] += chance.choice(_ACCENTS)
        return words


def _put(chance: random.Random, body: Piece, raw: str, text: str) -> Piece:
    """Put something between two words somewhere in a body."""
    space = body.raw.index(" ", chance.randrange(len(body.raw) // 2))
    return Piece(
        f"{body.raw[:space]}{raw}{body.raw[space + 1 :]}",
        f"{body.text[:space]}{text}{body.text[space + 1 :]}",
    )


def _scrap(raw: str, text: str) -> Callable[[random.Random, Piece], Piece]:
    return lambda chance, body: _put(chance, body, raw, text)


BARE_AMPERSAND = _scrap(" & ", " & ")
NO_BREAK_SPACE = _scrap(" &nbsp;", " \xa0")
REFERENCES = (
    BARE_AMPERSAND,
    NO_BREAK_SPACE,
    _scrap(" r&b, ", " r&b, "),
    _scrap(" AT&T ", " AT&T "),
    _scrap(" &amp ", " & "),
    _scrap(" caf&eacute; ", " café "),
    _scrap(" &bogus; ", " &bogus; "),
    _scrap(" &#150; ", " – "),
)
EVERY_DAMAGE = (
    *REFERENCES,
    _scrap(" I <3 it ", " I <3 it "),
    _scrap(" rating < 5 ", " rating < 5 "),
    _scrap(" <i>so</i> ", " so "),
    _scrap("<br>", "\n"),
    _scrap(" <sarcasm> ", " <sarcasm> "),
    _scrap(" \x01", " \ufffd"),
)


def clean(size: int, seed: int = 1) -> Corpus:
    """Return a well-formed corpus of at least `size` bytes."""
    return _corpus("clean", Writer(seed), size)


def survey(size: int, seed: int = 2) -> Corpus:
    """Return a corpus that is damaged as a survey of real files found it."""
    # Of the files, 1 % hold a "&nbsp;" and 5 % a numeric reference: of the reviews a hundredth of
    # that, since a movie has a hundred here.
    writer = Writer(seed, in_review=0.0001, in_title=0.06, in_link=0.11, damages=(NO_BREAK_SPACE,))
    return _corpus("as surveyed", writer, size)


def one_in_five(size: int, seed: int = 3) -> Corpus:
    """Return a corpus in which one review of five holds a bare `&` or a `&nbsp;`."""
    damages = (BARE_AMPERSAND, NO_BREAK_SPACE)
    return _corpus(
        "one review in five", Writer(seed, in_review=0.2, in_title=0.06, damages=damages), size
    )


def every_reference(size: int, seed: int = 4) -> Corpus:
    """Return a corpus in which every review holds one reference that XML does not know."""
    writer = Writer(seed, in_review=1.0, damages=REFERENCES)
    return _corpus("a reference in every review", writer, size)


def every_review(size: int, seed: int = 5) -> Corpus:
    """Return a corpus in which every review is damaged, in turn by each kind of damage to text."""
    writer = Writer(seed, in_review=1.0, in_title=0.06, in_link=0.11, damages=EVERY_DAMAGE)
    return _corpus("any damage in every review", writer, size)


def _corpus(name: str, writer: Writer, size: int) -> Corpus:
    parts, reviews = [HEAD], []
    length = 0
    while length < size:
        data, some = writer.movie(_REVIEWS_PER_MOVIE)
        parts.append(data)
        reviews += some
        length += len(data)
    parts.append(TAIL)
    return Corpus(name, b"".join(parts), reviews)


def stream(size: int, seed: int = 6) -> Iterator[bytes]:
    """Yield a clean corpus of about `size` bytes in pieces, the same movies again and again."""
    writer = Writer(seed)
    movies = [writer.movie(_REVIEWS_PER_MOVIE)[0] for _ in range(5)]
    return _repeat(movies, size)


def _repeat(movies: list[bytes], size: int) -> Iterator[bytes]:
    yield HEAD
    length = 0
    for movie in itertools.cycle(movies):
        if length >= size:
            break
        yield movie
        length += len(movie)
    yield TAIL


def write_folder(folder: Path, *, files: int, seed: int) -> Path:
    """Write a folder of small files of one movie each, most of them with a few reviews."""
    folder.mkdir()
    writer, chance = Writer(seed), random.Random(seed)
    for number in range(files):
        reviews = int(chance.lognormvariate(math.log(_REVIEWS_PER_SMALL_MOVIE), 1))
        (folder / f"{number:05}.xml").write_bytes(writer.movie(reviews)[0])
    return folder
