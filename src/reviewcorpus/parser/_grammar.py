"""What markup looks like: tags, attributes, and the sections that are not tags.

The patterns are possessive (`*+`), so that each looks at a byte once whatever the input is. The
first sign of each stands outside of `(?i:…)`, since only then does a search skip to it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.formats import DIALECT

# Elements of HTML that stand in running text; docs/format.md lists them.
INLINE_ELEMENTS = frozenset(
    "a abbr b big blockquote br center cite code del div em font h1 h2 h3 h4 h5 h6 hr i img ins li"
    " ol p pre q s small span strike strong sub sup table tbody td th tr tt u ul".split()
)
LINE_BREAKING = frozenset({"br", "p"})

_S = r"[ \t\r\n]"
# An attribute has a value: "<Movie Name>" and "I like it <a lot>" are words, not tags.
_ATTRIBUTE = rf"""[^\s=<>"'/]++{_S}*+={_S}*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=`]++)"""
ATTRIBUTES = rf"(?:{_S}++{_ATTRIBUTE})*+{_S}*+"


ATTRIBUTE = re.compile(_ATTRIBUTE.encode())
"""One attribute with its value, in bytes."""


def _tag(name: str) -> str:
    """The pattern of a tag: groups are the slash, the name, the attributes, the empty mark."""
    return rf"<(/?)({name})({ATTRIBUTES})(/?)>"


# Everything beyond ASCII may be in a name. Written as a negated class beside another one, since a
# class with so wide a range takes milliseconds to compile.
NAME_START = r"(?:[A-Za-z_:]|[^\x00-\x7f])"
NAME = rf"{NAME_START}(?:[-A-Za-z0-9_:.]|[^\x00-\x7f])*+"

TAG = re.compile(_tag(NAME).encode())
"""A whole tag in bytes."""
TEXT_TAG = re.compile(_tag(NAME), re.ASCII)
"""A whole tag in decoded text."""

CDATA_OPENING = b"<![CDATA["
SECTION_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
"""What closes each section that is no tag: comment, CDATA section, processing instruction."""

FIELD_MARK = re.compile(rf"<(?:/?{NAME_START}|!--|!\[CDATA\[|\?{NAME_START})".encode())
"""Where a tag or a section may begin."""

_BODY_NAMES = f"{DIALECT.body.element}|{DIALECT.review.element}|{DIALECT.movie.element}".lower()
BODY_MARK = re.compile(
    rf"<(?i:/?(?:{_BODY_NAMES})(?=[ \t\r\n/>]|\Z)|!--|!\[CDATA\[|\?[A-Z_:\x80-\xff])".encode()
)
"""Where something may begin that matters for the end of a body."""

RECORD_START = re.compile(
    rf"<(?i:{DIALECT.movie.element}|{DIALECT.review.element})({ATTRIBUTES})/?>".encode()
)
"""A tag that begins a record, in bytes."""
TEXT_RECORD_START = re.compile(RECORD_START.pattern.decode(), re.ASCII)
"""A tag that begins a record, in decoded text."""

MOVIE_START = re.compile(rf"<(?i:{DIALECT.movie.element})({ATTRIBUTES})/?>".encode())
"""A tag that begins a movie, in bytes."""

TEXT_INSTRUCTION = re.compile(rf"<\?{NAME_START}")
"""Where a processing instruction may begin, in decoded text."""

DOCTYPE_START = re.compile(rb"<!(?i:doctype)(?=[ \t\r\n\[>])")
"""Where a document type declaration begins."""
DOCTYPE_PART = re.compile(rb"<!--|[\"'\[\]>]")
"""What matters for the end of one: comments, quotes, its internal subset, its own end."""


def fold_case(name: str) -> str:
    """Give a name in lower case if it is ASCII, since the names of the format and of HTML are.

    Unicode's lower case would make an `i` of a Turkish letter and a `k` of the sign for kelvin.
    """
    return name.lower() if name.isascii() else name


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
        return fold_case(self.name)


def read_tag(found: re.Match[bytes], base: int, encoding: str) -> Tag:
    """Give the tag that a pattern has found in bytes that start at `base`."""
    slash, raw_name, attributes, empty = found.groups()
    name = raw_name.decode(encoding, "replace")
    return Tag(
        found.start() + base,
        found.end() + base,
        name if name.isascii() else ILLEGAL.sub("\ufffd", name),
        bool(slash),
        bool(empty),
        found.start(3) + base,
        attributes,
    )
