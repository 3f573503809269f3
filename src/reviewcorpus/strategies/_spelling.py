"""Well-formed corpora: the same movies in the many spellings that XML and the format allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from reviewcorpus.formats import MOVIE, MOVIE_RECORD, NULL, Field, Record, Value
from reviewcorpus.strategies._values import Choices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from reviewcorpus.models import Movie, Review

_COMMENTS = (
    "<!---->",
    "<!-- <title>no & title</fullReview> ]]> -->",
    "<?note?>",
    "<?php echo '</review>' ?>",
)
_OUTSIDE = ("\n", "", " \t", *(f"\n{comment}\n" for comment in _COMMENTS))
_INSIDE = ("\n\t", "", "<![CDATA[ ]]>", *_OUTSIDE)
_ROOTS = (
    ("<movies>", "</movies>"),
    ("<corpus version='1' note=\"a &lt; b > c\">", "</corpus >"),
    ("<a><é.b->\n", "\n</é.b-></a>"),
)
_NO_ROOT = ("", "")
_EIGHT_BIT = "iso-8859-1"
# This package reads these as letters of Windows-1252, and in some texts as bytes of UTF-8.
_AMBIGUOUS_BYTES = bytes(range(0x80, 0xC0))
_ENCODINGS = (
    ("utf-8", ""),
    ("utf-8", "<?xml version='1.0'?>\n"),
    ("utf-8-sig", '<?xml version="1.0" encoding="UTF-8" ?>'),
    ("utf-16", ""),
    ("utf-16", "<?xml version='1.0' encoding='UTF-16'?>"),
    (_EIGHT_BIT, f'<?xml version="1.0" encoding="{_EIGHT_BIT}" standalone="yes"?>'),
)
_HIGHEST = 255
_NEWLINES = ("\n", "\r\n", "\r")
_BLANKS = ("", " ", "\n", "\t \n")  # around values that are not text, and at the end of a tag
_EMPTY = ("<{0}></{0}>", "<{0}/>", "<{0}\n/>", "<{0}><!-- --></{0}>")
_NO_VALUES = {
    Value.DATE: (NULL, "", " "),
    Value.YEAR: (NULL, "", " "),
    Value.SCORE: ("-1.0", "-1", NULL, "", " "),
}

# ---- characters -------------------------------------------------------------------------

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_QUOTES = str.maketrans({"'": "&apos;", '"': "&quot;", "\n": "&#10;", "\t": "&#x9;"})
# XML reads these as controls and browsers, like this package, as letters of Windows-1252.
_AMBIGUOUS = range(0x80, 0xA0)
_RECORDS = (f"<{MOVIE_RECORD.element}", f"<{MOVIE.review.element}")


def _plain(text: str) -> str:
    return text.translate(_ESCAPES)


def _quoted(text: str) -> str:
    return _plain(text).translate(_QUOTES)


def _decimal(text: str) -> str:
    return "".join(c if ord(c) in _AMBIGUOUS else f"&#{ord(c)};" for c in text)


def _hexadecimal(text: str) -> str:
    return "".join(c if ord(c) in _AMBIGUOUS else f"&#x00{ord(c):X};" for c in text)


def _section(text: str) -> str:
    """Return a CDATA section, unless the text cannot be in one.

    A section that contains the tag of a record is read as text, except in strict reading.
    """
    if "\r" in text or "]]>" in text or any(tag in text.lower() for tag in _RECORDS):
        return _plain(text)
    return f"<![CDATA[{text}]]>"


def _commented(text: str) -> str:
    return _COMMENTS[1] + _plain(text)


_SPELLINGS = (_plain, _quoted, _decimal, _hexadecimal, _section, _commented)
_MOST_PIECES = 4
_LONGEST_PIECE = 10  # characters; the last piece takes the rest


# ---- documents --------------------------------------------------------------------------


class Spelled(NamedTuple):
    """Movies, and a corpus that contains them."""

    movies: tuple[Movie, ...]
    data: bytes


class _Speller(Choices):
    """Writes movies, each choice by a number; when the numbers run out, as plainly as possible."""

    def document(self, movies: Sequence[Movie]) -> bytes:
        """Write a whole corpus in an encoding and with line ends of its own."""
        encoding, declaration = self.pick(_ENCODINGS)
        newline = self.pick(_NEWLINES)
        opening, closing = self.pick(_ROOTS if len(movies) > 1 else (_NO_ROOT, *_ROOTS))
        body = "".join(self.pick(_OUTSIDE) + self._movie(movie) for movie in movies)
        text = f"{self.pick(_OUTSIDE)}{opening}{body}{self.pick(_OUTSIDE)}{closing}\n"
        return encode(text.replace("\n", newline), encoding, declaration)

    def _spell(self, text: str) -> str:
        """Write a text in pieces, each in a spelling of its own."""
        pieces = []
        for _ in range(self.number(_MOST_PIECES - 1)):
            size = self.number(_LONGEST_PIECE)
            pieces.append(self.pick(_SPELLINGS)(text[:size]))
            text = text[size:]
        return "".join(pieces) + self.pick(_SPELLINGS)(text)

    def _movie(self, movie: Movie) -> str:
        fields = self._fields(MOVIE_RECORD, movie)
        # Reviews stay in order; fields may come before and after them.
        place = len(fields) - self.number(len(fields))
        fields[place:place] = [self._review(review) for review in movie.reviews]
        return self._record(MOVIE_RECORD, fields)

    def _review(self, review: Review) -> str:
        return self._record(MOVIE.review, self._fields(MOVIE.review, review))

    def _record(self, record: Record, children: Sequence[str]) -> str:
        inside = "".join(self.pick(_INSIDE) + child for child in children)
        return self._wrap(record.element, inside + self.pick(_INSIDE))

    def _fields(self, record: Record, values: Movie | Review) -> list[str]:
        fields = [self._field(field, getattr(values, field.target)) for field in record.fields]
        fields += [self._text(name, text) for name, text in values.extra.items()]
        return sorted(fields, key=lambda _: self.number(_HIGHEST))

    def _field(self, field: Field, value: object) -> str:
        if isinstance(value, str):
            return self._text(field.element, value)
        if field.value is Value.HTML:
            return self._wrap(field.element, NULL)
        if value is None:
            return self._wrap(field.element, self.pick(_NO_VALUES[field.value]))
        inside = self._spell(str(value))
        return self._wrap(field.element, self.pick(_BLANKS) + inside + self.pick(_BLANKS))

    def _text(self, element: str, text: str) -> str:
        if not text:
            return self.pick(_EMPTY).format(element)
        inside = self._spell(text)
        return self._wrap(element, _section(NULL) if inside == NULL else inside)

    def _wrap(self, element: str, inside: str) -> str:
        return f"<{element}{self.pick(_BLANKS)}>{inside}</{element}{self.pick(_BLANKS)}>"


def encode(text: str, encoding: str, declaration: str) -> bytes:
    """Return the bytes of a document, in UTF-8 if the encoding lacks one of its characters."""
    try:
        data = (declaration + text).encode(encoding)
    except UnicodeEncodeError:
        return text.encode()
    is_ambiguous = encoding == _EIGHT_BIT and data.translate(None, _AMBIGUOUS_BYTES) != data
    return text.encode() if is_ambiguous else data


@st.composite
def spelled_corpora(draw: DrawFn, movies: SearchStrategy[list[Movie]]) -> Spelled:
    """Return movies with a corpus of them."""
    chosen = tuple(draw(movies))
    return Spelled(chosen, _Speller(draw).document(chosen))
