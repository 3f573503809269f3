"""Reading: loops around the parser, from sources to records."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import attrs

from reviewcorpus._checks import Turn, brief
from reviewcorpus._iterators import (
    Assembler,
    Closing,
    DefectIterator,
    Items,
    MovieIterator,
    ReviewIterator,
    items_of_whole,
)
from reviewcorpus._signatures import LONGEST_SIGNATURE, packed_as
from reviewcorpus.defects import CorpusError, Defect, Severity
from reviewcorpus.events import MovieEnded
from reviewcorpus.limits import DEFAULT_LIMITS, Limits
from reviewcorpus.parser._options import Options, options_of
from reviewcorpus.parser._reader import Reader
from reviewcorpus.sources import (
    Finder,
    Rereadable,
    Streams,
    check_source,
    name_of,
    named_stream,
    openings_of,
    size_of,
    streams_of,
)
from reviewcorpus.sources._files import read_small

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

    from reviewcorpus.events import Item
    from reviewcorpus.formats import Format
    from reviewcorpus.models import Movie
    from reviewcorpus.parser._options import Errors
    from reviewcorpus.sources import Opening, Source
    from reviewcorpus.sources._streams import Stream
    from reviewcorpus.summary import Summary
    from reviewcorpus.validation import CorpusValidator, Problem, Rules, Thresholds


def iter_movies(
    *sources: Source,
    errors: Errors = "recover",
    on_defect: Callable[[Defect], object] | None = None,
    format: Format | str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    encoding: str | None = None,
    fallback_encoding: str = "windows-1252",
) -> MovieIterator:
    """Read the movies of files, folders, archives or streams, one at a time.

    Args:
        *sources: Paths or open files, at least one. In a folder and below, every `*.xml`, `*.txt`
            and `*.review` is read, in the order of names; so is a compressed one (`.gz`, `.bz2`,
            `.xz`), unless the plain file is next to it. A zip or tar archive is read in its own
            order, but only if it is a source itself. Hidden files are skipped in both. Files are
            decompressed as they are read. An open file, binary or text, must yield data that is
            decompressed.
        errors: `"recover"` (default) reads everything and reports every defect, `"drop"` drops
            each review or movie with a defect of severity `error`, `"strict"` accepts well-formed
            XML only and raises at the first error.
        on_defect: A function that is called with each `Defect` as it is found.
        format: A `Format`, or the name of a known one; `None` (default) decides for each file, by
            its first record.
        limits: The most that one field or record can have.
        encoding: Forces an encoding; `None` (default) decides for each document, by its byte order
            mark, its XML declaration, or else the format.
        fallback_encoding: An 8-bit encoding for single bytes, or for a whole field, that are not
            valid in the encoding of their document.

    Returns:
        An iterator that holds one movie at a time. Its `source` (a name) and `movie_index` (from
        0) say where the last movie was read. It can go on after an exception from `on_defect`, or
        from one source of several. If you stop before the end, use it in a `with` statement, or
        call its `close()`.

    Raises:
        TypeError: No source was passed, one is neither a path nor an open file, or an option has
            the wrong type.
        ValueError: An option has a value that is not allowed.
        OSError: A source cannot be opened or read (when the iterator reaches it).
        CorpusSyntaxError: A source is not well-formed, with `errors="strict"` (then, too).
        LimitExceeded: A field or record is larger than the limits allow (then, too).

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> file = io.BytesIO(b"<movie><title>Paper Boats</title><year>1999</year></movie>")
        >>> [(movie.title, movie.year) for movie in rc.iter_movies(file)]
        [('Paper Boats', 1999)]
    """
    return MovieIterator(
        _streams(*sources),
        options_of(errors, on_defect, format, limits, encoding, fallback_encoding),
    )


def iter_reviews(
    *sources: Source,
    errors: Errors = "recover",
    on_defect: Callable[[Defect], object] | None = None,
    format: Format | str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    encoding: str | None = None,
    fallback_encoding: str = "windows-1252",
) -> ReviewIterator:
    """Read the reviews of files, folders, archives or streams, one at a time.

    Memory is constant, however large a movie is.

    Args:
        *sources: Paths or open files, as for `iter_movies`.
        errors: As for `iter_movies`. With `"drop"`, reviews that were returned before an
            error was found in the fields of their movie cannot be taken back.
        on_defect: As for `iter_movies`.
        format: As for `iter_movies`.
        limits: As for `iter_movies`.
        encoding: As for `iter_movies`.
        fallback_encoding: As for `iter_movies`.

    Returns:
        An iterator over pairs of a movie and a review. The movie has the fields that were read
        before the review, and no reviews. The iterator's `source` (a name) and `movie_index` (from
        0) say where the last review was read. If you stop before the end, use it in a `with`
        statement, or call its `close()`.

    Raises:
        TypeError: No source was passed, one is neither a path nor an open file, or an option has
            the wrong type.
        ValueError: An option has a value that is not allowed.
        OSError: A source cannot be opened or read (when the iterator reaches it).
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
    return ReviewIterator(
        _streams(*sources),
        options_of(errors, on_defect, format, limits, encoding, fallback_encoding),
    )


def load(
    source: Source,
    *,
    errors: Errors = "recover",
    on_defect: Callable[[Defect], object] | None = None,
    format: Format | str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    encoding: str | None = None,
    fallback_encoding: str = "windows-1252",
) -> Movie:
    """Read exactly one movie.

    Args:
        source: A path or an open file, as for `iter_movies`.
        errors: As for `iter_movies`.
        on_defect: As for `iter_movies`.
        format: As for `iter_movies`.
        limits: As for `iter_movies`.
        encoding: As for `iter_movies`.
        fallback_encoding: As for `iter_movies`.

    Raises:
        CorpusError: The source holds no movie, or several; the error says how many.
        TypeError: The source is neither a path nor an open file, or an option has the wrong type.
        ValueError: An option has a value that is not allowed.
        OSError: The source cannot be opened or read.
        CorpusSyntaxError: It is not well-formed, with `errors="strict"`.
        LimitExceeded: A field or record is larger than the limits allow.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> rc.load(io.StringIO("<movie><title>Paper Boats</title></movie>")).title
        'Paper Boats'
    """
    options = options_of(errors, on_defect, format, limits, encoding, fallback_encoding)
    path = os.fspath(source) if isinstance(source, os.PathLike) else source
    if isinstance(path, str) and (data := read_small(path)) is not None:
        return _movie_in(data, options, path)
    with Items(_streams(source), options, listens=False) as items:
        try:
            return _only_movie(items, name_of(source))
        except OSError as error:
            if isinstance(path, str) and path.lstrip().startswith("<"):
                error.add_note("this is text, not a path: use loads()")
            raise


def loads(
    data: str | bytes | bytearray | memoryview,
    *,
    errors: Errors = "recover",
    on_defect: Callable[[Defect], object] | None = None,
    format: Format | str | None = None,
    limits: Limits = DEFAULT_LIMITS,
    encoding: str | None = None,
    fallback_encoding: str = "windows-1252",
) -> Movie:
    """Read exactly one movie from a text or from bytes in memory.

    Args:
        data: A text, whose XML declaration does not matter, or the bytes of a file.
        errors: As for `iter_movies`.
        on_defect: As for `iter_movies`.
        format: As for `iter_movies`.
        limits: As for `iter_movies`.
        encoding: As for `iter_movies`.
        fallback_encoding: As for `iter_movies`.

    Raises:
        CorpusError: The text holds no movie, or several; the error says how many.
        TypeError: It is neither `str` nor bytes, or an option has the wrong type.
        ValueError: An option has a value that is not allowed.
        CorpusSyntaxError: It is not well-formed, with `errors="strict"`.
        LimitExceeded: A field or record is larger than the limits allow.

    Example:
        >>> import reviewcorpus as rc
        >>> rc.loads("<movie><title>Cowboys &amp</title></movie>").title
        'Cowboys &'
    """
    if not isinstance(data, str | bytes | bytearray | memoryview):
        raise TypeError(f"data must be str or bytes, not {brief(data)}; for files use load()")
    options = options_of(errors, on_defect, format, limits, encoding, fallback_encoding)
    is_text = isinstance(data, str)
    whole = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
    if not is_text and packed_as(whole):
        whole = whole[:LONGEST_SIGNATURE]  # the rest is not text
    return _movie_in(whole, options, "<string>", is_text=is_text)


def _check(sources: tuple[Source, ...]) -> None:
    if not sources:  # as after a pattern that matches nothing
        raise TypeError("no source: pass at least one path or open file")
    for source in sources:
        check_source(source)


def _streams(*sources: Source) -> Streams:
    _check(sources)
    return streams_of(sources)


def _movie_in(data: bytes, options: Options, name: str, *, is_text: bool = False) -> Movie:
    """Return the one movie in the bytes of a whole input."""
    reader = Reader(options, name, listens=False, is_text=is_text)
    return _only_movie(items_of_whole(reader, data, options.on_defect), name)


def _only_movie(items: Iterable[Item], name: str) -> Movie:
    assembler = Assembler()
    only: Movie | None = None
    count = dropped = 0
    error: Defect | None = None  # the last one; without a movie, all defects are made
    for item in items:
        movie = assembler.add(item)
        if movie is not None:
            only, count = movie, count + 1
        elif isinstance(item, MovieEnded):
            dropped += 1
        elif isinstance(item, Defect) and item.severity is Severity.ERROR:
            error = item
    if count == 1 and only is not None:
        return only
    if count:
        raise CorpusError(
            f"{name}: {count} movies found, but load() and loads() read exactly one;"
            " use iter_movies() for any number"
        )
    if dropped:  # say why there is none, and what to do
        why = f": errors='drop' dropped {dropped}; on_defect is called with the reasons"
    else:
        why = f"; see {error}"
    raise CorpusError(f"{name}: no movie found{why}")


class Corpus:
    """Movies in files, folders, archives or streams: lazy, and readable again and again.

    Nothing is opened until it is read, and each pass starts again. An open file is read from the
    position that it had when the corpus was made. If it cannot go back there, like a pipe, a second
    pass raises `CorpusError`. Passes raise what `iter_movies` raises.

    Args:
        *sources: Paths or open files, as for `iter_movies`.
        errors: As for `iter_movies`.
        on_defect: As for `iter_movies`; called in each pass.
        format: As for `iter_movies`.
        limits: As for `iter_movies`.
        encoding: As for `iter_movies`.
        fallback_encoding: As for `iter_movies`.

    Raises:
        TypeError: No source was passed, one is neither a path nor an open file, or an option has
            the wrong type.
        ValueError: An option has a value that is not allowed.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> corpus = rc.Corpus(io.BytesIO(b"<movie><title>Tick & Tock</title></movie>"))
        >>> [movie.title for movie in corpus]
        ['Tick & Tock']
        >>> corpus.summary().defects[rc.DefectKind.BARE_AMPERSAND]
        1
    """

    def __init__(
        self,
        *sources: Source,
        errors: Errors = "recover",
        on_defect: Callable[[Defect], object] | None = None,
        format: Format | str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        encoding: str | None = None,
        fallback_encoding: str = "windows-1252",
    ) -> None:
        self._options = options_of(errors, on_defect, format, limits, encoding, fallback_encoding)
        _check(sources)
        self._sources = sources
        self._starts = [_position(source) for source in sources]
        self._was_read: set[int] = set()

    def __repr__(self) -> str:
        shown = [*map(repr, self._sources)]
        default = Options()
        for name, value in attrs.asdict(self._options, recurse=False).items():
            if value != getattr(default, name):
                shown.append(f"{name}={(value.name if name == 'format' else value)!r}")
        return f"Corpus({', '.join(shown)})"

    def __iter__(self) -> MovieIterator:
        return MovieIterator(self._fresh_streams(), self._options)

    def reviews(self) -> ReviewIterator:
        """Return an iterator over the reviews, each with the movie fields read before it."""
        return ReviewIterator(self._fresh_streams(), self._options)

    def defects(self) -> DefectIterator:
        """Return an iterator over the defects, in the order of the sources."""
        return DefectIterator(self._fresh_streams(), self._options)

    def problems(
        self, *, rules: Rules = "default", thresholds: Thresholds | None = None
    ) -> ProblemIterator:
        """Check the movies; return the problems of each, and then those of the corpus as a whole.

        Each problem has the line and the offset of its record. Indices count what was read: with
        `errors="drop"`, a dropped review is not among the reviews of its movie. After an error from
        one source of several, the iterator can go on.

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
            <stream>:1: warning: movies[0].title: the title looks cut: it ends in '&' [M102]
        """
        # Imported here, so that reading does not import it.
        from reviewcorpus.validation import CorpusValidator

        validator = CorpusValidator(rules=rules, thresholds=thresholds)
        items = Items(self._fresh_streams(), self._options, listens=False, wants_places=True)
        return ProblemIterator(items, validator)

    def summary(self) -> Summary:
        """Read everything once and count it."""
        from reviewcorpus.summary import Tally

        with self._items() as items:
            tally = Tally(items)
            for item in items:
                tally.add(item)
            return tally.summary()

    def __arrow_c_schema__(self) -> object:
        """Return the columns of the reviews, for consumers of Arrow data (extra `arrow`)."""
        from reviewcorpus.arrow import REVIEW_SCHEMA

        schema: object = REVIEW_SCHEMA.__arrow_c_schema__()
        return schema

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the reviews, one row each, for consumers of Arrow data (extra `arrow`).

        Each call reads the corpus again, batch by batch, on demand.

        Args:
            requested_schema: A capsule with the schema to cast to, or `None`.
        """
        from reviewcorpus.arrow import review_reader

        stream: object = review_reader(self._items(listens=False)).__arrow_c_stream__(
            requested_schema
        )
        return stream

    def size_on_disk(self) -> int | None:
        """Return the size of the files that one pass reads, in bytes; compressed files as they are.

        No file is opened. The `bytes_read` of each iterator over records, defects or problems says
        how many of these bytes it has read, so the two make a progress bar. Files are read in
        pieces of 64 KiB, ahead of the records.

        Returns:
            The number of bytes; `None` if a source is an open file or a pipe, whose size is
            unknown. A missing file counts as 0.

        Example:
            >>> import tempfile
            >>> import reviewcorpus as rc
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     rc.dump(rc.Movie(title="Paper Boats"), f"{folder}/boats.xml")
            ...     corpus = rc.Corpus(folder)
            ...     movies = iter(corpus)
            ...     next(movies).title, movies.bytes_read == corpus.size_on_disk()
            ('Paper Boats', True)
        """
        return size_of(self._sources, Finder())

    def reads(self, path: str | os.PathLike[str]) -> bool:
        """Check whether a path is one of the sources, or is inside a folder that is one.

        Ask this before you write a file, so that you do not overwrite what is still to be read.

        Args:
            path: The path of a file, which need not exist; links are followed. Inside a folder, any
                name counts.

        Example:
            >>> import reviewcorpus as rc
            >>> corpus = rc.Corpus("corpus/", "more.xml")
            >>> corpus.reads("corpus/clean.csv"), corpus.reads("more.xml"), corpus.reads("new.xml")
            (True, True, False)
        """
        real = os.path.realpath(path)
        paths = [one for one in self._sources if isinstance(one, str | os.PathLike)]
        # The real path of an empty one would be the current folder.
        folders = [os.path.realpath(one) for one in paths if os.fspath(one) and os.fspath(path)]
        return any(real == one or real.startswith(os.path.join(one, "")) for one in folders)

    def _items(self, *, listens: bool = True) -> Items:
        return Items(self._fresh_streams(), self._options, listens=listens)

    def _fresh_streams(self) -> Streams:
        finder = Finder()
        openings = (
            partial(self._open_afresh, index, opening)
            for index, source in enumerate(self._sources)
            for opening in openings_of(source, finder)
        )
        return Streams(openings, finder)

    def _open_afresh(self, index: int, opening: Opening) -> Iterator[Stream]:
        """Open a source; an open file is read from its first position."""
        source, start = self._sources[index], self._starts[index]
        if isinstance(source, str | os.PathLike):
            return opening()
        if start is not None:
            return iter([named_stream(Rereadable(source, start))])
        if index in self._was_read:
            raise CorpusError(f"{brief(source)} cannot be read again: it cannot seek")
        self._was_read.add(index)
        return opening()


class ProblemIterator(Closing):
    """The problems of each movie, and then those of the corpus as a whole.

    After an error it can go on, as the iterator over the movies can.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> corpus = rc.Corpus(io.StringIO("<movie><title>Cowboys &amp</title></movie>"))
        >>> problems = corpus.problems()
        >>> next(problems).code
        'M102'
        >>> problems.close()
    """

    def __init__(self, items: Items, validator: CorpusValidator) -> None:
        self._items = items
        self._assembler = Assembler()
        self._validator = validator
        self._found: Iterator[Problem] = iter(())
        self._is_over = False
        self._turn = Turn()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Problem:
        """Return the next problem."""
        with self._turn:
            while True:
                problem = next(self._found, None)
                if problem is not None:
                    return problem
                if self._is_over:
                    raise StopIteration
                item = next(self._items, None)
                if item is None:
                    self._is_over = True
                    self._found = self._validator.iter_finish()
                elif (movie := self._assembler.add(item)) is not None:
                    found = self._validator.feed(
                        movie,
                        source=self._items.source,
                        movie_index=item.movie_index,
                        places=self._assembler.places,
                        format=self._items.format,
                    )
                    self._found = iter(found)

    @property
    def bytes_read(self) -> int:
        """How many bytes were read so far; see `Corpus.size_on_disk`."""
        return self._items.bytes_read

    def close(self) -> None:
        """Close what is open, and end."""
        with self._turn:
            self._items.close()
            self._found, self._is_over = iter(()), True


def _position(source: Source) -> int | None:
    """Return the position of an open file, if it can go back there."""
    try:
        return source.tell() if source.seekable() else None  # type: ignore[union-attr] # or a path
    except (AttributeError, OSError, ValueError):  # ValueError: closed, as reading will report
        return None
