"""The slow path: from bytes to tags and raw fields, whatever the damage.

Each step looks at the buffer from one place on and either handles something whole (a tag, a field,
a piece of stray text), or finds that more bytes could change what begins there (`NeedMore`). So the
result depends on the bytes alone, never on how they are cut. What a step needs is bounded by the
limits, and how often it is tried again is bounded by `Scanner.feed`.

The scanner knows the buffer, where in it the next step begins, and the builder, which it calls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus.parser._fastpath import FastPath
from reviewcorpus.parser._grammar import CDATA_OPENING, DOCTYPE_START, SPACE_BYTES, read_tag
from reviewcorpus.parser._lookahead import Lookahead, NeedMore, find_field_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.parser._builder import OpenField, RecordBuilder

_ALWAYS_TRIED = 4096  # bytes; the leftover of most reviews, for which trying again is cheap
_GROWTH = 8  # a larger leftover must grow by this part of it before it is looked at again
_MANY_ITEMS = 1000  # runs of reviews, and defects, that are held ready at a time
_WHOLE_REVIEW = 1 << 16  # bytes; the rest of a review that a chunk has cut is waited for up to this

# What begins neither a tag nor a section: anything up to a "<" before a letter or the like.
_STRAY_TEXT = re.compile(rb"(?:[^<]++|<(?=[^A-Za-z_:\x80-\xff/!?]))++")
_MARKS = re.compile(rb"(?:[ \t\r\n]*+\xef\xbb\xbf)++")
_CUT_MARK = re.compile(rb"[ \t\r\n]*+\xef\xbb?\Z")


class Scanner:
    """Finds tags and raw fields in bytes, and calls the builder with them.

    Args:
        builder: Handles the tags, fields and stray text; its buffer holds the bytes.
        use_fast_path: Whether clean records go through the fast path.
    """

    def __init__(self, builder: RecordBuilder, *, use_fast_path: bool = True) -> None:
        grammar = builder.grammar
        self._builder = builder
        self._buffer = builder.buffer
        self._fast_path = FastPath(builder) if use_fast_path else None
        self._review_tags = (
            f"<{grammar.review.element}>".encode(),
            f"</{grammar.review.element}>".encode(),
        )
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._position = 0
        self._ahead = Lookahead(self._buffer, grammar, builder.limits, final=False)

    # ---- input --------------------------------------------------------------------------

    def feed(self, data: bytes) -> Iterator[None]:
        """Add bytes, and read as far as they allow; pause where many items are ready."""
        # A leftover that grows by a fixed part of itself before each new look is copied and
        # scanned a bounded number of times, however small the pieces are.
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        leftover = len(self._buffer.data)
        if leftover <= _ALWAYS_TRIED or self._waiting_bytes >= leftover // _GROWTH:
            yield from self._scan()

    def close(self, *, broken: str | None = None, cut: bool = False) -> Iterator[None]:
        """Read what is left at the end of the input; pause where many items are ready.

        Args:
            broken: Why nothing more can come, if the data has not simply ended.
            cut: Whether the input ends inside a character.
        """
        yield from self._scan(final=True)
        if cut:
            self._builder.cut_at(self._buffer.end)
        self._builder.finish(broken=broken)

    def _scan(self, *, final: bool = False) -> Iterator[None]:
        buffer, builder = self._buffer, self._builder
        buffer.append(b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0
        self._ahead = Lookahead(buffer, builder.grammar, builder.limits, final=final)
        self._position = 0  # or at an open field, which keeps its own place
        try:
            while self._position < len(buffer.data) or builder.open_field is not None:
                self._step()
                # A byte can bring records and defects of several hundred bytes.
                if len(builder.items) >= _MANY_ITEMS:
                    yield
        except NeedMore:
            pass
        finally:
            if not final:
                # The start tag of an open field stays, for a defect may begin there.
                opened = builder.open_field
                buffer.drop_before(
                    buffer.base + self._position if opened is None else opened.tag.start
                )

    def _step(self) -> None:
        builder, data = self._builder, self._buffer.data
        if builder.open_field is not None:
            self._end_field(builder.open_field)
            return
        if self._fast_path is not None:
            self._position = self._fast_path.run(self._position)
        if builder.is_outside and not self._buffer.per_byte:
            self._skip_marks()
        if self._position == len(data):
            return
        found = _STRAY_TEXT.match(data, self._position)
        if found is not None:
            self._add_stray_text(self._position, found.end())
        else:
            self._read_markup()

    def _skip_marks(self) -> None:
        """Skip byte order marks before a record: files that had one each were joined."""
        data = self._buffer.data
        if found := _MARKS.match(data, self._position):
            self._position = found.end()
        if not self._ahead.final and _CUT_MARK.match(data, self._position):
            raise NeedMore

    def _add_stray_text(self, start: int, end: int) -> None:
        base = self._buffer.base
        self._builder.stray_text(base + start, base + end)
        self._position = end

    # ---- between fields -----------------------------------------------------------------

    def _read_markup(self) -> None:
        """Read what begins at a `<` that is in no field."""
        ahead, builder, at = self._ahead, self._builder, self._position
        found = ahead.match_tag(at)
        if found is not None:
            self._read_tag(found)
            return
        if ahead.section_at(at):
            end = ahead.section_end(at, at + builder.limits.max_field_bytes)
            if end is not None:
                self._skip_section(at, end)
                return
        elif builder.movie is None and DOCTYPE_START.match(ahead.data, at):
            self._skip_doctype(at)
            return
        elif ahead.may_become_markup(at):
            raise NeedMore
        elif ahead.final and ahead.is_cut_tag(at, builder.grammar.spelling):
            builder.cut_at(self._buffer.base + at)
            self._position = len(self._buffer.data)
            return
        self._add_stray_text(at, at + 1)

    def _read_tag(self, found: re.Match[bytes]) -> None:
        self._wait_for_review(found)
        self._position = found.end()
        tag = read_tag(found, self._buffer.base, self._buffer.encoding)
        if tag.closes:
            self._builder.end(tag)
        else:
            self._builder.start(tag)

    def _wait_for_review(self, found: re.Match[bytes]) -> None:
        """Wait for the rest of a review that a chunk has cut: it may suit the fast path then."""
        opening, closing = self._review_tags
        if self._ahead.final or self._fast_path is None or found[0] != opening:
            return
        data, start = self._buffer.data, found.end()
        if len(data) - start < _WHOLE_REVIEW and data.find(closing, start) < 0:
            raise NeedMore

    def _skip_section(self, at: int, end: int) -> None:
        """Skip a comment or instruction; a CDATA section that is not blank is stray text."""
        section = self._buffer.data[at:end]
        inside = section[len(CDATA_OPENING) : -3] if section.startswith(CDATA_OPENING) else b""
        if inside.strip(SPACE_BYTES):
            self._add_stray_text(at, end)
        else:
            self._builder.skip(self._buffer.base + at, self._buffer.base + end)
            self._position = end

    def _skip_doctype(self, at: int) -> None:
        base = self._buffer.base
        end = self._ahead.doctype_end(at, has_movie=self._builder.has_movie)
        self._builder.skip_doctype(base + at, base + end)
        self._position = end

    # ---- fields -------------------------------------------------------------------------

    def _end_field(self, opened: OpenField) -> None:
        """Find the end of the open field, and hand its raw text to the builder."""
        builder, base = self._builder, self._buffer.base
        ending = find_field_end(self._ahead, opened)
        if ending is None:
            builder.exceed(opened.tag.start, f"{opened.field.element} is", "max_field_bytes")
        builder.end_field(opened, ending)
        if ending.own_tag is not None:
            self._position = ending.own_tag.end - base
        elif ending.other_tag is not None:
            self._position = ending.other_tag.start - base
        else:
            self._position = len(self._buffer.data)
