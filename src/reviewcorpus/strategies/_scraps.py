"""What damage is made of: scraps that are one certain fault each, and what is around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from reviewcorpus.defects import DefectKind as Kind
from reviewcorpus.formats import MOVIE as DIALECT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

MOVIE = DIALECT.movie.element
REVIEW = DIALECT.review.element

# ---- in text ----------------------------------------------------------------------------

IN_TEXT = {
    Kind.BARE_AMPERSAND: "& |&b, |&para=2 |&eacute |&#39 |&#x; |&; |&amplifier |&amp= ".split("|"),
    Kind.UNTERMINATED_REFERENCE: "&amp |&lt, |&gt. |&quot) |&apos- ".split("|"),
    Kind.UNDECLARED_ENTITY: "&eacute;|&nbsp;|&hellip;|&notin;|&AMP;".split("|"),
    Kind.UNKNOWN_ENTITY: "&bogus;|&Nosuch;|&b2b;".split("|"),
    Kind.INVALID_REFERENCE: "&#0;|&#xD800;|&#x110000;|&#150;|&#X41;|&#xFFFE;|&#99999999;".split(
        "|"
    ),
    Kind.BARE_LESS_THAN: "<3 |< |<= |<> |</> |< b > |<sarcasm> |<Two Words> ".split("|"),
    Kind.INLINE_MARKUP: '<i>|</i>|<br/>|<a href="x">|<BR>|<p>|</SPAN>|<h1 >'.split("|"),
    Kind.ILLEGAL_CHARACTER: "\0|\x01|\x0b|\x1f|\ufffe|\uffff|\ud800".split("|"),
}
"""Scraps that begin with their fault, and end so that no text after them can change it."""
IN_BODY = {
    **IN_TEXT,
    Kind.BARE_LESS_THAN: '<3 |<sarcasm> |<score> |</title> |<username id="1"> |<date/> '.split("|"),
}
"""The same for a body, in which the names of other fields are only words."""
AT_THE_END = ("&amp", "&eacute", "&#233", "&#x2605", "&lt")
"""References that are decoded at the very end of a field."""
STRAY_BYTES = ((b"\xe9", "é"), (b"\xff", "ÿ"), (b"\xc3", "Ã"), (b"\x8c", "Œ"), (b"\xed", "í"))
"""Bytes that are not UTF-8 before a blank, and what they are in Windows-1252."""
CUT_TEXTS = (b"", b"<", b"</", b"\xc3", b"\xe2\x98", b"\xf0\x9d\x94")
"""How a document may end in a text."""

TEXTS = ("Paper Boats", "", "null", "Café Noir", "тихо 船", "🎬", "one\ntwo", " x ", 'don\'t "so"')
"""Texts without a fault."""


def join_words(parts: tuple[str, str]) -> str:
    """Join a first letter and a text, without `]]>`, which well-formed text cannot hold."""
    return "".join(parts).replace("]]>", "]] >")


WORDS = st.tuples(
    st.sampled_from("xé☕🎬"),
    st.text(
        st.characters(
            min_codepoint=0x20,
            exclude_categories=["Cs"],
            exclude_characters="&<\ufffe\uffff",
            include_characters="\t\n",
        ),
        max_size=8,
    ),
).map(join_words)
"""What follows a scrap; never blank, since a field left open loses its last blanks."""

# ---- in values --------------------------------------------------------------------------

BLANKS = ("", " ", "\n\t")
_SCORES = ("0.7", "1.0", "-1.0", "0.5599999999999999", "null", "")
VALUES = {
    "date": ("2001-02-03", "2012-05-18", "null", ""),
    "year": ("1999", "2012", "null", ""),
    "score": _SCORES,
    "generalScore": _SCORES,
}
"""What may be in the fields that hold no text."""
WRONG_VALUES = {
    Kind.INVALID_DATE: ("2012-02-31", "31.12.2012", "2012-2-3", "today"),
    Kind.INVALID_YEAR: ("MMXII", "0", "12345", "19 99"),
    Kind.INVALID_SCORE: ("seven", "NaN", "7.5", "-0.5", "1e999", "0,7", "½"),
}
"""And what may not."""

# ---- in and around tags -----------------------------------------------------------------

SKIPPED = ("", "", "", "<!---->\n", "<!-- <title>no & title -->\n", "<?note </score> ?>\n")
"""What may be between elements and is passed over."""
ATTRIBUTES = ('id="1"', "lang='en'", "n=3", 'title="&amp; >"')
DOCTYPES = (
    "<!DOCTYPE movies>",
    '<!doctype html PUBLIC "-//no > one" "http://example.org/x">',
    '<!DOCTYPE m [<!ENTITY e "<b>">]>',
)
LOST_WORDS = ("words", "é & ö", "7 > 6;", "]]>", "🎬\nand more")
"""Words between elements."""
PROSE = (b"", b"Prose.\n", b"<html>\n<p>no such page</p>\n", b"a <title> & more")
"""Files without a movie."""
UNKNOWN = {MOVIE: ("country", "Cast", "pays", "date"), REVIEW: ("helpful", "x-1.b", "title")}
"""Elements that a record does not have."""
STRAY_TAGS = {
    MOVIE: ("user", "review", "title", "fullReview"),
    REVIEW: ("user", "score", "fullReview"),
    "": ("movie", "review", "title", "fullReview"),
}
"""Elements that may be closed though they are not open, by the record that is; the body last."""
CUT_TAGS = {
    MOVIE: (b"", b"<", b"</mov", b"<revi", b"<review id='", b"<generalScore "),
    REVIEW: (b"", b"<", b"</", b"</review", b"<dat", b'<score n="'),
    "": (b"<", b"<movie", b"</rev"),
}
"""How a document may end between elements, by the record that is open."""

# ---- plans -------------------------------------------------------------------------------
# All that happens to a record is drawn with it: each fault by its place in the record, and what
# it is and how it is written by numbers. So records and faults can be removed one by one, and all
# else stays as it is, when Hypothesis looks for a simpler example.

_PLACES_OF_RECORD = 50  # about as many as a review has where something could go wrong
_FEW_KINDS = 5  # for which a record has few such places
_FEW_PLACES = 6
_CHOICES_OF_RECORD = 20  # about as many as a record has: for values, and for what is around them

_numbers = st.integers(0, 255)
_contents = st.binary(min_size=_CHOICES_OF_RECORD, max_size=_CHOICES_OF_RECORD)


def _faults(most: int) -> SearchStrategy[list[tuple[int, int, int]]]:
    return st.lists(st.tuples(st.integers(0, most), _numbers, _numbers), max_size=4)


class Plan:
    """What happens to a record, or around the records.

    Args:
        faults: Places, counted from the start of the record, with numbers for what goes wrong there
            and how.
        contents: Numbers for what is right.
        words: What follows each fault in a text.
        reviews: What happens to the reviews of a movie.
    """

    def __init__(
        self,
        faults: Sequence[tuple[int, int, int]],
        contents: bytes,
        words: str = "",
        reviews: Sequence[Plan] = (),
    ) -> None:
        self.words = words
        self.reviews = reviews
        self._faults = {place: (what, how) for place, what, how in faults}
        self._numbers = iter(contents)
        self._place = -1

    def fault_at_next_place(self) -> tuple[int, int] | None:
        """Return the numbers for what goes wrong and how, if anything does."""
        self._place += 1
        return self._faults.get(self._place)

    def next_number(self) -> int:
        """Return a number for something that is right."""
        return next(self._numbers, 0)


class Document(NamedTuple):
    """What a document is like, and what happens in it."""

    newline: str
    has_mark: bool
    has_root: bool
    around: Plan
    """What happens around the movies."""
    cut: tuple[int, int]
    """At which of the places where it could be cut it is, -1 for none, and a number for how."""
    movies: Sequence[Plan]


def documents(kinds: int, max_movies: int, max_reviews: int) -> SearchStrategy[Document]:
    """Return documents with at least one movie, for a number of kinds of faults."""
    faults = _faults(_PLACES_OF_RECORD if kinds > _FEW_KINDS else _FEW_PLACES)
    reviews = st.builds(Plan, faults, _contents, WORDS)
    movies = st.builds(Plan, faults, _contents, WORDS, st.lists(reviews, max_size=max_reviews))
    return st.builds(
        Document,
        newline=st.sampled_from(("\n", "\r\n", "\r")),
        has_mark=st.booleans(),
        has_root=st.booleans(),
        around=st.builds(Plan, _faults(_FEW_PLACES), _contents),
        cut=st.one_of(st.just((-1, 0)), st.tuples(st.integers(-1, _PLACES_OF_RECORD), _numbers)),
        movies=st.lists(movies, min_size=1, max_size=max_movies),
    )
