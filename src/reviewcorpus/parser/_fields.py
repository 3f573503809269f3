"""From the raw text of a field to its value: what means *no value*, and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import AMPERSAND, LESS_THAN, RETURN
from reviewcorpus.parser._grammar import SPACE_BYTES, WHITE_SPACE
from reviewcorpus.parser._values import blank_tags, join_words, values_of

if TYPE_CHECKING:
    from reviewcorpus.formats import Field
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._grammar import Tag
    from reviewcorpus.parser._text import FieldText, TextReader

_AROUND_VALUES = f"{WHITE_SPACE}\xa0"  # fields are inner HTML, where &nbsp; is common


# XML reads a line end or a tab in the value of an attribute as a blank.
_AS_BLANKS = bytes.maketrans(b"\t\r\n", b"   ")


def _convert(field: Field, raw: bytes, result: FieldText) -> Any:
    """Return the value of a field that is not text; add a fault if it cannot be read."""
    known = values_of(field)
    text = result.text.strip(_AROUND_VALUES)
    is_none = text in field.none and text.encode() in raw and b"<" not in raw  # not in CDATA
    if not text or is_none:
        return None
    try:
        return known.read(text)
    except ValueError as error:
        stripped = raw.strip(SPACE_BYTES)
        start = raw.find(stripped)
        end = start + len(stripped)
        result.faults.append(faults.invalid_value(known.kind, start, end, text, str(error)))
        return None


def read_field(
    buffer: Buffer, texts: TextReader, field: Field, start: int, end: int, second: Tag | None
) -> tuple[Any, FieldText | None]:
    """Return the value of a field, and its text if something is wrong in it.

    Args:
        buffer: The bytes being looked at.
        texts: Reads the text of a field.
        field: Which field it is.
        start: Offset of its raw text.
        end: Offset just after its raw text.
        second: Start tag of the same element inside it, which was read as words.
    """
    raw = buffer.slice(start, end)
    if field.drops:
        raw = blank_tags(raw, field.drops)
    elif raw in field.none_bytes:
        return None, None
    if field.is_attribute:
        raw = raw.translate(_AS_BLANKS)
    if second is None:
        try:
            if not field.is_text:
                return values_of(field)[raw], None
            is_clean = not (AMPERSAND in raw or LESS_THAN in raw or RETURN in raw)
            if is_clean and start >= buffer.illegal_until:
                text = buffer.charset.decode(raw)
                return join_words(text, field.none) if field.drops else text, None
        except ValueError:  # bytes that are not text, a fault in a date, whitespace around it
            pass
    result = texts.read(raw, start, is_plain=field.is_plain)
    value: Any = join_words(result.text, field.none) if field.drops else result.text
    if not field.is_text:
        value = _convert(field, raw, result)
    if second is not None:
        inside = second.start - start, second.end - start
        result.faults.append(faults.second_body(*inside, field.element))
    result.faults.sort(key=lambda fault: fault.start)
    return value, result if result.faults else None
