"""The parse state, and what tags mean in it: tags and raw fields become records.

The builder is the one owner of the parse state: which movie, review and field are open, how many
there were, what stray text waits to be reported. Both scanners, the one that recovers and the
strict one, call the same methods, so what a tag means and what a field becomes is written once.

A scanner finds tags in the order of the file. Between fields it calls `start` and `end`, `skip`
for markup that means nothing, `stray_text` for text, and `skip_doctype`. When `start` has opened a
field (`open_field`), the next call is `end_field`. The last call, at the end of the input, is
`finish`. What is ready is in `items`, in file order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Self

import attrs

from reviewcorpus.defects import RAW_BYTES, Defect, DefectKind, Severity
from reviewcorpus.events import Item, MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.formats import INLINE_ELEMENTS, Field
from reviewcorpus.limits import Limits
from reviewcorpus.models import NO_EXTRA, Extra, Movie, Review, checked_movie, checked_review
from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import Buffer
from reviewcorpus.parser._decoding import count_cut_bytes
from reviewcorpus.parser._encoding import marked_as, shown_name
from reviewcorpus.parser._fastpath import Checkpoint
from reviewcorpus.parser._fields import read_field
from reviewcorpus.parser._grammar import (
    ATTRIBUTE,
    SPACE_BYTES,
    Grammar,
    RecordGrammar,
)
from reviewcorpus.parser._reporter import Known, Reporter
from reviewcorpus.parser._text import TextReader
from reviewcorpus.parser._values import read_scale

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reviewcorpus.parser._encoding import Charset
    from reviewcorpus.parser._grammar import Attribute, Tag
    from reviewcorpus.parser._reporter import Fault
    from reviewcorpus.parser._text import FieldText


# How many defects of one review are held until its movie is known.
_MOST_HELD = 10_000
_MOST_CHARACTERS_HELD = 1 << 20  # in messages and names of elements, which may be long


@attrs.define(eq=False)
class OpenRecord:
    """A movie or review that is being read.

    Attributes:
        grammar: Which kind of record it is.
        index: Index of the movie in the input, or of the review in its movie, from 0.
        found: Labels of the fields that were found in it.
        values: Values of these fields, by attribute.
        extra: What goes to `extra`, by key.
        unknown: Number of elements in it that the format does not name.
        unknown_bytes: Size of these elements, with their names.
        has_error: Whether it has a defect of severity `error`.
    """

    grammar: RecordGrammar
    index: int
    found: set[str] = attrs.field(init=False, factory=set)
    values: dict[str, Any] = attrs.field(init=False, factory=dict)
    extra: dict[str, str] = attrs.field(init=False, factory=dict)
    unknown: int = attrs.field(init=False, default=0)
    unknown_bytes: int = attrs.field(init=False, default=0)
    has_error: bool = attrs.field(init=False, default=False)

    def has(self, field: Field) -> bool:
        """Check whether the record already has a field, or something in its place in `extra`."""
        return field.label in self.found or (field.in_extra and field.target in self.extra)

    def put(self, field: Field, value: Any) -> None:
        """Keep the value of a field."""
        self.found.add(field.label)
        if not field.in_extra:
            self.values[field.target] = value
        elif value is not None:
            self.extra[field.target] = value

    @property
    def is_complete(self) -> bool:
        """Whether it has all the fields that it must have."""
        fields = self.grammar.fields
        return all(field.label in self.found for field in fields if field.is_required)

    @property
    def with_fallbacks(self) -> dict[str, Any]:
        """The values; a missing one is taken from its fallback field."""
        values = self.values
        for target, field in self.grammar.fallbacks:
            if values.get(target) is None:
                there = self.extra if field.in_extra else self.values
                values = values | {target: there.get(field.target)}
        return values

    @property
    def frozen_extra(self) -> Mapping[str, str]:
        """The `extra` of the finished record."""
        return Extra(self.extra) if self.extra else NO_EXTRA


@attrs.define(eq=False)
class OpenMovie(OpenRecord):
    """A movie that is being read.

    Attributes:
        is_implied: Whether a review began it, because no movie was open.
        review_index: Index of the last of its reviews to begin, from 0; -1 before any.
        has_reviews: Whether a review of it was kept.
    """

    is_implied: bool = attrs.field(init=False, default=False)
    review_index: int = attrs.field(init=False, default=-1)
    has_reviews: bool = attrs.field(init=False, default=False)
    _header: Movie | None = attrs.field(init=False, default=None)

    @classmethod
    def of(cls, header: Movie, grammar: RecordGrammar, index: int) -> Self:
        """Return a movie whose fields were all read on the fast path."""
        movie = cls(grammar, index)
        for field in grammar.fields:
            there = (
                header.extra.get(field.target) if field.in_extra else getattr(header, field.target)
            )
            if field.is_required or there is not None:
                movie.put(field, there)
        movie._header = header
        movie.has_reviews = True
        return movie

    def put(self, field: Field, value: Any) -> None:
        """Keep the value of a field; the header has to be made again."""
        super().put(field, value)
        self._header = None

    @property
    def header(self) -> Movie:
        """The fields that were read so far; the same object until another field is read."""
        if self._header is None:
            self._header = checked_movie(**self.with_fallbacks, extra=self.frozen_extra)
        return self._header


@attrs.define(eq=False)
class OpenReview(OpenRecord):
    """A review that is being read, its movie, and its offset and line if these are wanted."""

    movie: OpenMovie
    place: tuple[int, int] | None = None

    def put(self, field: Field, value: Any) -> None:
        """Keep the value of a field, which may belong to the movie."""
        if field.of_movie:
            self.found.add(field.label)
            self.movie.put(field, value)
        else:
            super().put(field, value)

    def build(self) -> Review:
        """Return the review with the fields that were read."""
        return checked_review(**self.with_fallbacks, extra=self.frozen_extra)


class OpenField(NamedTuple):
    """A field whose end is not known yet.

    Attributes:
        record: The record that it is in.
        field: Which field it is.
        tag: Its start tag.
    """

    record: OpenRecord
    field: Field
    tag: Tag


class FieldEnd(NamedTuple):
    """Where the raw text of a field ends, and what ends it.

    Attributes:
        end: Offset just after the raw text.
        resume: Offset where reading goes on.
        own_tag: Its end tag, if that ends it.
        other_tag: The tag of another element that ends it.
        second: A second start tag of a body inside the body, which was read as words.
        cut: Offset at which the input, or a part of joined files, was cut off, if that ends it.
    """

    end: int
    resume: int
    own_tag: Tag | None = None
    other_tag: Tag | None = None
    second: Tag | None = None
    cut: int | None = None


@attrs.define(eq=False)
class _StrayText:
    """Text between elements: where it begins, and its first bytes, up to the next markup."""

    offset: int
    place: tuple[int, int]
    raw: bytes = b""


@attrs.define(eq=False)
class RecordBuilder:
    """Makes records from what a scanner finds.

    Args:
        grammar: The format.
        buffer: The bytes being looked at.
        text_reader: Reads the text of fields.
        reporter: Makes the defects.
        limits: The limits of the input.
        drop: Whether records with a defect of severity `error` are dropped.
        listens: Whether defects are wanted; before the first movie they always are.

    Attributes:
        items: What is ready, in file order; the reader takes it and leaves a new list.
        movie: The movie that is open, if any.
        review: The review that is open, if any.
        open_field: The field that is open, if any.
    """

    grammar: Grammar
    buffer: Buffer
    text_reader: TextReader
    _reporter: Reporter
    limits: Limits
    _drop: bool = attrs.field(kw_only=True)
    _listens: bool = attrs.field(kw_only=True)
    items: list[Item] = attrs.field(init=False, factory=list)
    movie: OpenMovie | None = attrs.field(init=False, default=None)
    review: OpenReview | None = attrs.field(init=False, default=None)
    open_field: OpenField | None = attrs.field(init=False, default=None)
    _movie_index: int = attrs.field(init=False, default=-1)
    _stray_text: _StrayText | None = attrs.field(init=False, default=None)
    _cut: int | None = attrs.field(init=False, default=None)
    _group: OpenMovie | None = attrs.field(init=False, default=None)  # more reviews may follow
    _held: list[Defect] = attrs.field(init=False, factory=list)  # until their movie is known
    _held_characters: int = attrs.field(init=False, default=0)
    _excess: dict[DefectKind, tuple[Defect, int]] = attrs.field(init=False, factory=dict)

    # ---- the state ----------------------------------------------------------------------

    @property
    def has_movie(self) -> bool:
        """Whether a movie has begun in this input."""
        return self._movie_index >= 0 or self.movie is not None

    @property
    def is_outside(self) -> bool:
        """Whether no movie is open, and no stray text waits to be reported."""
        return self.movie is None and self._stray_text is None

    @property
    def is_between_records(self) -> bool:
        """Whether the fast path may go on from here: nothing but a movie is open."""
        if self.review is not None or self.open_field is not None or self._stray_text is not None:
            return False
        return self.movie is None or not self._drops(self.movie)

    @property
    def checkpoint(self) -> Checkpoint:
        """What has to be known between two records to read on."""
        movie = self.movie or self._group
        if movie is None:
            return Checkpoint(None, self._movie_index)
        return Checkpoint(movie.header, self._movie_index, movie.review_index + 1, movie)

    def resume(self, at: Checkpoint) -> None:
        """Read on from a checkpoint."""
        self._movie_index = at.movie_index
        movie = at.known
        if at.movie is not None:
            movie = at.known or OpenMovie.of(at.movie, self.grammar.movie, at.movie_index)
            movie.review_index = at.review_index - 1
        if self.grammar.is_implied:
            self._group = movie
        else:
            self.movie = movie

    def take_items(self) -> list[Item]:
        """Return what is ready, and start a new list."""
        items, self.items = self.items, []
        return items

    @property
    def _is_inside(self) -> bool:
        """Whether something is open that needs an end tag, as an implied movie does not."""
        movie = self.movie
        return self.review is not None or (movie is not None and not movie.is_implied)

    # ---- defects ------------------------------------------------------------------------

    def report(
        self,
        fault: Fault,
        element: str | None = None,
        base: int = 0,
        *,
        count: Callable[[bytes], int] | None = None,
        known: Known | None = None,
    ) -> None:
        """Report a fault in the records that are open.

        Args:
            fault: What is wrong; not before any fault reported earlier, unless its line is known.
            element: Name of the element concerned.
            base: Offset that the places of the fault are counted from.
            count: Counts the characters since the last defect, if the usual way does not fit.
            known: Its line, column and bytes, if they are known.
        """
        if not self._listens and self.has_movie:
            return
        movie, review = self.movie, self.review
        record = review or movie
        target = record.grammar.targets.get(element) if record and element else None
        indices = movie.index if movie else None, review.index if review else None
        where = (*indices, element, target)
        defect = self._reporter.defect(fault, base, where, count=count, known=known)
        if record is not None and defect.severity is Severity.ERROR:
            record.has_error = True
        if review is None or not self.grammar.is_implied:
            self.items.append(defect)
        elif len(self._held) < _MOST_HELD and self._held_characters < _MOST_CHARACTERS_HELD:
            self._held.append(defect)
            self._held_characters += len(defect.message) + len(defect.element or "")
        else:
            first, more = self._excess.get(defect.kind, (defect, 0))
            self._excess[defect.kind] = first, more + 1

    def exceed(self, offset: int, what: str, limit: str) -> NoReturn:
        """Raise the error for something at an offset that is larger than a limit."""
        self._reporter.exceed(offset, what, limit)

    # ---- stray text ---------------------------------------------------------------------

    def stray_text(self, start: int, end: int) -> None:
        """Add a piece of the text between elements; whitespace alone is ignored."""
        if self._stray_text is None:
            stripped = self.buffer.slice(start, end).lstrip(SPACE_BYTES)
            if not stripped:
                return
            start = end - len(stripped)
            self._stray_text = _StrayText(start, self.buffer.locate(start))
        stray = self._stray_text
        missing = stray.offset + RAW_BYTES - start
        if missing > 0 and start == stray.offset + len(stray.raw):
            stray.raw += self.buffer.slice(start, min(end, start + missing))

    def _end_stray_text(self) -> None:
        """Report the stray text that waits, if any."""
        stray, self._stray_text = self._stray_text, None
        if stray is None:
            return
        record = self.review or self.movie
        element = record.grammar.element if record else None
        raw = stray.raw.rstrip(SPACE_BYTES)
        end = stray.offset + len(raw)
        wide = None if self.buffer.charset.stream else marked_as(raw)
        fault = (
            faults.other_encoding(stray.offset, end, shown_name(wide))
            if wide and wide != "utf-8"
            else faults.stray_text(stray.offset, end, self._reporter.shown(raw))
        )
        self.report(fault, element, known=Known(*stray.place, raw))

    def skip(self, start: int, end: int, *, is_word: bool = False) -> None:
        """Skip markup between elements that means nothing; it ends the stray text before it.

        Before the first movie it becomes part of the stray text, if there is any: all of that is
        one defect, or none in an input without a movie.
        """
        if self.has_movie:
            self._end_stray_text()
        elif is_word or self._stray_text is not None:
            self.stray_text(start, end)

    def skip_doctype(self, start: int, end: int) -> None:
        """Skip a document type declaration, and report it."""
        if self._stray_text is not None and not self.has_movie:
            self.stray_text(start, end)
        else:
            self._end_stray_text()
            self.report(faults.doctype(start, end))

    # ---- tags ---------------------------------------------------------------------------

    def opens_field(self, tag: Tag) -> bool:
        """Check whether a start tag begins a field."""
        return self.movie is not None and tag.key in self.grammar.field_keys

    def start(self, tag: Tag, *, is_word: bool = False, has_text: bool = False) -> None:
        """Handle a start tag outside of fields.

        Args:
            tag: The tag.
            is_word: Whether it has the name of a review but is only a word: no movie is open, and
                nothing of a review follows it.
            has_text: Whether it is the empty tag of a field whose text follows it.
        """
        key, grammar = tag.key, self.grammar
        record = self.review or self.movie
        if key == grammar.movie.key:
            self._start_movie(tag)
        elif key == grammar.review.key and not is_word:
            self._start_review(tag)
        elif record is not None:
            self._start_field(record, tag, has_text=has_text)
        elif self.has_movie and key in grammar.spelling:
            self.stray_text(tag.start, tag.end)  # outside of movies, a field is only words
        else:
            self.skip(tag.start, tag.end, is_word=key in grammar.spelling)

    def end(self, tag: Tag) -> None:
        """Handle an end tag that closes no field."""
        key, grammar = tag.key, self.grammar
        if key == grammar.review.key and self.review is not None:
            self._end_stray_text()
            self._report_name(tag, grammar.review.element)
            self._end_review(self.review, tag, is_own=True)
        elif key == grammar.movie.key and self.movie is not None:
            self._end_stray_text()
            self._report_name(tag, grammar.movie.element)
            self._end_open_review(tag)
            self._end_movie(self.movie, tag, is_own=True)
        elif self.movie is not None and key in INLINE_ELEMENTS:
            self._end_stray_text()
            self.report(faults.inline_tag(tag))
        elif self.movie is not None or (self.has_movie and key in grammar.spelling):
            self._end_stray_text()
            self.report(faults.stray_end_tag(tag), grammar.spelling.get(key, tag.name))
        else:
            self.skip(tag.start, tag.end, is_word=key in grammar.spelling)

    def _report_name(self, tag: Tag, element: str) -> None:
        """Report a name in another case, and a broken tag."""
        if tag.name != element:
            self.report(faults.misspelt_tag(tag, element), element)
        if tag.is_broken:
            self.report(faults.malformed_tag(tag), element)

    def _report_attributes(self, tag: Tag, element: str) -> None:
        """Report attributes, after whatever is reported at the start of the tag."""
        for found in ATTRIBUTE.finditer(tag.attributes):
            start, end = (tag.attributes_start + at for at in found.span())
            self.report(faults.unexpected_attribute(start, end, tag), element)

    def _read_attributes(self, record: OpenRecord, tag: Tag) -> None:
        """Read the attributes of a record's tag; report those that the format does not name."""
        grammar = record.grammar
        if tag.closes or not grammar.by_attribute:
            self._report_attributes(tag, grammar.element)
            return
        found = list(grammar.attributes_of(tag))
        there = {each.key: each for each in reversed(found)}  # the first counts
        for key, field in grammar.by_attribute.items():
            if field.is_required and key not in there:
                self.report(faults.missing_attribute(tag, field.element), field.element)
        for each in found:
            known, start, end = grammar.by_attribute.get(each.key), each.start, each.end
            name = grammar.attribute_names.get(each.key)
            if name is None:
                self.report(faults.unexpected_attribute(start, end, tag), grammar.element)
                continue
            if name != each.name:
                self.report(faults.misspelt_attribute(each, name), name)
            if there[each.key] is not each or (known is not None and record.has(known)):
                self.report(faults.duplicate_attribute(each, tag), name)
            elif known is None:
                self._read_scale(each, name)
            else:
                if known.scale_attribute:
                    scale = self._scale_in(there.get(known.scale_attribute.lower()))
                    known = attrs.evolve(known, scale=scale or known.scale)
                self._read_attribute(record, known, each)

    def _read_attribute(self, record: OpenRecord, field: Field, found: Attribute) -> None:
        if found.is_broken:
            self.report(faults.quotes_in_attribute(found), field.element)
        start, end = found.value_start, found.value_end
        value, result = read_field(self.buffer, self.text_reader, field, start, end, None)
        if result is not None:
            self._report_field(field, start, end, result)
        record.put(field, value)

    def _scale_in(self, found: Attribute | None) -> float | None:
        """Return the scale that an attribute states, if it states one."""
        if found is None:
            return None
        raw = self.buffer.slice(found.value_start, found.value_end)
        return read_scale(raw.decode("ascii", "replace"))

    def _read_scale(self, found: Attribute, name: str) -> None:
        if found.is_broken:
            self.report(faults.quotes_in_attribute(found), name)
        if self._scale_in(found) is None:
            start, end = found.value_start, found.value_end
            shown = self._reporter.shown(self.buffer.slice(start, end))
            kind, wanted = DefectKind.INVALID_SCORE, "a number above 0"
            self.report(faults.invalid_value(kind, start, end, shown, wanted), name)

    def report_tag(self, tag: Tag, element: str) -> None:
        """Report what is odd about the tag of a field."""
        self._report_name(tag, element)
        self._report_attributes(tag, element)

    def report_missing_end(self, tag: Tag, element: str) -> None:
        """Report an element that is closed by the tag of another."""
        self.report(faults.missing_end_tag(tag, element), element)

    def _start_movie(self, tag: Tag) -> None:
        self._end_stray_text()
        self._end_open_review(tag)
        element = self.grammar.movie.element
        if self.movie is not None and not self.movie.is_implied:
            self.report_missing_end(tag, element)
            self._end_movie(self.movie, tag)
        self._end_records()
        movie = self._open_movie(tag)
        self._report_name(tag, element)
        if tag.is_empty:
            self._end_movie(movie, tag, is_own=True)
        else:
            self._read_attributes(movie, tag)

    def _open_movie(self, tag: Tag) -> OpenMovie:
        self._movie_index += 1
        self.movie = OpenMovie(self.grammar.movie, self._movie_index)
        self.items.append(MovieStarted(self._movie_index, self._place_of(tag)))
        return self.movie

    def _place_of(self, tag: Tag) -> tuple[int, int] | None:
        """Return the offset and the line of a tag, if they are wanted."""
        buffer, records = self.buffer, self.buffer.records
        return None if records is None else records.place_of(buffer, tag.start - buffer.base)

    def _start_review(self, tag: Tag) -> None:
        self._end_stray_text()
        self._end_open_review(tag)
        element = self.grammar.review.element
        movie = self.movie
        if self.grammar.is_implied:
            # Only its end shows whether it belongs to the movie before it.
            movie = self.movie = OpenMovie(self.grammar.movie, self._movie_index + 1)
        elif movie is None:
            movie = self._open_movie(tag)
            movie.is_implied = True
            name = self.grammar.movie.element
            action = "a movie without fields was begun"
            self.report(faults.missing_element(tag, name, action), name)
        if not self.grammar.is_implied:
            movie.review_index += 1
        review = OpenReview(
            self.grammar.review, max(movie.review_index, 0), movie, self._place_of(tag)
        )
        self.review = review
        self._report_name(tag, element)
        if tag.is_empty:
            self._end_review(review, tag, is_own=True)
        else:
            self._read_attributes(review, tag)

    def _start_field(self, record: OpenRecord, tag: Tag, *, has_text: bool) -> None:
        field = record.grammar.by_key.get(tag.key)
        self._end_stray_text()
        if field is None:
            if tag.key in INLINE_ELEMENTS:
                self.report(faults.inline_tag(tag))
                return
            field = Field(tag.name, tag.name, in_extra=True)
        opened = self.open_field = OpenField(record, field, tag)
        if tag.is_empty and not has_text:
            self.end_field(opened, FieldEnd(tag.end, tag.end))

    # ---- fields -------------------------------------------------------------------------

    def end_field(self, opened: OpenField, ending: FieldEnd) -> None:
        """Close the open field, and report what ended it."""
        self.open_field = None
        element = opened.field.element
        is_over = ending.cut is not None and ending.resume == self.buffer.end
        if is_over:
            ending = self._cut_off(opened, ending)
        if opened.record.has(opened.field):
            self._skip_field(opened, ending.end)
        else:
            self._read_field(opened, ending)
        if ending.own_tag is not None:
            self.report_tag(ending.own_tag, element)
        elif ending.other_tag is not None:
            self.report_missing_end(ending.other_tag, element)
        elif ending.cut is not None and not is_over:
            self.end_part(ending.cut, ending.resume)

    def _cut_off(self, opened: OpenField, ending: FieldEnd) -> FieldEnd:
        """End a field where the input ends, without half a character."""
        end, buffer = ending.end, self.buffer
        if end == buffer.end:
            end -= count_cut_bytes(buffer.slice(opened.tag.end, end), buffer.charset)
        self._cut = end
        return ending._replace(end=end)

    def _skip_field(self, opened: OpenField, end: int) -> None:
        """Report a field that its record already has."""
        start, element = opened.tag.end, opened.field.element
        name = opened.record.grammar.element
        fault = faults.duplicate_element(opened.tag.start, end, element, name)
        self.report(fault, element)
        self.buffer.locate(start)
        self.buffer.locate(end, self.text_reader.count_in(self.buffer.slice(start, end)))

    def _read_field(self, opened: OpenField, ending: FieldEnd) -> None:
        record, field, tag = opened
        start, end = tag.end, ending.end
        if tag.key not in record.grammar.by_key:
            self._count_unknown(record, tag, end - start)
        self._report_name(tag, field.element)
        if tag.is_empty and ending.own_tag is not None:
            self.report(faults.malformed_tag(tag), field.element)
        self._report_attributes(tag, field.element)
        if record.grammar.strips:
            raw = self.buffer.slice(start, end)
            start += len(raw) - len(raw.lstrip(SPACE_BYTES))
            end = start + len(raw.strip(SPACE_BYTES))
        value, result = read_field(self.buffer, self.text_reader, field, start, end, ending.second)
        if result is not None:
            self._report_field(field, start, end, result)
        record.put(field, value)

    def _count_unknown(self, record: OpenRecord, tag: Tag, size: int) -> None:
        """Report an element that the format does not name, and apply the limits for those."""
        limits = self.limits
        self.report(faults.unknown_element(tag), tag.name)
        record.unknown += 1
        record.unknown_bytes += size + len(tag.name)  # names take memory too
        if record.unknown_bytes > limits.max_field_bytes:
            self.exceed(tag.start, "the unknown elements of one record are", "max_field_bytes")
        if record.unknown > limits.max_extra_elements:
            self.exceed(tag.start, "the list of unknown elements is", "max_extra_elements")

    def _report_field(self, field: Field, start: int, end: int, result: FieldText) -> None:
        """Report what is wrong in the text of a field."""
        self.buffer.locate(start)
        for fault in result.faults:
            if fault.kind is DefectKind.ENCODING_LABEL:
                charset = self.buffer.charset
                if fault.severity in charset.told:
                    continue
                self.buffer.charset = charset._replace(told=charset.told | {fault.severity})
            self.report(fault, field.element, start, count=result.count)
        self.buffer.locate(end, result.count)

    # ---- the ends of records ------------------------------------------------------------

    def _report_missing(self, record: OpenRecord, tag: Tag | None) -> None:
        """Report the fields that a record lacks where it ends, unless the input was cut there."""
        if tag is None:
            return
        for field in record.grammar.fields:
            if field.is_required and not field.is_attribute and field.label not in record.found:
                self.report(faults.missing_element(tag, field.element), field.element)

    def _end_open_review(self, tag: Tag) -> None:
        if self.review is not None:
            self.report_missing_end(tag, self.grammar.review.element)
            self._end_review(self.review, tag)

    def _end_review(self, review: OpenReview, tag: Tag | None, *, is_own: bool = False) -> None:
        """End the open review; a `tag` of `None` means that the input was cut."""
        self._report_missing(review, tag)
        if tag is not None and is_own:
            self._read_attributes(review, tag)
        self.review = None
        if self.grammar.is_implied:
            self._find_movie(review)
        if not (self._drops(review.movie) or self._drops(review)):
            self._add_run(review, review.build())
            review.movie.has_reviews = True
        if self.grammar.is_implied and not self.grammar.is_grouped:
            self._end_group()

    def _find_movie(self, review: OpenReview) -> None:
        """Find the movie of a review that has ended: the one before it, or another."""
        self.movie, said = None, review.movie
        if self._group is None or self._group.header != said.header:
            self._end_group()
            self._movie_index += 1
            said.index, self._group = self._movie_index, said
            self.items.append(MovieStarted(said.index, review.place))
        review.movie = movie = self._group
        movie.review_index += 1
        review.index = movie.review_index
        for defect in self._take_held():
            self.items.append(
                attrs.evolve(defect, movie_index=movie.index, review_index=review.index)
            )

    def _take_held(self) -> list[Defect]:
        """Return the held defects of a review; of those over the limit, one of each kind."""
        held, self._held, self._held_characters = self._held, [], 0
        for first, count in self._excess.values():
            message = f"{count} more of this kind in this review, the first of them here"
            held.append(attrs.evolve(first, message=message))
        self._excess.clear()
        return sorted(held, key=lambda defect: defect.offset)

    def abandon(self) -> list[Item]:
        """Return what is ready, and what was held, when an error ends the reading."""
        if self.review is not None and self.grammar.is_implied:
            self._find_movie(self.review)
        return self.take_items()

    def _end_group(self) -> None:
        """End an implied movie that may have had more reviews."""
        movie, self._group = self._group, None
        if movie is not None:
            is_dropped = self._drop and not movie.has_reviews
            self.items.append(MovieEnded(movie.header, movie.index, is_dropped))

    def _drops(self, record: OpenRecord) -> bool:
        return self._drop and record.has_error

    def _add_run(self, opened: OpenReview, review: Review) -> None:
        """Add a review to the items, in one run with those just before it."""
        items, header, first = self.items, opened.movie.header, opened.index
        last = items[-1] if items else None
        if not (
            isinstance(last, ReviewRun)
            and last.movie is header
            and last.review_index + len(last.reviews) == first
        ):
            places = None if opened.place is None else list[tuple[int, int]]()
            last = ReviewRun(header, [], opened.movie.index, first, places)
            items.append(last)
        last.reviews.append(review)
        if last.places is not None and opened.place is not None:
            last.places.append(opened.place)

    def _end_movie(self, movie: OpenMovie, tag: Tag | None, *, is_own: bool = False) -> None:
        """End the open movie; a `tag` of `None` means that the input was cut."""
        self._report_missing(movie, tag)
        if tag is not None and is_own:
            self._read_attributes(movie, tag)
        self.items.append(MovieEnded(movie.header, movie.index, self._drops(movie)))
        self.movie = None

    # ---- the ends of documents, and of the input ----------------------------------------

    def start_document(
        self, start: int, end: int, charset: Charset, conflict: Fault | None
    ) -> None:
        """Start the next of several joined documents, and end what is open.

        Args:
            start: Offset of its declaration, or of its byte order mark.
            end: Offset just after that.
            charset: How its bytes become text.
            conflict: What is wrong with its declaration, if anything is.
        """
        if self._is_inside:
            self.end_part(start, start)
        self._end_records()
        if conflict is not None or self.has_movie:
            self._end_stray_text()
        self.buffer.locate(start)
        self.buffer.charset = charset
        if conflict is not None:
            self.report(conflict)
        self.skip(start, end)

    def end_part(self, cut: int, end: int) -> None:
        """End what is open where a part of joined files was cut off.

        Args:
            cut: Offset of the tag that is not whole, or of the end.
            end: Offset where the next part begins.
        """
        self._end_stray_text()
        record = self.review or self.movie
        element = record.grammar.element if record else None
        where, is_part = element or "tag or character", end < self.buffer.end
        self.report(faults.unexpected_end(cut, end, where, is_part=is_part), element)
        self._end_records()

    def _end_records(self) -> None:
        if self.review is not None:
            self._end_review(self.review, None)
        if self.movie is not None:
            self._end_movie(self.movie, None)
        self._end_group()

    def cut_at(self, offset: int) -> None:
        """Note where a tag or character that the end of the input has cut off begins."""
        if self._cut is None:
            self._cut = offset

    def finish(self, *, broken: str | None = None) -> None:
        """Handle the end of the input.

        Args:
            broken: Why nothing more can come, if the data has not simply ended.
        """
        end = self.buffer.end
        if broken is not None:
            if not self.has_movie:
                self._stray_text = None
            self._end_stray_text()
            self.report(faults.broken_compression(end, broken))
        elif not self.has_movie:
            self._stray_text = None
            head, element = self.buffer.head, self.grammar.top.element
            fault = faults.no_movie(self.buffer.start, end, element, head)
            self.report(fault, known=Known(1, 1, head))
        else:
            if self._cut is not None or self._is_inside:
                self.end_part(end if self._cut is None else self._cut, end)
            self._end_stray_text()
        self._end_records()
