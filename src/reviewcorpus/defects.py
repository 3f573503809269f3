"""Defects: what was wrong in a file, where, and what the reader made of it. And the errors."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from reviewcorpus._checks import brief, repr_of_fields, visible
from reviewcorpus._hypothesis import announce
from reviewcorpus._unchecked import unchecked

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

RAW_CHARACTERS = 80  # as much of the damaged text as a line of a terminal shows
RAW_BYTES = 4 * RAW_CHARACTERS  # a character takes at most four bytes


class Severity(StrEnum):
    """How much a defect puts in doubt: `info < warning < error`.

    Severities are ordered among themselves; comparing one with a plain `str` by `<` or `>` is a
    `TypeError`, because text would be compared by its letters.

    Example:
        >>> from reviewcorpus import Severity
        >>> Severity("warning") is Severity.WARNING
        True
        >>> max(Severity.ERROR, Severity.INFO)
        <Severity.ERROR: 'error'>
    """

    INFO = "info"
    """Nothing is in doubt."""
    WARNING = "warning"
    """Read on an assumption."""
    ERROR = "error"
    """Something may be missing or wrong."""

    # `str` would compare the letters, and would take over if these returned NotImplemented.

    def __lt__(self, other: str) -> bool:
        return self._rank < _severity(other)._rank

    def __le__(self, other: str) -> bool:
        return self._rank <= _severity(other)._rank

    def __gt__(self, other: str) -> bool:
        return self._rank > _severity(other)._rank

    def __ge__(self, other: str) -> bool:
        return self._rank >= _severity(other)._rank

    @property
    def _rank(self) -> int:
        return tuple(Severity).index(self)


def _severity(other: object) -> Severity:
    if not isinstance(other, Severity):
        raise TypeError(f"a Severity can only be ordered against a Severity, not {brief(other)}")
    return other


_INFO, _WARNING, _ERROR = Severity


class DefectKind(StrEnum):
    """What was wrong. The values and the severities are part of the public promise.

    Attributes:
        severity: The severity that a defect of this kind usually has.
        severities: All that it can have, the usual one first. Three kinds have two:
            `invalid-reference` is a warning if the reference has an accepted reading, such as
            `&#150;`, which means a dash in Windows-1252; `encoding-label` is a warning if a
            document declares an 8-bit encoding and has UTF-8; `encoding-conflict` is a warning
            if a byte order mark decides. Strict reading goes by the severity of the defect.

    Example:
        >>> from reviewcorpus import DefectKind
        >>> DefectKind.BARE_AMPERSAND == "bare-ampersand"
        True
        >>> DefectKind.BARE_AMPERSAND.severity
        <Severity.INFO: 'info'>
        >>> " or ".join(DefectKind.ENCODING_LABEL.severities)
        'info or warning'
    """

    severity: Severity
    severities: tuple[Severity, ...]

    def __new__(cls, value: str, *severities: Severity) -> Self:
        """Make a member; one without a severity is an error at import."""
        if not severities:
            raise TypeError(f"the kind {value!r} needs a severity")
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.severity = severities[0]
        kind.severities = severities
        return kind

    BARE_AMPERSAND = "bare-ampersand", _INFO
    """An `&` that starts no reference; read as written."""
    UNTERMINATED_REFERENCE = "unterminated-reference", _WARNING
    """A reference without its `;`; decoded."""
    UNDECLARED_ENTITY = "undeclared-entity", _INFO
    """An entity of HTML that XML does not declare; decoded."""
    UNKNOWN_ENTITY = "unknown-entity", _WARNING
    """A reference to an entity that nobody declares; read as written."""
    INVALID_REFERENCE = "invalid-reference", _ERROR, _WARNING
    """A numeric reference to what is not a character."""
    BARE_LESS_THAN = "bare-less-than", _INFO
    """A `<` that starts no tag; read as written."""
    INLINE_MARKUP = "inline-markup", _INFO
    """An inline tag of HTML; the tag is dropped, its text kept."""
    ILLEGAL_CHARACTER = "illegal-character", _ERROR
    """A character that XML does not allow; read as U+FFFD."""
    UNDECODABLE_BYTES = "undecodable-bytes", _WARNING
    """Bytes that are not valid in the encoding; they, or the field, are read in another one."""
    ENCODING_LABEL = "encoding-label", _INFO, _WARNING
    """A declared encoding that is not quite the real one; the text is read in the real one."""
    ENCODING_CONFLICT = "encoding-conflict", _ERROR, _WARNING
    """A declared encoding that cannot be followed; the mark's, or the one before, is used."""
    MISSING_END_TAG = "missing-end-tag", _WARNING
    """An element that is not closed; closed where the next element of the format begins."""
    MALFORMED_TAG = "malformed-tag", _WARNING
    """A tag of the format with broken attributes or no end; read as that tag."""
    STRAY_END_TAG = "stray-end-tag", _WARNING
    """An end tag without a start tag; ignored."""
    MISSING_ELEMENT = "missing-element", _WARNING
    """An element that a record should have; its value is `None`."""
    DUPLICATE_ELEMENT = "duplicate-element", _ERROR
    """A second element with the same name in one record; the first counts."""
    UNKNOWN_ELEMENT = "unknown-element", _INFO
    """An element that the format does not name; kept in `extra`."""
    UNEXPECTED_TEXT = "unexpected-text", _ERROR
    """Text between elements; reported, but not part of any record."""
    UNEXPECTED_ATTRIBUTE = "unexpected-attribute", _INFO
    """An attribute that the format does not name; the element is read, the attribute dropped."""
    MISSPELT_TAG = "misspelt-tag", _INFO
    """A tag in another case; read as the element that it means."""
    UNEXPECTED_END = "unexpected-end", _ERROR
    """The input stops inside a record; what was there is read."""
    DOCTYPE = "doctype", _WARNING
    """A document type declaration; skipped, and nothing in it is acted on."""
    INVALID_SCORE = "invalid-score", _ERROR
    """A score that is not a number from 0 to 1; its value is `None`."""
    INVALID_DATE = "invalid-date", _ERROR
    """A date that is not a day of the calendar; its value is `None`."""
    INVALID_YEAR = "invalid-year", _ERROR
    """A year that is not one from 1 to 9999; its value is `None`."""
    NO_MOVIE = "no-movie", _ERROR
    """No record in the whole input."""
    BROKEN_COMPRESSION = "broken-compression", _ERROR
    """Compressed data or an archive that breaks off; what came out before is read."""
    NOT_WELL_FORMED = "not-well-formed", _ERROR
    """An error in XML; only in strict reading, where it is raised."""


@attrs.frozen(weakref_slot=False)
class Defect:
    r"""Something wrong in a file, its exact place, and what the reader made of it.

    The first four can be passed by position, the others only by name.

    Args:
        kind: What was wrong.
        severity: How much it puts in doubt.
        message: What was found, in words; not part of the promise.
        action: What the reader did about it, in words; not part of the promise.
        source: Name of the file or stream, or `None` if it has none.
        offset: Where the defect begins, in bytes from the start of the decompressed source,
            from 0. For text, and for input in UTF-16, UTF-32 or an East Asian encoding, it counts
            the bytes of the text's UTF-8 form.
        line: Line of the defect, from 1.
        column: Column of the defect, in characters, from 1.
        movie_index: Index of the movie in its source, from 0; `None` outside all movies.
        review_index: Index of the review in its movie, from 0; `None` outside all reviews.
        element: Name of the element concerned, as the format spells it, or `None`.
        field: The attribute of the record that the element becomes, such as `"full_review"`;
            `None` if there is none.
        raw: The text in the file, from the defect on, at most 80 characters. Bytes that are not
            text are shown as `\xNN`.

    Example:
        >>> import reviewcorpus as rc
        >>> found = []
        >>> movie = rc.loads("<movie><title>Rock & Roll</title></movie>", on_defect=found.append)
        >>> print(found[0])
        <string>:1:20: info: '&' is not a reference [bare-ampersand]
    """

    __repr__ = repr_of_fields

    kind: DefectKind
    severity: Severity
    message: str
    action: str
    source: str | None = attrs.field(default=None, kw_only=True)
    offset: int = attrs.field(kw_only=True)
    line: int = attrs.field(kw_only=True)
    column: int = attrs.field(kw_only=True)
    movie_index: int | None = attrs.field(default=None, kw_only=True)
    review_index: int | None = attrs.field(default=None, kw_only=True)
    element: str | None = attrs.field(default=None, kw_only=True)
    field: str | None = attrs.field(default=None, kw_only=True)
    raw: str = attrs.field(default="", kw_only=True)

    def __str__(self) -> str:
        """`source:line:column: severity: message [kind]`, as compilers print it; one line."""
        place = f"{self.source or '<input>'}:{self.line}:{self.column}"
        return visible(f"{place}: {self.severity}: {self.message} [{self.kind}]")


checked_defect: Callable[..., Defect] = unchecked(Defect)
announce(Defect)


class CorpusError(Exception):
    """What was asked for cannot be read; the base class of all errors of this package.

    Example:
        >>> import reviewcorpus as rc
        >>> try:
        ...     rc.loads("A page of prose.")
        ... except rc.CorpusError as error:
        ...     print(type(error).__name__)
        CorpusError
    """


class CorpusSyntaxError(CorpusError, ValueError):
    """The first error in strict reading.

    Args:
        defect: What was found; its `offset`, `line` and `column` say where.

    Example:
        >>> import reviewcorpus as rc
        >>> try:
        ...     rc.loads("<movie><title>Rock & Roll</title></movie>", errors="strict")
        ... except rc.CorpusSyntaxError as error:
        ...     print(error.defect)
        <string>:1:20: error: not well-formed (invalid token) [not-well-formed]
    """

    def __init__(self, defect: Defect) -> None:
        super().__init__(defect)
        self.defect = defect

    def __str__(self) -> str:
        """The defect, and what to do."""
        return f"{self.defect}; errors='recover' keeps reading"


class LimitExceeded(CorpusError):
    """Something in the input is larger than the limits allow.

    Args:
        message: What was too large, where, and how to raise the limit.

    Example:
        >>> import reviewcorpus as rc
        >>> try:
        ...     rc.loads("<movie><title>Long</title></movie>", limits=rc.Limits(max_field_bytes=3))
        ... except rc.LimitExceeded as error:
        ...     print(error)
        <string>:1:8: title is longer than 3 bytes; to read it, pass limits=Limits(max_field_bytes=...) with a larger number
    """  # noqa: E501 the example's output is one line
