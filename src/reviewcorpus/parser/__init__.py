"""The parser: bytes in, events out. It does no I/O.

The contract of the modules in this folder
------------------------------------------
**The result depends on the bytes alone**, never on how they are cut. What looks at the buffer
either handles something whole or raises `NeedMore` (`_lookahead.py`), and is called again from the
same place when more bytes have come. Nobody keeps a half-finished search.

**Time is linear, memory is bounded.** A leftover must grow by a fixed part before it is looked at
again (`_reader.py`); a search that could repeat within one look remembers what it found
(`Lookahead`); patterns that see unbounded text are possessive. What is held is bounded by `Limits`.

**One owner of the parse state**: the builder (`_builder.py`). The scanners (`_scanner.py`,
`_strict.py`) know the buffer and the builder. The reporter (`_reporter.py`) makes defects of
offsets and holds no record.

**Defects come in the order of their offsets**, since lines are counted as reading goes on
(`_buffer.py`).

**The fast path agrees with the slow path**: the same records and the same defects. It is a function
of the bytes and a `Checkpoint` (`_fastpath.py`); the reader hands over between two records.

**Either the text is certain or there is a defect** (docs/design.md lists the steps). How bytes
become text belongs to a document, of which a file may have several: the buffer holds its `Charset`
(`_encoding.py`), and gets another one where a document begins.

**Errors come last.** What ends the reading is raised after everything before it was handed out.

**No module here knows a format by its name.** A `Format` comes with the options, and is compiled
once (`_grammar.py`).
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from reviewcorpus._checks import Turn
from reviewcorpus.defects import Defect
from reviewcorpus.events import DefectMet, ReviewRead, ReviewRun
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
    """Reads one input that is pushed into it piece by piece.

    Whatever the pieces are, the events are the same. A review that the end of a piece has cut is
    returned once the rest has come; a field of more than 4 KiB may wait until the input has grown
    by an eighth of its size, and with `errors="strict"` everything waits for the next 64 KiB or for
    `close`. After an error, the events that were complete before it are still there: `close`
    returns them.

    Args:
        source: Name of the input, for the defects.
        errors: `"recover"` (default) reads everything and reports every defect, `"drop"` drops
            each review or movie with a defect of severity `error`, `"strict"` accepts well-formed
            XML only and raises at the first fault.
        on_defect: Called with each defect, in file order, before the events are returned. If it
            raises, the exception passes through, and the next call goes on after that defect.
        format: A `Format`, or the name of a known one; `None` to decide by its first record.
        limits: The most that one field or record may take.
        encoding: Encoding of the input; otherwise each document has its own: byte order mark, XML
            declaration, that of the format.
        fallback_encoding: Encoding of bytes, or of a field, that are not in that; an 8-bit one.

    Raises:
        TypeError: An option has a wrong type.
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
        options = options_of(errors, on_defect, format, limits, encoding, fallback_encoding)
        self._on_defect = on_defect
        self._reader = Reader(options, source)
        self._items: deque[Item] = deque()
        self._events: list[Event] = []
        self._turn = Turn()

    def feed(self, data: Data) -> list[Event]:
        """Read a piece of the input; return the events that it completes.

        Args:
            data: Any number of bytes.

        Raises:
            CorpusSyntaxError: The input is not well-formed, with `errors="strict"`.
            LimitExceeded: A field or record is larger than the limits allow.
            TypeError: The data are not bytes.
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
                self._events.append(DefectMet(item))
                if self._on_defect is not None:
                    self._on_defect(item)
            else:
                self._events.append(item)
        self._reader.raise_error()
        events, self._events = self._events, []
        return events
