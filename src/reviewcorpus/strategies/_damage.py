"""Documents into which damage is put with certainty: what is around a fault cannot hide it."""

from __future__ import annotations

import codecs
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import attrs
from hypothesis import strategies as st

from reviewcorpus.defects import DefectKind as Kind
from reviewcorpus.formats import MOVIE as DIALECT
from reviewcorpus.formats import Field, Value
from reviewcorpus.strategies import _scraps
from reviewcorpus.strategies._scraps import MOVIE, REVIEW, Document, Plan, documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hypothesis.strategies import DrawFn

    from reviewcorpus.defects import Defect

T = TypeVar("T")

INJECTABLE = frozenset(Kind) - {Kind.BROKEN_COMPRESSION, Kind.NOT_WELL_FORMED}
"""The kinds that a file can be given: the others are those of archives and of strict reading."""

_INVALID = {
    Value.DATE: Kind.INVALID_DATE,
    Value.SCORE: Kind.INVALID_SCORE,
    Value.YEAR: Kind.INVALID_YEAR,
}
_ODD = (Kind.MISSPELT_TAG, Kind.UNEXPECTED_ATTRIBUTE)
_IN_RECORD = (
    Kind.UNEXPECTED_TEXT,
    Kind.STRAY_END_TAG,
    Kind.INLINE_MARKUP,
    Kind.UNKNOWN_ELEMENT,
)
_BETWEEN_ELEMENTS = {
    MOVIE: _IN_RECORD,
    REVIEW: _IN_RECORD,
    "": (Kind.UNEXPECTED_TEXT, Kind.STRAY_END_TAG, Kind.DOCTYPE),
}


_LINE_END = re.compile("\r\n|\r|\n")


@attrs.frozen
class Fault:
    """Something that was put into a document, or omitted from it, and where.

    It has those parts of a `Defect` that do not depend on how a reader words it.

    Attributes:
        kind: What is wrong.
        offset: Where the fault begins, in bytes from 0.
        line: Line of the fault, from 1.
        column: Column of the fault, in characters, from 1.
        movie_index: Which movie of the document, from 0; `None` outside all movies.
        review_index: Which review of its movie, from 0; `None` outside all reviews.
        element: Name of the element concerned, as the format spells it, or `None`.
    """

    kind: Kind
    offset: int
    line: int
    column: int
    movie_index: int | None = None
    review_index: int | None = None
    element: str | None = None

    @classmethod
    def of(cls, defect: Defect) -> Fault:
        """Return what a reported defect says about the fault, to compare it with what was put in.

        Args:
            defect: A defect, as a reader reports it.

        Example:
            >>> import io
            >>> import reviewcorpus as rc
            >>> from reviewcorpus.strategies import Fault
            >>> (defect,) = rc.Corpus(io.BytesIO(b"no movie")).defects()
            >>> Fault.of(defect) == Fault(rc.DefectKind.NO_MOVIE, offset=0, line=1, column=1)
            True
        """
        return cls(**{field.name: getattr(defect, field.name) for field in attrs.fields(cls)})


@attrs.frozen
class Damaged:
    """A damaged document, and what was done to it.

    Attributes:
        data: The document, damaged.
        clean: The same document without any of its faults: well-formed, and free of defects.
        faults: What was done, in the order in which a reader has to report it.
    """

    data: bytes
    clean: bytes
    faults: tuple[Fault, ...]


class Page:
    """A document that is written from its start to its end, damaged and clean at once.

    It knows its place, and counts lines and columns the plain way.

    Attributes:
        movie: Which movie is open, from 0, if any.
        review: Which review is open, from 0, if any.
        is_cut: Whether the damaged document has ended; the clean one goes on.
        is_clean_only: Whether what is written now is lost from the damaged document.
        is_damage_only: Whether what is written now is not in the clean document.
    """

    def __init__(self, newline: str, *, has_mark: bool) -> None:
        self.movie: int | None = None
        self.review: int | None = None
        self.is_cut = False
        self.is_clean_only = False
        self.is_damage_only = False
        self._newline = newline
        self._data = bytearray(codecs.BOM_UTF8 if has_mark else b"")
        self._clean = bytearray(self._data)
        self._faults: list[Fault] = []
        self._line = 1
        self._column = 1

    @property
    def is_written(self) -> bool:
        """Whether what is written now is in the damaged document."""
        return not self.is_cut and not self.is_clean_only

    def write(self, text: str, *, clean: str | None = None, data: bytes | None = None) -> None:
        """Write characters.

        Args:
            text: What stands in the damaged document, line feeds for line ends.
            clean: What stands in the clean one, where that is something else.
            data: The bytes of `text`, where they are not those of UTF-8.
        """
        right = text if clean is None else clean
        if not self.is_damage_only:
            self._clean += right.replace("\n", self._newline).encode()
        if not self.is_written:
            return
        text = text.replace("\n", self._newline)
        self._data += text.encode("utf-8", "surrogatepass") if data is None else data
        *before, last = _LINE_END.split(text)
        self._line += len(before)
        self._column = len(last) + (1 if before else self._column)

    def fault(self, kind: Kind, element: str | None = None) -> None:
        """Note that a fault begins where the damaged document ends now."""
        if self.is_written:
            place = (len(self._data), self._line, self._column)
            self._faults.append(Fault(kind, *place, self.movie, self.review, element))

    def cut(self, kind: Kind, element: str | None, rest: bytes) -> None:
        """End the damaged document here, but for a rest that is not a whole character or tag."""
        self.fault(kind, element)
        self._data += rest
        self.is_cut = True

    def finish(self) -> Damaged:
        """Return what was written."""
        return Damaged(bytes(self._data), bytes(self._clean), tuple(self._faults))


# ---- writing -----------------------------------------------------------------------------


class _Author:
    """Write a document as it was drawn."""

    def __init__(self, document: Document, kinds: frozenset[Kind]) -> None:
        self._document = document
        self._page = Page(document.newline, has_mark=document.has_mark)
        self._kinds = kinds
        self._plans = {"": document.around}
        self._how = 0
        self._cut_place, self._cut_how = document.cut if Kind.UNEXPECTED_END in kinds else (-1, 0)
        self._open_field = ""
        self._has_open_review = False
        self._has_open_movie = False
        self._is_body_open = False  # an end tag of a body would be taken for that of the open one
        self._has_words = False  # words that no tag has ended yet; more of them are no new fault
        self._missing: dict[str, list[str]] = {}
        self._extras: dict[str, int] = {}

    def _choose(self, *kinds: Kind) -> Kind | None:
        """Return what goes wrong here, if anything."""
        options = [kind for kind in kinds if kind in self._kinds]
        if not options or not self._page.is_written:
            return None
        fault = self._plans[self._record].fault_at_next_place()
        if fault is None:
            return None
        number, self._how = fault
        return options[number % len(options)]

    def _chosen(self, options: Sequence[T]) -> T:
        """Return how it goes wrong."""
        return options[self._how % len(options)]

    def _pick(self, options: Sequence[T]) -> T:
        """Return something that is right."""
        return options[self._plans[self._record].next_number() % len(options)]

    @contextmanager
    def _only_in_clean(self, when: bool) -> Iterator[None]:
        before = self._page.is_clean_only
        self._page.is_clean_only = before or when
        yield
        self._page.is_clean_only = before

    # ---- records ------------------------------------------------------------------------

    def write(self) -> Damaged:
        """Write the document."""
        page, movies = self._page, self._document.movies
        has_root = self._document.has_root or len(movies) > 1
        self._prolog()
        page.write("<movies>\n" if has_root else "")
        for index, movie in enumerate(movies):
            self._movie(index, movie)
            self._gap()
        page.write("\n</movies>\n" if has_root else "\n")
        return page.finish()

    def _prolog(self) -> None:
        what = self._choose(Kind.NO_MOVIE, Kind.DOCTYPE, Kind.UNEXPECTED_TEXT)
        if what is Kind.NO_MOVIE:
            self._page.cut(what, None, self._chosen(_scraps.PROSE))
        elif what is Kind.DOCTYPE:
            self._add_doctype()
        elif what is Kind.UNEXPECTED_TEXT:
            self._add_words()

    def _movie(self, index: int, plan: Plan) -> None:
        may_be_lost = index > 0 and not self._has_open_movie and bool(plan.reviews)
        is_lost = may_be_lost and self._is_lost()
        with self._only_in_clean(is_lost):
            self._begin_movie(index, plan)
            for field in DIALECT.movie.fields:
                self._field(field)
        if is_lost:
            self._missing[MOVIE] = [field.element for field in DIALECT.movie.fields]
        for number, review in enumerate(plan.reviews):
            begins_movie = is_lost and number == 0
            with self._only_in_clean(begins_movie):
                self._gap()
            self._review(number, review, begins_movie=begins_movie)
        self._gap()
        is_last = index == len(self._document.movies) - 1
        if is_last or self._choose(Kind.MISSING_END_TAG) is None:
            self._end_tag(MOVIE)
            self._page.movie = None
        else:
            self._page.write("", clean=f"</{MOVIE}>")
            self._has_open_movie = True

    def _begin_movie(self, index: int, plan: Plan) -> None:
        self._end_review()
        if self._has_open_movie:
            self._page.fault(Kind.MISSING_END_TAG, MOVIE)
            self._report_missing(MOVIE)
            self._has_open_movie = False
        self._page.movie = index
        self._plans[MOVIE] = plan
        self._extras[MOVIE] = 0
        self._tag(MOVIE)

    def _review(self, number: int, plan: Plan, *, begins_movie: bool) -> None:
        self._end_review()
        if begins_movie:
            self._page.fault(Kind.MISSING_ELEMENT, MOVIE)
        self._page.review = number
        self._plans[REVIEW] = plan
        self._extras[REVIEW] = 0
        self._tag(REVIEW)
        for field in DIALECT.review.fields:
            self._field(field)
        self._gap()
        if self._choose(Kind.MISSING_END_TAG) is None:
            self._end_tag(REVIEW)
            self._page.review = None
        else:
            self._page.write("", clean=f"</{REVIEW}>")
            self._has_open_review = True

    def _end_review(self) -> None:
        """Note that the tag that comes next ends a review that was left open, if one was."""
        self._end_field()
        if self._has_open_review:
            self._page.fault(Kind.MISSING_END_TAG, REVIEW)
            self._report_missing(REVIEW)
            self._page.review = None
            self._has_open_review = False

    def _end_field(self) -> None:
        """Note that the tag that comes next ends a field that was left open, if one was."""
        if self._open_field and self._page.is_written:
            self._page.fault(Kind.MISSING_END_TAG, self._open_field)
            self._open_field = ""

    def _end_tag(self, record: str) -> None:
        # Where a tag also ends what it should not, or shows what is missing, it is spelt as it
        # should be: which of the faults of one tag is reported first is not promised.
        is_only_end = not self._missing.get(record) and not self._has_open_review
        self._end_review()
        self._report_missing(record)
        self._tag(record, closes=True, odd=_ODD if is_only_end else ())

    def _report_missing(self, record: str) -> None:
        for element in self._missing.pop(record, ()):
            self._page.fault(Kind.MISSING_ELEMENT, element)

    # ---- fields -------------------------------------------------------------------------

    def _is_lost(self) -> bool:
        return self._choose(Kind.MISSING_ELEMENT) is not None

    def _field(self, field: Field) -> None:
        self._gap()
        is_lost = self._is_lost()
        if is_lost:
            self._missing.setdefault(self._record, []).append(field.element)
        with self._only_in_clean(is_lost):
            self._element(field)

    def _element(self, field: Field) -> None:
        page, element = self._page, field.element
        self._end_field()
        self._tag(element)
        if field.is_body and page.is_written:
            self._is_body_open = False
        if field.value is Value.TEXT:
            self._text(element, self._pick(_scraps.TEXTS), is_body=field.is_body)
        else:
            self._value(element, _INVALID[field.value])
        how = self._choose(Kind.MISSING_END_TAG, Kind.DUPLICATE_ELEMENT)
        if how is Kind.MISSING_END_TAG:
            page.write("", clean=f"</{element}>")
            self._open_field = element
            self._is_body_open = field.is_body or self._is_body_open
            return
        self._tag(element, closes=True)
        if how is Kind.DUPLICATE_ELEMENT:
            page.fault(how, element)
            page.write(f"<{element}>{self._chosen(_scraps.TEXTS)}</{element}>", clean="")

    def _value(self, element: str, kind: Kind) -> None:
        page = self._page
        page.write(self._pick(_scraps.BLANKS))
        value = self._pick(_scraps.VALUES[element])
        if self._choose(kind):
            page.fault(kind, element)
            page.write(self._chosen(_scraps.WRONG_VALUES[kind]), clean=value)
        else:
            page.write(value)
        page.write(self._pick(_scraps.BLANKS))

    def _text(self, element: str, text: str, *, is_body: bool = False) -> None:
        page = self._page
        if self._choose(Kind.UNDECODABLE_BYTES):
            self._undecodable_text(element)
            return
        page.write(text)
        self._cut(_scraps.CUT_TEXTS)
        table = _scraps.IN_BODY if is_body else _scraps.IN_TEXT
        while kind := self._choose(*table):
            page.fault(kind, element)
            page.write(self._chosen(table[kind]), clean="")
            page.write(self._plans[self._record].words)
        if kind := self._choose(Kind.UNTERMINATED_REFERENCE):
            page.fault(kind, element)
            page.write(self._chosen(_scraps.AT_THE_END), clean="")

    def _undecodable_text(self, element: str) -> None:
        """Write a text that is read byte by byte; columns are plain where all else is ASCII."""
        byte, character = self._chosen(_scraps.STRAY_BYTES)
        self._page.write("old ")
        self._page.fault(Kind.UNDECODABLE_BYTES, element)
        self._page.write(character, clean="", data=byte)
        self._page.write(" words")

    def _tag(self, name: str, *, closes: bool = False, odd: tuple[Kind, ...] = _ODD) -> None:
        page, kind = self._page, self._choose(*odd)
        self._has_words = self._has_words and not page.is_written
        written = name
        if kind is Kind.MISSPELT_TAG:
            written = self._chosen((name.upper(), name.swapcase(), name.capitalize()))
            page.fault(kind, name)
        page.write("</" if closes else "<")
        page.write(written, clean=name)
        if kind is Kind.UNEXPECTED_ATTRIBUTE:
            page.write(" ", clean="")
            page.fault(kind, name)
            page.write(self._chosen(_scraps.ATTRIBUTES), clean="")
        page.write(">")

    # ---- between elements ---------------------------------------------------------------

    @property
    def _record(self) -> str:
        """The record that is open."""
        page = self._page
        return REVIEW if page.review is not None else MOVIE if page.movie is not None else ""

    def _gap(self) -> None:
        """Write white space, and perhaps something that does not belong there."""
        page = self._page
        page.write("\n" + "\t" * ("", MOVIE, REVIEW).index(self._record))
        if self._open_field:
            return  # what is here would be part of it
        if skipped := self._pick(_scraps.SKIPPED):
            page.write(skipped)
            self._has_words = self._has_words and not page.is_written
        if self._has_open_review or self._has_open_movie:
            return  # likewise
        add = {
            Kind.UNEXPECTED_TEXT: self._add_words,
            Kind.STRAY_END_TAG: self._add_end_tag,
            Kind.INLINE_MARKUP: self._add_inline_tag,
            Kind.UNKNOWN_ELEMENT: self._add_element,
            Kind.DOCTYPE: self._add_doctype,
        }
        self._cut(_scraps.CUT_TAGS[self._record])
        kind = self._choose(*_BETWEEN_ELEMENTS[self._record])
        if kind is not None:
            page.is_damage_only = True
            add[kind]()
            page.write("\n")
            page.is_damage_only = False

    def _add_words(self) -> None:
        if not self._has_words:
            self._page.fault(Kind.UNEXPECTED_TEXT, self._record or None)
        self._page.write(self._chosen(_scraps.LOST_WORDS) + "\n", clean="")
        self._has_words = True

    def _add_end_tag(self) -> None:
        names = _scraps.STRAY_TAGS[self._record][: -1 if self._is_body_open else None]
        name = self._chosen(names)
        self._page.fault(Kind.STRAY_END_TAG, name)
        self._tag(name, closes=True, odd=())

    def _add_inline_tag(self) -> None:
        self._page.fault(Kind.INLINE_MARKUP)
        self._page.write(self._chosen(_scraps.IN_TEXT[Kind.INLINE_MARKUP]))
        self._has_words = False

    def _add_element(self) -> None:
        count = self._extras[self._record]
        self._extras[self._record] += 1
        name = self._chosen(_scraps.UNKNOWN[self._record]) + (str(count) if count else "")
        self._page.fault(Kind.UNKNOWN_ELEMENT, name)
        self._tag(name, odd=(Kind.UNEXPECTED_ATTRIBUTE,))
        self._text(name, self._chosen(_scraps.TEXTS))
        self._tag(name, closes=True, odd=(Kind.UNEXPECTED_ATTRIBUTE,))

    def _add_doctype(self) -> None:
        self._page.fault(Kind.DOCTYPE)
        self._page.write(self._chosen(_scraps.DOCTYPES) + "\n", clean="")
        self._has_words = False

    def _cut(self, rests: tuple[bytes, ...]) -> None:
        """End the document here, if this is the place that was drawn for that."""
        if self._page.is_written:
            if self._cut_place == 0:
                rest = rests[self._cut_how % len(rests)]
                self._page.cut(Kind.UNEXPECTED_END, self._record or None, rest)
            self._cut_place -= 1


@st.composite
def damaged_documents(
    draw: DrawFn, kinds: frozenset[Kind] | None, max_movies: int, max_reviews: int
) -> Damaged:
    """Return documents, and what was done to each; `None` is for all kinds."""
    chosen = INJECTABLE if kinds is None else kinds
    return _Author(draw(documents(len(chosen), max_movies, max_reviews)), chosen).write()
