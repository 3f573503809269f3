"""Strategies for the values of fields: whatever XML can carry, and much that is hard to carry."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

from reviewcorpus.formats import MOVIE, MOVIE_RECORD, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

T = TypeVar("T")


NUMBERS = 256  # enough for the choices of a few movies, or of a record with many faults


class Choices:
    """Choices by numbers that are drawn in one piece.

    That takes a fraction of the time of as many draws, and all of them shrink at once. When there
    are no more numbers, each choice is the first option.
    """

    def __init__(self, draw: DrawFn) -> None:
        """Draw the numbers."""
        self.draw = draw
        self.refill()

    def refill(self) -> None:
        """Draw new numbers, so that the choices from here on do not depend on those before."""
        self._numbers = iter(self.draw(st.binary(min_size=NUMBERS, max_size=NUMBERS)))

    def number(self, most: int) -> int:
        """Return a number from 0 to `most`, which is at most 255."""
        return next(self._numbers, 0) % (most + 1)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of at most 256 options."""
        return options[self.number(len(options) - 1)]


def named(name: str, strategy: SearchStrategy[T]) -> Callable[[], SearchStrategy[T]]:
    """Return a strategy that is shown by its name, not by all its parts."""

    def drawn(draw: DrawFn) -> T:
        return draw(strategy)

    drawn.__name__ = drawn.__qualname__ = name
    return st.composite(drawn)


_CHARACTERS = st.characters(
    min_codepoint=0x20,
    exclude_categories=["Cs"],
    exclude_characters="\ufffe\uffff",
    include_characters="\t\n\r",
)
_MARKUP = (
    "& &amp; &amp &eacute; &#0; &#150; < > <3 ]]> <![CDATA[ <!-- --> <br> <b> </fullReview>"
    " </review> <movie> <score> <? ?> \" ' ;"
).split(" ")
_WORDS = "null -1.0 na?ve film.At é e\u0301 ☕ 🎬".split(" ")
_BLANKS = [" ", "\n", "\r", "\r\n", "\t", "\u00a0", "\u0085", "\u2028", "\ufeff"]
_tricky = st.sampled_from([*_WORDS, *_MARKUP, *_BLANKS])

texts = named(
    "texts",
    st.one_of(
        st.text(_CHARACTERS, max_size=30),
        _tricky,
        st.lists(st.one_of(_tricky, st.text(_CHARACTERS, max_size=4)), max_size=8).map("".join),
    ),
)
scores = named(
    "scores",
    st.one_of(
        st.integers(1, 10).map(lambda stars: stars / 10),
        # 0.30000000000000004 and others
        st.integers(0, 100).map(lambda percent: percent * 0.1 * 0.1),
        st.floats(0.0, 1.0),
    ),
)
_MAILBOXES = ("jo", "ann.lee", "x_1")
_QUERIES = ("", "?ref_=nv_sr_1", "?pf_rd_m=A2F&pf_rd_p=239&ref_=tt_34", "?a=1&para=2&copy=3")

_addresses = st.builds(
    "{}({}@example.org)".format,
    st.sampled_from(("", "Jo Doe ", "ann ", "Zoë ")),
    st.one_of(
        st.sampled_from(_MAILBOXES),
        st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=9),
    ),
)
_pages = st.builds(
    "http://www.imdb.com/title/tt{:07}/{}".format,
    st.integers(0, 99_999_999),
    st.sampled_from(_QUERIES),
)
usernames = named("usernames", st.one_of(texts(), _addresses))
links = named("links", st.one_of(texts(), _pages))
# No name of the format or of HTML's running text begins like the made-up ones. None has a colon,
# which XML allows and readers that know namespaces refuse.
_names = st.one_of(
    st.sampled_from(("country", "language", "runtime", "Cast", "x-1.b")),
    st.builds("{}{}".format, st.sampled_from("xXzéжλ船_"), st.text("aZ09-._é船", max_size=8)),
)


def _extras(other: Record) -> SearchStrategy[dict[str, str]]:
    """Return extra elements; a field of the other kind of record is one too."""
    elements = [field.element for field in other.fields]
    return st.dictionaries(st.one_of(_names, st.sampled_from(elements)), texts(), max_size=2)


movie_extras = named("movie_extras", _extras(MOVIE.review))
review_extras = named("review_extras", _extras(MOVIE_RECORD))

# ---- files of a crawler ------------------------------------------------------------------
# The inner HTML of page elements, put between tags. What is in them was found in a survey of real
# files; the words are invented.

_PLATFORM = "windows-1250"  # the charset of the crawler's machine; what it lacks became "?"

_CRAWLED_WORDS = (
    'Paper|boats|a quiet film|don\'t|"so"|Café|naïve|señor|¹/₂|8½|Rock &amp; roll|caf&eacute;'
    "|an &nbsp;outlaw|&#x2605;|&amp;#65279;|&#xfeff;|na?ve|collide ? an oval|Fast & loose|r&b,"
    "|I <3 it|<i>never</i>|null"
).split("|")
_JOINTS = (" ", ", ", ".", ". ", ": ")  # where <br> was removed, sentences run together
_TITLE_WORDS = "Paper Boats Tick Orchard Caf&eacute; &amp; Café Prophète".split(" ")
_MEANS = ("0.75", "0.5599999999999999", "0.8300000000000001", "1.0", "-1.0")
_SCORES = ("0.1", "0.5", "0.7", "0.30000000000000004", "1.0", "-1.0")


def _phrases(words: Sequence[str], joints: Sequence[str], most: int) -> SearchStrategy[str]:
    pairs = st.tuples(st.sampled_from(joints), st.sampled_from(words)).map("".join)
    return st.builds(
        "{}{}".format, st.sampled_from(words), st.lists(pairs, max_size=most).map("".join)
    )


_CRAWLED = {
    "title": _phrases(_TITLE_WORDS, (" ",), 3).map(lambda title: title.partition(";")[0]),
    "link": _pages,
    "year": st.integers(1900, 2030),
    "generalScore": st.sampled_from(_MEANS),
    "date": st.dates(datetime.date(1998, 1, 1), datetime.date(2015, 12, 31)),
    "username": st.one_of(st.sampled_from(("Jo Doe", "quillfish", "Zoë", "null")), _addresses),
    "score": st.sampled_from(_SCORES),
    "shortDescription": _phrases(_CRAWLED_WORDS, _JOINTS, 2),
    "fullReview": _phrases(_CRAWLED_WORDS, _JOINTS, 12),
}


def _crawled(record: Record, indent: str, *inside: SearchStrategy[str]) -> SearchStrategy[str]:
    """Return a record as the crawlers write it: each field, and what is inside it, on a line."""
    elements = [field.element for field in record.fields if field.is_required]
    lines = "".join(f"{indent}\t<{name}>{{}}</{name}>\n" for name in elements) + "{}" * len(inside)
    text = f"{indent}<{record.element}>\n{lines}{indent}</{record.element}>\n"
    return st.builds(text.format, *(_CRAWLED[name] for name in elements), *inside)


@st.composite
def crawled_files(draw: DrawFn, max_movies: int, max_reviews: int, encoding: str) -> bytes:
    """Return files of movies, one after the other, without an element around them."""
    reviews = st.lists(_crawled(MOVIE.review, "\t"), max_size=max_reviews).map("".join)
    movies = st.lists(_crawled(MOVIE_RECORD, "", reviews), min_size=1, max_size=max_movies)
    text = "".join(draw(movies)).replace("\n", draw(st.sampled_from(("\n", "\r\n"))))
    kept = text.encode(_PLATFORM, "replace").decode(_PLATFORM)
    return kept.encode(encoding, "replace")
