"""Damaged documents whose defects are certain: what is around a defect cannot hide it.

A document is a list of pieces. Each piece has its form in the damaged document and in the clean
one, and what a reader reports at its start; `_join` puts them together and computes the places.
What can go wrong at a place is a row of `_LOOKS`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
from hypothesis import strategies as st

from reviewcorpus.defects import DefectKind as Kind
from reviewcorpus.formats import MOVIE, MOVIE_RECORD, Field, Record, Value
from reviewcorpus.strategies._values import Choices

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from reviewcorpus.defects import Defect

INJECTABLE = frozenset(Kind) - {Kind.BROKEN_COMPRESSION, Kind.NOT_WELL_FORMED}
"""The kinds that can be put into a file; the others are those of archives and strict reading."""


@attrs.frozen
class Fault:
    """Something that was put into a document, or omitted from it, and where.

    It has the parts of a `Defect` that do not depend on how a reader words it.

    Attributes:
        kind: What is wrong.
        offset: Where the defect begins, in bytes from 0.
        line: Line of the defect, from 1.
        column: Column of the defect, in characters, from 1.
        movie_index: Index of the movie in the document, from 0; `None` outside all movies.
        review_index: Index of the review in its movie, from 0; `None` outside all reviews.
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
        """Return what a reader reports as something to compare with what was put in.

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
        data: The damaged document; it may be several that were joined.
        clean: One document without any of it: well-formed, and free of defects.
        faults: What was done, in the order that a reader has to report it.
    """

    data: bytes
    clean: bytes
    faults: tuple[Fault, ...]


# ---- what a document is made of ----------------------------------------------------------

_TEXTS = 'Paper Boats||null|Café Noir|тихо 船|🎬|one\ntwo| x |don\'t "so"|it\u2019s so…'.split("|")
_VALUES = {
    Value.HTML: _TEXTS,
    Value.DATE: ("2001-02-03", "2012-05-18", "null", ""),
    Value.YEAR: ("1999", "2012", "null", ""),
    Value.SCORE: ("0.7", "1.0", "-1.0", "0.5599999999999999", "null", ""),
}
_SPACES = ("", " ", "\n\t")
_BLANKS = (*_SPACES, "\u00a0", "\n\u00a0 ")
"""What may surround a value that is not a text."""
_SKIPPED = ("", "", "", "<!---->\n", "<!-- <title>no & title -->\n", "<?note </score> ?>\n")
"""What may be between elements, and is skipped."""
_CHARACTERS = st.characters(
    min_codepoint=0x20,
    exclude_categories=["Cs"],
    exclude_characters="&<]\ufffe\uffff",  # well-formed text cannot hold "]]>"
    include_characters="\t\n",
)
_WORDS = st.tuples(st.sampled_from("xé☕🎬"), st.text(_CHARACTERS, max_size=8)).map("".join)
"""What follows a fault in a text; never blank, because an open field loses its last blanks."""

_MARK = codecs.BOM_UTF8.decode()
_LEADS = bytes(range(0xC2, 0xF5))  # the first bytes of characters in UTF-8
_NO_LEADS = bytes.maketrans(_LEADS, b"?" * len(_LEADS))


class _Document(NamedTuple):
    """A document that declares its encoding."""

    declared: str = ""
    codec: str = "utf-8"
    """Its real encoding; "" if this cannot change here, and the encoding before goes on."""
    label: str = "utf-8"
    """The encoding that it claims, if that counts."""
    mark: str = ""

    @property
    def is_plain(self) -> bool:
        return self.codec == self.label == "utf-8"

    def fit(self, text: str) -> str:
        """Return a text that it can contain; 8-bit text must not look like UTF-8."""
        if self.codec == "utf-8":
            return text
        return text.encode(self.codec, "replace").translate(_NO_LEADS).decode(self.codec)

    def is_changed(self, character: str) -> bool:
        """Check whether a character reads differently in the claimed encoding."""
        return character.encode(self.codec).decode(self.label, "replace") != character


# ---- what goes wrong, and how it looks ---------------------------------------------------

_Row = dict[Kind, Sequence[Any]]

_IN_TEXT: _Row = {
    kind: looks.split("|")
    for kind, looks in {
        Kind.BARE_AMPERSAND: "& |&b, |&para=2 |&eacute |&#1 |&#xD800 |&#x; |&; |&amplifier |&amp= ",
        Kind.UNTERMINATED_REFERENCE: "&amp |&lt, |&gt. |&quot) |&apos- |&#8217s |&#39 |&#x2605 "
        "|&#176. |&#150 |&#X41 ",
        Kind.UNDECLARED_ENTITY: "&eacute;|&nbsp;|&hellip;|&notin;|&AMP;",
        Kind.UNKNOWN_ENTITY: "&bogus;|&Nosuch;|&b2b;",
        Kind.INVALID_REFERENCE: "&#0;|&#xD800;|&#x110000;|&#150;|&#X41;|&#xFFFE;|&#99999999;"
        "|&#55357;&#56842;|&#xD83D;&#xDE0A;|&#55357&#56842;|&#xd83d;&#56842 ",
        Kind.BARE_LESS_THAN: "<3 |< |<= |<> |</> |< b > |<sarcasm> |<Two Words> |<a lot> ",
        Kind.INLINE_MARKUP: '<i>|</i>|<br/>|<a href="x">|<BR>|<p>|</SPAN>|<h1 >'
        """|<a title="the "best" one" href="x">|<img alt='it's'/>""",
        Kind.ILLEGAL_CHARACTER: "\0|\x01|\x0b|\x1f|\ufffe|\uffff|\ud800é",
    }.items()
}
"""Each begins with its fault, and ends so that no text after it can change it."""
_IN_BODY: _Row = {
    Kind.BARE_LESS_THAN: ("<3 ", "<sarcasm> ", "<score> ", "</title> ", "<date/> ", "<link new> ")
}
"""In a body, the names of other fields are only words."""
_PAIR = b"\xed\xa0\xbc\xed\xbe\xac"  # one character in CESU-8
_UNDECODABLE = (
    # The whole field is read in Windows-1252.
    *(b"\xe9 ", b"\xff ", b"\xc3 ", b"\x8c ", b"\xed "),
    # It is UTF-8 apart from the bad bytes.
    *(bad + "тихо ".encode() + bad for bad in (b"\x93", b"\xe9", b"\x80\xff")),
    *(_PAIR, _PAIR + b" and " + _PAIR, _PAIR + b"\x93\xc3\xa9"),
)
_WRONG: dict[Value, _Row] = {
    Value.HTML: {Kind.UNDECODABLE_BYTES: _UNDECODABLE},
    Value.DATE: {Kind.INVALID_DATE: ("2012-02-31", "31.12.2012", "2012-2-3", "today")},
    Value.YEAR: {Kind.INVALID_YEAR: ("MMXII", "0", "12345", "19 99")},
    Value.SCORE: {Kind.INVALID_SCORE: ("seven", "NaN", "7.5", "-0.5", "1e999", "0,7", "8½")},
}
_ELEMENT: _Row = {
    Kind.MISSING_ELEMENT: ("", ""),
    Kind.MISSING_END_TAG: ("", "/"),
    Kind.DUPLICATE_ELEMENT: _TEXTS,
}
_AT_THE_END: _Row = {
    Kind.UNTERMINATED_REFERENCE: ("&amp", "&eacute", "&#233", "&#x2605", "&lt"),
    Kind.BARE_AMPERSAND: ("&", "&#1", "&#xD800"),
    Kind.INVALID_REFERENCE: ("&#xD83D;&#xDE0A", "&#55357&#56842"),
    Kind.UNDECODABLE_BYTES: (b"\xe9", b"\xc3", b"\xe2\x98", b"\xf0\x9f\x8e"),
}
_ATTRIBUTE: _Row = {Kind.UNEXPECTED_ATTRIBUTE: ('id="1"', "lang='en'", "n=3", 'title="&amp; >"')}
_TAG: _Row = _ATTRIBUTE | {Kind.MISSPELT_TAG: (str.upper, str.swapcase, str.capitalize)}
_BROKEN = (' title="The "Lobo" film">', " new>", " n=>", ' x="1"y>', "='1'>")
_LOST_WORDS: _Row = {Kind.UNEXPECTED_TEXT: ("words", "é & ö", "7 > 6;", "]]>", "🎬\nand more")}
_DOCTYPE: _Row = {
    Kind.DOCTYPE: "<!DOCTYPE movies>|<!DOCTYPE m [<!ENTITY e '<b>'>]>"
    '|<!doctype html PUBLIC "-//no > one" "http://example.org/x">'.split("|")
}
_LABELLED = (
    *(_Document(name, label=name) for name in ("us-ascii", "windows-1252", "ISO-8859-1")),
    _Document("ISO-8859-1", "windows-1252", "iso-8859-1"),
)
_CONTRADICTED = tuple(_Document(name, mark=_MARK) for name in ("windows-1252", "UTF-32"))
_IMPOSSIBLE = tuple(_Document(name, "") for name in ("UTF-16", "Shift_JIS", "klingon"))
_SOUND = (
    *(_Document(), _Document("UTF-8"), _Document(mark=_MARK)),
    _Document("windows-1252", "windows-1252", "windows-1252"),
)


def _in_record(stray: str, unknown: str) -> _Row:
    """Return what can go wrong between the elements of a record."""
    inline = {Kind.INLINE_MARKUP: _IN_TEXT[Kind.INLINE_MARKUP]}
    return _LOST_WORDS | inline | _stray(stray) | {Kind.UNKNOWN_ELEMENT: unknown.split()}


def _stray(names: str) -> _Row:
    return {Kind.STRAY_END_TAG: names.split()}


_LOOKS: dict[str | Value, _Row] = {
    "text": _IN_TEXT,
    "body": _IN_TEXT | _IN_BODY,
    **{value: wrong | _ELEMENT for value, wrong in _WRONG.items()},
    "end of text": _AT_THE_END,
    "blank": {Kind.UNDECLARED_ENTITY: ("&nbsp;",)},
    "tag": _TAG | {Kind.MALFORMED_TAG: _BROKEN},
    "tag before tag": _TAG | {Kind.MALFORMED_TAG: (*_BROKEN, "", " ", ' n="')},
    "unknown tag": _ATTRIBUTE,
    "movie start": {Kind.MISSING_ELEMENT: ("",)},
    "record end": {Kind.MISSING_END_TAG: ("",)},
    # Between elements, by the record that is open.
    "movie": _in_record("user review title", "country Cast pays date"),
    "lost movie": _in_record("review title", "country Cast pays date"),
    "review": _in_record("user score link", "helpful x-1.b title"),
    "prolog": _LOST_WORDS | _DOCTYPE,
    "": _LOST_WORDS | _DOCTYPE | _stray("movie review title"),  # not the body: it may be open
    # Where documents begin.
    "first document": {Kind.ENCODING_LABEL: _LABELLED, Kind.ENCODING_CONFLICT: _CONTRADICTED},
    "next document": {
        Kind.ENCODING_LABEL: _LABELLED,
        Kind.ENCODING_CONFLICT: (*_CONTRADICTED, *_IMPOSSIBLE),
    },
}
"""What can go wrong, by place, and how each fault may look."""

_TAGS = ("<", "</", "<movie", "</mov", "</review", "<dat", "<review id='", '<score n="', "</<tit")
_IN_WORD = ("", "", "", "<", "</", "</fullRev", "</fullReview ", "<movie\n", "</<mov")
_CUT_TEXT = (Kind.UNEXPECTED_END, (*_IN_WORD, b"\xc3", b"\xe2\x98", b"\xf0\x9d\x94"))
_ENDS: dict[str, tuple[Kind, Sequence[str | bytes]]] = {
    "text": _CUT_TEXT,
    "body": _CUT_TEXT,
    "movie": (Kind.UNEXPECTED_END, ("", *_TAGS)),
    "lost movie": (Kind.UNEXPECTED_END, _TAGS),
    "review": (Kind.UNEXPECTED_END, ("", *_TAGS)),
    "": (Kind.UNEXPECTED_END, _TAGS),
    "prolog": (Kind.NO_MOVIE, ("", "Prose.\n", "<html>\n<p>no page</p>\n", "a <title> & more")),
}
"""How a damaged document may end too early, by place."""
_AFTER_CUT = (None, None, None, *_SOUND)
"""The start of a document that was joined to one that was cut; `None` for a movie alone."""

_NOTHING: tuple[None, Any] = (None, "")

# ---- writing -----------------------------------------------------------------------------


class _Piece(NamedTuple):
    """A part of a document: what it is in the damaged one, and in the clean one."""

    damaged: str | bytes
    clean: str
    faults: tuple[Fault, ...] = ()
    """What is reported at its start, without offset, line and column."""
    document: _Document | None = None
    """The document that begins with it."""


class _Writer(Choices):
    """Writes pieces in order, and draws what goes wrong on the way."""

    def __init__(self, draw: DrawFn, kinds: frozenset[Kind]) -> None:
        super().__init__(draw)
        self.pieces: list[_Piece] = []
        self._kinds = kinds
        self._movie: int | None = None
        self._review: int | None = None
        self._is_lost = False  # whether the open movie has no start tag; it needs no end either
        self._is_odd = False  # whether anything may go wrong in the record that is open
        self._late: list[Fault] = []  # what went wrong and is reported at the next tag
        self._needs_tag = False  # whether nothing but a tag may follow
        self._has_open_body = False  # broken tags are only words in it
        self._ends: list[tuple[int, str, Sequence[str | bytes], Fault]] = []
        self._unknown = 0
        self._document = _Document()

    @property
    def _record(self) -> str:
        """The record that is open."""
        return "review" if self._review is not None else "movie" if self._movie is not None else ""

    def _begin(self) -> None:
        """Draw again for what follows, so that Hypothesis can remove records one by one."""
        self.refill()
        self._is_odd = bool(self.number(1))

    def _happens(self, place: str | Value) -> tuple[Kind | None, Any]:
        """Return what goes wrong here and how it looks; nothing does, three times out of four."""
        kinds = [kind for kind in _LOOKS[place] if kind in self._kinds]
        if self._has_open_body and Kind.MALFORMED_TAG in kinds:
            kinds.remove(Kind.MALFORMED_TAG)
        if not self._is_odd or self._needs_tag or not kinds or self.number(3) < 3:
            return _NOTHING
        kind = self.pick(kinds)
        looks = self._fitting(_LOOKS[place][kind])
        return (kind, self.pick(looks)) if looks else _NOTHING

    def _fitting(self, looks: Sequence[Any]) -> Sequence[Any]:
        """Return what the document can contain: only its texts may show its real encoding."""
        if self._document.is_plain:
            return looks
        return [look for look in looks if not isinstance(look, str | bytes) or look.isascii()]

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

    def _may_put_fault(self, place: str, element: str) -> bool:
        """Write what goes wrong in a field, if anything does."""
        kind, look = self._happens(place)
        if kind:
            self._put_fault(kind, element, look)
        return kind is not None

    def _put_value(self, element: str, text: str) -> None:
        """Write a text, with a fault where it reads differently in the claimed encoding."""
        document = self._document
        text = document.fit(text)
        at = next((at for at, sign in enumerate(text) if document.is_changed(sign)), len(text))
        self._put(text[:at])
        if at < len(text):
            self._put_fault(Kind.ENCODING_LABEL, element, text[at:], text[at:])

    def _put_tag(
        self, name: str, *, closes: bool = False, is_empty: bool = False, place: str = "tag"
    ) -> None:
        """Write a tag, with at most one fault of its own.

        It has none if it shows what is missing before it, because the order of the faults of one
        tag is not promised.
        """
        kind, look = _NOTHING if self._late else self._happens(place)
        start = "</" if closes else "<"
        end = "/>" if is_empty else ">"
        self._needs_tag = False
        if kind is Kind.MISSPELT_TAG:
            self._put_fault(kind, name, start + look(name), start + name)
        elif kind is Kind.MALFORMED_TAG:
            self._put_fault(kind, name, start + name, start + name)
            end = look
            # Such a tag ends at the next `<`, or counts only if a field follows.
            self._needs_tag = ">" not in look or start + name == "<movie"
        else:
            self.pieces.append(_Piece(start + name, start + name, tuple(self._late)))
        self._late.clear()
        if kind is Kind.UNEXPECTED_ATTRIBUTE:
            self.pieces.append(_Piece(" ", ""))
            self._put_fault(kind, name, look)
        self.pieces.append(_Piece(end, ">"))

    def _may_end(self, place: str) -> None:
        """Note that the damaged document may end here."""
        kind, looks = _ENDS[place]
        if kind in self._kinds:
            fault = self._fault(kind, self._record or None)
            self._ends.append((len(self.pieces), place, self._fitting(looks), fault))

    def cut(self) -> None:
        """End the damaged document where it may end, or nowhere."""
        if not self._ends or not self.draw(st.booleans()):
            return
        start, _, looks, fault = self.draw(st.sampled_from(self._ends))
        self._cut_at(start, looks, fault)

    def _cut_at(self, start: int, looks: Sequence[str | bytes], fault: Fault) -> None:
        rest = [_Piece("", piece.clean) for piece in self.pieces[start:]]
        self.pieces[start:] = [_Piece(self.pick(looks), "", (fault,)), *rest]

    # ---- documents ----------------------------------------------------------------------

    def _put_document(self, kind: Kind | None, document: _Document) -> None:
        """Write its mark and its declaration."""
        if document.codec:
            self._document = document
        encoding = f' encoding="{document.declared}"' if document.declared else ""
        faults = (self._fault(kind, None),) if kind is Kind.ENCODING_CONFLICT else ()
        self.pieces += [
            _Piece(document.mark, "", (), self._document),
            _Piece(f'<?xml version="1.0"{encoding}?>\n', "", faults),
        ]

    def _put_joint(self, start: int) -> None:
        """Perhaps begin a document; perhaps the one before was cut after some piece."""
        kind, document = self._happens("next document")
        ends = [end for end in self._ends if end[0] > start]
        is_cut = self.draw(st.booleans())
        if ends and is_cut:
            # First a kind of place, or few cuts would be in a body.
            place = self.pick(sorted({end[1] for end in ends}))
            end, _, looks, fault = self.pick([end for end in ends if end[1] == place])
            document = document or self.pick(_AFTER_CUT)
            # A movie alone shows a cut only in a tag or a field.
            is_end = document is not None or place in {"text", "body"}
            looks = [look for look in looks if isinstance(look, str) and (look or is_end)]
            self._cut_at(end, looks, fault)
            self._ends = [other for other in self._ends if other[0] <= end]
            self._late.clear()
            self._has_open_body = self._needs_tag = True
        if document and not self._late:
            self._put_document(kind, document)
            self._needs_tag = True

    # ---- records ------------------------------------------------------------------------

    def write(self, movies: Sequence[int], *, has_root: bool) -> None:
        """Write a document of movies, given how many reviews each has."""
        self._begin()
        kind, document = self._happens("first document")
        if kind:
            self._put_document(kind, document)
        else:
            self._put(self.pick(("", _MARK)))
            self._may_end("prolog")
        self._put_between("prolog")
        self._put("<movies>\n" if has_root else "")
        start = 0
        for index, reviews in enumerate(movies):
            self._begin()
            if index:
                self._put_joint(start)
            start = len(self.pieces)
            self._put_movie(index, reviews, is_last=index == len(movies) - 1)
            self._put_gap()
        self._put("</movies>\n" if has_root else "")

    def _put_movie(self, index: int, reviews: int, *, is_last: bool) -> None:
        # Its start can be lost if a review follows that cannot belong to the movie before.
        may_be_lost = reviews > 0 and not self._late
        self._is_lost = may_be_lost and self._happens("movie start") != _NOTHING
        self._movie = index
        if self._is_lost:
            self._omit("<movie>")
            self._late.append(self._fault(Kind.MISSING_ELEMENT, "movie"))
        else:
            self._put_tag("movie", place="tag before tag")
        missing = self._put_fields(MOVIE_RECORD, is_lost=self._is_lost)
        for number in range(reviews):
            self._put_gap()
            self._review = number
            self._put_review()
            self._review = None
        self._begin()
        # A movie that begins in an open field shows a cut.
        open_elements = {late.element for late in self._late if late.kind is Kind.MISSING_END_TAG}
        may_be_open = open_elements <= {"review"} and not self._is_lost and not is_last
        self._end_record(missing, may_be_open=may_be_open)
        self._movie = None

    def _put_review(self) -> None:
        self._begin()
        may_be_outside = bool(self._late)
        self._put_tag("review", place="tag before tag")
        self._needs_tag |= may_be_outside  # without a field it would be only a word
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
                if field.is_required:
                    missing.append(self._fault(Kind.MISSING_ELEMENT, field.element))
            else:
                self._put_field(field, value, kind, look)
        return missing

    def _put_field(self, field: Field, value: str, kind: Kind | None, look: Any) -> None:
        element = field.element
        is_open = kind is Kind.MISSING_END_TAG
        self._put_tag(element, is_empty=is_open and look == "/" and value.strip() != "")
        if field.is_body:
            self._has_open_body = is_open
        if kind and kind in _WRONG[field.value]:
            self._put(self.pick(_SPACES))
            self._put_fault(kind, element, look, value)
            self._put(self.pick(_SPACES))
        elif field.value is Value.HTML:
            self._put_text(element, value, "body" if field.is_body else "text")
        else:
            self._put_blank(element)
            self._put(value)
            self._put_blank(element)
        if is_open:
            self._omit(f"</{element}>")
            self._late.append(self._fault(Kind.MISSING_END_TAG, element))
        else:
            self._put_tag(element, closes=True, place="tag before tag")
        if kind is Kind.DUPLICATE_ELEMENT:
            self._put_fault(kind, element, f"<{element}>{look}</{element}>")

    def _put_blank(self, element: str) -> None:
        """Write what may be on one side of a value."""
        self._put_value(element, self.pick(_BLANKS))
        self._may_put_fault("blank", element)

    def _put_text(self, element: str, text: str, place: str) -> None:
        """Write a text, and what goes wrong in it, each fault with words after it."""
        self._put_value(element, text)
        self._may_end(place)
        while self._may_put_fault(place, element):
            self._put_value(element, self.draw(_WORDS))
        self._may_put_fault("end of text", element)

    # ---- between elements ---------------------------------------------------------------

    def _put_gap(self) -> None:
        """Write whitespace, and perhaps something that does not belong there.

        If an element was left open, anything else would be a part of it.
        """
        self._put("\n" + "\t" * ("", "movie", "review").index(self._record))
        if not self._late and not self._needs_tag:
            place = "lost movie" if self._record == "movie" and self._is_lost else self._record
            self._may_end(place)
            self._put_between(place)

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


def _join(pieces: Sequence[_Piece], newline: str) -> Damaged:
    """Put pieces together, and compute the places of their faults the plain way."""
    data, text, codec, before = b"", "", "utf-8", list[Kind]()
    faults: list[Fault] = []
    is_told = False  # whether the label of the document was reported
    for piece in pieces:
        if piece.document is not None:
            codec, is_told = piece.document.codec, False
        kinds = [fault.kind for fault in piece.faults]
        # Stray words are one fault until a tag comes; a label is reported once per document.
        is_known = before == kinds == [Kind.UNEXPECTED_TEXT]
        if kinds == [Kind.ENCODING_LABEL]:
            is_known, is_told = is_told, True
        if kinds and not is_known:
            *lines, last = _LINE_END.split(text.removeprefix(_MARK))
            faults += [
                attrs.evolve(fault, offset=len(data), line=len(lines) + 1, column=len(last) + 1)
                for fault in piece.faults
            ]
        if piece.damaged.strip():
            before = kinds
        if isinstance(piece.damaged, bytes):
            data += piece.damaged
            text += piece.damaged.replace(_PAIR, b"?").decode("utf-8", "surrogateescape")
        else:
            part = piece.damaged.replace("\n", newline)
            data += part.encode(codec, "surrogatepass")
            text += part
    clean = "".join(piece.clean for piece in pieces).replace("\n", newline)
    return Damaged(data, clean.encode(), tuple(faults))


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
    return _join(writer.pieces, draw(st.sampled_from(("\n", "\r\n", "\r"))))
