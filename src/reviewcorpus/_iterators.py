"""Iterators over what reading yields, for many streams."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import deque
from contextlib import suppress
from itertools import chain, repeat
from typing import IO, TYPE_CHECKING, Any, NoReturn

from reviewcorpus._checks import Turn, refuse_copy, visible
from reviewcorpus._unchecked import replacing
from reviewcorpus.defects import CorpusError, Defect
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.models import Movie
from reviewcorpus.parser._reader import Reader
from reviewcorpus.sources._streams import BrokenStream, encode_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from reviewcorpus.events import Item
    from reviewcorpus.formats import Format
    from reviewcorpus.models import Review
    from reviewcorpus.parser._options import Options
    from reviewcorpus.sources import Streams
    from reviewcorpus.sources._streams import Stream


class Closing(ABC):
    """Something that is closed at the end of a `with` statement."""

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or pickled."""
        refuse_copy(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close what is open, and end."""


class _Meter:
    """Counts the bytes that are read.

    For a file on disk, these are its own bytes, compressed or not. Once the next file begins, all
    of them count, because the last bytes of an archive belong to no member. For other streams, they
    are what the streams return.

    Attributes:
        count: How many bytes, or characters of a text, were read so far.
    """

    def __init__(self) -> None:
        self.count: int = 0
        self._disk: IO[bytes] | None = None
        self._before = 0  # the count when this file was begun
        self._size = 0

    def begin(self, disk: IO[bytes] | None) -> None:
        """Begin a stream; several may come from one file, such as an archive."""
        if disk is not None and disk is self._disk:
            return
        self.count = max(self.count, self._before + self._size)
        self._before, self._size, self._disk = self.count, 0, None
        if disk is None or disk.closed or not disk.seekable():  # a pipe has no position
            return
        with suppress(OSError):  # in /proc, files have no end
            position = disk.tell()
            self._size = disk.seek(0, os.SEEK_END)
            disk.seek(position)
            self._disk = disk

    def add(self, piece: bytes | str) -> None:
        """Count a piece."""
        if self._disk is None:
            self.count += len(piece)
        elif not self._disk.closed:
            self.count = max(self.count, self._before + self._disk.tell())


class Pass(Closing):
    """One pass over all streams; the base of the iterators over items, movies, reviews or defects.

    It is not a generator, because an exception would end that. After an exception from `on_defect`,
    or from one source of several, the next call goes on. In a `with` statement it is closed at the
    end.

    Args:
        streams: What is read.
        options: How it is read.
        listens: Whether the defects are wanted among the items; for `on_defect` they are made
            anyway.
        wants_places: Whether items have the offsets and lines of their records.
    """

    def __init__(
        self,
        streams: Streams,
        options: Options,
        *,
        listens: bool = True,
        wants_places: bool = False,
    ) -> None:
        self._files = 0  # a folder or archive without a file does not count
        self._stream: Stream | None = None  # the one that is being read
        self._streams = streams
        self._options = options
        self._on_defect = options.on_defect
        self._reader: Reader | None = None
        self._portions: Iterator[list[Item]] = iter(())
        self._queue: deque[Item] = deque()
        self._meter = _Meter()
        self._turn = Turn()
        self._is_reading = False
        self._listens = listens
        self._wants_places = wants_places

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        """Return the next item."""
        while True:
            try:  # without a look first, after which another thread could take the last item
                item = self._queue.popleft()
                break
            except IndexError:
                pass
            with self._turn:
                self._refill()
        if self._on_defect is not None:
            _report(item, self._on_defect)
        return item

    def close(self) -> None:
        """Close what is open, and end."""
        with self._turn:
            self._queue.clear()
            self._forget()
            self._streams.close()

    @property
    def bytes_read(self) -> int:
        """How many bytes were read so far; see `Corpus.size_on_disk`."""
        return self._meter.count

    @property
    def _format(self) -> Format | None:
        """The format of the stream that is being read, once that is known."""
        return self._reader.format if self._reader else None

    @property
    def _source(self) -> str | None:
        """The name of the stream that is being read."""
        return self._stream.name if self._stream else None

    def _take(self) -> Any:
        """Return the next item; for an iterator whose turn it is."""
        while not self._queue:
            self._refill()
        item = self._queue.popleft()
        if self._on_defect is not None:
            _report(item, self._on_defect)
        return item

    def _refill(self) -> None:
        """Read on until there may be something new; raise StopIteration after the last stream."""
        if self._is_reading:
            raise ValueError("a source must not ask for what is read from it")
        self._is_reading = True
        try:
            portion = next(self._portions, None)
            if portion is not None:
                self._queue.extend(portion)
                return
            self._end_if_over()
            if self._stream is None:
                self._stream = self._next_stream()
            self._portions = self._read_piece(self._stream)
        except BaseException:
            self._forget()  # this stream cannot be read on, but the others can
            raise
        finally:
            self._is_reading = False

    def _next_stream(self) -> Stream:
        stream = next(self._streams, None)
        self._meter.begin(stream.disk if stream else None)
        if stream is None:
            raise StopIteration
        self._files += not stream.is_of_nothing
        return stream

    def _forget(self) -> None:
        self._stream = None
        self._reader = None
        self._portions = iter(())

    def _end_if_over(self) -> None:
        """Forget a stream that has been read; raise the error that has ended it, if any."""
        reader = self._reader
        if reader is None or not reader.is_over:
            return
        self._forget()
        reader.raise_error()

    def _read_piece(self, stream: Stream) -> Iterator[list[Item]]:
        broken = None
        try:
            piece = stream.read()
        except BrokenStream as error:
            piece, broken = b"", str(error)
        except UnicodeDecodeError as error:
            what = visible(f"{stream.name}: {error}")
            raise CorpusError(f"{what}; open the file in binary mode") from error
        self._meter.add(piece)
        reader = self._reader
        if reader is None:
            is_text = isinstance(piece, str)
            reader = self._reader = Reader(
                self._options,
                stream.name,
                listens=self._listens,
                wants_places=self._wants_places,
                is_text=is_text,
            )
        if isinstance(piece, str):
            piece = encode_text(stream, piece)
        if stream.is_whole:
            return reader.read_whole(piece)
        return reader.feed(piece) if piece else reader.close(broken=broken)


class Items(Pass):
    """The items of a pass, with what there is to know about the streams."""

    @property
    def files(self) -> int:
        """How many streams were opened; a folder or archive without a file does not count."""
        return self._files

    @property
    def format(self) -> Format | None:
        """The format of the stream that is being read, once that is known."""
        return self._format

    @property
    def skipped(self) -> list[str]:
        """The paths of archives, hidden files and links in folders that were skipped so far."""
        return self._streams.finder.skipped

    @property
    def source(self) -> str | None:
        """The name of the stream that is being read."""
        return self._source

    @property
    def stream(self) -> Stream | None:
        """The stream that is being read."""
        return self._stream


def _report(item: Item, on_defect: Callable[[Defect], object]) -> None:
    """Call the user's function with an item that is a defect."""
    if isinstance(item, Defect):
        try:
            on_defect(item)
        except StopIteration as error:  # it would silently end the caller's loop
            raise RuntimeError("on_defect raised StopIteration") from error


def items_of_whole(
    reader: Reader, data: bytes, on_defect: Callable[[Defect], object] | None
) -> Iterator[Item]:
    """Return the items in the bytes of a whole input; raise the error that ends the reading."""
    items = chain.from_iterable(reader.read_whole(data))
    is_simple = reader.is_over and on_defect is None
    return items if is_simple else _told(items, reader, on_defect)


def _told(
    items: Iterator[Item], reader: Reader, on_defect: Callable[[Defect], object] | None
) -> Iterator[Item]:
    for item in items:
        if on_defect is not None:
            _report(item, on_defect)
        yield item
    reader.raise_error()


class ReviewIterator(Pass):
    """The reviews of all sources, each with its movie as far as it was read before the review.

    It can be neither copied nor pickled. In a `with` statement it is closed at the end.

    Attributes:
        source: Name of the file or stream that the review returned last was read from.
        movie_index: Index of its movie in its source, from 0.
        format: The `Format` of that source.
        dropped: How many movies `errors="drop"` has dropped so far. Reviews that were read before
            the error was found have already been returned.
        bytes_read: How many bytes were read so far; see `Corpus.size_on_disk`.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> reviews = rc.iter_reviews(io.StringIO("<movie><title>Paper Boats</title><review>"))
        >>> movie, review = next(reviews)
        >>> movie.title, review.score, reviews.source, reviews.movie_index
        ('Paper Boats', None, '<stream>', 0)
        >>> reviews.close()
    """

    def __init__(self, streams: Streams, options: Options) -> None:
        super().__init__(streams, options, listens=False)
        self._run: Iterator[tuple[Movie, Review]] = iter(())
        self.source: str | None = None
        self.movie_index: int | None = None
        self.format: Format | None = None
        self.dropped: int = 0

    def __next__(self) -> tuple[Movie, Review]:
        """Return the next review, and its movie."""
        for pair in self._run:  # as nearly always; without a lock, because `zip` takes one step
            return pair
        with self._turn:
            while True:
                for pair in self._run:  # another thread was here first, or `on_defect` was
                    return pair
                item = self._take()
                if type(item) is ReviewRun:
                    self.source, self.movie_index = self._source, item.movie_index
                    self.format = self._format
                    self._run = zip(repeat(item.movie), item.reviews, strict=False)
                elif isinstance(item, MovieEnded):
                    self.dropped += item.dropped

    def close(self) -> None:
        """Close what is open, and end."""
        with self._turn:
            self._run = iter(())
            super().close()


class Assembler:
    """Makes whole movies from items.

    Attributes:
        places: The offset and the line of the movie that began last, and of each of its reviews,
            if the items have them.
    """

    def __init__(self) -> None:
        self._reviews: list[Review] = []
        self.places: list[tuple[int, int]] | None = None

    def add(self, item: Item) -> Movie | None:
        """Add an item; return the movie that it ends, if it ends one that is not dropped."""
        if isinstance(item, ReviewRun):
            self._reviews += item.reviews
            if self.places is not None and item.places is not None:
                self.places += item.places
        elif isinstance(item, MovieStarted):
            self._reviews = []  # some may be left of a movie that an error has ended
            self.places = None if item.place is None else [item.place]
        elif isinstance(item, MovieEnded):
            reviews, self._reviews = self._reviews, []
            return None if item.dropped else _with_reviews(item.movie, tuple(reviews))
        return None


_with_reviews = replacing(Movie, "reviews")


class MovieIterator(Pass):
    """The movies of all sources, whole, one at a time.

    Attributes:
        source: Name of the file or stream that the movie returned last was read from.
        movie_index: Index of that movie in its source, from 0.
        format: The `Format` of that source.
        dropped: How many movies `errors="drop"` has dropped so far.
        bytes_read: How many bytes were read so far; see `Corpus.size_on_disk`.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> movies = rc.iter_movies(io.StringIO("<movie><title>One</title></movie><movie></movie>"))
        >>> [(movie.title, movies.source, movies.movie_index) for movie in movies]
        [('One', '<stream>', 0), (None, '<stream>', 1)]
        >>> movies = rc.iter_movies(io.StringIO("<movie><year>MM</year></movie>"), errors="drop")
        >>> list(movies), movies.dropped
        ([], 1)
    """

    def __init__(self, streams: Streams, options: Options) -> None:
        super().__init__(streams, options, listens=False)
        self._assembler = Assembler()
        self.source: str | None = None
        self.movie_index: int | None = None
        self.format: Format | None = None
        self.dropped: int = 0

    def __next__(self) -> Movie:
        """Return the next movie."""
        with self._turn:
            while True:
                item = self._take()
                movie = self._assembler.add(item)
                if movie is not None:
                    self.source = self._source
                    self.movie_index = item.movie_index
                    self.format = self._format
                    return movie
                if isinstance(item, MovieEnded):
                    self.dropped += 1


class DefectIterator(Pass):
    """The defects of all sources, in the order of their places.

    Attributes:
        bytes_read: How many bytes were read so far; see `Corpus.size_on_disk`.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> defects = rc.Corpus(io.StringIO("<movie><title>Tick & Tock")).defects()
        >>> [str(defect.kind) for defect in defects][-1], defects.bytes_read
        ('unexpected-end', 25)
    """

    def __next__(self) -> Defect:
        """Return the next defect."""
        while True:
            item = super().__next__()
            if isinstance(item, Defect):
                return item
