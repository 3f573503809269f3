"""What markup looks like: the patterns of tags and sections, and those that a format adds.

The patterns are possessive (`*+`), so that each looks at a byte once, whatever the input is. The
first character of each is outside of `(?i:...)`, because only then can a search skip to it.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.formats import INLINE_ELEMENTS, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewcorpus.formats import Field, Format

WHITE_SPACE = " \t\r\n"  # whitespace as XML has it
SPACE_BYTES = WHITE_SPACE.encode()
MARK = "\ufeff".encode()  # UTF-8's byte order mark

LINE_BREAKING = frozenset({"br", "p"})

_S = r"[ \t\r\n]"
# An attribute has a value: "<Movie Name>" and "I like it <a lot>" are words, not tags.
_ATTRIBUTE = rf"""[^\s=<>"'/]++{_S}*+={_S}*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=`]++)"""
_ATTRIBUTES = rf"(?:{_S}++{_ATTRIBUTE})*+{_S}*+"

ATTRIBUTE = re.compile(_ATTRIBUTE.encode())
"""One attribute with its value, in bytes."""
_USUAL_ATTRIBUTES = re.compile(_ATTRIBUTES.encode())
_NAMED_ATTRIBUTE = re.compile(
    rf"""([^\s=<>"'/]++){_S}*+={_S}*+(?:"([^"<]*+)"|'([^'<]*+)'|([^\s"'<>=`]++))""".encode()
)
_TO_ITS_END = rf"({_ATTRIBUTES})/?>"

# A name may contain any character beyond ASCII. These are in a negated class of their own, because
# one class with such a wide range takes milliseconds to compile.
_NAME_START = r"(?:[A-Za-z_:]|[^\x00-\x7f])"
_NAME_REST = r"(?:[-A-Za-z0-9_:.]|[^\x00-\x7f])"
NAME = rf"{_NAME_START}{_NAME_REST}*+"
_TAG = rf"<(/?)({NAME})({_ATTRIBUTES})(/?)>"

TAG = re.compile(_TAG.encode())
"""A whole tag in bytes: groups are the slash, the name, the attributes, the empty mark."""

_INLINE = "|".join(sorted(INLINE_ELEMENTS))
# Quotes inside quotes. A name with `=` and a quote after it is not prose.
_BROKEN_INLINE_TAG = (
    rf"""<()((?i:{_INLINE}))({_S}++[^\s=<>"'/]++{_S}*+={_S}*+["'](?:[^<>/]++|/(?!>))*+)(/?)>"""
)
BROKEN_INLINE_TAG = re.compile(_BROKEN_INLINE_TAG.encode())
"""The start tag of an inline element with broken quotes; it ends at the next `>`."""
BROKEN_TAG = re.compile(rf"<(/?)({NAME})((?:[^<>/]++|/(?!>))*+)(/?)(?:>|(?=<))".encode())
"""A tag with a name, up to the next `>` or `<`; its groups are the same as in `TAG`."""

DOCUMENT = "?xml"
"""The name that a declaration has when it is handled like a tag."""
CDATA_OPENING = b"<![CDATA["
SECTION_ENDS = {b"<!--": b"-->", CDATA_OPENING: b"]]>", b"<?": b"?>"}
"""What closes a comment, a CDATA section and a processing instruction: the sections."""

FIELD_MARK = re.compile(rf"<(?:/?{_NAME_START}|!--|!\[CDATA\[|\?{_NAME_START})".encode())
"""Where a tag or a section may begin."""
FIELD_INSTRUCTION = re.compile(rf"<\?{_NAME_START}".encode())
"""Where a processing instruction may begin in a field."""

_NO_XML = rb"<(?!\?xml[ \t\r\n])"
PROLOG = re.compile(
    rb"(?:[ \t\r\n]++|\xef\xbb\xbf"
    rb"|<!--(?:[^-<]++|-(?!->)|%b)*+(?:-->|\Z)"
    rb"|<\?(?!xml[ \t\r\n])(?:[^?<]++|\?(?!>)|%b)*+(?:\?>|\Z)"
    rb"|<!(?i:doctype)(?:[^<>\[\"']++|\"[^\"<]*+(?:\"|\Z)|'[^'<]*+(?:'|\Z))*+"
    rb"(?:\[(?:[^\]<]++|%b)*+(?:\][ \t\r\n]*+|\Z))?+(?:>|\Z))*+" % (_NO_XML, _NO_XML, _NO_XML)
)
"""What may follow a declaration. It never contains a second one, so each byte is read once."""
DOCTYPE_START = re.compile(rb"<!(?i:doctype)(?=[ \t\r\n\[>])")
"""Where a document type declaration begins."""
DOCTYPE_PART = re.compile(rb"<!--|[\"'\[\]>]")
"""What matters for its end: comments, quotes, its internal subset, the end itself."""
_CLOSED_PART = rb"[^<>\[\]\"']++|<(?!!--)|<!--(?:[^-]++|-(?!->))*+-->|\"[^\"]*+\"|'[^']*+'"
WHOLE_DOCTYPE = re.compile(rb"(?:%b|\]|\[(?:%b|[\[>])*+\])*+>" % (_CLOSED_PART, _CLOSED_PART))
"""A document type declaration that closes all its comments and quotes, and its subset."""


def fold_case(name: str) -> str:
    """Return a name in lower case if it is ASCII, as the names of formats and of HTML are.

    Unicode's lower case would turn a Turkish letter into an `i`, and the sign for kelvin into a
    `k`.
    """
    return name.lower() if name.isascii() else name


class Tag(NamedTuple):
    """A tag and its place; `start` and `end` are offsets in the input."""

    start: int
    end: int
    name: str
    closes: bool
    is_empty: bool
    attributes_start: int
    attributes: bytes
    is_broken: bool

    @property
    def key(self) -> str:
        """The name in lower case, to look it up among the names of a format."""
        return fold_case(self.name)


def read_tag(found: re.Match[bytes], base: int, encoding: str, *, is_broken: bool = False) -> Tag:
    """Return the tag that a pattern has found in bytes from offset `base` on."""
    slash, raw_name, attributes, empty = found.groups()
    name = raw_name.decode(encoding, "replace")
    return Tag(
        found.start() + base,
        found.end() + base,
        name if name.isascii() else re.sub(ILLEGAL, "\ufffd", name),
        bool(slash),
        bool(empty),
        found.start(3) + base,
        b"" if is_broken else attributes,
        is_broken,
    )


class Attribute(NamedTuple):
    """An attribute of a tag; all places are offsets in the input.

    Attributes:
        name: Its name.
        start: Where it begins.
        end: Where it ends.
        value_start: Where its value begins, after the quote.
        value_end: Where its value ends, before the quote.
        is_broken: Whether the quote is in the value too.
    """

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    is_broken: bool

    @property
    def key(self) -> str:
        """The name in lower case."""
        return fold_case(self.name)


class RecordGrammar:
    """A record of a format, compiled.

    Args:
        record: The record.
        table: The format.
        others: The fields of an implied movie, which are in the record of a review.

    Attributes:
        element: Name of its element; "" for an implied movie.
        key: That name in lower case.
        fields: Its fields in their usual order; an implied movie has none.
        by_key: Its child elements, by their lower-case names.
        by_attribute: Its attributes, by their lower-case names.
        attribute_names: Names of its attributes and of their scales, by the lower-case form.
        targets: Attribute of the finished record that each field becomes, by the field's name.
        fallbacks: Attributes, each with the field that takes the place of a missing value.
        loose_tag: Its start tag with quotes inside quotes; `None` if it has no attributes.
    """

    def __init__(self, record: Record, table: Format, others: tuple[Field, ...] = ()) -> None:
        self.element = record.element
        self.key = record.element.lower()
        self.fields = record.fields
        self.strips = table.strips
        elements = table.elements
        self.by_key: dict[str, Field] = {field.element.lower(): field for field in record.children}
        self.by_attribute: dict[str, Field] = {
            field.element.lower(): field for field in record.attributes
        }
        known = {each.element for each in record.attributes}
        known |= {each.scale_attribute for each in record.attributes} - {""}
        self.attribute_names = {name.lower(): name for name in known}
        self.targets = {
            field.element: field.target for field in record.fields if not field.in_extra
        }
        own = [field for field in record.fields if not field.of_movie] or others
        by_name = {field.element: field for field in own}
        self.fallbacks = [
            (field.target, by_name[field.fallback]) for field in own if field.fallback
        ]
        self.loose_tag: re.Pattern[bytes] | None = None
        names = "|".join(map(re.escape, self.attribute_names))
        if names:
            # A value ends at a quote before another attribute or before the end of the tag. It
            # contains no tag of the format.
            end = rf"(?={_S}++(?i:{names}){_S}*+=|{_S}*+(?:/?>|\Z))"
            text = rf"(?:[^<]|<(?!/?{_any_of(elements)}(?!{_NAME_REST})))*?"
            name = r"""[^\s=<>"'/]++"""
            attribute = rf"""{name}{_S}*+={_S}*+(?:"{text}"|'{text}'){end}"""
            self.loose_tag = re.compile(
                rf"<()((?i:{re.escape(self.element)}))"
                rf"((?:{_S}++(?>{attribute}))*+{_S}*+)(/?)>".encode()
            )
            parts = rf"""({name}){_S}*+={_S}*+(?:"({text})"|'({text})'){end}"""
            self._loose_attribute = re.compile(parts.encode())

    def attributes_of(self, tag: Tag) -> Iterator[Attribute]:
        """Yield the attributes of a tag of the record."""
        is_loose = not _USUAL_ATTRIBUTES.fullmatch(tag.attributes)
        pattern = self._loose_attribute if is_loose else _NAMED_ATTRIBUTE
        for found in pattern.finditer(tag.attributes):
            start, end = (tag.attributes_start + at for at in found.span())
            group = found.lastindex or 0
            value_start, value_end = (tag.attributes_start + at for at in found.span(group))
            quote = tag.attributes[found.start(group) - 1 : found.start(group)]
            is_broken = is_loose and quote in found[group]
            name = found[1].decode("utf-8", "replace")
            yield Attribute(name, start, end, value_start, value_end, is_broken)


class Grammar:
    """A format, compiled: the names and patterns that depend on its table.

    Attributes:
        movie: The record of a movie; without an element where movies are implied.
        review: The record of a review.
        top: What a file of the format consists of: movies, or reviews.
        part_key: Lower-case name of that, if it shows that a new file begins; `None` if a file may
            have several reviews of a movie.
        is_implied: Whether movies are implied by what their reviews say.
        is_grouped: Whether reviews next to each other may belong to one such movie.
        body_key: Lower-case name of the body, the one field where other names are only words.
        record_keys: Lower-case names of the records.
        spelling: Every element name of the format, by its lower-case form.
        field_keys: Lower-case names of the fields.
        mark: The beginning of a tag of the format; the groups are its slash and name.
        body_mark: The beginning of anything that matters for the end of a body.
        loose_tags: Start tags of records with quotes inside quotes.
        records_with_attributes: The beginning of such a tag; `None` if no record has attributes.
        record_start: A tag that begins a record.
        top_start: A tag that begins what a file consists of.
        usual_record: A start tag of a record, or the end tag of a movie, as crawlers write them.
    """

    def __init__(self, table: Format) -> None:
        implied = tuple(field for field in table.review.fields if field.of_movie)
        self.movie = RecordGrammar(table.movie or Record("", ()), table, implied)
        self.review = RecordGrammar(table.review, table)
        self.is_implied = table.movie is None
        self.is_grouped = table.is_grouped
        self.top = self.review if self.is_implied else self.movie
        self.part_key = None if table.is_grouped else self.top.key
        body = table.review.fields[-1]
        self.body_key = body.element.lower()
        self.record_keys = frozenset(record.element.lower() for record in table.records)
        self.spelling = {name.lower(): name for name in table.elements}
        self.field_keys = self.spelling.keys() - self.record_keys
        self.mark = re.compile(rf"<(/?)({_any_of(self.spelling)})(?!{_NAME_REST})".encode())
        names = _any_of({self.body_key, *self.record_keys})
        sections = r"\?xml" if body.is_plain else r"!--|!\[CDATA\[|\?[A-Z_:\x80-\xff]"
        self.body_mark = re.compile(rf"<(?i:/?{names}(?!{_NAME_REST})|{sections})".encode())
        self.loose_tags = [
            record.loose_tag for record in (self.movie, self.review) if record.loose_tag
        ]
        names = _any_of(each.element for each in table.records if each.attributes)
        self.records_with_attributes = (
            re.compile(rf"<{names}{_S}".encode()) if self.loose_tags else None
        )
        self.record_start = re.compile(rf"<{_any_of(self.record_keys)}{_TO_ITS_END}".encode())
        self.top_start = re.compile(rf"<{_any_of({self.top.key})}{_TO_ITS_END}".encode())
        usual = [
            re.escape(record.element) + (_S if record.attributes else ">")
            for record in table.records
        ]
        usual += [f"/{re.escape(self.movie.element)}>"] * (not self.is_implied)
        self.usual_record = re.compile(rf"{_S}*+<(?:{'|'.join(usual)})".encode())


def _any_of(names: Iterable[str]) -> str:
    """Return a pattern that matches the names in any case."""
    return rf"(?i:{'|'.join(map(re.escape, sorted(names)))})"


@functools.lru_cache(maxsize=32)
def compiled(table: Format) -> Grammar:
    """Return the grammar of a format, compiled when it is first asked for."""
    return Grammar(table)
