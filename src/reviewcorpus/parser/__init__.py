"""The parser: bytes in, events out. It does no I/O.

The contract of the modules in this folder
------------------------------------------
**The result depends on the bytes alone**, never on how they are cut. Code that looks at the buffer
either handles something whole or raises `NeedMore` (`_lookahead.py`), and is called again from the
same place when more bytes have arrived. No search is kept half-finished.

**Time is linear, memory is bounded.** Unread bytes are looked at again only after they have grown
by a fixed fraction (`_reader.py`); a search that could be repeated remembers what it found
(`Lookahead`); patterns over unbounded text are possessive. `Limits` bounds what is kept in memory.

**One owner of the parse state**: the builder (`_builder.py`). The scanners (`_scanner.py`,
`_strict.py`) know the buffer and the builder. The reporter (`_reporter.py`) turns offsets into
defects and knows no records.

**Defects come in the order of their offsets**, because lines are counted during reading
(`_buffer.py`).

**The fast path agrees with the slow path**: the same records and the same defects. It is a function
of the bytes and a `Checkpoint` (`_fastpath.py`); the reader switches paths between two records.

**Either the text is certain or there is a defect** (docs/design.md lists the steps). A file may
hold several documents, each with its own encoding: the buffer holds the `Charset` (`_encoding.py`)
of the current one.

**Errors come last.** An error that ends the reading is raised after everything before it has been
returned.

**No module here knows a format by its name.** A `Format` comes with the options, and is compiled
once (`_grammar.py`).
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from reviewcorpus._checks import Turn, refuse, refuse_copy
from reviewcorpus.defects import Defect
from reviewcorpus.events import DefectFound, ReviewRead, ReviewRun
from reviewcorpus.limits import DEFAULT_LIMITS, Limits
from reviewcorpus.parser._options import options_of
from reviewcorpus.parser._reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.events import Event, Item
    from reviewcorpus.formats import Format
    from reviewcorpus.parser._options import Errors

__all__ = ["Parser"]

Data: TypeAlias = bytes | bytearray | memoryview


class Parser:
    """Reads one input that arrives piece by piece.

    The events are the same however the input is cut. A review that is cut at the end of a piece is
    returned once the rest has arrived. A field of more than 4 KiB may have to grow by an eighth
    before it is looked at again, and with `errors="strict"` everything waits for the next 64 KiB
    or for `close`. After an error, `close` returns the events that were complete before it.

    Args:
        source: Name of the input, for the defects.
        errors: `"recover"` (default) reads everything and reports every defect, `"drop"` drops
            each review or movie with a defect of severity `error`, `"strict"` accepts well-formed
            XML only and raises at the first error.
        on_defect: Called with each defect, in file order, before the events are returned. If it
            raises, the exception passes through, and the next call goes on after that defect.
        format: A `Format`, or the name of a known one; `None` to decide by the first record.
        limits: The most that one field or record can have.
        encoding: Encoding of the input; `None` to decide for each document by its byte order mark,
            its XML declaration, or else the format.
        fallback_encoding: An 8-bit encoding for single bytes, or for a whole field, that are not
            valid in the encoding of their document.

    Raises:
        TypeError: The name or an option has a wrong type.
        ValueError: An option has a value that is not allowed.

    Example:
        >>> from reviewcorpus import Parser
        >>> parser = Parser()
        >>> for event in parser.feed(b"<movie><title>Am&eacute;lie 2</title></mov"):
        ...     print(type(event).__name__)
        ...
        MovieStarted
        DefectFound
        >>> [type(event).__name__ for event in parser.feed(b"ie>")][-1]
        'MovieEnded'
        >>> parser.close()
        []
    """

    def __init__(
        self,
        *,
        source: str | None = None,
        errors: Errors = "recover",
        on_defect: Callable[[Defect], object] | None = None,
        format: Format | str | None = None,
        limits: Limits = DEFAULT_LIMITS,
        encoding: str | None = None,
        fallback_encoding: str = "windows-1252",
    ) -> None:
        if source is not None and not isinstance(source, str):
            refuse(TypeError, "source", source, "a str or None")
        options = options_of(errors, on_defect, format, limits, encoding, fallback_encoding)
        self._on_defect = on_defect
        self._reader = Reader(options, source)
        self._items: deque[Item] = deque()
        self._events: list[Event] = []
        self._turn = Turn()

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied or pickled."""
        refuse_copy(self)

    def feed(self, data: Data) -> list[Event]:
        """Read a piece of the input; return the events that it completes.

        Args:
            data: Any number of bytes.

        Raises:
            CorpusSyntaxError: The input is not well-formed, with `errors="strict"`.
            LimitExceeded: A field or record is larger than the limits allow.
            TypeError: `data` is not bytes.
            ValueError: The parser was closed, or an error has ended it.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data must be bytes, not {type(data).__name__}; encode text as UTF-8")
        with self._turn:
            if self._reader.is_over:
                raise ValueError("this parser has ended; make a new one for each input")
            self._items.extend(chain.from_iterable(self._reader.feed(bytes(data))))
            return self._take_events()

    def close(self) -> list[Event]:
        """End the input; return the events that are left.

        Raises:
            CorpusSyntaxError: The input is not well-formed, with `errors="strict"`.
            LimitExceeded: A field or record is larger than the limits allow.
        """
        with self._turn:
            self._items.extend(chain.from_iterable(self._reader.close()))
            return self._take_events()

    def _take_events(self) -> list[Event]:
        while self._items:
            item = self._items.popleft()
            if isinstance(item, ReviewRun):
                self._events += [
                    ReviewRead(item.movie, review, item.movie_index, index)
                    for index, review in enumerate(item.reviews, item.review_index)
                ]
            elif isinstance(item, Defect):
                self._events.append(DefectFound(item))
                if self._on_defect is not None:
                    self._on_defect(item)
            else:
                self._events.append(item)
        self._reader.raise_error()
        events, self._events = self._events, []
        return events
