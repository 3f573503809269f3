"""From tags and raw fields to records: what a scanner finds becomes values, records and defects.

Both scanners, the tolerant and the strict one, call the same builder, so that what a tag means
and what a field becomes is said once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from reviewcorpus._dialect import DIALECT, Field, Record
from reviewcorpus._markup import ATTRIBUTE, INLINE_ELEMENTS
from reviewcorpus._text import Fault, FieldText
from reviewcorpus._values import NULL, WHITE_SPACE
from reviewcorpus.defects import (
    RAW_CHARACTERS,
    SEVERITIES,
    CorpusSyntaxError,
    Defect,
    DefectKind,
    LimitExceeded,
    Severity,
)
from reviewcorpus.events import MovieEnded, MovieStarted
from reviewcorpus.models import NO_EXTRA, Extra, Movie, Review, checked_review

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcorpus._text import TextReader
    from reviewcorpus._window import Window
    from reviewcorpus.limits import Limits

Item = Defect | tuple[Movie, Review] | MovieStarted | MovieEnded
"""What a builder gives; a review is a bare pair, since there are so many of them."""

_RAW_BYTES = 4 * RAW_CHARACTERS  # a character takes at most four bytes
_SPACE_BYTES = WHITE_SPACE.encode()
_NULL_BYTES = NULL.encode()
_SPELLING = DIALECT.spelling
_MOVIE = DIALECT.movie.element
_REVIEW = DIALECT.review.element
_FIELDS = {record.element: record.by_name for record in (DIALECT.movie, DIALECT.review)}


class Tag(NamedTuple):
    """A tag where it stands; `start` and `end` are offsets in the input."""

    start: int
    end: int
    name: str
    closes: bool
    is_empty: bool
    attributes_start: int
    attributes: bytes

    @property
    def key(self) -> str:
        """The name in lower case, in which the names of the format are told apart."""
        return self.name.lower()


def read_tag(found: re.Match[bytes], base: int) -> Tag:
    """Give the tag that a pattern of `_markup` has found in bytes that start at `base`."""
    slash, name, attributes, empty = found.groups()
    return Tag(
        found.start() + base,
        found.end() + base,
        name.decode("utf-8", "replace"),
        bool(slash),
        bool(empty),
        found.start(3) + base,
        attributes,
    )


class OpenField(NamedTuple):
    """A field whose end is not known yet, and the tag that opened it."""

    field: Field
    tag: Tag


@attrs.define
class _OpenRecord:
    """A movie or review that is being read."""

    record: Record
    values: dict[str, Any] = attrs.field(factory=dict)
    extra: dict[str, str] = attrs.field(factory=dict)
    extra_bytes: int = 0
    has_error: bool = False


@attrs.define
class _Words:
    """Words between elements, as far as they have come."""

    offset: int
    place: tuple[int, int]
    raw: bytes


def _add_fault(
    result: FieldText, kind: DefectKind, span: tuple[int, int], message: str, repair: str
) -> None:
    """Put a fault among those of a field, where it belongs by its place."""
    result.faults.append(Fault(kind, *span, message, repair, SEVERITIES[kind]))
    result.faults.sort(key=lambda fault: fault.start)


class RecordBuilder:
    """Makes records and defects of what a scanner finds.

    Attributes:
        items: What is ready to be taken, in file order.
        has_movie: Whether a movie has begun in this input.
    """

    def __init__(  # noqa: PLR0913 what one input needs
        self,
        window: Window,
        reader: TextReader,
        limits: Limits,
        *,
        errors: str,
        source: str | None,
    ) -> None:
        self.window = window
        self.reader = reader
        self.items: list[Item] = []
        self.has_movie = False
        self.review_index = -1
        self._limits = limits
        self._strict = errors == "strict"
        self._drop = errors == "drop"
        self._source = source
        self._movie: _OpenRecord | None = None
        self._review: _OpenRecord | None = None
        self._movie_index = -1
        self._words: _Words | None = None
        self._header: Movie | None = None

    # ---- where the scanner stands -------------------------------------------------------

    @property
    def is_in_movie(self) -> bool:
        """Whether a movie is open."""
        return self._movie is not None

    @property
    def is_between_records(self) -> bool:
        """Whether a movie is open, no review is, and no words wait to be told."""
        return self._movie is not None and self._review is None and self._words is None

    @property
    def header(self) -> Movie:
        """The fields of the open movie, as far as they have been read."""
        if self._header is None:
            assert self._movie is not None  # noqa: S101 asked for inside a movie only
            self._header = Movie(**self._movie.values, extra=self._movie.extra)
        return self._header

    @property
    def leaves_reviews_out(self) -> bool:
        """Whether the open movie is to be dropped, and its reviews with it."""
        return self._drop and self._movie is not None and self._movie.has_error

    # ---- tags ---------------------------------------------------------------------------

    def start(self, tag: Tag) -> OpenField | None:
        """Take a start tag that stands in no field; give the field that it opens, if any."""
        key = tag.key
        if key == _MOVIE:
            self._start_movie(tag)
        elif key == _REVIEW and self.has_movie:
            self._start_review(tag)
        elif self._movie is not None:
            return self._start_field(tag)
        elif key in _SPELLING:
            self.words(tag.start, tag.end)  # outside of movies, a field is only words
        elif self.has_movie:
            self.end_words()
        return None

    def end(self, tag: Tag) -> None:
        """Take an end tag that closes no field."""
        key = tag.key
        if key == _REVIEW and self._review is not None:
            self.end_words()
            self._check_tag(tag, _REVIEW)
            self._end_review(tag)
        elif key == _MOVIE and self._movie is not None:
            self.end_words()
            self._check_tag(tag, _MOVIE)
            self._end_open_review(tag)
            self._end_movie(tag)
        elif self._movie is not None and key in INLINE_ELEMENTS:
            self._skip_inline(tag)
        elif self._movie is not None or (self.has_movie and key in _SPELLING):
            self.end_words()
            self.report(
                DefectKind.STRAY_END_TAG,
                tag.start,
                tag.end,
                f"</{tag.name}> closes nothing that is open",
                "ignored",
                element=_SPELLING.get(key, tag.name),
            )
        elif key in _SPELLING:
            self.words(tag.start, tag.end)

    def _start_movie(self, tag: Tag) -> None:
        self.end_words()
        self._end_open_review(tag)
        if self._movie is not None:
            self._report_missing_end(tag, _MOVIE)
            self._end_movie(tag)
        self._open_movie()
        self._check_tag(tag, _MOVIE)
        if tag.is_empty:
            self._end_movie(tag)

    def _open_movie(self) -> None:
        self.has_movie = True
        self._movie_index += 1
        self.review_index = -1
        self._movie = _OpenRecord(DIALECT.movie)
        self._header = None
        self.items.append(MovieStarted(self._movie_index))

    def _start_review(self, tag: Tag) -> None:
        self.end_words()
        self._end_open_review(tag)
        if self._movie is None:
            self._open_movie()
            self._report_missing(_MOVIE, tag, "a movie without fields was begun")
        self.review_index += 1
        self._review = _OpenRecord(DIALECT.review)
        self._check_tag(tag, _REVIEW)
        if tag.is_empty:
            self._end_review(tag)

    def _start_field(self, tag: Tag) -> OpenField | None:
        record = self._review or self._movie
        assert record is not None  # noqa: S101 called inside a movie only
        field = _FIELDS[record.record.element].get(tag.key)
        if field is None and tag.key in INLINE_ELEMENTS:
            self._skip_inline(tag)
            return None
        self.end_words()
        opened = OpenField(field or Field(tag.name, ""), tag)
        if tag.is_empty:
            self.field(opened, tag.end, tag.end)
            return None
        return opened

    def _skip_inline(self, tag: Tag) -> None:
        self.end_words()
        self.report(
            DefectKind.INLINE_MARKUP,
            tag.start,
            tag.end,
            f"HTML's <{'/' * tag.closes}{tag.key}> between elements",
            "left out",
        )

    def check_end_tag(self, tag: Tag, element: str) -> None:
        """Report what is odd in the end tag of a field."""
        self._check_tag(tag, element)

    def _check_tag(self, tag: Tag, element: str) -> None:
        """Report another case of the name, and attributes, which the format does not have."""
        if tag.name != element:
            self.report(
                DefectKind.MISSPELT_TAG,
                tag.start,
                tag.end,
                f"<{'/' * tag.closes}{tag.name}> for <{'/' * tag.closes}{element}>",
                f"read as {element}",
                element=element,
            )
        for found in ATTRIBUTE.finditer(tag.attributes):
            start = tag.attributes_start + found.start()
            self.report(
                DefectKind.UNEXPECTED_ATTRIBUTE,
                start,
                tag.attributes_start + found.end(),
                f"an attribute in <{tag.name}>",
                "the element was read, the attribute left out",
                element=element,
            )

    # ---- the ends of records ------------------------------------------------------------

    def _end_open_review(self, tag: Tag) -> None:
        if self._review is not None:
            self._report_missing_end(tag, _REVIEW)
            self._end_review(tag)

    def _end_review(self, tag: Tag | None) -> None:
        """Give the review; a `tag` of `None` says that the input was cut."""
        review = self._review
        assert review is not None  # noqa: S101 called with a review open only
        self._report_missing_elements(review, tag)
        self._give_review(review)

    def _give_review(self, review: _OpenRecord) -> None:
        """Close the open review and give it, unless it is to be dropped."""
        if not (self._drop and review.has_error) and not self.leaves_reviews_out:
            values = [review.values.get(field.attribute) for field in DIALECT.review.fields]
            extra = Extra(review.extra) if review.extra else NO_EXTRA
            self.items.append((self.header, checked_review(*values, extra)))
        self._review = None

    def _end_movie(self, tag: Tag | None) -> None:
        """End the movie; a `tag` of `None` says that the input was cut."""
        movie = self._movie
        assert movie is not None  # noqa: S101 called with a movie open only
        self._report_missing_elements(movie, tag)
        self.items.append(MovieEnded(self.header, self._movie_index, self.leaves_reviews_out))
        self._movie = None

    def _report_missing_elements(self, record: _OpenRecord, tag: Tag | None) -> None:
        if tag is None or len(record.values) == len(record.record.fields):
            return
        for field in record.record.fields:
            if field.attribute not in record.values:
                self._report_missing(field.element, tag, "its value is None")

    def _report_missing(self, element: str, tag: Tag, repair: str) -> None:
        self.report(
            DefectKind.MISSING_ELEMENT,
            tag.start,
            tag.end,
            f"there is no <{element}> before this",
            repair,
            element=element,
        )

    def _report_missing_end(self, tag: Tag, element: str) -> None:
        self.report_missing_end(tag.start, tag.end, element)

    def report_missing_end(self, start: int, end: int, element: str) -> None:
        """Report an element that is closed by something else than its own end tag."""
        self.report(
            DefectKind.MISSING_END_TAG,
            start,
            end,
            f"<{element}> is still open here",
            "closed here",
            element=element,
        )

    def doctype(self, start: int, end: int) -> None:
        """Report a document type declaration, which was skipped."""
        self.end_words()
        self.report(
            DefectKind.DOCTYPE,
            start,
            end,
            "a document type declaration",
            "skipped, nothing in it is acted on",
        )

    def finish(self, *, cut: int | None = None, broken: str | None = None) -> None:
        """Take the end of the input.

        Args:
            cut: Where a tag or character begins that the end cut off, if one was.
            broken: Why nothing more can come, if that is not for the end of the data.
        """
        words, end = self._words, self.window.end
        if not self.has_movie:
            self._words = None
        self.end_words()
        if broken is not None:
            repair = "what came out before was read"
            self.report(DefectKind.BROKEN_COMPRESSION, end, end, broken, repair)
        elif not self.has_movie:
            self._emit(
                (DefectKind.NO_MOVIE, SEVERITIES[DefectKind.NO_MOVIE]),
                "there is no <movie> in it",
                "there is no record to give",
                (0, 1, 1),
                words.raw if words else b"",
            )
        elif cut is not None or self._movie is not None:
            self.report(
                DefectKind.UNEXPECTED_END,
                end if cut is None else cut,
                end,
                "the input ends " + self._where_it_ends(),
                "everything that was there was read",
            )
        if self._review is not None:
            self._end_review(None)
        if self._movie is not None:
            self._end_movie(None)

    def _where_it_ends(self) -> str:
        if self._review is not None:
            return "inside a review"
        return "inside a movie" if self._movie is not None else "inside a tag or character"

    # ---- fields -------------------------------------------------------------------------

    def whole_review(self, spans: Iterable[tuple[int, int]], base: int) -> None:
        """Take a review whose tags are in order: the places of its fields, counted from `base`."""
        self.review_index += 1
        review = self._review = _OpenRecord(DIALECT.review)
        for field, (start, end) in zip(DIALECT.review.fields, spans, strict=True):
            review.values[field.attribute] = self._read_value(field, base + start, base + end)
        self._give_review(review)

    def take_review(self, review: Review) -> None:
        """Take a review that has no defect."""
        self.review_index += 1
        if not self.leaves_reviews_out:
            self.items.append((self.header, review))

    def field(
        self,
        opened: OpenField,
        start: int,
        end: int,
        *,
        second: Tag | None = None,
        sections_are_xml: bool = False,
    ) -> None:
        """Take a whole field, its raw text from one offset to another.

        Args:
            opened: The field and its start tag.
            start: Offset of its text.
            end: Offset just behind its text.
            second: Start tag of the same element inside it, which was read as words.
            sections_are_xml: Whether sections are known to end where XML says.
        """
        field, tag = opened
        record = self._review or self._movie
        assert record is not None  # noqa: S101 called inside a movie only
        name = field.attribute or field.element
        known: dict[str, Any] = record.values if field.attribute else record.extra
        if name in known:
            self.report(
                DefectKind.DUPLICATE_ELEMENT,
                tag.start,
                end,
                f"a second <{field.element}> in one {record.record.element}",
                "left out, the first counts",
                element=field.element,
            )
            return
        if not field.attribute:
            self._count_extra(record, opened, end - start)
        self._check_tag(tag, field.element)
        value = self._read_value(field, start, end, second, sections_are_xml=sections_are_xml)
        known[name] = value if field.attribute else value or ""
        if record is self._movie:
            self._header = None

    def _count_extra(self, record: _OpenRecord, opened: OpenField, size: int) -> None:
        """Report an element that goes to `extra`, and hold the limits of those."""
        tag = opened.tag
        self.report(
            DefectKind.UNKNOWN_ELEMENT,
            tag.start,
            tag.end,
            f"the format has no <{tag.name}> here",
            "kept in extra",
            element=tag.name,
        )
        record.extra_bytes += size
        if record.extra_bytes > self._limits.max_field_bytes:
            self.exceed(tag.start, "the extra elements of one record are", "max_field_bytes")
        if len(record.extra) >= self._limits.max_extra_elements:
            self.exceed(tag.start, "the extra of one record is", "max_extra_elements")

    def _read_value(
        self,
        field: Field,
        start: int,
        end: int,
        second: Tag | None = None,
        *,
        sections_are_xml: bool = False,
    ) -> Any:  # noqa: ANN401 whatever a field holds
        raw = self.window.slice(start, end)
        if field.attribute and raw == _NULL_BYTES:
            return None
        result = self.reader.read(raw, sections_are_xml=sections_are_xml)
        value: Any = result.text
        if field.conversion is not None:
            value = self._convert(field, raw, result)
        if second is not None:
            _add_fault(
                result,
                DefectKind.MISSING_END_TAG,
                (second.start - start, second.end - start),
                f"<{field.element}> is still open here",
                "read as written, part of the text",
            )
        if result.faults:
            self._report_faults(field, start, end, result)
        return value

    @staticmethod
    def _convert(field: Field, raw: bytes, result: FieldText) -> Any:  # noqa: ANN401 whatever a field holds
        """Give the value of a field that is no text; add a fault where there is none."""
        conversion = field.conversion
        assert conversion is not None  # noqa: S101 called for such a field only
        text = result.text.strip(WHITE_SPACE)
        stripped = raw.strip(_SPACE_BYTES)
        if not text or stripped == _NULL_BYTES:
            return None
        try:
            return conversion.read(text)
        except ValueError as error:
            start = raw.find(stripped)
            _add_fault(
                result,
                conversion.defect,
                (start, start + len(stripped)),
                f"{text[:RAW_CHARACTERS]!r} is not {error}",
                "its value is None",
            )
            return None

    def _report_faults(self, field: Field, start: int, end: int, result: FieldText) -> None:
        self.window.locate(start)
        for fault in result.faults:
            self.report(
                fault.kind,
                start + fault.start,
                start + fault.end,
                fault.message,
                fault.repair,
                element=field.element,
                severity=fault.severity,
                per_byte=result.per_byte,
            )
        self.window.locate(end, per_byte=result.per_byte)

    # ---- words between elements ---------------------------------------------------------

    def words(self, start: int, end: int) -> None:
        """Take a piece of what stands between elements; white space alone counts for nothing."""
        if self._words is None:
            piece = self.window.slice(start, end)
            stripped = piece.lstrip(_SPACE_BYTES)
            if not stripped:
                return
            start = end - len(stripped)
            self._words = _Words(start, self.window.locate(start), b"")
        missing = _RAW_BYTES - len(self._words.raw)
        self._words.raw += self.window.slice(start, min(end, start + missing))

    def end_words(self) -> None:
        """Report the words that have come, if any."""
        words, self._words = self._words, None
        if words is None:
            return
        self._emit(
            (DefectKind.UNEXPECTED_TEXT, SEVERITIES[DefectKind.UNEXPECTED_TEXT]),
            "words between elements",
            "in no record",
            (words.offset, *words.place),
            words.raw.rstrip(_SPACE_BYTES),
            element=self._open_element(),
        )

    def _open_element(self) -> str | None:
        record = self._review or self._movie
        return record.record.element if record else None

    # ---- defects ------------------------------------------------------------------------

    def report(  # noqa: PLR0913 the parts of a defect
        self,
        kind: DefectKind,
        start: int,
        end: int,
        message: str,
        repair: str,
        *,
        element: str | None = None,
        severity: Severity | None = None,
        per_byte: bool = False,
    ) -> None:
        """Give a defect that stands from one offset to another."""
        self._emit(
            (kind, severity or SEVERITIES[kind]),
            message,
            repair,
            (start, *self.window.locate(start, per_byte=per_byte)),
            self.window.slice(start, min(end, start + _RAW_BYTES)),
            element,
        )

    def _emit(  # noqa: PLR0913, PLR0917 the parts of a defect
        self,
        kind: tuple[DefectKind, Severity],
        message: str,
        repair: str,
        place: tuple[int, int, int],
        raw: bytes,
        element: str | None = None,
    ) -> None:
        defect = Defect(
            *kind,
            message,
            repair,
            self._source,
            *place,
            self._movie_index if self._movie is not None else None,
            self.review_index if self._review is not None else None,
            element,
            raw.decode(self.reader.encoding, "backslashreplace")[:RAW_CHARACTERS],
        )
        if self._strict and defect.severity is not Severity.INFO:
            raise CorpusSyntaxError(defect)
        if defect.severity is Severity.ERROR:
            record = self._review or self._movie
            if record is not None:
                record.has_error = True
        self.items.append(defect)

    def exceed(self, offset: int, what: str, limit: str) -> None:
        """Raise the error for something at an offset that is larger than a limit."""
        line, column = self.window.locate(offset)
        number = getattr(self._limits, limit)
        unit = "bytes" if limit.endswith("bytes") else "elements"
        raise LimitExceeded(
            f"{self._source or '<input>'}:{line}:{column}: {what} longer than {number} {unit}; "
            f"to read it, pass limits=Limits({limit}=...) with a larger number"
        )
