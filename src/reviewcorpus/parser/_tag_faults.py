"""Defects of tags: odd ones, missing ones, and those that are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewcorpus.defects import DefectKind
from reviewcorpus.formats import DIALECT
from reviewcorpus.parser._grammar import ATTRIBUTE

if TYPE_CHECKING:
    from reviewcorpus.parser._grammar import Tag
    from reviewcorpus.parser._reporter import OpenRecord, Reporter


class TagFaults:
    """Reports what is wrong with tags."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def inline(self, tag: Tag) -> None:
        """Report a tag of running text between elements."""
        self._reporter.end_words()
        self._reporter.report(
            DefectKind.INLINE_MARKUP,
            tag.start,
            tag.end,
            f"HTML's <{'/' * tag.closes}{tag.key}> between elements",
            "left out",
        )

    def stray_end(self, tag: Tag) -> None:
        """Report an end tag with nothing open."""
        self._reporter.end_words()
        self._reporter.report(
            DefectKind.STRAY_END_TAG,
            tag.start,
            tag.end,
            f"</{tag.name}> closes nothing that is open",
            "ignored",
            element=DIALECT.spelling.get(tag.key, tag.name),
        )

    def odd(self, tag: Tag, element: str) -> None:
        """Report another case of the name, and attributes, which the format does not have."""
        self.misspelt(tag, element)
        self.attributes(tag, element)

    def misspelt(self, tag: Tag, element: str) -> None:
        """Report another case of the name."""
        if tag.name != element:
            self._reporter.report(
                DefectKind.MISSPELT_TAG,
                tag.start,
                tag.end,
                f"<{'/' * tag.closes}{tag.name}> for <{'/' * tag.closes}{element}>",
                f"read as {element}",
                element=element,
            )

    def attributes(self, tag: Tag, element: str) -> None:
        """Report attributes; what is reported at the start of the tag must come before."""
        for found in ATTRIBUTE.finditer(tag.attributes):
            start = tag.attributes_start + found.start()
            self._reporter.report(
                DefectKind.UNEXPECTED_ATTRIBUTE,
                start,
                tag.attributes_start + found.end(),
                f"an attribute in <{tag.name}>",
                "the element was read, the attribute left out",
                element=element,
            )

    def missing_elements(self, record: OpenRecord, tag: Tag | None) -> None:
        """Report what a record lacks where it ends; a `tag` of `None` says that it was cut."""
        if tag is None or len(record.values) == len(record.record.fields):
            return
        for field in record.record.fields:
            if field.attribute not in record.values:
                self.missing(field.element, tag, "its value is None")

    def missing(self, element: str, tag: Tag, action: str) -> None:
        """Report an element that should stand before a tag."""
        self._reporter.report(
            DefectKind.MISSING_ELEMENT,
            tag.start,
            tag.end,
            f"there is no <{element}>, which should stand before this tag",
            action,
            element=element,
        )

    def missing_end(self, tag: Tag, element: str) -> None:
        """Report an element that another tag than its own closes."""
        self._reporter.report(
            DefectKind.MISSING_END_TAG,
            tag.start,
            tag.end,
            f"<{element}> is still open here",
            "closed here",
            element=element,
        )

    def doctype(self, start: int, end: int) -> None:
        """Report a document type declaration, which was skipped."""
        self._reporter.end_words()
        self._reporter.report(
            DefectKind.DOCTYPE,
            start,
            end,
            "a document type declaration",
            "skipped, nothing in it is acted on",
        )
