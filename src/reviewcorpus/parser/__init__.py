"""The parser: bytes in, events out. It does no I/O."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from reviewcorpus.defects import Defect
from reviewcorpus.events import DefectMet, ReviewRead
from reviewcorpus.parser._reader import Engine, Options
from reviewcorpus.parser._reporter import LeftOut

if TYPE_CHECKING:
    from typing import Unpack

    from reviewcorpus.events import Event
    from reviewcorpus.parser._reader import ReadOptions
    from reviewcorpus.parser._reporter import Item

Data: TypeAlias = bytes | bytearray | memoryview


class Parser:
    """Reads one input that is pushed into it piece by piece.

    Whatever the pieces are, the events are the same. A review that the end of a piece has cut is
    given once the rest has come; a field of more than 4 KiB may wait until the input has grown by
    an eighth of its size, and with `errors="strict"` everything waits for the next 64 KiB or for
    `close`. After an error, the events that were complete before it are still there: `close`
    gives them.

    Args:
        source: Name of the input, for the defects.
        errors: `"recover"` (default) reads everything and reports every defect, `"drop"` leaves out
            each review or movie with a defect of severity `error`, `"strict"` takes well-formed
            XML only and raises at the first fault.
        on_defect: Called with each defect, in file order, before the events are returned. If it
            raises, the exception passes, and the next call goes on behind that defect.
        limits: The most that one field or record may take.
        encoding: Encoding of the input; otherwise byte order mark, XML declaration, UTF-8.
        fallback_encoding: Encoding of a field whose bytes do not fit `encoding`; an 8-bit one.

    Raises:
        TypeError: An option is of a wrong type, or there is no such option.
        ValueError: An option has a value that it cannot have.

    Example:
        >>> from reviewcorpus import Parser
        >>> parser = Parser()
        >>> for event in parser.feed(b"<movie><title>Am&eacute;lie 2</title></mov"):
        ...     print(type(event).__name__)
        ...
        MovieStarted
        DefectMet
        >>> [type(event).__name__ for event in parser.feed(b"ie>")][-1]
        'MovieEnded'
        >>> parser.close()
        []
    """

    def __init__(self, *, source: str | None = None, **options: Unpack[ReadOptions]) -> None:
        checked = Options.of(options)
        self._on_defect = checked.on_defect
        self._engine = Engine(checked, source)
        self._items: deque[Item] = deque()
        self._events: list[Event] = []
        self._movie_index = -1
        self._review_index = -1

    def feed(self, data: Data) -> list[Event]:
        """Take a piece of the input; give the events that it completes.

        Args:
            data: Any number of bytes.

        Raises:
            CorpusSyntaxError: The input is not well-formed, with `errors="strict"`.
            LimitExceeded: A field or record is larger than the limits allow.
            TypeError: The data are no bytes.
            ValueError: The parser was closed, or an error has ended it.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data must be bytes, not {type(data).__name__}; encode text as UTF-8")
        if self._engine.is_over:
            raise ValueError("this parser has ended; make a new one for each input")
        self._items.extend(chain.from_iterable(self._engine.feed(bytes(data))))
        return self._give()

    def close(self) -> list[Event]:
        """Take the end of the input; give the events that are left.

        Raises:
            CorpusSyntaxError: The input is not well-formed, with `errors="strict"`.
            LimitExceeded: A field or record is larger than the limits allow.
        """
        self._items.extend(chain.from_iterable(self._engine.close()))
        return self._give()

    def _give(self) -> list[Event]:
        while self._items:
            item = self._items.popleft()
            self._take(item)
            if self._on_defect is not None and isinstance(item, Defect):
                self._on_defect(item)
        error, self._engine.error = self._engine.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # or this frame and the error would keep each other alive
        events, self._events = self._events, []
        return events

    def _take(self, item: Item) -> None:
        """Make an event of an item, and count the records."""
        if isinstance(item, tuple):
            movie, reviews = item
            first = self._review_index + 1
            self._review_index += len(reviews)
            self._events += [
                ReviewRead(movie, review, self._movie_index, index)
                for index, review in enumerate(reviews, first)
            ]
        elif isinstance(item, Defect):
            self._events.append(DefectMet(item))
        elif isinstance(item, LeftOut):
            self._review_index += 1
        else:
            self._movie_index, self._review_index = item.movie_index, -1
            self._events.append(item)
