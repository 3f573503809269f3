"""One input: its bytes are decoded, and read by the fast path and the slow path in turn."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from reviewcorpus.defects import CorpusError
from reviewcorpus.parser._buffer import Buffer
from reviewcorpus.parser._deciding import FormatFinder
from reviewcorpus.parser._encoding import (
    FIXED_UTF8,
    Charset,
    InputDecoder,
    is_plain_start,
    with_default,
)
from reviewcorpus.parser._fastpath import Checkpoint, Faulty, path_of
from reviewcorpus.parser._parts import Parts, lazy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.events import Item
    from reviewcorpus.formats import Format
    from reviewcorpus.parser._options import Options
    from reviewcorpus.parser._scanner import Scanner
    from reviewcorpus.parser._strict import StrictScanner

_BEGINNING = Checkpoint()
_CUT_TAG = re.compile(rb"</?[A-Za-z]{0,50}")
_PIECE = 1 << 16  # bytes; larger ones fall out of the processor's cache
_ALWAYS_TRIED = 4096  # bytes; the leftover of most reviews, for which trying again is cheap
_GROWTH = 8  # a larger leftover must grow by an eighth before it is looked at again


class Reader:
    """Reads one input: bytes are pushed in, items are pulled out.

    Everything that reads goes through here: `Parser`, the iterators, Arrow, Spark, the command.

    Args:
        options: How to read.
        source: Name of the input, for the defects.
        use_fast_path: Whether records that are clean or nearly so go through the fast path.
        listens: Whether defects are wanted. If the options need them, they are made anyway.
        wants_places: Whether items have the offsets and lines of their records.
        is_text: Whether the bytes are a `str` in UTF-8, whatever it declares.

    Attributes:
        is_over: Whether the input was closed, or an error has ended the reading.
        error: What has ended the reading, if anything has. The caller raises it after using
            everything that came before, so that the result does not depend on how the input is cut.
    """

    is_over: bool = False
    error: CorpusError | None = None
    _decoder: InputDecoder | None = None
    _parts: Parts | None = None
    _way: _Recovery | StrictScanner | None = None

    def __init__(
        self,
        options: Options,
        source: str | None,
        *,
        use_fast_path: bool = True,
        listens: bool = True,
        wants_places: bool = False,
        is_text: bool = False,
    ) -> None:
        self._options = options
        self._source = source
        self._use_fast_path = use_fast_path
        self._listens = listens
        self._wants_places = wants_places
        self._forced = "utf-8" if is_text else options.encoding
        self._finder = FormatFinder(options.format, options.limits)

    @property
    def format(self) -> Format | None:
        """The format of the input; `None` while that is not known."""
        return self._finder.table if self._parts else None

    def feed(self, data: bytes) -> Iterator[list[Item]]:
        """Yield the items that some bytes complete, in portions that are made on demand.

        Take all portions before feeding more.
        """
        return self._run(data, final=False, broken=None)

    def read_whole(self, data: bytes) -> Iterator[list[Item]]:
        """Yield the items of a complete input, in portions too.

        A small input that the fast path can read is over after a few calls.
        """
        options = self._options
        if (
            len(data) > _PIECE
            or not is_plain_start(data)
            or self._forced not in {None, "utf-8"}
            or options.errors == "strict"
            or not self._use_fast_path
        ):
            return self._run(data, final=True, broken=None)
        self._finder.add(data, final=True)
        charset = FIXED_UTF8 if self._forced is not None else None
        way = self._way = _Recovery(self._make_parts(0, charset), 0, begins_fast=True)
        items = way.begin(data)
        self.is_over = way.is_done
        rest = () if self.is_over else self._run(b"", final=True, broken=None)
        return chain((items,), rest)

    def close(self, *, broken: str | None = None) -> Iterator[list[Item]]:
        """Yield the items that are left at the end of the input, in portions too.

        Args:
            broken: Why nothing more can come, if the data has not simply ended.
        """
        return self._run(b"", final=True, broken=broken)

    def raise_error(self) -> None:
        """Raise what has ended the reading, if anything has; only once."""
        error, self.error = self.error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # or this frame and the error would keep each other, and the file, alive

    def _run(self, data: bytes, *, final: bool, broken: str | None) -> Iterator[list[Item]]:
        if self.is_over:
            return
        self.is_over = final
        decoder = self._decoder = self._decoder or InputDecoder(self._forced)
        try:
            data = decoder.decode(data, final=final)
            way = self._way
            if way is None:
                head = self._finder.add(data, final=final) if decoder.decided else None
                if head is None:
                    return
                way, data = self._start(decoder, head), head
            if not final or len(data) > _PIECE:
                yield from way.feed(data)
                data = b""
            if final:
                yield from way.close(data, broken=broken, cut=decoder.ends_inside_character)
        except CorpusError as error:
            self.error = error
            self.is_over = True
            yield self._parts.builder.abandon() if self._parts else []

    def _make_parts(self, start: int, charset: Charset | None) -> Parts:
        """Make the parts that read an input of a known format.

        Args:
            start: Offset of its first byte.
            charset: Its encoding; `None` if nothing says which one it is.
        """
        table = self._finder.table
        charset = with_default(charset, table.encoding)
        buffer = Buffer(start, charset, wants_places=self._wants_places)
        self._parts = Parts(self._options, table, self._source, buffer, self._listens)
        return self._parts

    def _start(self, decoder: InputDecoder, head: bytes) -> _Recovery | StrictScanner:
        """Choose how to read an input whose first bytes are decoded."""
        options = self._options
        parts = self._make_parts(decoder.start, decoder.charset if decoder.has_label else None)
        is_strict = options.errors == "strict"
        # Without a mark, the input is read as UTF-8: it is valid, or it has defects of its own.
        has_conflict = decoder.has_conflict and (decoder.is_marked or is_strict)
        if has_conflict:
            from reviewcorpus.parser._reporter import first_conflict

            fault, known = first_conflict(decoder)
            parts.builder.report(fault, known=known)
        if is_strict:
            from reviewcorpus.parser._strict import StrictScanner

            self._way = StrictScanner(parts.builder)
        else:
            # A declaration that is longer than the limit is text, as any section would be.
            declared = decoder.declaration_end(head)
            is_read = declared <= options.limits.max_field_bytes
            self._way = _Recovery(
                parts,
                declared,
                begins_fast=is_read and not has_conflict,
                uses_fast_path=self._use_fast_path,
            )
        return self._way


class _Recovery:
    """Reads an input whatever its damage, on the fast path and the slow path in turn.

    Args:
        parts: The parts that read the input.
        declared: Size of the declaration that says how the first document is read, in bytes.
        begins_fast: Whether the fast path is in charge at the beginning.
        uses_fast_path: Whether it is used at all.
    """

    def __init__(
        self, parts: Parts, declared: int, *, begins_fast: bool, uses_fast_path: bool = True
    ) -> None:
        self._parts = parts
        self._buffer = parts.buffer
        self._declared_until = parts.buffer.base + declared
        self._uses_fast_path = uses_fast_path
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        # Where in the buffer the fast path goes on, and what is known there, if it is in charge.
        is_fast = begins_fast and uses_fast_path
        self._position = declared if is_fast else 0
        self._at = _BEGINNING if is_fast else None

    def begin(self, data: bytes) -> list[Item]:
        """Begin to read bytes that are the whole input; return what the fast path can read."""
        self._buffer.append(data)
        return self._read_fast(_BEGINNING)

    @property
    def is_done(self) -> bool:
        """Whether the fast path has read everything, and nothing is open at the end."""
        at, buffer = self._at, self._buffer
        if at is None or at.movie is not None or at.movie_index < 0:
            return False
        end = len(buffer.data)
        return self._position == end or buffer.blanks_end(self._position) == end

    def feed(self, data: bytes) -> Iterator[list[Item]]:
        """Add bytes, and read as far as they allow."""
        start = 0
        while start < len(data):
            # At least as much as is left over, because the leftover may be looked at again.
            piece = data[start : start + max(_PIECE, len(self._buffer.data))]
            start += len(piece)
            self._waiting.append(piece)
            self._waiting_bytes += len(piece)
            # A leftover that grows by a fixed part of itself before each new look is copied and
            # scanned a bounded number of times, however small the pieces are.
            leftover = len(self._buffer.data)
            if leftover <= _ALWAYS_TRIED or self._waiting_bytes >= leftover // _GROWTH:
                yield from self._read(final=False)

    def close(self, data: bytes, *, broken: str | None, cut: bool) -> Iterator[list[Item]]:
        """Read what is left at the end of the input.

        Args:
            data: The last bytes.
            broken: Why nothing more can come, if the data has not simply ended.
            cut: Whether the input ends inside a character.
        """
        self._waiting.append(data)
        # First as if more could come: what is too long must not depend on when the end is known.
        yield from self._read(final=False)
        if not self.is_done:
            yield from self._read(final=True)
        if self.is_done and broken is None and not cut:
            return
        if self._at is not None:
            self._hand_over(self._at)
        builder = self._parts.builder
        if cut:
            builder.cut_at(self._buffer.end)
        builder.finish(broken=broken)
        yield builder.take_items()

    def _read(self, *, final: bool) -> Iterator[list[Item]]:
        """Read what the bytes allow; where the fast path ends, the slow path reads a record."""
        buffer, parts = self._buffer, self._parts
        buffer.append(b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0
        goes_on = True
        while goes_on:
            if self._at is None and self._scanner.is_at_record:
                self._position, self._at = self._scanner.position, parts.builder.checkpoint
            if self._at is not None:
                yield self._read_fast(self._at)
                if self._is_waiting(final=final):
                    break
                self._hand_over(self._at)
            goes_on = self._scanner.scan(final=final)
            yield parts.builder.take_items()
        if final:
            return
        if self._at is not None:
            buffer.drop_before(buffer.base + self._position)
            self._position = 0
        else:
            buffer.drop_before(self._scanner.kept_from)
            self._scanner.position = 0

    def _read_fast(self, at: Checkpoint) -> list[Item]:
        """Read on the fast path; return the items, with defects in place of faults."""
        parts, charset = self._parts, self._buffer.charset
        is_plain = charset.is_plain and not charset.per_byte
        take = path_of(parts.format, is_plain=is_plain)
        items, self._position, self._at = take(self._buffer, self._position, at, parts)
        if not parts.listens:
            return items  # type: ignore[no-any-return] # the function is made from source
        told: list[Item] = []
        for item in items:
            told += parts.reporter.defects(item) if type(item) is Faulty else (item,)
        return told

    def _is_waiting(self, *, final: bool) -> bool:
        """Check whether the fast path may take what follows once there is more of it."""
        data = self._buffer.data
        at = self._buffer.blanks_end(self._position)
        if at == len(data):
            self._position = at  # or endless whitespace would be kept
            return True
        if final:
            return False
        if _CUT_TAG.fullmatch(data, at):
            return True
        review = self._parts.format.review.element.encode()
        is_review = data.startswith((b"<%b>" % review, b"<%b " % review), at)
        if not is_review or len(data) - at >= _PIECE:
            return False
        return data.find(b"</%b>" % review, at) < 0

    def _hand_over(self, at: Checkpoint) -> None:
        """Put the slow path in charge."""
        self._parts.builder.resume(at)
        self._scanner.position = self._position
        self._at = None

    @lazy
    def _scanner(self) -> Scanner:
        """The slow path."""
        from reviewcorpus.parser._scanner import Scanner

        builder = self._parts.builder
        return Scanner(builder, self._declared_until, hands_over=self._uses_fast_path)
