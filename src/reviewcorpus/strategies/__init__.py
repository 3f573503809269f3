"""Strategies for Hypothesis: records and files to test your own code with (extra `hypothesis`).

Records: `reviews`, `movies`, `defects`, and the values that are special to the format, `texts` and
`scores`. Files: `corpus_xml` is well-formed, `crawler_xml` is as the crawlers write it, and
`damaged_xml` comes with a list of its defects; `documents` are in a format that you choose.
`chunkings` cuts any of them into pieces.

If the package is installed, `st.from_type(Movie)`, `st.from_type(Review)` and
`st.from_type(Defect)` use these strategies too.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from reviewcorpus._checks import missing, refuse, require_integer

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as _error:
    raise missing(_error, "reviewcorpus.strategies", "hypothesis") from _error

from reviewcorpus.defects import RAW_CHARACTERS, Defect, DefectKind, checked_defect
from reviewcorpus.formats import MOVIE, MOVIE_RECORD, Format, find
from reviewcorpus.models import Movie, Review
from reviewcorpus.strategies import _values
from reviewcorpus.strategies._damage import INJECTABLE, Damaged, Fault, damaged_documents
from reviewcorpus.strategies._formats import drawn_documents
from reviewcorpus.strategies._spelling import spelled_corpora

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hypothesis.strategies import DrawFn, SearchStrategy

__all__ = [
    "Damaged",
    "Fault",
    "chunkings",
    "corpus_xml",
    "crawler_xml",
    "damaged_xml",
    "defects",
    "documents",
    "movies",
    "reviews",
    "scores",
    "texts",
]

_DAYS = st.none() | st.dates()
_YEARS = st.none() | st.integers(datetime.MINYEAR, datetime.MAXYEAR)
_SCORES = st.none() | _values.scores()
_TEXTS = st.none() | _values.texts()
_USERNAMES = st.none() | _values.usernames()
_LINKS = st.none() | _values.links()
_REVIEW_EXTRAS = _values.review_extras()
_MOVIE_EXTRAS = _values.movie_extras()


def texts() -> SearchStrategy[str]:
    """Generate texts that XML can carry, many of them hard to write and to read back.

    There are empty ones, `null`, whitespace at the ends, all kinds of line ends, references and
    tags that are meant as text, and characters beyond the basic plane.

    Example:
        >>> from hypothesis import given
        >>> import reviewcorpus as rc
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.texts())
        ... def test_a_title_survives(text):
        ...     assert rc.loads(rc.dumps(rc.Movie(title=text))).title == text
        ...
        >>> test_a_title_survives()
    """
    return _values.texts()


def scores() -> SearchStrategy[float]:
    """Generate scores from 0.0 to 1.0: on the site's grid of tenths, off it, and very close to it.

    Example:
        >>> from hypothesis import given
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.scores())
        ... def test_scores_are_in_range(score):
        ...     assert 0.0 <= score <= 1.0
        ...
        >>> test_scores_are_in_range()
    """
    return _values.scores()


# ---- records ----------------------------------------------------------------------------


def reviews(
    *,
    date: SearchStrategy[datetime.date | None] = _DAYS,
    username: SearchStrategy[str | None] = _USERNAMES,
    score: SearchStrategy[float | None] = _SCORES,
    short_description: SearchStrategy[str | None] = _TEXTS,
    full_review: SearchStrategy[str | None] = _TEXTS,
    extra: SearchStrategy[Mapping[str, str]] = _REVIEW_EXTRAS,
) -> SearchStrategy[Review]:
    """Generate reviews; each of them can be written and read back equal.

    Args:
        date: Strategy for the day; by default any day, or `None`.
        username: Strategy for the user's name; by default any text, a name with a made-up e-mail
            address at example.org, or `None`.
        score: Strategy for the rating; by default `scores()`, or `None`.
        short_description: Strategy for the headline; by default `texts()`, or `None`.
        full_review: Strategy for the body; by default `texts()`, or `None`.
        extra: Strategy for the elements that the format does not name; by default a few, with
            names that XML can carry.

    Example:
        >>> from hypothesis import given, strategies as st
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.reviews(score=st.none()))
        ... def test_no_score_no_stars(review):
        ...     assert review.stars is None
        ...
        >>> test_no_score_no_stars()
    """
    return st.builds(
        Review,
        date=date,
        username=username,
        score=score,
        short_description=short_description,
        full_review=full_review,
        extra=extra,
    )


_REVIEWS = reviews()


def movies(
    *,
    title: SearchStrategy[str | None] = _TEXTS,
    link: SearchStrategy[str | None] = _LINKS,
    year: SearchStrategy[int | None] = _YEARS,
    general_score: SearchStrategy[float | None] = _SCORES,
    reviews: SearchStrategy[Review] = _REVIEWS,
    extra: SearchStrategy[Mapping[str, str]] = _MOVIE_EXTRAS,
    max_reviews: int = 4,
) -> SearchStrategy[Movie]:
    """Generate movies with their reviews; each of them can be written and read back equal.

    Args:
        title: Strategy for the title; by default `texts()`, or `None`.
        link: Strategy for the page; by default one of a movie, any text, or `None`.
        year: Strategy for the year of release; by default 1 to 9999, or `None`.
        general_score: Strategy for the mean rating; by default `scores()`, or `None`.
        reviews: Strategy for one review; by default `reviews()`.
        extra: Strategy for the elements that the format does not name; by default a few, with
            names that XML can carry.
        max_reviews: How many reviews a movie has at most.

    Raises:
        TypeError: `max_reviews` is not an `int`.
        ValueError: `max_reviews` is negative.

    Example:
        >>> from hypothesis import given
        >>> import reviewcorpus as rc
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.movies(max_reviews=2))
        ... def test_what_is_written_reads_back_equal(movie):
        ...     assert rc.loads(rc.dumps(movie), errors="strict") == movie
        ...
        >>> test_what_is_written_reads_back_equal()
    """
    require_integer("max_reviews", max_reviews, 0)
    return st.builds(
        Movie,
        title=title,
        link=link,
        year=year,
        general_score=general_score,
        reviews=st.lists(reviews, max_size=max_reviews),
        extra=extra,
    )


_MOVIES = movies(max_reviews=3)


def defects() -> SearchStrategy[Defect]:
    """Generate defects as a reader could report them, of any kind and at any place.

    Their parts fit together (severity and kind, a review's index only with a movie's), but they do
    not come from a file; for that, read `damaged_xml`.

    Example:
        >>> from hypothesis import given
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.defects())
        ... def test_a_defect_is_shown_on_one_line(defect):
        ...     assert str(defect).splitlines() == [str(defect)]
        ...
        >>> test_a_defect_is_shown_on_one_line()
    """
    return _defects()


_FIELDS = [(field.element, field.target) for record in MOVIE.records for field in record.fields]
_ELEMENTS = [(None, None), (MOVIE_RECORD.element, None), (MOVIE.review.element, None), *_FIELDS]
_WORDS = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=20)
_SOURCES = (None, "movie.xml", "corpus/all.xml", "movies.zip/one.xml")
_INDEXES = ((None, None), (0, None), (0, 0), (2999, 1839))
_PLACES = st.tuples(st.integers(0, 2**40), st.integers(1, 10**6), st.integers(1, 10**6))


@st.composite
def _defects(draw: DrawFn) -> Defect:
    kind = draw(st.sampled_from(DefectKind))
    words = draw(st.tuples(_WORDS, _WORDS))
    source = draw(st.sampled_from(_SOURCES))
    place = draw(_PLACES)
    indexes = draw(st.sampled_from(_INDEXES))
    element = draw(st.sampled_from(_ELEMENTS))
    raw = draw(st.text(max_size=RAW_CHARACTERS))
    return checked_defect(kind, kind.severity, *words, source, *place, *indexes, *element, raw)


# ---- files ------------------------------------------------------------------------------


def corpus_xml(
    movies: SearchStrategy[Movie] = _MOVIES, *, max_movies: int = 3
) -> SearchStrategy[bytes]:
    """Generate files of well-formed XML, in the many spellings that XML and the format allow.

    Fields come in any order; characters are written as they are, as references or in CDATA
    sections; there are comments, processing instructions, empty-element tags, elements around the
    movies, all kinds of line ends, byte order marks, XML declarations and encodings. Any reader of
    XML finds the same records in them, and this package finds no defect except `unknown-element`.

    Args:
        movies: Strategy for one movie that XML can carry; by default `movies()`.
        max_movies: How many movies a file has at most; it has at least one.

    Raises:
        TypeError: `max_movies` is not an `int`.
        ValueError: `max_movies` is less than 1.

    Example:
        >>> import io
        >>> from hypothesis import given
        >>> import reviewcorpus as rc
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.corpus_xml())
        ... def test_strict_reading_takes_it(data):
        ...     assert list(rc.iter_movies(io.BytesIO(data), errors="strict"))
        ...
        >>> test_strict_reading_takes_it()
    """
    require_integer("max_movies", max_movies, 1)
    corpora = spelled_corpora(st.lists(movies, min_size=1, max_size=max_movies))
    return corpora.map(attrgetter("data"))


def crawler_xml(
    *, max_movies: int = 2, max_reviews: int = 4, encoding: str = "utf-8"
) -> SearchStrategy[bytes]:
    """Generate files as the crawlers write them: pieces of web pages between tags, not escaped.

    The layout is that of the real files. Titles are cut at their first `;`, links have bare `&`,
    missing values are `null` and `-1.0`, letters were lost to `?`, user names contain e-mail
    addresses (at example.org); there are references that XML does not know, references escaped
    twice, floats that were computed, and sentences that run together.

    Args:
        max_movies: How many movies a file has at most, one after the other; it has at least one.
        max_reviews: How many reviews a movie has at most.
        encoding: Encoding of the files; files straight from a crawler's machine are in
            `"windows-1250"`. A character that it lacks becomes `?`.

    Raises:
        LookupError: There is no such encoding.
        TypeError: A number is not an `int`.
        ValueError: A number is too small.

    Example:
        >>> import io
        >>> from hypothesis import given
        >>> import reviewcorpus as rc
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.crawler_xml())
        ... def test_every_review_is_read(data):
        ...     pairs = list(rc.iter_reviews(io.BytesIO(data)))
        ...     assert len(pairs) == data.count(b"<review>")
        ...
        >>> test_every_review_is_read()
    """
    "".encode(encoding)  # refused here rather than when the first file is drawn
    _check_sizes(max_movies, max_reviews)
    return _values.crawled_files(max_movies, max_reviews, encoding)


def damaged_xml(
    kinds: Collection[DefectKind] | None = None, *, max_movies: int = 2, max_reviews: int = 3
) -> SearchStrategy[Damaged]:
    """Generate damaged files, each with its defects, and with the file as it was before.

    The defects are known from what was put in, not from what a reader found. A reader has to report
    exactly these, each at its place. A file of several movies may be joined from files that were
    cut off, or that declare different encodings.

    Args:
        kinds: Which kinds of damage there may be; by default all that a file can have, which are
            all except `broken-compression` and `not-well-formed`. A file may also be undamaged.
        max_movies: How many movies a file has at most; it has at least one.
        max_reviews: How many reviews a movie has at most.

    Raises:
        TypeError: `kinds` is not a collection of kinds, or a number is not an `int`.
        ValueError: One of the kinds cannot be put into a file, or a number is too small.

    Example:
        >>> import io
        >>> from hypothesis import given
        >>> import reviewcorpus as rc
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.damaged_xml())
        ... def test_what_was_put_in_is_reported(damaged):
        ...     defects = rc.Corpus(io.BytesIO(damaged.data)).defects()
        ...     assert tuple(map(rcst.Fault.of, defects)) == damaged.faults
        ...
        >>> test_what_was_put_in_is_reported()
    """
    _check_sizes(max_movies, max_reviews)
    chosen = None if kinds is None else _kinds(kinds)
    if chosen is not None and (others := chosen - INJECTABLE):
        raise ValueError(f"kinds has {', '.join(sorted(others))}, which cannot be put into a file")
    return damaged_documents(chosen, max_movies, max_reviews)


def _check_sizes(max_movies: object, max_reviews: object) -> None:
    require_integer("max_movies", max_movies, 1)
    require_integer("max_reviews", max_reviews, 0)


def _kinds(kinds: Any) -> frozenset[DefectKind]:
    if isinstance(kinds, str) or not isinstance(kinds, Iterable):  # a kind alone is a str too
        refuse(TypeError, "kinds", kinds, "a collection of DefectKind")
    chosen = list(kinds)
    for kind in chosen:
        if not isinstance(kind, str) or kind not in set(DefectKind):
            refuse(ValueError, "each of kinds", kind, "a DefectKind")
    return frozenset(map(DefectKind, chosen))


def documents(
    format: Format | str, *, damaged: bool = True, max_movies: int = 2, max_reviews: int = 3
) -> SearchStrategy[bytes]:
    """Generate files in a format, a known one or your own.

    Args:
        format: The format, or the name of a known one.
        damaged: Whether there may be damage: words, tags and bytes that do not belong there, holes,
            and parts that are missing or repeated. Without it, the files are well-formed and have
            no defect.
        max_movies: How many movies a file has at most; it has at least one.
        max_reviews: How many reviews a movie has at most; a movie that is implied has at least one.

    Raises:
        TypeError: `format` is neither a format nor a name, or a number is not an `int`.
        ValueError: No known format has that name, or a number is too small.

    Example:
        >>> import io
        >>> from hypothesis import given
        >>> import reviewcorpus as rc
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.documents("mdsd", damaged=False))
        ... def test_a_sound_file_has_no_defects(data):
        ...     assert list(rc.Corpus(io.BytesIO(data), format="mdsd").defects()) == []
        ...
        >>> test_a_sound_file_has_no_defects()
    """
    _check_sizes(max_movies, max_reviews)
    table = find(format)
    if table is None:
        refuse(TypeError, "format", format, "a Format, or the name of one")
    return drawn_documents(table, max_movies, max_reviews, is_damaged=damaged)


def chunkings(data: bytes) -> SearchStrategy[list[bytes]]:
    """Generate ways to cut bytes into pieces: one piece, equal pieces, any pieces, empty ones.

    Args:
        data: The bytes; each list of pieces, joined, is `data` again.

    Example:
        >>> from hypothesis import given
        >>> import reviewcorpus as rc
        >>> from reviewcorpus import strategies as rcst
        >>> @given(rcst.chunkings(b"<movie><title>Paper Boats</title></movie>"))
        ... def test_pieces_do_not_matter(pieces):
        ...     parser = rc.Parser()
        ...     events = [event for piece in pieces for event in parser.feed(piece)]
        ...     assert (events + parser.close())[-1].movie.title == "Paper Boats"
        ...
        >>> test_pieces_do_not_matter()
    """
    size = len(data)
    cuts = st.one_of(
        st.lists(st.integers(0, size), max_size=12).map(sorted),
        st.integers(1, 64).map(lambda step: list(range(step, size, step))),
    )
    return cuts.map(lambda places: [data[start:end] for start, end in pairwise([0, *places, size])])
