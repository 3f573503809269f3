"""The bytes being looked at: what they are made of, and where in the whole input they are.

Bytes come in at one end with `append` and go out at the other with `drop_before`. Lines and
columns are counted for those who ask in rising order, so that each byte is counted once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewcorpus.defects import RAW_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.parser._encoding import Charset

_CONTINUATION = bytes(range(0x80, 0xC0))  # bytes that go on with a UTF-8 character
_TEXT_BYTES = bytes(byte for byte in range(256) if byte >= 0x20 or byte == 0x09)
_LINE_ENDS = b"\r\n"
_NONCHARACTERS_LEAD = 0xEF
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())


def count_utf8(data: bytes) -> int:
    """Count characters so that the counts of two pieces add up, wherever the cut is."""
    return len(data) if data.isascii() else len(data.translate(None, _CONTINUATION))


def controls_in(data: bytes) -> bytes:
    """Return the line ends and the control characters of some bytes, in their order."""
    return data.translate(None, _TEXT_BYTES)


def illegal_in(data: bytes, controls: bytes, start: int = 0) -> set[bytes]:
    """Return the UTF-8 forms of the characters in some bytes that XML forbids.

    Args:
        data: Bytes of the input.
        controls: Their line ends and control characters, from `start` on.
        start: Where to begin.
    """
    found = set()
    if controls.strip(_LINE_ENDS):
        found = {bytes([byte]) for byte in set(controls)} - {b"\r", b"\n"}
    # One byte is found many times faster than three.
    if data.find(_NONCHARACTERS_LEAD, start) >= 0:
        found |= {sign for sign in _NONCHARACTERS if data.find(sign, start) >= 0}
    return found


class Buffer:
    """The bytes being looked at, with line and column for those who ask in rising order.

    Offsets count bytes of the whole input from 0.

    Args:
        base: Offset of the first byte that will come.
        charset: That of the first document.
        counts_records: Whether there is a `place_of`.

    Attributes:
        data: The bytes in the buffer.
        base: Offset of their first byte.
        charset: That of the document which is being read.
        start: Offset of the first byte of the input, after a byte order mark.
        head: The first bytes of the input.
        returns_until: Offset from which on no byte in the buffer is a carriage return.
        illegal_until: Offset from which on no byte in the buffer belongs to a character that XML
            forbids.
        illegal: The UTF-8 forms of the characters before it that XML forbids.
        place_of: Returns the offset and the line of a position in the data that is not before any
            asked for earlier; `None` where nobody will ask.
    """

    def __init__(self, base: int, charset: Charset, *, counts_records: bool = False) -> None:
        self.data = b""
        self.base = base
        self.charset = charset
        self.start = base
        self.head = b""
        self.returns_until = base
        self.illegal_until = base
        self.illegal: set[bytes] = set()
        self._at = base
        self._line = 1
        self._column = 1
        self._after_return = False
        self._line_feeds = 0  # in the buffer, from `_at` on
        self._signs: dict[bytes, int] = {}  # where each is next
        self._signs_from = 0
        self._records = _Lines(base)
        self.place_of = self._place_of if counts_records else None

    @property
    def end(self) -> int:
        """Offset just after the bytes in the buffer."""
        return self.base + len(self.data)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        if len(self.head) < RAW_BYTES:
            self.head += data[: RAW_BYTES - len(self.head)]
        known = len(self.data)
        self.data = self.data + data if self.data else data
        # One look at each byte answers all that is asked of it later: where lines end, and
        # whether it belongs to a character that XML forbids.
        controls = controls_in(data)
        self._line_feeds += controls.count(b"\n")
        if b"\r" in controls:
            self.returns_until = self.end
        if illegal := illegal_in(self.data, controls, max(known - 2, 0)):
            self.illegal = illegal | self.illegal if self.illegal_until > self.base else illegal
            self.illegal_until = self.end
        self._signs = {}

    def drop_before(self, offset: int) -> None:
        """Forget the bytes before an offset."""
        self._move(offset)
        if self.place_of is not None:
            self._records.move(self, offset)
        self.data = self.data[offset - self.base :]
        self.base = offset
        self._signs = {}

    def slice(self, start: int, end: int) -> bytes:
        """Return the bytes from one offset to another."""
        return self.data[start - self.base : end - self.base]

    @property
    def has_returns(self) -> bool:
        """Whether there may be carriage returns."""
        return self.returns_until > self.base

    def next_sign(self, position: int) -> int:
        """Return where in the data the next ampersand or forbidden character is; else its size.

        Each byte is searched once for each sign, while the positions rise.
        """
        data, signs = self.data, self._signs
        if not signs or position < self._signs_from:
            illegal = self.illegal if self.illegal_until > self.base else ()
            signs = self._signs = dict.fromkeys((b"&", *illegal), -1)
        self._signs_from = position
        if len(signs) == 1:  # as nearly always
            place = signs[b"&"]
            if place < position:
                found = data.find(b"&", position)
                place = signs[b"&"] = found if found >= 0 else len(data)
            return place
        for sign, place in signs.items():
            if place < position:
                found = data.find(sign, position)
                signs[sign] = found if found >= 0 else len(data)
        return min(signs.values())

    def _place_of(self, position: int) -> tuple[int, int]:
        offset = self.base + position
        return offset, self._records.move(self, offset)

    def locate(self, offset: int, count: Callable[[bytes], int] | None = None) -> tuple[int, int]:
        """Return line and column of an offset that is not before any asked for earlier.

        Args:
            offset: Where in the input, in bytes.
            count: Counts the characters in bytes since the last place asked for; `None` for those
                of the document's encoding.
        """
        self._move(offset, count)
        return self._line, self._column

    def _move(self, offset: int, count: Callable[[bytes], int] | None = None) -> None:
        data, start, end = self.data, self._at - self.base, offset - self.base
        if end <= start:
            return
        if end - start <= len(data) - end:
            line_feeds = data.count(b"\n", start, end)
        else:  # there is less to count after the place
            line_feeds = self._line_feeds - data.count(b"\n", end)
        self._line_feeds -= line_feeds
        last = data.rfind(b"\n", start, end) if line_feeds else -1
        if self._after_return or self._at < self.returns_until:
            # "\r\n" is one line end, even where two calls meet inside it.
            line_feeds += data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
            line_feeds -= self._after_return and data.startswith(b"\n", start)
            last = max(last, data.rfind(b"\r", start, end))
            self._after_return = data.endswith(b"\r", start, end)
        self._at = offset
        if last >= 0:
            self._line += line_feeds
            self._column = 1
            start = last + 1
        count = count or (len if self.charset.per_byte else count_utf8)
        self._column += count(data[start:end])


class _Lines:
    """A place that moves on, and its line."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._line = 1
        self._after_return = False

    def move(self, buffer: Buffer, offset: int) -> int:
        """Go on to an offset; return its line."""
        data, start, end = buffer.data, self._at - buffer.base, offset - buffer.base
        if end > start:
            self._line += data.count(b"\n", start, end)
            if self._after_return or buffer.has_returns:
                # "\r\n" is one line end, even where two calls meet inside it.
                self._line += data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
                self._line -= self._after_return and data.startswith(b"\n", start)
                self._after_return = data.endswith(b"\r", start, end)
            self._at = offset
        return self._line
