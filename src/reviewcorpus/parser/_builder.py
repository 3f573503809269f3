"""From tags and raw fields to records: what a scanner finds becomes values, records and defects.

Both scanners, the tolerant and the strict one, call the same builder, so that what a tag means
and what a field becomes is said once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from reviewcorpus.defects import DefectKind
from reviewcorpus.events import MovieEnded, MovieStarted
from reviewcorpus.formats import DIALECT, Field
from reviewcorpus.models import NO_EXTRA, Extra, Movie, Review, checked_movie, checked_review
from reviewcorpus.parser._fields import FaultyField, FieldReader
from reviewcorpus.parser._grammar import INLINE_ELEMENTS
from reviewcorpus.parser._reporter import LeftOut, OpenRecord, Reporter
from reviewcorpus.parser._tag_faults import TagFaults

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._buffer import Window
    from reviewcorpus.parser._grammar import Tag
    from reviewcorpus.parser._reporter import Item
    from reviewcorpus.parser._text import TextReader

_SPELLING = DIALECT.spelling
_MOVIE = DIALECT.movie.element
_REVIEW = DIALECT.review.element
_FIELDS = {record.element: record.by_name for record in (DIALECT.movie, DIALECT.review)}


class OpenField(NamedTuple):
    """A field whose end is not known yet, and the tag that opened it."""

    field: Field
    tag: Tag


class RecordBuilder:
    """Makes records of what a scanner finds.

    Attributes:
        reporter: Takes the faults and the words between elements.
        faults: Takes tags that are odd, missing or too many.
        has_movie: Whether a movie has begun in this input.
        movie_index: Which movie was the last to begin, from 0; -1 for none.
        review_index: Which review of its movie was the last to begin, from 0; -1 for none.
    """

    def __init__(
        self,
        window: Window,
        text_reader: TextReader,
        limits: Limits,
        *,
        errors: str,
        source: str | None,
    ) -> None:
        self.window = window
        self.text_reader = text_reader
        self.reporter = Reporter(
            window, text_reader.encoding, limits, source=source, strict=errors == "strict"
        )
        self.faults = TagFaults(self.reporter)
        self.has_movie = False
        self._fields = FieldReader(self.reporter, text_reader)
        self._drop = errors == "drop"
        self.movie_index = -1
        self.review_index = -1
        self._header: Movie | None = None

    def take_items(self) -> list[Item]:
        """Give what is ready, in file order."""
        items, self.reporter.items = self.reporter.items, []
        return items

    # ---- where the scanner stands -------------------------------------------------------

    @property
    def is_in_movie(self) -> bool:
        """Whether a movie is open."""
        return self.reporter.movie is not None

    @property
    def is_outside(self) -> bool:
        """Whether no movie is open, and no words wait to be told."""
        return self.reporter.movie is None and not self.reporter.has_words

    @property
    def is_between_records(self) -> bool:
        """Whether a movie is open, no review is, and no words wait to be told."""
        reporter = self.reporter
        return reporter.movie is not None and reporter.review is None and not reporter.has_words

    @property
    def header(self) -> Movie:
        """The fields of the open movie, as far as they have been read."""
        if self._header is None:
            movie = self.reporter.movie
            assert movie is not None  # noqa: S101 asked for inside a movie only
            extra = Extra(movie.extra) if movie.extra else NO_EXTRA
            title, link, year, score = [
                movie.values.get(field.attribute) for field in DIALECT.movie.fields
            ]
            self._header = checked_movie(title, link, year, score, extra=extra)
        return self._header

    @property
    def _leaves_movie_out(self) -> bool:
        """Whether the open movie is to be dropped, and its reviews with it."""
        return self._drop and self.reporter.movie is not None and self.reporter.movie.has_error

    # ---- tags ---------------------------------------------------------------------------

    def start(self, tag: Tag) -> OpenField | None:
        """Take a start tag that stands in no field; give the field that it opens, if any."""
        key = tag.key
        if key == _MOVIE:
            self._start_movie(tag)
        elif key == _REVIEW and self.has_movie:
            self._start_review(tag)
        elif self.reporter.movie is not None:
            return self._start_field(tag)
        elif self.has_movie and key in _SPELLING:
            self.reporter.words(tag.start, tag.end)  # outside of movies, a field is only words
        else:
            self.pass_over(tag.start, tag.end, is_word=key in _SPELLING)
        return None

    def end(self, tag: Tag) -> None:
        """Take an end tag that closes no field."""
        key = tag.key
        if key == _REVIEW and self.reporter.review is not None:
            self.reporter.end_words()
            self.faults.misspelt(tag, _REVIEW)
            self._end_review(tag, is_own=True)
        elif key == _MOVIE and self.reporter.movie is not None:
            self.reporter.end_words()
            self.faults.misspelt(tag, _MOVIE)
            self._end_open_review(tag)
            self._end_movie(tag, is_own=True)
        elif self.reporter.movie is not None and key in INLINE_ELEMENTS:
            self.faults.inline(tag)
        elif self.reporter.movie is not None or (self.has_movie and key in _SPELLING):
            self.faults.stray_end(tag)
        else:
            self.pass_over(tag.start, tag.end, is_word=key in _SPELLING)

    def pass_over(self, start: int, end: int, *, is_word: bool = False) -> None:
        """Take markup between elements that means nothing; it ends the words before it.

        Before the first movie it is part of the words, if there are any: all that stands there
        is one defect, or none in an input that has no movie.
        """
        if self.has_movie:
            self.reporter.end_words()
        elif is_word or self.reporter.has_words:
            self.reporter.words(start, end)

    def _start_movie(self, tag: Tag) -> None:
        self.reporter.end_words()
        self._end_open_review(tag)
        if self.reporter.movie is not None:
            self.faults.missing_end(tag, _MOVIE)
            self._end_movie(tag)
        self._open_movie()
        self.faults.misspelt(tag, _MOVIE)
        if tag.is_empty:
            self._end_movie(tag, is_own=True)
        else:
            self.faults.attributes(tag, _MOVIE)

    def _open_movie(self) -> None:
        self.has_movie = True
        self.movie_index += 1
        self.review_index = -1
        self.reporter.movie = OpenRecord(DIALECT.movie, self.movie_index)
        self._header = None
        self.reporter.items.append(MovieStarted(self.movie_index))

    def _start_review(self, tag: Tag) -> None:
        self.reporter.end_words()
        self._end_open_review(tag)
        if self.reporter.movie is None:
            self._open_movie()
            self.faults.missing(_MOVIE, tag, "a movie without fields was begun")
        self.review_index += 1
        self.reporter.review = OpenRecord(DIALECT.review, self.review_index)
        self.faults.misspelt(tag, _REVIEW)
        if tag.is_empty:
            self._end_review(tag, is_own=True)
        else:
            self.faults.attributes(tag, _REVIEW)

    def _start_field(self, tag: Tag) -> OpenField | None:
        record = self.reporter.review or self.reporter.movie
        assert record is not None  # noqa: S101 called inside a movie only
        field = _FIELDS[record.record.element].get(tag.key)
        if field is None and tag.key in INLINE_ELEMENTS:
            self.faults.inline(tag)
            return None
        self.reporter.end_words()
        opened = OpenField(field or Field(tag.name, ""), tag)
        if tag.is_empty:
            self.field(opened, tag.end, tag.end)
            return None
        return opened

    # ---- the ends of records ------------------------------------------------------------

    def _end_open_review(self, tag: Tag) -> None:
        if self.reporter.review is not None:
            self.faults.missing_end(tag, _REVIEW)
            self._end_review(tag)

    def _end_review(self, tag: Tag | None, *, is_own: bool = False) -> None:
        """Give the review; a `tag` of `None` says that the input was cut."""
        review = self.reporter.review
        assert review is not None  # noqa: S101 called with a review open only
        self.faults.missing_elements(review, tag)
        if tag is not None and is_own:
            self.faults.attributes(tag, _REVIEW)
        date, username, score, headline, body = [
            review.values.get(field.attribute) for field in DIALECT.review.fields
        ]
        extra = Extra(review.extra) if review.extra else NO_EXTRA
        self._give_review(review, checked_review(date, username, score, headline, body, extra))

    def _give_review(self, opened: OpenRecord, review: Review) -> None:
        """Close the open review and give it."""
        self.reporter.review = None
        if self._leaves_movie_out or (self._drop and opened.has_error):
            self.reporter.items.append(LeftOut.REVIEW)
        else:
            self._add([review])

    def _add(self, reviews: list[Review]) -> None:
        """Put reviews among the items, in one run with those before them."""
        items, header = self.reporter.items, self.header
        last = items[-1] if items else None
        if isinstance(last, tuple) and last[0] is header:
            last[1].extend(reviews)
        else:
            items.append((header, reviews))

    def _end_movie(self, tag: Tag | None, *, is_own: bool = False) -> None:
        """End the movie; a `tag` of `None` says that the input was cut."""
        movie = self.reporter.movie
        assert movie is not None  # noqa: S101 called with a movie open only
        self.faults.missing_elements(movie, tag)
        if tag is not None and is_own:
            self.faults.attributes(tag, _MOVIE)
        self.reporter.items.append(
            MovieEnded(self.header, self.movie_index, self._leaves_movie_out)
        )
        self.reporter.movie = None

    def finish(self, *, cut: int | None = None, broken: str | None = None) -> None:
        """Take the end of the input.

        Args:
            cut: Where a tag or character begins that the end cut off, if one was.
            broken: Why nothing more can come, if that is not for the end of the data.
        """
        reporter, end = self.reporter, self.window.end
        if broken is not None:
            if not self.has_movie:
                reporter.take_words()
            reporter.end_words()
            action = "what came out before was read"
            reporter.report(DefectKind.BROKEN_COMPRESSION, end, end, broken, action)
        elif not self.has_movie:
            reporter.report_no_movie()
        else:
            reporter.end_words()
            if cut is not None or reporter.movie is not None:
                self._report_end(end if cut is None else cut)
        if self.reporter.review is not None:
            self._end_review(None)
        if self.reporter.movie is not None:
            self._end_movie(None)

    def _report_end(self, offset: int) -> None:
        """Report that the input ends inside a record, a tag or a character."""
        record = self.reporter.review or self.reporter.movie
        self.reporter.report(
            DefectKind.UNEXPECTED_END,
            offset,
            self.window.end,
            f"the input ends inside a {record.record.element if record else 'tag or character'}",
            "everything that was there was read",
            element=record.record.element if record else None,
        )

    # ---- fields -------------------------------------------------------------------------

    def whole_head(self, spans: Iterable[tuple[int, int]], base: int) -> None:
        """Take all fields of the open movie: their places in usual order, counted from `base`."""
        movie = self.reporter.movie
        assert movie is not None  # noqa: S101 called inside a movie only
        for field, (start, end) in zip(DIALECT.movie.fields, spans, strict=True):
            movie.values[field.attribute] = self._fields.read(field, base + start, base + end)

    def whole_review(
        self, spans: Iterable[tuple[int, int]], base: int, before: list[Review]
    ) -> None:
        """Take a review whose tags are in order.

        Args:
            spans: The places of its fields, in usual order, counted from `base`.
            base: Offset of the first byte in hand.
            before: As for `take_review`.
        """
        values, faulty = [], list[FaultyField]()
        for field, (first, last) in zip(DIALECT.review.fields, spans, strict=True):
            value, result = self._fields.value_of(field, base + first, base + last)
            values.append(value)
            if result is not None:
                faulty.append((field, base + first, base + last, result))
        date, username, score, headline, body = values
        self.take_review(checked_review(date, username, score, headline, body), faulty, before)

    def take_review(self, review: Review, faulty: list[FaultyField], before: list[Review]) -> None:
        """Take a review, with what is wrong in it, after those before it.

        Args:
            review: The review.
            faulty: Its fields that have faults, in the order of their places.
            before: Reviews before it that are not taken yet. It joins them if it has no defect;
                else they are taken, and the list is empty.
        """
        if not faulty:
            before.append(review)
            return
        if before:
            self.take_reviews(before.copy())
            before.clear()
        self.review_index += 1
        opened = self.reporter.review = OpenRecord(DIALECT.review, self.review_index)
        for fault in faulty:
            self._fields.report(*fault)
        self._give_review(opened, review)

    def take_reviews(self, reviews: list[Review]) -> None:
        """Take reviews that have no defect."""
        self.review_index += len(reviews)
        if self._leaves_movie_out:
            self.reporter.items.extend(LeftOut.REVIEW for _ in reviews)
        elif reviews:
            self._add(reviews)

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
        record = self.reporter.review or self.reporter.movie
        assert record is not None  # noqa: S101 called inside a movie only
        name = field.attribute or field.element
        known: dict[str, Any] = record.values if field.attribute else record.extra
        if name in known:
            self.reporter.report(
                DefectKind.DUPLICATE_ELEMENT,
                tag.start,
                end,
                f"a second <{field.element}> in one {record.record.element}",
                "left out, the first counts",
                element=field.element,
            )
            return
        if not field.attribute:
            self._fields.count_extra(record, tag, end - start)
        self.faults.odd(tag, field.element)
        value = self._fields.read(field, start, end, second, sections_are_xml=sections_are_xml)
        known[name] = value
        if record is self.reporter.movie:
            self._header = None
