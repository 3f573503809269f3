"""Hostile input: families of bytes that have made readers of XML, HTML or archives slow or large.

A family is a beginning, a unit that is repeated until the input is about as long as asked for, and
an end. Most stand between two clean reviews, which must be read as if the rest were not there.
Each says what reading it gives, so that speed is never bought with a wrong result.
"""

from __future__ import annotations

import datetime
import gc
import itertools
import re
import time
import tracemalloc
from collections.abc import Callable, Set  # noqa: PYI025 never beside the built-in one
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

import reviewcorpus as rc
from reviewcorpus import DefectKind as Kind
from reviewcorpus.formats import MOVIE as MOVIE_FORMAT

if TYPE_CHECKING:
    from pathlib import Path

    from reviewcorpus.formats import Format
    from reviewcorpus.parser._options import Errors

CLEAN = rc.Review(
    date=datetime.date(2001, 2, 3),
    username="ann",
    score=0.7,
    short_description="Nice",
    full_review="A quiet film.",
)
_OPEN = (
    b"<review><date>2001-02-03</date><username>ann</username><score>0.7</score>"
    b"<shortDescription>Nice</shortDescription><fullReview>"
)
_CLEAN = _OPEN + b"A quiet film.</fullReview></review>"
_FIELDS = b"<link>l</link><year>1999</year><generalScore>1.0</generalScore>"
_HEAD = b"<movie><title>Paper Boats</title>" + _FIELDS
_TAIL = _CLEAN + b"</movie>"
MOVIE = _HEAD + _TAIL
# The scanner waits for the end of a short review before it looks into it. The blank in this tag
# keeps it from that, so that the time grows as evenly as it does for inputs of any larger size.
_BEGUN = _HEAD + _CLEAN + _OPEN.replace(b"<review>", b"<review >")
_ENDED = b"</fullReview></review>" + _TAIL

BARE = {Kind.BARE_AMPERSAND}
LESS = {Kind.BARE_LESS_THAN}
UNENDED = {Kind.MISSING_END_TAG}
WORDS = {Kind.UNEXPECTED_TEXT}
LOST = {Kind.MISSING_ELEMENT, Kind.MISSING_END_TAG}
"""What goes with a record that is begun and neither filled nor closed."""
LIMIT = rc.LimitExceeded


@attrs.frozen
class Family:
    """Input of one kind, of any size, and what reading it gives.

    Attributes:
        name: What it is.
        unit: What is repeated.
        kinds: The kinds of defects that are told, all of them.
        strict: What ends strict reading: the kind of a defect, `LIMIT`, or nothing.
        place: What stands before and behind.
        middle: What stands behind the units and before the `closing`.
        closing: What is repeated there, as often as the unit.
        reviews: How many reviews there are, and how many more with each unit.
        movies: Likewise.
        end: What ends the other ways of reading, if anything does.
        options: How it is read.
        pack: What is made of the whole: another encoding, an archive.
        suffix: How the name of a file ends that holds it; "" for what is read from memory.
    """

    name: str
    unit: bytes
    kinds: Set[Kind] = frozenset()
    strict: object = Kind.NOT_WELL_FORMED
    place: tuple[bytes, bytes] = (_BEGUN, _ENDED)
    middle: bytes = b""
    closing: bytes = b""
    reviews: tuple[int, int] = (3, 0)
    movies: tuple[int, int] = (1, 0)
    end: type[Exception] | None = None
    options: dict[str, Any] = attrs.field(factory=dict)
    pack: Callable[[bytes], bytes] | None = None
    suffix: str = ""

    def count(self, size: int) -> int:
        """Return how many units an input of about so many bytes has."""
        return max(1, size // len(self.unit + self.closing))

    def make(self, size: int) -> bytes:
        """Return an input of about so many bytes, counted before it is packed."""
        count = self.count(size)
        before, after = self.place
        data = before + self.unit * count + self.middle + self.closing * count + after
        return self.pack(data) if self.pack else data


# ---- in the body of a review ------------------------------------------------------------


def _in_body(before: bytes, after: bytes = b"") -> tuple[bytes, bytes]:
    return _BEGUN + before, after + _ENDED


def _in_wide(data: bytes) -> bytes:
    return data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass")


_BODIES = [
    Family("ampersands", b"& ", BARE),
    Family("ampersands glued", b"&", BARE),
    Family("ampersands, wide characters", "&\u6620".encode(), BARE),
    Family("half references", b"&a", BARE),
    Family("half numbers", b"&#", BARE),
    Family("digits in references", b"&#12345678;", {Kind.INVALID_REFERENCE}),
    Family("one reference of digits", b"1", BARE, place=_in_body(b"&#")),
    Family("references unended", b"&amp ", {Kind.UNTERMINATED_REFERENCE}),
    Family("references glued", b"&amp", {Kind.UNTERMINATED_REFERENCE}),
    Family("entities unknown", b"&bogus;", {Kind.UNKNOWN_ENTITY}),
    Family("entities of HTML", b"&eacute;", {Kind.UNDECLARED_ENTITY}),
    Family("less-than signs", b"<", LESS),
    Family("ends of nothing", b"</", LESS),
    Family("attributes unclosed", b'<a b="', LESS),
    Family("one attribute unclosed", b"x", LESS, place=_in_body(b'<a b="')),
    Family(
        "one tag of attributes",
        b' b="c"',
        LESS,
        place=_in_body(b"<a", b">"),
        options={"limits": rc.Limits(max_tag_bytes=1024)},
    ),
    Family("inline tags", b"<p>", {Kind.INLINE_MARKUP}),
    Family("comments unclosed", b"<!--", LESS),
    Family("comments over records", b"<!--<review>", LESS),
    Family("comments", b"<!---->", strict=None),
    Family("sections unclosed", b"<![CDATA[", LESS),
    Family("sections", b"<![CDATA[]]>", strict=None),
    Family("ends of sections", b"]]>"),
    Family("instructions unclosed", b"<?x ", LESS),
    Family("end tags cut", b"</fullRevie", LESS),
    Family("bodies in a body", b"<fullReview>", LESS | UNENDED, Kind.MISSING_END_TAG),
    Family("reviews in a body", b"<review>", LESS),
    Family("ends of reviews in a body", b"</review>", LESS),
    Family("continuation bytes", b"\x80", {Kind.UNDECODABLE_BYTES}),
    Family("lead bytes", b"\xe2", {Kind.UNDECODABLE_BYTES}),
    Family("overlong bytes", b"\xc0\xaf", {Kind.UNDECODABLE_BYTES}),
    Family("bytes of no encoding", b"\x81", {Kind.UNDECODABLE_BYTES, Kind.ILLEGAL_CHARACTER}),
    Family("surrogates", b"\xed\xa0\x80", {Kind.ILLEGAL_CHARACTER}),
    Family("surrogates in UTF-16", b"\xed\xa0\x80", {Kind.ILLEGAL_CHARACTER}, pack=_in_wide),
    Family("numbers unended", b"&#8217", {Kind.UNTERMINATED_REFERENCE}),
    Family("halves of pairs", b"&#55357", BARE),
    Family("pairs", b"&#55357;&#56842;", {Kind.INVALID_REFERENCE}),
    Family("inline tags broken", b'<a b="c"d">', {Kind.INLINE_MARKUP}),
    Family("bad bytes among good ones", b"\xc3\xa9\x93", {Kind.UNDECODABLE_BYTES}),
    Family("pairs in CESU-8", b"\xed\xa0\xbd\xed\xb8\x8a", {Kind.UNDECODABLE_BYTES}),
    Family("declarations", b'<?xml version="1"?>'),
    Family("declarations and comments", b'<?xml version="1"?><!---->'),
    Family("declarations and roots", b'<?xml version="1"?><r>', LESS),
    Family("declarations unended", b"<?xml version=", LESS),
    Family("tags of movies cut", b"<mov", LESS),
    Family("NUL bytes", b"\0", {Kind.ILLEGAL_CHARACTER}),
    Family("carriage returns", b"\r", strict=None),
    Family("whitespace", b" ", strict=None),
]

_cut = partial(Family, place=(_BEGUN, b""))
_CUT_BODIES = [
    _cut("a cut body", b"<!-- ", LESS | {Kind.UNEXPECTED_END}, reviews=(2, 0)),
    _cut("reviews behind a cut body", b"<review >", LOST | {Kind.UNEXPECTED_END}, reviews=(2, 1)),
    _cut(
        "comments behind a cut body",
        b"<review ><!-- -->",
        LOST | {Kind.UNEXPECTED_END},
        reviews=(2, 1),
    ),
]

# ---- between and before records ---------------------------------------------------------


def numbered(data: bytes) -> bytes:
    """Put a running number in the place of each `@@@@@`."""
    numbers = itertools.count()
    return re.sub(rb"@{5}", lambda _: b"%05x" % next(numbers), data)


_between = partial(Family, place=(_HEAD + _CLEAN, _TAIL), reviews=(2, 0))
_records = partial(_between, reviews=(2, 1))
_BETWEEN = [
    _records("clean reviews", _CLEAN, strict=None),
    _records("reviews with one ampersand", _CLEAN.replace(b"quiet", b"quiet &"), BARE),
    _records("reviews empty", b"<review/>", {Kind.MISSING_ELEMENT}, Kind.MISSING_ELEMENT),
    _records("reviews unended", b"<review >", LOST, Kind.MISSING_END_TAG),
    _records("bodies unended", b"<review ><fullReview>", LOST, Kind.MISSING_END_TAG),
    _records("comments over reviews", b"<!--<review >", LOST | WORDS),
    _records(
        "reviews in another case",
        b"<REVIEW><SCORE>1</SCORE></REVIEW>",
        {Kind.MISSPELT_TAG, Kind.MISSING_ELEMENT},
        Kind.MISSING_ELEMENT,
    ),
    _records(
        "elements unknown, up to the limit",
        b"<review ><a1/><a2/><a3>x</a3></review>",
        {Kind.UNKNOWN_ELEMENT, Kind.MISSING_ELEMENT},
        Kind.MISSING_ELEMENT,
        options={"limits": rc.Limits(max_extra_elements=3)},
    ),
    _between("movies unended", b"<movie >", LOST, Kind.MISSING_END_TAG, movies=(1, 1)),
    _between(
        "ends of movies", b"</movie>", {Kind.STRAY_END_TAG, Kind.MISSING_ELEMENT}, movies=(2, 0)
    ),
    _between("words", b"x < ", WORDS),
    _between("lines", b"x\n", WORDS, Kind.UNEXPECTED_TEXT),
    _between("tags unclosed", b'<a b="', WORDS),
    _between("comments unclosed between", b"<!--", WORDS),
    _between("titles again", b"<title/>", {Kind.DUPLICATE_ELEMENT}, Kind.DUPLICATE_ELEMENT),
    _between(
        "fields unclosed",
        b"<title><link>",
        {Kind.DUPLICATE_ELEMENT, Kind.MISSING_END_TAG},
        Kind.MISSING_END_TAG,
    ),
    _between(
        "elements unknown, past the limit",
        b"<a@@@@@/>",
        {Kind.UNKNOWN_ELEMENT},
        LIMIT,
        reviews=(1, 0),
        movies=(0, 0),
        end=LIMIT,
        options={"limits": rc.Limits(max_extra_elements=100)},
        pack=numbered,
    ),
    _between(
        "elements unknown, unclosed",
        b"<x1>",
        LESS | {Kind.UNKNOWN_ELEMENT, Kind.MISSING_END_TAG},
        Kind.MISSING_END_TAG,
    ),
    _between(
        "elements unknown, deep", b"<x1>", LESS | {Kind.UNKNOWN_ELEMENT}, None, closing=b"</x1>"
    ),
    _between("ends of what is unknown", b"</x1>", {Kind.STRAY_END_TAG}),
    _between("tags cut between", b"<mov", WORDS),
    _between("titles broken", b"<title a", {Kind.DUPLICATE_ELEMENT, Kind.MISSING_END_TAG}),
    _between("ends of titles broken", b"</title a", {Kind.STRAY_END_TAG}),
    _between(
        "titles empty, with text",
        b"<title/>x",
        {Kind.DUPLICATE_ELEMENT, Kind.MISSING_END_TAG},
        Kind.DUPLICATE_ELEMENT,
    ),
    _between("byte order marks between", b"\xef\xbb\xbf", WORDS, Kind.UNEXPECTED_TEXT),
    _between(
        "documents cut and joined",
        b'</mov<?xml version="1.0"?><movie><title>x</title>',
        {Kind.UNEXPECTED_END, Kind.MISSING_ELEMENT},
        movies=(1, 1),
    ),
    _between(
        "documents in two encodings",
        b'<?xml version="1.0" encoding="koi8-r"?><movie>\xe9<?xml version="1.0"?><movie>\xc3\xa9',
        {Kind.UNEXPECTED_END, Kind.MISSING_ELEMENT, Kind.UNEXPECTED_TEXT},
        movies=(1, 2),
    ),
    _between("inline tags between", b"<b></b>", {Kind.INLINE_MARKUP}, None),
]

_before = partial(Family, place=(b"", MOVIE), reviews=(1, 0))
_doctype = partial(_before, strict=Kind.DOCTYPE)
_LAUGHS = b"<!DOCTYPE movie [<!ENTITY a0 'ha'>%b]>" % b"".join(
    b"<!ENTITY a%d '%b'>" % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10)
)
_BEFORE = [
    _before("elements deep", b"<a>"),
    _before("elements of many names", b"<a@@@@@/>", place=(b"<movies>", MOVIE), pack=numbered),
    _before("byte order marks", b"\xef\xbb\xbf"),
    _before("reviews without a movie", b"<review>", WORDS, Kind.MISSING_ELEMENT),
    _before(
        "reviews without a movie, and comments", b"<review><!-- -->", WORDS, Kind.MISSING_ELEMENT
    ),
    _before("movies broken", b"<movie a>", WORDS),
    _doctype(
        "document types before comments",
        b"<!DOCTYPE a>",
        {Kind.DOCTYPE, Kind.UNEXPECTED_TEXT},
        middle=b"<?xml version='1.0'?>",
        closing=b"<!---->",
        place=(b"", b"x" + MOVIE),
    ),
    _before("a declaration unended", b" ", WORDS, place=(b"<?xml", MOVIE)),
    _before(
        "bytes of no multibyte encoding",
        b"\xff",
        {Kind.ILLEGAL_CHARACTER},
        place=(
            b'<?xml version="1.0" encoding="gb18030"?><movie><title>',
            b"</title>" + _FIELDS + _TAIL,
        ),
    ),
    _doctype("document types", b"<!DOCTYPE a>", {Kind.DOCTYPE}),
    _before("document types unclosed", b"<!DOCTYPE a ", {Kind.DOCTYPE}),
    _doctype("document types with brackets", b"<!DOCTYPE a [", {Kind.DOCTYPE}),
    _before("document types with quotes", b'<!DOCTYPE a "', {Kind.DOCTYPE}),
    _doctype("document types with comments", b"<!DOCTYPE a [<!--", {Kind.DOCTYPE}),
    _before("a document type of quotes", b'""', {Kind.DOCTYPE}, place=(b"<!DOCTYPE a ", MOVIE)),
    _doctype(
        "a document type of comments",
        b"<!---->",
        {Kind.DOCTYPE},
        place=(b"<!DOCTYPE movie [", b"]>" + MOVIE),
    ),
    _doctype(
        "a billion laughs",
        b"&a9;",
        {Kind.DOCTYPE, Kind.UNKNOWN_ENTITY},
        place=(_LAUGHS + b"<movie><title>", b"</title>" + _FIELDS + _TAIL),
    ),
    _doctype(
        "a long entity, often",
        b"x",
        {Kind.DOCTYPE, Kind.UNKNOWN_ENTITY},
        place=(b'<!DOCTYPE movie [<!ENTITY a "', b"</title>" + _FIELDS + _TAIL),
        middle=b'">]><movie><title>',
        closing=b"&a1;",
    ),
]

_field = partial(Family, reviews=(1, 0), strict=None)
TITLE = (b"<movie><title>", b"</title>" + _FIELDS + _TAIL)
_FIELD = [
    _field("one title", b"x", place=TITLE),
    _field(
        "one title past the limit",
        b"x",
        strict=LIMIT,
        place=TITLE,
        reviews=(0, 0),
        movies=(0, 0),
        end=LIMIT,
        options={"limits": rc.Limits(max_field_bytes=1024)},
    ),
    _field("elements unknown in a title", b"<x1>", LESS, strict=Kind.NOT_WELL_FORMED, place=TITLE),
    _field(
        "digits in a year",
        b"1",
        {Kind.INVALID_YEAR},
        strict=Kind.INVALID_YEAR,
        place=(
            b"<movie><title/><link/><year>",
            b"</year><generalScore>1</generalScore>" + _TAIL,
        ),
    ),
]

FAMILIES = [*_BODIES, *_CUT_BODIES, *_BETWEEN, *_BEFORE, *_FIELD]
"""All families of this module; compressed files and archives have one of their own."""

# ---- in other formats -------------------------------------------------------------------


def in_format(family: Family, table: Format) -> Family:
    """Return a family with the names of another format; what reading gives is not known."""
    theirs = {field.target: field.element for each in table.records for field in each.fields}
    names = {
        field.element: theirs.get(field.target, field.element)
        for each in MOVIE_FORMAT.records
        for field in each.fields
    }
    records = zip(MOVIE_FORMAT.records[::-1], table.records[::-1], strict=False)
    names |= {ours.element: their.element for ours, their in records}
    pattern = re.compile(rf"(?<=[</])(?:{'|'.join(names)})\b".encode())

    def pack(data: bytes) -> bytes:
        data = pattern.sub(lambda found: names[found[0].decode()].encode(), data)
        return family.pack(data) if family.pack else data

    options = family.options | {"format": table.name}
    return attrs.evolve(family, name=f"{family.name}, {table.name}", pack=pack, options=options)


_TAIL_OF_TAG = b'" rank="4" maxRank="5" source="x"><summary>s</summary><body>b</body></review>'
_attribute = partial(
    Family,
    place=(b'<review author="ann" title="', _TAIL_OF_TAG),
    options={"format": "muchocine", "limits": rc.Limits(max_tag_bytes=1 << 24)},
)
_GROUPED = b"<review><product_name>%b</product_name><rating>5.0</rating></review>"
_grouped = partial(Family, place=(b"", b""), options={"format": "mdsd"})
_voters = partial(
    Family,
    place=(
        b"<sensCritiqueEntity><scoreDistribution>",
        b"</scoreDistribution></sensCritiqueEntity>",
    ),
    options={"format": "senscritique"},
)
OF_FORMATS = [
    *(
        _attribute(f"{unit.decode()} in an attribute", unit)
        for unit in (
            b'"',
            b'" ',
            b"'",
            b"&",
            b"&amp",
            b'" x=',
            b'" title=',
            b'" title="',
            b"=",
            b">",
        )
    ),
    _attribute("attributes of a record", b' x="y"', place=(b"<review", b">" + _TAIL_OF_TAG)),
    _attribute("attributes of a record, known", b' title="y"', place=(b"<review", b">")),
    _attribute("records with one attribute", b'<review title="a">'),
    _attribute("tags with a broken attribute", b'<review title="a"b" c>'),
    _grouped("reviews of one movie", _GROUPED % b"a"),
    _grouped("reviews of one movie, unended", b"<review><product_name>a"),
    _grouped("reviews of many movies", _GROUPED % b"@@@@@", pack=numbered),
    _grouped("reviews of a movie without a name", b"<review><rating>5.0</rating></review>"),
    _grouped("dates", b"8, ", place=(b"<review><date>September ", b"</date></review>")),
    _voters("tags to drop", b"<numberOfVoters>1</numberOfVoters>"),
    _voters("tags to drop, unended", b"<numberOfVoters>"),
    _voters("whitespace to collapse", b" \n"),
]
"""What only other formats have; of these too, only the time is looked at."""

# ---- how it is read and measured --------------------------------------------------------


class Form(NamedTuple):
    """A way to read an input: the value of `errors`, and how many bytes a piece has, if not all."""

    errors: Errors
    step: int | None = None

    def __str__(self) -> str:
        return f"{self.errors}, {f'{self.step} bytes' if self.step else 'whole'}"


_ERRORS: tuple[Errors, ...] = ("recover", "drop", "strict")
FORMS = [Form(errors, step) for errors in _ERRORS for step in (None, 512)]


def read_bytes(family: Family, data: bytes, form: Form) -> None:
    """Read an input from memory to its end or to what ends it; keep nothing that comes out."""
    parser = rc.Parser(**{**family.options, "errors": form.errors})
    step = form.step or len(data)
    with suppress(rc.CorpusError):
        for start in range(0, len(data), step):
            parser.feed(data[start : start + step])
        parser.close()


def read_path(family: Family, path: Path, form: Form) -> None:
    """Read a file likewise."""
    reviews = rc.iter_reviews(path, **{**family.options, "errors": form.errors})
    while True:
        try:
            for _ in reviews:
                pass
        except rc.CorpusError:
            continue
        return


def reading(family: Family, size: int, form: Form, folder: Path) -> Callable[[], None]:
    """Make an input of about so many bytes; give a function that reads it."""
    data = family.make(size)
    if not family.suffix:
        return partial(read_bytes, family, data, form)
    path = folder / f"{size}{family.suffix}"
    path.write_bytes(data)
    return partial(read_path, family, path, form)


def processor_time(run: Callable[[], object]) -> float:
    """Return the seconds of the processor that something takes, without those of the collector."""
    collects = gc.isenabled()
    gc.disable()
    try:
        start = time.process_time()
        run()
        return time.process_time() - start
    finally:
        if collects:
            gc.enable()


def most_memory(run: Callable[[], object]) -> int:
    """Return the most bytes that a function holds at one time, beyond what was there before."""
    gc.freeze()  # collecting garbage looks at new objects only
    gc.collect()  # and begins to count from here
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()
