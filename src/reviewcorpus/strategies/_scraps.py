"""What damage is made of: scraps that are one certain fault each, and what stands around them."""

from __future__ import annotations

from hypothesis import strategies as st

from reviewcorpus.defects import DefectKind as Kind
from reviewcorpus.formats import MOVIE as DIALECT

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
"""Scraps that begin with their fault, and end so that no text behind them can change it."""
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
"""What stands behind a scrap; never blank, since a field left open loses its last blanks."""

# ---- in values --------------------------------------------------------------------------

BLANKS = ("", " ", "\n\t")
_SCORES = ("0.7", "1.0", "-1.0", "0.5599999999999999", "null", "")
VALUES = {
    "date": ("2001-02-03", "2012-05-18", "null", ""),
    "year": ("1999", "2012", "null", ""),
    "score": _SCORES,
    "generalScore": _SCORES,
}
"""What may stand in the fields that hold no text."""
WRONG_VALUES = {
    Kind.INVALID_DATE: ("2012-02-31", "31.12.2012", "2012-2-3", "today"),
    Kind.INVALID_YEAR: ("MMXII", "0", "12345", "19 99"),
    Kind.INVALID_SCORE: ("seven", "NaN", "7.5", "-0.5", "1e999", "0,7", "½"),
}
"""And what may not."""

# ---- in and around tags -----------------------------------------------------------------

SKIPPED = ("", "", "", "<!---->\n", "<!-- <title>no & title -->\n", "<?note </score> ?>\n")
"""What may stand between elements and is passed over."""
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
