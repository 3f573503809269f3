"""From bytes to tags and raw fields: the tolerant scanner, its careful way.

Each step looks at the bytes from one place on and either takes something whole (a tag, a field,
a piece of words), or finds that more bytes could change what stands there. So the result depends
on the bytes alone, never on how they are cut. What a step needs is bounded by the limits, and how
often it is tried again is bounded by `Scanner.feed`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus._values import SPACE_BYTES
from reviewcorpus.formats import DIALECT
from reviewcorpus.parser._fastpath import FastWay
from reviewcorpus.parser._field_end import find_field_end
from reviewcorpus.parser._grammar import CDATA_OPENING, read_tag
from reviewcorpus.parser._lookahead import NeedMore, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._builder import OpenField, RecordBuilder

_ALWAYS_TRIED = 4096  # bytes; the leftover of most reviews, for which trying again is cheap
_GROWTH = 8  # a larger leftover must grow by this part of it before it is looked at again
_MANY_ITEMS = 1000  # runs of reviews, and defects, that are held ready at a time
_WHOLE_REVIEW = 1 << 16  # a review that is cut by the end of a chunk is waited for up to this size

# What begins no tag or section: anything up to a "<" that stands before a letter or the like.
_WORDS = re.compile(rb"(?:[^<]++|<(?=[^A-Za-z_:\x80-\xff/!?]))++")
_MARKS = re.compile(rb"(?:[ \t\r\n]*+\xef\xbb\xbf)++")
_CUT_MARK = re.compile(rb"[ \t\r\n]*+\xef\xbb?\Z")
_SPELLING = DIALECT.spelling
_REVIEW_OPENING = f"<{DIALECT.review.element}>".encode()
_REVIEW_CLOSING = f"</{DIALECT.review.element}>".encode()


class Scanner:
    """Takes bytes, calls the builder with what it finds in them.

    Args:
        builder: Who takes the tags, fields and words; its window holds the bytes.
        limits: The most that one field may take.
        careful: Whether to take the careful way for clean records too.
    """

    def __init__(self, builder: RecordBuilder, limits: Limits, *, careful: bool = False) -> None:
        self._builder = builder
        self._window = builder.window
        self._limits = limits
        self._fast = None if careful else FastWay(builder, limits)
        self._field: OpenField | None = None
        self._field_start = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._cut: int | None = None
        self._position = 0
        self._view = View(b"", self._window.base, limits, final=False)

    @property
    def is_in_field(self) -> bool:
        """Whether a field is open; else the first byte in hand is the next to be looked at."""
        return self._field is not None

    # ---- input --------------------------------------------------------------------------

    def feed(self, data: bytes) -> Iterator[None]:
        """Take bytes, and read as far as they allow; pause where much is ready to be taken."""
        # A leftover that grows by a fixed part of itself before each new look is copied and
        # scanned a bounded number of times, however small the pieces are.
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        leftover = len(self._window.data)
        if leftover <= _ALWAYS_TRIED or self._waiting_bytes >= leftover // _GROWTH:
            yield from self._scan()

    def close(self, *, broken: str | None = None, cut: bool = False) -> Iterator[None]:
        """Take the end of the input; pause where much is ready to be taken.

        Args:
            broken: Why nothing more can come, if that is not for the end of the data.
            cut: Whether the input ends inside a character.
        """
        yield from self._scan(final=True)
        if cut and self._cut is None:
            self._cut = self._window.end
        self._builder.finish(cut=self._cut, broken=broken)

    def _scan(self, *, final: bool = False) -> Iterator[None]:
        window, reporter = self._window, self._builder.reporter
        window.append(b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0
        encoding = self._builder.text_reader.encoding
        self._view = View(window.data, window.base, self._limits, final=final, encoding=encoding)
        self._position = 0 if self._field is None else self._field_start - window.base
        try:
            while self._position < len(window.data) or self._field is not None:
                self._step()
                # A byte can bring records and defects of several hundred bytes.
                if len(reporter.items) >= _MANY_ITEMS:
                    yield
        except NeedMore:
            pass
        finally:
            if not final:
                # The start tag of an open field stays, for a defect may begin there.
                opened = self._field
                window.drop_before(
                    window.base + self._position if opened is None else opened.tag.start
                )

    def _step(self) -> None:
        if self._field is not None:
            self._take_field()
            return
        builder, data = self._builder, self._window.data
        if self._fast is not None:
            self._position = self._fast.run(self._position)
        if builder.is_outside and not self._window.per_byte:
            self._skip_marks()
        if self._position == len(data):
            return
        words = _WORDS.match(data, self._position)
        if words is not None:
            self._take_words(self._position, words.end())
        else:
            self._take_markup()

    def _skip_marks(self) -> None:
        """Skip byte order marks before a record: files that had one each were joined."""
        data = self._window.data
        if found := _MARKS.match(data, self._position):
            self._position = found.end()
        if not self._view.final and _CUT_MARK.match(data, self._position):
            raise NeedMore

    def _take_words(self, start: int, end: int) -> None:
        base = self._window.base
        self._builder.reporter.words(base + start, base + end)
        self._position = end

    # ---- between fields -----------------------------------------------------------------

    def _take_markup(self) -> None:
        """Take what begins at a `<` that stands in no field."""
        view, at = self._view, self._position
        found = view.match_tag(at)
        if found is not None:
            self._wait_for_review(found)
            self._position = found.end()
            tag = read_tag(found, self._window.base, view.encoding)
            if tag.closes:
                self._builder.end(tag)
            else:
                self._field = self._builder.start(tag)
                self._field_start = tag.end
            return
        if view.section_at(at):
            end = view.section_end(at, at + self._limits.max_field_bytes)
            if end is not None:
                self._take_section(at, end)
                return
        elif not self._builder.is_in_movie and view.is_doctype(at):
            self._take_doctype(at)
            return
        elif view.may_become_markup(at):
            raise NeedMore
        elif self._view.final and view.is_cut_tag(at, _SPELLING):
            self._cut_here(at)
            return
        self._take_words(at, at + 1)

    def _wait_for_review(self, found: re.Match[bytes]) -> None:
        """Wait for the rest of a review that a chunk has cut, so that it can go the fast way."""
        if self._view.final or self._fast is None or found[0] != _REVIEW_OPENING:
            return
        data, start = self._window.data, found.end()
        if len(data) - start < _WHOLE_REVIEW and data.find(_REVIEW_CLOSING, start) < 0:
            raise NeedMore

    def _take_section(self, at: int, end: int) -> None:
        """Pass over a comment or instruction; a CDATA section that is not blank is words."""
        section = self._window.data[at:end]
        if section.startswith(CDATA_OPENING) and section[len(CDATA_OPENING) : -3].strip(
            SPACE_BYTES
        ):
            self._take_words(at, end)
        else:
            self._builder.pass_over(self._window.base + at, self._window.base + end)
            self._position = end

    def _take_doctype(self, at: int) -> None:
        builder, base = self._builder, self._window.base
        end = self._view.doctype_end(at, has_movie=builder.has_movie)
        if builder.reporter.has_words and not builder.has_movie:
            builder.pass_over(base + at, base + end)  # it stands behind words, and is one of them
        else:
            builder.faults.doctype(base + at, base + end)
        self._position = end

    def _cut_here(self, at: int) -> None:
        self._cut = self._window.base + at
        self._position = len(self._window.data)

    # ---- fields -------------------------------------------------------------------------

    def _take_field(self) -> None:
        """Find the end of the open field, and give its raw text to the builder."""
        opened = self._field
        assert opened is not None  # noqa: S101 called with a field open only
        builder, base = self._builder, self._window.base
        start = self._field_start - base
        found = find_field_end(self._view, opened, start)
        element = opened.field.element
        if found is None:
            builder.reporter.exceed(opened.tag.start, f"{element} is", "max_field_bytes")
        self._field = None
        end = found.end
        if found.is_cut:
            end -= builder.text_reader.count_cut_bytes(self._window.data[start:end])
            self._cut = base + end
        builder.field(opened, base + start, base + end, second=found.second)
        if found.own_tag is not None:
            builder.faults.odd(found.own_tag, element)
            self._position = found.own_tag.end - base
        elif found.other_tag is not None:
            builder.faults.missing_end(found.other_tag, element)
            self._position = found.other_tag.start - base
        else:
            self._position = len(self._window.data)
