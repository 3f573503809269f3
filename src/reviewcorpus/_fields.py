"""From the raw text of a field to its value, with the defects that are met on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewcorpus._dialect import DIALECT, Conversion, Field
from reviewcorpus._fault import fault_of
from reviewcorpus._values import NULL_BYTES, SPACE_BYTES, WHITE_SPACE
from reviewcorpus.defects import RAW_CHARACTERS, DefectKind

if TYPE_CHECKING:
    from reviewcorpus._markup import Tag
    from reviewcorpus._report import Reporter
    from reviewcorpus._text import FieldText, TextReader

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


REMEMBERED = {
    field.attribute: Remembered(field.conversion)
    for record in (DIALECT.movie, DIALECT.review)
    for field in record.fields
    if field.conversion is not None
}
"""The values of fields that are no text, by their attribute. All inputs share them, since small
files have few days each and the same ones."""


def _add_fault(
    result: FieldText, kind: DefectKind, span: tuple[int, int], message: str, repair: str
) -> None:
    """Put a fault among those of a field, where it belongs by its place."""
    result.faults.append(fault_of(kind, *span, message, repair))
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
        """Give the value of a field that stands from one offset to another.

        Args:
            field: Which field it is.
            start: Offset of its text.
            end: Offset just behind its text.
            second: Start tag of the same element inside it, which was read as words.
            sections_are_xml: Whether sections are known to end where XML says.
        """
        window = self._window
        raw = window.data[start - window.base : end - window.base]
        if raw == NULL_BYTES and field.attribute:
            return None
        is_legal = start >= window.illegal_until
        if second is None:
            try:
                if field.conversion is not None:
                    return REMEMBERED[field.attribute][raw]
                if is_legal and b"&" not in raw and b"<" not in raw and b"\r" not in raw:
                    return raw.decode(self._text_reader.encoding)
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
        if result.faults:
            self._report_faults(field, start, end, result)
        return value

    def _report_faults(self, field: Field, start: int, end: int, result: FieldText) -> None:
        report, element, per_byte = self._reporter.report, field.element, result.per_byte
        if per_byte:
            self._window.locate(start)
        for kind, first, last, message, repair, severity in result.faults:
            report(
                kind,
                start + first,
                start + last,
                message,
                repair,
                element=element,
                severity=severity,
                per_byte=per_byte,
            )
        if per_byte:
            self._window.locate(end, per_byte=True)
