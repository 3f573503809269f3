"""Reading: loops around the parser's engine, from sources to records."""

from __future__ import annotations

import os
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs

from reviewcorpus._archives import BrokenStream
from reviewcorpus._engine import Engine, Options
from reviewcorpus.defects import CorpusError, Defect
from reviewcorpus.events import MovieEnded
from reviewcorpus.sources import Streams, check_source, openings_of, streams_in_memory, streams_of
from reviewcorpus.summary import Summary, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self, Unpack

    from reviewcorpus._archives import Stream
    from reviewcorpus._engine import ReadOptions
    from reviewcorpus._report import Item
    from reviewcorpus.models import Movie, Review
    from reviewcorpus.sources import Opening, Source


class Items:
    """An iterator over what reading gives, of all streams.

    It is no generator, which an exception would end: after an exception from `on_defect`, or from
    one source of several, the next call goes on behind it.

    Attributes:
        files: How many streams were opened.
        stream: The stream that is being read, if any.
    """

    def __init__(self, streams: Streams, options: Options) -> None:
        self.files = 0
        self.stream: Stream | None = None
        self._streams = streams
        self._options = options
        self._on_defect = options.on_defect
        self._engine: Engine | None = None
        self._error: CorpusError | None = None
        self._queue: deque[Item] = deque()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:  # noqa: ANN401 the classes below say what
        """Give the next item."""
        while not self._queue:
            self._refill()
        item = self._queue.popleft()
        self._tell(item)
        return item

    def close(self) -> None:
        """Close what is open, and end."""
        self._queue.clear()
        self._error = None
        self.stream = None
        self._streams.close()

    def _tell(self, item: Item) -> None:
        if self._on_defect is not None and isinstance(item, Defect):
            self._on_defect(item)

    def _refill(self) -> None:
        """Read on, until there is something new; StopIteration at the end of all streams."""
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        if self.stream is None:
            self.stream = next(self._streams)
            self.files += 1
            self._engine = None
        try:
            self._read_piece(self.stream)
        except BaseException:
            self.stream = None  # nothing more can be had of it, but of the others
            raise

    def _read_piece(self, stream: Stream) -> None:
        broken = None
        try:
            piece = stream.read()
        except BrokenStream as error:
            piece, broken = b"", str(error)
        except UnicodeDecodeError as error:
            raise CorpusError(f"{stream.name}: {error}; open the file in binary mode") from error
        engine = self._engine
        if engine is None:
            engine = self._engine = self._make_engine(stream.name, piece)
        if isinstance(piece, str):
            piece = piece.encode("utf-8", "surrogatepass")
        if piece:
            self._queue.extend(engine.feed(piece))
        else:
            self._queue.extend(engine.close(broken=broken))
        self._error = engine.error
        if engine.is_over:
            self.stream = None

    def _make_engine(self, name: str, piece: object) -> Engine:
        """Make an engine; text is read as the UTF-8 that it becomes, whatever it declares."""
        options = self._options
        if isinstance(piece, str):
            options = attrs.evolve(options, encoding="utf-8")
        return Engine(options, name)


class ReviewIterator(Items):
    """The reviews of all streams, each with the movie fields met before it."""

    def __next__(self) -> tuple[Movie, Review]:
        """Give the next review."""
        queue = self._queue
        while True:
            while queue:
                item = queue.popleft()
                if type(item) is tuple:
                    return item
                self._tell(item)
            self._refill()


class MovieIterator(Items):
    """The movies of all streams, whole."""

    def __init__(self, streams: Streams, options: Options) -> None:
        super().__init__(streams, options)
        self._reviews: list[Review] = []

    def __next__(self) -> Movie:
        """Give the next movie."""
        while True:
            while self._queue:
                item = self._queue.popleft()
                if type(item) is tuple:
                    self._reviews.append(item[1])
                elif isinstance(item, MovieEnded):
                    reviews, self._reviews = self._reviews, []
                    if not item.dropped:
                        return attrs.evolve(item.movie, reviews=reviews)
                else:
                    self._tell(item)
            if self.stream is None:
                self._reviews.clear()  # of a movie whose stream has ended with an error
            self._refill()


class DefectIterator(Items):
    """The defects of all streams."""

    def __next__(self) -> Defect:
        """Give the next defect."""
        while True:
            item = super().__next__()
            if isinstance(item, Defect):
                return item


def iter_movies(*sources: Source, **options: Unpack[ReadOptions]) -> Iterator[Movie]:
    """Read the movies of files, folders, archives or streams, one at a time.

    Args:
        *sources: Paths or open files. A folder stands for every `*.xml` and `*.txt` in it and
            below, sorted by name; so do `.zip`, `.tar` and `.tar.*` archives, in their own order.
            `.gz`, `.bz2` and `.xz` files are decompressed as they are read.
        **options: `errors`, `on_defect`, `limits`, `encoding`, `fallback_encoding`, as in
            `Parser`.

    Returns:
        An iterator that holds one movie at a time. After an exception from `on_defect`, or from
        one source of several, it can be asked for more.

    Raises:
        TypeError: A source is neither a path nor an open file, or there is no such option.
        ValueError: An option has a value that it cannot have.
        OSError: A source cannot be opened or read (when the iterator comes to it).
        CorpusSyntaxError: A source is not well-formed, with `errors="strict"` (likewise).
        LimitExceeded: A field or record is larger than the limits allow (likewise).

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> file = io.BytesIO(b"<movie><title>Paper Boats</title><year>1999</year></movie>")
        >>> [(movie.title, movie.year) for movie in rc.iter_movies(file)]
        [('Paper Boats', 1999)]
    """
    return MovieIterator(_streams(*sources), Options(**options))


def iter_reviews(
    *sources: Source, **options: Unpack[ReadOptions]
) -> Iterator[tuple[Movie, Review]]:
    """Read the reviews of files, folders, archives or streams, one at a time.

    Memory is constant, however large a movie is.

    Args:
        *sources: As for `iter_movies`.
        **options: As for `iter_movies`. With `errors="drop"`, reviews that were given before an
            error in the fields of their movie was met cannot be taken back.

    Returns:
        An iterator of pairs: the movie with the fields met before the review and no reviews, and
        the review.

    Raises:
        TypeError: As for `iter_movies`, and so are the others.
        ValueError: As above.
        OSError: As above.
        CorpusSyntaxError: As above.
        LimitExceeded: As above.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> text = "<movie><title>Paper Boats</title><review><score>0.7</score></review></movie>"
        >>> for movie, review in rc.iter_reviews(io.StringIO(text)):
        ...     print(movie.title, review.stars)
        Paper Boats 7
    """
    return ReviewIterator(_streams(*sources), Options(**options))


def load(source: Source, **options: Unpack[ReadOptions]) -> Movie:
    """Read exactly one movie.

    Args:
        source: As for `iter_movies`.
        **options: As for `iter_movies`.

    Raises:
        CorpusError: The source holds no movie, or several; the error says how many.
        TypeError: As for `iter_movies`, and so are the others.
        ValueError: As above.
        OSError: As above.
        CorpusSyntaxError: As above.
        LimitExceeded: As above.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> rc.load(io.StringIO("<movie><title>Paper Boats</title></movie>")).title
        'Paper Boats'
    """
    return _only_movie(_streams(source), Options(**options), str(source))


def loads(data: str | bytes | bytearray | memoryview, **options: Unpack[ReadOptions]) -> Movie:
    """Read exactly one movie from a text or from bytes in memory.

    Args:
        data: A text, whose XML declaration is not asked for its encoding, or the bytes of a file.
        **options: As for `iter_movies`.

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
    return _only_movie(streams_in_memory(name, data), Options(**options), name)


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
    movie = None
    count = 0
    for found in MovieIterator(streams, options):
        movie = found
        count += 1
    if movie is None or count > 1:
        raise CorpusError(
            f"{name}: there {'are' if count else 'is'} {count or 'no'} movie{'s' * (count > 1)} in"
            " it, but load() and loads() read exactly one; for any number use iter_movies()"
        )
    return movie


class Corpus:
    """Movies in files, folders, archives or streams: lazy, and readable again and again.

    Nothing is opened until it is read, and each pass starts afresh. An open file is read from
    where it stood when the corpus was made.

    Args:
        *sources: As for `iter_movies`.
        **options: As for `iter_movies`; `on_defect` is called in each pass.

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
        self._options = Options(**options)
        _check(sources)
        self._sources = sources
        self._starts = [_position(source) for source in sources]
        self._was_read: set[int] = set()

    def __repr__(self) -> str:
        return f"Corpus({', '.join(map(repr, self._sources))})"

    def __iter__(self) -> Iterator[Movie]:
        return MovieIterator(self._fresh_streams(), self._options)

    def reviews(self) -> Iterator[tuple[Movie, Review]]:
        """Give the reviews, one at a time, each with the movie fields met before it."""
        return ReviewIterator(self._fresh_streams(), self._options)

    def defects(self) -> Iterator[Defect]:
        """Give the defects, in the order of the sources."""
        return DefectIterator(self._fresh_streams(), self._options)

    def summary(self) -> Summary:
        """Read everything once and count it."""
        items = Items(self._fresh_streams(), self._options)
        tally = Tally()
        for item in items:
            tally.add(item)
        return tally.summary(items.files)

    def _fresh_streams(self) -> Streams:
        return Streams(
            partial(self._open_afresh, index, opening)
            for index, source in enumerate(self._sources)
            for opening in openings_of(source)
        )

    def _open_afresh(self, index: int, opening: Opening) -> Iterator[Stream]:
        """Open a source; a file that was open goes back to where it stood at first."""
        source = self._sources[index]
        if not isinstance(source, str | os.PathLike):
            start = self._starts[index]
            if start is not None:
                source.seek(start)
            elif index in self._was_read:
                raise CorpusError(f"{source!r} cannot be read again, since it cannot seek")
            self._was_read.add(index)
        return opening()


def _position(source: Source) -> int | None:
    """Give where an open file stands, if it can go back there."""
    try:
        return source.tell() if source.seekable() else None  # type: ignore[union-attr] # or a path
    except (AttributeError, OSError, ValueError):  # ValueError: closed, which reading will tell
        return None
