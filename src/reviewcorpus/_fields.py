"""From the raw text of a field to its value, with the defects that are met on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewcorpus._text import Fault, FieldText
from reviewcorpus._values import NULL_BYTES, SPACE_BYTES, WHITE_SPACE
from reviewcorpus.defects import RAW_CHARACTERS, SEVERITIES, DefectKind

if TYPE_CHECKING:
    from reviewcorpus._dialect import Field
    from reviewcorpus._markup import Tag
    from reviewcorpus._report import Reporter
    from reviewcorpus._text import TextReader


def _add_fault(
    result: FieldText, kind: DefectKind, span: tuple[int, int], message: str, repair: str
) -> None:
    """Put a fault among those of a field, where it belongs by its place."""
    result.faults.append(Fault(kind, *span, message, repair, SEVERITIES[kind]))
    result.faults.sort(key=lambda fault: fault.start)


def _convert(field: Field, raw: bytes, result: FieldText) -> Any:  # noqa: ANN401 whatever a field holds
    """Give the value of a field that is no text; add a fault where there is none."""
    conversion = field.conversion
    assert conversion is not None  # noqa: S101 called for such a field only
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
        raw = self._window.slice(start, end)
        if field.attribute and raw == NULL_BYTES:
            return None
        result = self._text_reader.read(raw, sections_are_xml=sections_are_xml)
        value: Any = result.text
        if field.conversion is not None:
            value = _convert(field, raw, result)
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
        self._window.locate(start)
        for fault in result.faults:
            self._reporter.report(
                fault.kind,
                start + fault.start,
                start + fault.end,
                fault.message,
                fault.repair,
                element=field.element,
                severity=fault.severity,
                per_byte=result.per_byte,
            )
        self._window.locate(end, per_byte=result.per_byte)
