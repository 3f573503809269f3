"""From the raw text of a field to its value, with the defects that are met on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from reviewcorpus._values import NULL_BYTES, SPACE_BYTES, WHITE_SPACE
from reviewcorpus.defects import RAW_CHARACTERS, DefectKind
from reviewcorpus.formats import DIALECT, Conversion, Field
from reviewcorpus.parser._fault import fault_of

if TYPE_CHECKING:
    from reviewcorpus.parser._grammar import Tag
    from reviewcorpus.parser._reporter import OpenRecord, Reporter
    from reviewcorpus.parser._text import FieldText, TextReader

_MOST_REMEMBERED = 1 << 14  # different dates or scores: all days of forty years
_LONGEST_REMEMBERED = 32  # bytes; a longer value is none that a crawler wrote


class Remembered(dict[bytes, Any]):
    """Values by their raw bytes; learns what it is asked for, and forgets all when it is full."""

    def __init__(self, conversion: Conversion) -> None:
        super().__init__()
        self._read = conversion.read

    def __missing__(self, raw: bytes) -> Any:  # noqa: ANN401 a date or a number
        """Convert and keep a value; raise ValueError for one that needs care."""
        if not raw or len(raw) > _LONGEST_REMEMBERED:
            raise ValueError("not as a crawler writes it")
        value = self._read(raw.decode("ascii"))
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[raw] = value
        return value


FaultyField: TypeAlias = "tuple[Field, int, int, FieldText]"
"""A field in which something is wrong: the offsets of its start and end, and its text."""

REMEMBERED = {
    field.attribute: Remembered(field.conversion)
    for record in (DIALECT.movie, DIALECT.review)
    for field in record.fields
    if field.conversion is not None
}
"""The values of fields that are no text, by their attribute. All inputs share them, since small
files have few days each and the same ones."""


def _add_fault(
    result: FieldText, kind: DefectKind, span: tuple[int, int], message: str, action: str
) -> None:
    """Put a fault among those of a field, where it belongs by its place."""
    result.faults.append(fault_of(kind, *span, message, action))
    result.faults.sort(key=lambda fault: fault.start)


def _convert(conversion: Conversion, raw: bytes, result: FieldText) -> Any:  # noqa: ANN401 as above
    """Give the value of a field that is no text; add a fault where there is none."""
    text = result.text.strip(WHITE_SPACE)
    stripped = raw.strip(SPACE_BYTES)
    if not text or stripped == NULL_BYTES:
        return None
    try:
        return conversion.read(text)
    except ValueError as error:
        start = raw.find(stripped)
        _add_fault(
            result,
            conversion.defect,
            (start, start + len(stripped)),
            f"{text[:RAW_CHARACTERS]!r} is not {error}",
            "its value is None",
        )
        return None


class FieldReader:
    """Reads the fields of one input."""

    def __init__(self, reporter: Reporter, text_reader: TextReader) -> None:
        self._reporter = reporter
        self._window = reporter.window
        self._text_reader = text_reader

    def read(
        self,
        field: Field,
        start: int,
        end: int,
        second: Tag | None = None,
        *,
        sections_are_xml: bool = False,
    ) -> Any:  # noqa: ANN401 whatever a field holds
        """Give the value of a field that stands from one offset to another; report its faults.

        Args:
            field: Which field it is.
            start: Offset of its text.
            end: Offset just behind its text.
            second: Start tag of the same element inside it, which was read as words.
            sections_are_xml: Whether sections are known to end where XML says.
        """
        value, result = self.value_of(field, start, end, second, sections_are_xml=sections_are_xml)
        if result is not None:
            self.report(field, start, end, result)
        return value

    def value_of(
        self,
        field: Field,
        start: int,
        end: int,
        second: Tag | None = None,
        *,
        sections_are_xml: bool = False,
    ) -> tuple[Any, FieldText | None]:
        """Give the value of a field, and its text if something is wrong in it, unreported yet."""
        window = self._window
        raw = window.data[start - window.base : end - window.base]
        if raw == NULL_BYTES and field.attribute:
            return None, None
        is_legal = start >= window.illegal_until
        if second is None:
            try:
                if field.conversion is not None:
                    return REMEMBERED[field.attribute][raw], None
                if is_legal and b"&" not in raw and b"<" not in raw and b"\r" not in raw:
                    return raw.decode(self._text_reader.encoding), None
            except ValueError:  # bytes that are no text, a fault in a date, white space around it
                pass
        result = self._text_reader.read(raw, sections_are_xml=sections_are_xml, is_legal=is_legal)
        value: Any = result.text
        if field.conversion is not None:
            value = _convert(field.conversion, raw, result)
        if second is not None:
            _add_fault(
                result,
                DefectKind.MISSING_END_TAG,
                (second.start - start, second.end - start),
                f"<{field.element}> is still open here",
                "read as written, part of the text",
            )
        return value, result if result.faults else None

    def report(self, field: Field, start: int, end: int, result: FieldText) -> None:
        """Report what is wrong in a field."""
        report, element, per_byte = self._reporter.report, field.element, result.per_byte
        if per_byte:
            self._window.locate(start)
        for kind, first, last, message, action, severity in result.faults:
            report(
                kind,
                start + first,
                start + last,
                message,
                action,
                element=element,
                severity=severity,
                per_byte=per_byte,
            )
        if per_byte:
            self._window.locate(end, per_byte=True)

    def count_extra(self, record: OpenRecord, tag: Tag, size: int) -> None:
        """Report an element that goes to `extra`, and hold the limits of those.

        Args:
            record: The record that it stands in.
            tag: Its start tag.
            size: How many bytes its text takes.
        """
        limits = self._text_reader.limits
        self._reporter.report(
            DefectKind.UNKNOWN_ELEMENT,
            tag.start,
            tag.end,
            f"the format has no <{tag.name}> here",
            "kept in extra",
            element=tag.name,
        )
        # Names are held too.
        record.extra_bytes += size + len(tag.name)
        if record.extra_bytes > limits.max_field_bytes:
            self._reporter.exceed(
                tag.start, "the extra elements of one record are", "max_field_bytes"
            )
        if len(record.extra) >= limits.max_extra_elements:
            self._reporter.exceed(tag.start, "the extra of one record is", "max_extra_elements")
