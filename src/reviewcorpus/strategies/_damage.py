"""Documents into which damage is put with certainty: what is around a defect cannot hide it.

A document is a list of pieces. Each knows what it is in the damaged document and in the clean one,
and what a reader reports at its start; `_join` puts them together and computes the places. What
can go wrong at a place is a row of `_LOOKS`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
from hypothesis import strategies as st

from reviewcorpus.defects import DefectKind as Kind
from reviewcorpus.formats import MOVIE, Field, Record, Value
from reviewcorpus.strategies._values import Choices

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from reviewcorpus.defects import Defect

INJECTABLE = frozenset(Kind) - {Kind.BROKEN_COMPRESSION, Kind.NOT_WELL_FORMED}
"""The kinds that a file can be given: the others are those of archives and of strict reading."""


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


# ---- what a document is made of ----------------------------------------------------------

_TEXTS = ("Paper Boats", "", "null", "Café Noir", "тихо 船", "🎬", "one\ntwo", " x ", 'don\'t "so"')
_VALUES = {
    Value.TEXT: _TEXTS,
    Value.DATE: ("2001-02-03", "2012-05-18", "null", ""),
    Value.YEAR: ("1999", "2012", "null", ""),
    Value.SCORE: ("0.7", "1.0", "-1.0", "0.5599999999999999", "null", ""),
}
_BLANKS = ("", " ", "\n\t")
"""What may be around a value that is not a text."""
_SKIPPED = ("", "", "", "<!---->\n", "<!-- <title>no & title -->\n", "<?note </score> ?>\n")
"""What may be between elements, and is skipped."""
_CHARACTERS = st.characters(
    min_codepoint=0x20,
    exclude_categories=["Cs"],
    exclude_characters="&<]\ufffe\uffff",  # well-formed text cannot hold "]]>"
    include_characters="\t\n",
)
_WORDS = st.tuples(st.sampled_from("xé☕🎬"), st.text(_CHARACTERS, max_size=8)).map("".join)
"""What follows a fault in a text; never blank, since a field left open loses its last blanks."""

# ---- what goes wrong, and how it looks ---------------------------------------------------

_Row = dict[Kind, Sequence[Any]]

_IN_TEXT: _Row = {
    Kind.BARE_AMPERSAND: "& |&b, |&para=2 |&eacute |&#39 |&#x; |&; |&amplifier |&amp= ".split("|"),
    Kind.UNTERMINATED_REFERENCE: "&amp |&lt, |&gt. |&quot) |&apos- ".split("|"),
    Kind.UNDECLARED_ENTITY: "&eacute;|&nbsp;|&hellip;|&notin;|&AMP;".split("|"),
    Kind.UNKNOWN_ENTITY: "&bogus;|&Nosuch;|&b2b;".split("|"),
    Kind.INVALID_REFERENCE: "&#0; &#xD800; &#x110000; &#150; &#X41; &#xFFFE; &#99999999;".split(),
    Kind.BARE_LESS_THAN: "<3 |< |<= |<> |</> |< b > |<sarcasm> |<Two Words> ".split("|"),
    Kind.INLINE_MARKUP: '<i>|</i>|<br/>|<a href="x">|<BR>|<p>|</SPAN>|<h1 >'.split("|"),
    Kind.ILLEGAL_CHARACTER: "\0|\x01|\x0b|\x1f|\ufffe|\uffff|\ud800".split("|"),
}
"""Each begins with its fault, and ends so that no text after it can change it."""
_IN_BODY: _Row = {
    Kind.BARE_LESS_THAN: '<3 |<sarcasm> |<score> |</title> |<username id="1"> |<date/> '.split("|")
}
"""In a body, the names of other fields are only words."""
_WRONG: dict[Value, _Row] = {
    # Not UTF-8 before a blank. The field is then read in Windows-1252.
    Value.TEXT: {Kind.UNDECODABLE_BYTES: (b"\xe9 ", b"\xff ", b"\xc3 ", b"\x8c ", b"\xed ")},
    Value.DATE: {Kind.INVALID_DATE: ("2012-02-31", "31.12.2012", "2012-2-3", "today")},
    Value.YEAR: {Kind.INVALID_YEAR: ("MMXII", "0", "12345", "19 99")},
    Value.SCORE: {Kind.INVALID_SCORE: ("seven", "NaN", "7.5", "-0.5", "1e999", "0,7", "½")},
}
_ELEMENT: _Row = {
    Kind.MISSING_ELEMENT: ("", ""),
    Kind.MISSING_END_TAG: ("", ""),
    Kind.DUPLICATE_ELEMENT: _TEXTS,
}
_AT_THE_END: _Row = {Kind.UNTERMINATED_REFERENCE: ("&amp", "&eacute", "&#233", "&#x2605", "&lt")}
_ATTRIBUTE: _Row = {Kind.UNEXPECTED_ATTRIBUTE: ('id="1"', "lang='en'", "n=3", 'title="&amp; >"')}
_LOST_WORDS: _Row = {Kind.UNEXPECTED_TEXT: ("words", "é & ö", "7 > 6;", "]]>", "🎬\nand more")}
_DOCTYPE: _Row = {
    Kind.DOCTYPE: (
        "<!DOCTYPE movies>",
        '<!doctype html PUBLIC "-//no > one" "http://example.org/x">',
        '<!DOCTYPE m [<!ENTITY e "<b>">]>',
    )
}
_IN_RECORD: _Row = _LOST_WORDS | {Kind.INLINE_MARKUP: _IN_TEXT[Kind.INLINE_MARKUP]}

_LOOKS: dict[str | Value, _Row] = {
    "text": _IN_TEXT,
    "body": _IN_TEXT | _IN_BODY,
    **{value: wrong | _ELEMENT for value, wrong in _WRONG.items()},
    Value.TEXT: _WRONG[Value.TEXT] | _ELEMENT | _AT_THE_END,
    "tag": _ATTRIBUTE | {Kind.MISSPELT_TAG: (str.upper, str.swapcase, str.capitalize)},
    "unknown tag": _ATTRIBUTE,
    "movie start": {Kind.MISSING_ELEMENT: ("",)},
    "record end": {Kind.MISSING_END_TAG: ("",)},
    # Between elements, by the record that is open.
    "movie": {
        **_IN_RECORD,
        Kind.STRAY_END_TAG: ("user", "review", "title"),
        Kind.UNKNOWN_ELEMENT: ("country", "Cast", "pays", "date"),
    },
    "review": {
        **_IN_RECORD,
        Kind.STRAY_END_TAG: ("user", "score", "link"),
        Kind.UNKNOWN_ELEMENT: ("helpful", "x-1.b", "title"),
    },
    "prolog": _LOST_WORDS | _DOCTYPE,
    "": {
        **_LOST_WORDS,
        **_DOCTYPE,
        Kind.STRAY_END_TAG: ("movie", "review", "title"),  # not the body: it may be open
    },
}
"""What can go wrong, by place, and how each fault may look."""

_TAGS = ("<", "</", "<movie", "</mov", "</review", "<dat", "<review id='", '<score n="')
_ENDS: dict[str, tuple[Kind, Sequence[str | bytes]]] = {
    "text": (Kind.UNEXPECTED_END, ("", "<", "</", b"\xc3", b"\xe2\x98", b"\xf0\x9d\x94")),
    "movie": (Kind.UNEXPECTED_END, ("", *_TAGS)),
    "review": (Kind.UNEXPECTED_END, ("", *_TAGS)),
    "": (Kind.UNEXPECTED_END, _TAGS),
    "prolog": (Kind.NO_MOVIE, ("", "Prose.\n", "<html>\n<p>no page</p>\n", "a <title> & more")),
}
"""How a damaged document may end too early, by place."""

_NOTHING: tuple[None, Any] = (None, "")

# ---- writing -----------------------------------------------------------------------------


class _Piece(NamedTuple):
    """A part of a document: what it is in the damaged one, and in the clean one."""

    damaged: str | bytes
    clean: str
    faults: tuple[Fault, ...] = ()
    """What is reported at its start, without offset, line and column."""


class _Writer(Choices):
    """Write pieces in order, and draw on the way what goes wrong."""

    def __init__(self, draw: DrawFn, kinds: frozenset[Kind]) -> None:
        super().__init__(draw)
        self.pieces: list[_Piece] = []
        self._kinds = kinds
        self._movie: int | None = None
        self._review: int | None = None
        self._is_odd = False  # whether anything may go wrong in the record that is open
        self._late: list[Fault] = []  # what went wrong and is reported at the next tag
        self._ends: list[tuple[int, Fault, Sequence[str | bytes]]] = []
        self._unknown = 0

    @property
    def _record(self) -> str:
        """The record that is open."""
        return "review" if self._review is not None else "movie" if self._movie is not None else ""

    def _begin(self) -> None:
        """Draw anew what happens from here on, so that records can be removed one by one."""
        self.refill()
        self._is_odd = bool(self.number(1))

    def _happens(self, place: str | Value) -> tuple[Kind | None, Any]:
        """Return what goes wrong here and how it looks; nothing does, three times out of four."""
        looks = {kind: looks for kind, looks in _LOOKS[place].items() if kind in self._kinds}
        if not self._is_odd or not looks or self.number(3) < 3:
            return _NOTHING
        kind = self.pick(list(looks))
        return kind, self.pick(looks[kind])

    def _fault(self, kind: Kind, element: str | None) -> Fault:
        return Fault(kind, 0, 1, 1, self._movie, self._review, element)

    def _put(self, text: str) -> None:
        self.pieces.append(_Piece(text, text))

    def _omit(self, text: str) -> None:
        """Write what is lost from the damaged document."""
        self.pieces.append(_Piece("", text))

    def _put_fault(
        self, kind: Kind, element: str | None, damaged: str | bytes, clean: str = ""
    ) -> None:
        self.pieces.append(_Piece(damaged, clean, (self._fault(kind, element),)))

    def _put_tag(self, name: str, *, closes: bool = False, place: str = "tag") -> None:
        """Write a tag, with at most one fault of its own.

        It has none where it shows what is missing before it: which of the faults of one tag is
        reported first is not promised.
        """
        kind, look = _NOTHING if self._late else self._happens(place)
        start = "</" if closes else "<"
        if kind is Kind.MISSPELT_TAG:
            self._put_fault(kind, name, start + look(name), start + name)
        else:
            self.pieces.append(_Piece(start + name, start + name, tuple(self._late)))
        self._late.clear()
        if kind is Kind.UNEXPECTED_ATTRIBUTE:
            self.pieces.append(_Piece(" ", ""))
            self._put_fault(kind, name, look)
        self._put(">")

    def _may_end(self, place: str) -> None:
        """Note that the damaged document may end here."""
        kind, looks = _ENDS[place]
        if kind in self._kinds:
            self._ends.append((len(self.pieces), self._fault(kind, self._record or None), looks))

    def cut(self) -> None:
        """End the damaged document where it may end, or nowhere."""
        if not self._ends or not self.draw(st.booleans()):
            return
        start, fault, looks = self.draw(st.sampled_from(self._ends))
        rest = [_Piece("", piece.clean) for piece in self.pieces[start:]]
        self.pieces[start:] = [_Piece(self.pick(looks), "", (fault,)), *rest]

    # ---- records ------------------------------------------------------------------------

    def write(self, movies: Sequence[int], *, has_root: bool) -> None:
        """Write a document of movies that have so many reviews."""
        self._begin()
        self._may_end("prolog")
        self._put_between("prolog")
        self._put("<movies>\n" if has_root else "")
        for index, reviews in enumerate(movies):
            self._put_movie(index, reviews, is_last=index == len(movies) - 1)
            self._put_gap()
        self._put("</movies>\n" if has_root else "")

    def _put_movie(self, index: int, reviews: int, *, is_last: bool) -> None:
        self._begin()
        # Its start can be lost where a review follows that cannot belong to the movie before.
        may_be_lost = index > 0 and reviews > 0 and not self._late
        is_lost = may_be_lost and self._happens("movie start") != _NOTHING
        self._movie = index
        if is_lost:
            self._omit("<movie>")
            self._late.append(self._fault(Kind.MISSING_ELEMENT, "movie"))
        else:
            self._put_tag("movie")
        missing = self._put_fields(MOVIE.movie, is_lost=is_lost)
        for number in range(reviews):
            self._put_gap()
            self._review = number
            self._put_review()
            self._review = None
        self._begin()
        self._end_record(missing, may_be_open=not is_last)
        self._movie = None

    def _put_review(self) -> None:
        self._begin()
        self._put_tag("review")
        self._end_record(self._put_fields(MOVIE.review))

    def _end_record(self, missing: Sequence[Fault], *, may_be_open: bool = True) -> None:
        self._put_gap()
        element = self._record
        if may_be_open and self._happens("record end") != _NOTHING:
            self._omit(f"</{element}>")
            self._late += [self._fault(Kind.MISSING_END_TAG, element), *missing]
        else:
            self._late += missing
            self._put_tag(element, closes=True)

    # ---- fields -------------------------------------------------------------------------

    def _put_fields(self, record: Record, *, is_lost: bool = False) -> list[Fault]:
        """Write the fields of a record, and return what is reported about them at its end."""
        missing = []
        for field in record.fields:
            self._put_gap()
            kind, look = self._happens(field.value)
            value = self.pick(_VALUES[field.value])
            if is_lost or kind is Kind.MISSING_ELEMENT:
                self._omit(f"<{field.element}>{value}</{field.element}>")
                missing.append(self._fault(Kind.MISSING_ELEMENT, field.element))
            else:
                self._put_field(field, value, kind, look)
        return missing

    def _put_field(self, field: Field, value: str, kind: Kind | None, look: Any) -> None:
        element = field.element
        self._put_tag(element)
        if kind and kind in _WRONG[field.value]:
            self._put(self.pick(_BLANKS))
            self._put_fault(kind, element, look, value)
            self._put(self.pick(_BLANKS))
        elif field.value is Value.TEXT:
            self._put_text(element, value, "body" if field.is_body else "text")
        else:
            self._put(self.pick(_BLANKS) + value + self.pick(_BLANKS))
        if kind is Kind.UNTERMINATED_REFERENCE:
            self._put_fault(kind, element, look)
        if kind is Kind.MISSING_END_TAG:
            self._omit(f"</{element}>")
            self._late.append(self._fault(kind, element))
        else:
            self._put_tag(element, closes=True)
        if kind is Kind.DUPLICATE_ELEMENT:
            self._put_fault(kind, element, f"<{element}>{look}</{element}>")

    def _put_text(self, element: str, text: str, place: str) -> None:
        self._put(text)
        self._may_end("text")
        kind, look = self._happens(place)
        while kind:
            self._put_fault(kind, element, look)
            self._put(self.draw(_WORDS))
            kind, look = self._happens(place)

    # ---- between elements ---------------------------------------------------------------

    def _put_gap(self) -> None:
        """Write white space, and perhaps something that does not belong there.

        Where an element was left open, anything else would be a part of it.
        """
        self._put("\n" + "\t" * ("", "movie", "review").index(self._record))
        if not self._late:
            self._may_end(self._record)
            self._put_between(self._record)

    def _put_between(self, place: str) -> None:
        if self._is_odd:
            self._put(self.pick(_SKIPPED))
        kind, look = self._happens(place)
        if kind is Kind.UNKNOWN_ELEMENT:
            self._put_unknown(look)
        elif kind is Kind.STRAY_END_TAG:
            self._put_fault(kind, look, f"</{look}>\n")
        elif kind:
            element = self._record or None if kind is Kind.UNEXPECTED_TEXT else None
            self._put_fault(kind, element, f"{look}\n")

    def _put_unknown(self, name: str) -> None:
        name += str(self._unknown or "")  # a second one of one name would be a duplicate
        self._unknown += 1
        start = len(self.pieces)
        self._late.append(self._fault(Kind.UNKNOWN_ELEMENT, name))
        self._put_tag(name)
        self._put_text(name, self.pick(_TEXTS), "text")
        self._put_tag(name, closes=True, place="unknown tag")
        self.pieces[start:] = [piece._replace(clean="") for piece in self.pieces[start:]]


_LINE_END = re.compile("\r\n|\r|\n")


def _join(pieces: Sequence[_Piece], newline: str, mark: bytes) -> Damaged:
    """Put pieces together, and compute the places of their faults the plain way."""
    data, text, before = mark, "", list[Kind]()
    faults: list[Fault] = []
    for piece in pieces:
        kinds = [fault.kind for fault in piece.faults]
        if kinds and not before == kinds == [Kind.UNEXPECTED_TEXT]:  # one fault until a tag comes
            *lines, last = _LINE_END.split(text)
            faults += [
                attrs.evolve(fault, offset=len(data), line=len(lines) + 1, column=len(last) + 1)
                for fault in piece.faults
            ]
        if piece.damaged.strip():
            before = kinds
        if isinstance(piece.damaged, bytes):
            data += piece.damaged
            text += piece.damaged.decode("windows-1252", "replace")
        else:
            part = piece.damaged.replace("\n", newline)
            data += part.encode("utf-8", "surrogatepass")
            text += part
    clean = "".join(piece.clean for piece in pieces).replace("\n", newline)
    return Damaged(data, mark + clean.encode(), tuple(faults))


@st.composite
def damaged_documents(
    draw: DrawFn, kinds: frozenset[Kind] | None, max_movies: int, max_reviews: int
) -> Damaged:
    """Return documents, and what was done to each; `None` is for all kinds."""
    chosen = INJECTABLE if kinds is None else kinds
    reviews = st.integers(0, max_reviews)
    movies = draw(st.lists(reviews, min_size=1, max_size=max_movies))
    has_root = draw(st.booleans()) or len(movies) > 1
    writer = _Writer(draw, chosen)
    writer.write(movies, has_root=has_root)
    writer.cut()
    mark = draw(st.sampled_from((b"", codecs.BOM_UTF8)))
    return _join(writer.pieces, draw(st.sampled_from(("\n", "\r\n", "\r"))), mark)
