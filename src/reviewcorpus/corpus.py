"""Reading: loops around the parser's engine, from sources to records."""

from __future__ import annotations

import os
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from reviewcorpus._iterators import DefectIterator, Items, MovieIterator, ReviewIterator
from reviewcorpus.defects import CorpusError
from reviewcorpus.parser._reader import Options
from reviewcorpus.sources import (
    Rereadable,
    Streams,
    check_source,
    name_of,
    named_stream,
    openings_of,
    streams_in_memory,
    streams_of,
)
from reviewcorpus.summary import Summary, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self, Unpack

    from reviewcorpus.defects import Defect
    from reviewcorpus.models import Movie, Review
    from reviewcorpus.parser._reader import ReadOptions
    from reviewcorpus.sources import Opening, Source
    from reviewcorpus.sources._streams import Stream
    from reviewcorpus.validation import CorpusValidator, Problem, Rules, Thresholds


def iter_movies(*sources: Source, **options: Unpack[ReadOptions]) -> MovieIterator:
    """Read the movies of files, folders, archives or streams, one at a time.

    Args:
        *sources: Paths or open files. A folder stands for every `*.xml` and `*.txt` in it and
            below, sorted by name; so do `.zip`, `.tar` and `.tar.*` archives, in their own order.
            `.gz`, `.bz2` and `.xz` files are decompressed as they are read.
            An open file, binary or text, is read as it stands: decompressed data is expected.
        **options: `errors`: `"recover"` (default) reads everything and reports every defect,
            `"drop"` leaves out each review or movie with a defect of severity `error`,
            `"strict"` takes well-formed XML only and raises at the first fault. `on_defect`: a
            function that is called with each `Defect` as it is met. `limits`: a `Limits`.
            `encoding`: forces one; otherwise byte order mark, XML declaration, UTF-8.
            `fallback_encoding`: an 8-bit encoding for a field that does not fit, by default
            `"windows-1252"`.

    Returns:
        An iterator that holds one movie at a time. Its `source` (a name) and `movie_index` (from
        0) say where the movie that it gave last stands. After an exception from `on_defect`, or
        from one source of several, it can be asked for more. Its `close()` closes what is open,
        for those who stop before the end.

    Raises:
        TypeError: A source is neither a path nor an open file, or there is no such option.
        ValueError: An option has a value that it cannot have.
        OSError: A source cannot be opened or read (when the iterator comes to it).
        CorpusSyntaxError: A source is not well-formed, with `errors="strict"` (then, too).
        LimitExceeded: A field or record is larger than the limits allow (then, too).

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> file = io.BytesIO(b"<movie><title>Paper Boats</title><year>1999</year></movie>")
        >>> [(movie.title, movie.year) for movie in rc.iter_movies(file)]
        [('Paper Boats', 1999)]
    """
    return MovieIterator(_streams(*sources), Options.of(options))


def iter_reviews(*sources: Source, **options: Unpack[ReadOptions]) -> ReviewIterator:
    """Read the reviews of files, folders, archives or streams, one at a time.

    Memory is constant, however large a movie is.

    Args:
        *sources: Paths or open files, as for `iter_movies`.
        **options: Those of `iter_movies`. With `errors="drop"`, reviews that were given before an
            error in the fields of their movie was met cannot be taken back.

    Returns:
        An iterator. It gives pairs of the movie, with the fields met before the review and no
        reviews, and the review.

    Raises:
        TypeError: A source is neither a path nor an open file, or there is no such option.
        ValueError: An option has a value that it cannot have.
        OSError: A source cannot be opened or read (when the iterator comes to it).
        CorpusSyntaxError: A source is not well-formed, with `errors="strict"` (then, too).
        LimitExceeded: A field or record is larger than the limits allow (then, too).

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> text = "<movie><title>Paper Boats</title><review><score>0.7</score></review></movie>"
        >>> for movie, review in rc.iter_reviews(io.StringIO(text)):
        ...     print(movie.title, review.stars)
        Paper Boats 7
    """
    return ReviewIterator.of(_streams(*sources), Options.of(options))


def load(source: Source, **options: Unpack[ReadOptions]) -> Movie:
    """Read exactly one movie.

    Args:
        source: A path or an open file, as for `iter_movies`.
        **options: Those of `iter_movies`: `errors`, `on_defect`, `limits`, `encoding`,
            `fallback_encoding`.

    Raises:
        CorpusError: The source holds no movie, or several; the error says how many.
        TypeError: The source is neither a path nor an open file, or there is no such option.
        ValueError: An option has a value that it cannot have.
        OSError: The source cannot be opened or read.
        CorpusSyntaxError: It is not well-formed, with `errors="strict"`.
        LimitExceeded: A field or record is larger than the limits allow.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> rc.load(io.StringIO("<movie><title>Paper Boats</title></movie>")).title
        'Paper Boats'
    """
    return _only_movie(_streams(source), Options.of(options), name_of(source))


def loads(data: str | bytes | bytearray | memoryview, **options: Unpack[ReadOptions]) -> Movie:
    """Read exactly one movie from a text or from bytes in memory.

    Args:
        data: A text, whose XML declaration is not asked for its encoding, or the bytes of a file.
        **options: Those of `iter_movies`: `errors`, `on_defect`, `limits`, `encoding`,
            `fallback_encoding`.

    Raises:
        CorpusError: The text holds no movie, or several; the error says how many.
        TypeError: It is neither `str` nor bytes, or there is no such option.
        ValueError: An option has a value that it cannot have.
        CorpusSyntaxError: It is not well-formed, with `errors="strict"`.
        LimitExceeded: A field or record is larger than the limits allow.

    Example:
        >>> import reviewcorpus as rc
        >>> rc.loads("<movie><title>Cowboys &amp</title></movie>").title
        'Cowboys &'
    """
    if not isinstance(data, str):
        data = _to_bytes(data)
    name = "<string>"
    return _only_movie(streams_in_memory(name, data), Options.of(options), name)


def _to_bytes(data: object) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"data must be str or bytes, not {data!r}; for files use load()")
    return bytes(data)


def _check(sources: Iterable[Source]) -> None:
    for source in sources:
        check_source(source)


def _streams(*sources: Source) -> Streams:
    _check(sources)
    return streams_of(sources)


def _only_movie(streams: Streams, options: Options, name: str) -> Movie:
    with closing(MovieIterator(streams, options)) as movies:
        movie = next(movies, None)
        count = (movie is not None) + sum(1 for _ in movies)
    if count > 1:
        raise CorpusError(
            f"{name}: there are {count} movies in it, but load() and loads() read exactly one;"
            " for any number use iter_movies()"
        )
    if movie is None:
        raise CorpusError(f"{name}: there is no movie in it, {_why_none(movies)}")
    return movie


def _why_none(movies: MovieIterator) -> str:
    """Say why there is nothing to give, and what to do."""
    if movies.left_out:
        return f"since errors='drop' left out {movies.left_out}; see on_defect for why"
    if movies.last_error is not None:
        return f"but load() and loads() read exactly one; see {movies.last_error}"
    return "nor any file to read: folders and archives are searched for *.xml and *.txt"


class Corpus:
    """Movies in files, folders, archives or streams: lazy, and readable again and again.

    Nothing is opened until it is read, and each pass starts afresh. An open file is read from
    where it stood when the corpus was made; one that cannot go back there, such as a pipe, only
    once: a second pass raises `CorpusError`. Passes raise what `iter_movies` raises.

    Args:
        *sources: Paths or open files, as for `iter_movies`.
        **options: Those of `iter_movies`; `on_defect` is called in each pass.

    Raises:
        TypeError: A source is neither a path nor an open file, or there is no such option.
        ValueError: An option has a value that it cannot have.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> corpus = rc.Corpus(io.BytesIO(b"<movie><title>Tick & Tock</title></movie>"))
        >>> [movie.title for movie in corpus]
        ['Tick & Tock']
        >>> corpus.summary().defects[rc.DefectKind.BARE_AMPERSAND]
        1
    """

    def __init__(self, *sources: Source, **options: Unpack[ReadOptions]) -> None:
        self._options = Options.of(options)
        _check(sources)
        self._sources = sources
        self._starts = [_position(source) for source in sources]
        self._was_read: set[int] = set()

    def __repr__(self) -> str:
        return f"Corpus({', '.join(map(repr, self._sources))})"

    def __iter__(self) -> MovieIterator:
        return MovieIterator(self._fresh_streams(), self._options)

    def reviews(self) -> Iterator[tuple[Movie, Review]]:
        """Give the reviews, one at a time, each with the movie fields met before it."""
        return ReviewIterator.of(self._fresh_streams(), self._options)

    def defects(self) -> Iterator[Defect]:
        """Give the defects, in the order of the sources."""
        return DefectIterator(self._fresh_streams(), self._options)

    def problems(
        self, *, rules: Rules = "default", thresholds: Thresholds | None = None
    ) -> ProblemIterator:
        """Check the movies; give the problems of each, and then those that only all show.

        Indices count what was read: with `errors="drop"`, a review that was left out is not among
        the reviews of its movie. After an error from one source of several, the iterator can be
        asked for more.

        Args:
            rules: Which rules are used, as for `validate`.
            thresholds: Numbers that the rules compare with, as for `validate`.

        Raises:
            TypeError: A rule is neither a `str` nor a `Rule`.
            ValueError: There is no such rule.

        Example:
            >>> import io
            >>> import reviewcorpus as rc
            >>> corpus = rc.Corpus(io.StringIO("<movie><title>Cowboys &amp</title></movie>"))
            >>> for problem in corpus.problems(rules="M102"):
            ...     print(problem)
            <stream>: movies[0].title: M102: the title looks cut: it ends in '&'
        """
        # Imported only where it is used, so that importing the package stays cheap.
        from reviewcorpus.validation import CorpusValidator  # noqa: PLC0415

        return ProblemIterator(iter(self), CorpusValidator(rules=rules, thresholds=thresholds))

    def summary(self) -> Summary:
        """Read everything once and count it."""
        items = self._items()
        tally = Tally()
        for item in items:
            tally.add(item)
        return tally.summary(items.files)

    def __arrow_c_schema__(self) -> object:
        """Give the columns of the reviews to what takes Arrow data (extra `arrow`)."""
        from reviewcorpus._tables import REVIEW_SCHEMA  # noqa: PLC0415 behind an extra

        schema: object = REVIEW_SCHEMA.__arrow_c_schema__()
        return schema

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the reviews, a row each, to what takes Arrow data (extra `arrow`).

        Each call reads the corpus afresh, batch by batch as they are asked for.

        Args:
            requested_schema: A capsule with the schema that is wished for; types are cast.
        """
        from reviewcorpus._tables import review_reader  # noqa: PLC0415 behind an extra

        stream: object = review_reader(self._items()).__arrow_c_stream__(requested_schema)
        return stream

    def reads(self, path: str | os.PathLike[str]) -> bool:
        """Tell whether a path is one of the sources, or lies in a folder that is one.

        Who writes a file asks this first, so as not to write over what is still to be read.

        Args:
            path: A path, of a file that there may be or not; links are followed. In a folder, its
                name does not matter.

        Example:
            >>> import reviewcorpus as rc
            >>> corpus = rc.Corpus("corpus/", "more.xml")
            >>> corpus.reads("corpus/clean.csv"), corpus.reads("more.xml"), corpus.reads("new.xml")
            (True, True, False)
        """
        real = os.path.realpath(path)
        paths = [
            os.path.realpath(one) for one in self._sources if isinstance(one, str | os.PathLike)
        ]
        return any(real == one or real.startswith(os.path.join(one, "")) for one in paths)  # noqa: PTH118 real paths

    def _items(self) -> Items:
        return Items(self._fresh_streams(), self._options)

    def _fresh_streams(self) -> Streams:
        return Streams(
            partial(self._open_afresh, index, opening)
            for index, source in enumerate(self._sources)
            for opening in openings_of(source)
        )

    def _open_afresh(self, index: int, opening: Opening) -> Iterator[Stream]:
        """Open a source; an open file is read from where it stood at first."""
        source, start = self._sources[index], self._starts[index]
        if isinstance(source, str | os.PathLike):
            return opening()
        if start is not None:
            return iter([named_stream(Rereadable(source, start))])
        if index in self._was_read:
            raise CorpusError(f"{source!r} cannot be read again, since it cannot seek")
        self._was_read.add(index)
        return opening()


class ProblemIterator:
    """The problems of each movie, and then those that only all movies show.

    After an error it can be asked for more, as the iterator over the movies can.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> corpus = rc.Corpus(io.StringIO("<movie><title>Cowboys &amp</title></movie>"))
        >>> problems = corpus.problems()
        >>> next(problems).code
        'M102'
        >>> problems.close()
    """

    def __init__(self, movies: MovieIterator, validator: CorpusValidator) -> None:
        self._movies = movies
        self._validator = validator
        self._found: Iterator[Problem] = iter(())
        self._is_over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Problem:
        """Give the next problem."""
        while True:
            problem = next(self._found, None)
            if problem is not None:
                return problem
            if self._is_over:
                raise StopIteration
            movies = self._movies
            movie = next(movies, None)
            if movie is None:
                self._is_over = True
                self._found = self._validator.finish_one_by_one()
            else:
                source, index = movies.source, movies.movie_index
                self._found = iter(self._validator.feed(movie, source=source, movie_index=index))

    def close(self) -> None:
        """Close what is open, and end."""
        self._movies.close()
        self._found, self._is_over = iter(()), True


def _position(source: Source) -> int | None:
    """Give where an open file stands, if it can go back there."""
    try:
        return source.tell() if source.seekable() else None  # type: ignore[union-attr] # or a path
    except (AttributeError, OSError, ValueError):  # ValueError: closed, which reading will tell
        return None
