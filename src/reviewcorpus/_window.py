"""The part of the input that is in hand, and where in the whole input it stands."""

from __future__ import annotations

from reviewcorpus.defects import RAW_BYTES

_CONTINUATION = bytes(range(0x80, 0xC0))  # bytes that go on with a UTF-8 character


def count_characters(data: bytes, per_byte: bool) -> int:
    """Count characters so that the counts of two pieces add up, wherever the cut is.

    Args:
        data: Bytes of the input.
        per_byte: Whether each byte is a character; else the bytes are UTF-8.
    """
    return len(data) if per_byte or data.isascii() else len(data.translate(None, _CONTINUATION))


class Window:
    """The bytes in hand, with line and column for those who ask in rising order.

    Attributes:
        data: The bytes in hand.
        base: Offset of their first byte in the whole input.
        per_byte: Whether each byte of the input is a character; else the bytes are UTF-8.
        start: Offset of the first byte of the input, behind a byte order mark.
        head: The first bytes of the input.
    """

    def __init__(self, base: int = 0, *, per_byte: bool = False) -> None:
        self.data = b""
        self.base = base
        self.per_byte = per_byte
        self.start = base
        self.head = b""
        self._at = base
        self._line = 1
        self._column = 1
        self._after_return = False

    @property
    def end(self) -> int:
        """Offset just behind the bytes in hand."""
        return self.base + len(self.data)

    def append(self, data: bytes) -> None:
        """Take more bytes in hand."""
        if len(self.head) < RAW_BYTES:
            self.head += data[: RAW_BYTES - len(self.head)]
        self.data = self.data + data if self.data else data

    def drop_before(self, offset: int) -> None:
        """Let go of the bytes before an offset."""
        self._move(offset, self.per_byte)
        self.data = self.data[offset - self.base :]
        self.base = offset

    def slice(self, start: int, end: int) -> bytes:
        """Give the bytes from one offset to another."""
        return self.data[start - self.base : end - self.base]

    def locate(self, offset: int, *, per_byte: bool = False) -> tuple[int, int]:
        """Give line and column of an offset that is not before any asked for earlier.

        Args:
            offset: Where in the input, in bytes.
            per_byte: Whether each byte since the last place asked for is a character.
        """
        self._move(offset, per_byte or self.per_byte)
        return self._line, self._column

    def _move(self, offset: int, per_byte: bool) -> None:
        data, start, end = self.data, self._at - self.base, offset - self.base
        if end <= start:
            return
        self._at = offset
        line_starts = data.count(b"\n", start, end)
        last = data.rfind(b"\n", start, end)
        if self._after_return or data.find(b"\r", start, end) >= 0:
            # "\r\n" is one line end, even where two calls meet inside it.
            line_starts += data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
            line_starts -= self._after_return and data.startswith(b"\n", start)
            last = max(last, data.rfind(b"\r", start, end))
            self._after_return = data.endswith(b"\r", start, end)
        if last >= 0:
            self._line += line_starts
            self._column = 1
            start = last + 1
        self._column += count_characters(data[start:end], per_byte)
