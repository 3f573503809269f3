"""Formats that nobody has thought of, drawn by Hypothesis."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from reviewcorpus.formats import NULL, Field, Format, Record, Value
from reviewcorpus.strategies._values import Choices

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_NAMES = "play notice name by mark Seen kind x-1.b _y city rank text note aa B.2 of".split()
_MOVIE_TARGETS = {"title": Value.HTML, "link": Value.HTML, "year": Value.YEAR}
_MOVIE_TARGETS |= {"general_score": Value.SCORE}
_REVIEW_TARGETS = {"username": Value.HTML, "short_description": Value.HTML}
_REVIEW_TARGETS |= {"date": Value.DATE, "score": Value.SCORE}
_TEXTS = (Value.HTML, Value.HTML, Value.TEXT)
_NONE = ((NULL,), (), (NULL, "-1.0"), ("0",), ("n/a", "-"))
_SCALES = (1.0, 5.0, 10.0, 4, 4.5)
# A format refuses some of these, as names that it has already.
_SCALE_NAMES = ("most", "Most", "rank")
_DROPPED = ("part", "Part", "b", "x-1", "NOTICE", "kind")
_KEYS = ("own", "Own", "by", "x-1.", "_y", "Kind", "mark.2")
_PATTERNS = ("%Y-%m-%d", "%B %d, %Y", "%d.%m.%Y", "%m/%d/%Y")
_ENCODINGS = ("utf-8", "utf-8", "windows-1252", "iso-8859-2")
_MOST_EXTRA = 2


class _Designer(Choices):
    """Makes up formats; when the numbers run out, as plain as possible."""

    def format(self) -> Format:
        self._left = list(_NAMES)
        is_implied = self._is_so()
        movie = self._fields(_MOVIE_TARGETS, of_movie=is_implied)
        review = self._fields(_REVIEW_TARGETS) + movie * is_implied
        value, none = self.pick(_TEXTS), self.pick(_NONE)
        body = Field(self._name(), "full_review", value, is_body=True, none=none)
        return Format(
            "drawn",
            None if is_implied else self._record(movie),
            self._record(review, body),
            is_grouped=is_implied and bool(movie) and self._is_so(),
            strips=self._is_so(),
            encoding=self.pick(_ENCODINGS),
        )

    def _is_so(self) -> bool:
        return self.number(1) == 1

    def _name(self) -> str:
        return self._left.pop(self.number(len(self._left) - 1))

    def _record(self, fields: list[Field], *body: Field) -> Record:
        ordered = sorted(fields, key=lambda field: (not field.is_attribute, self.number(255)))
        return Record(self._name(), (*ordered, *body))

    def _fields(self, targets: dict[str, Value], *, of_movie: bool = False) -> list[Field]:
        chosen = {target: value for target, value in targets.items() if self.number(2) < 2}
        fields = [self._field(target, value, of_movie=of_movie) for target, value in chosen.items()]
        for _ in range(self.number(_MOST_EXTRA)):
            options = {"in_extra": True, "of_movie": of_movie}
            fields.append(self._field(self.pick(_KEYS), Value.HTML, **options))
        texts = [field for field in fields if field.is_text]
        if len(texts) > 1 and not texts[0].in_extra and self._is_so():
            fields[fields.index(texts[0])] = attrs.evolve(texts[0], fallback=texts[1].element)
        return fields

    def _field(self, target: str, value: Value, **options: Any) -> Field:
        is_attribute = self.number(3) == 3
        options |= {"is_attribute": is_attribute, "is_required": not self._is_so()}
        if value is Value.SCORE:
            options["scale"] = self.pick(_SCALES)
            has_name = is_attribute and self._is_so()
            options["scale_attribute"] = self.pick(_SCALE_NAMES) if has_name else ""
        elif value is Value.DATE:
            options["pattern"] = self.pick(_PATTERNS)
        elif value is Value.HTML:
            value = self.pick(_TEXTS)
            has_tags = not is_attribute and self.number(3) == 3
            options["drops"] = (self.pick(_DROPPED),) if has_tags else ()
        return Field(self._name(), target, value, none=self.pick(_NONE), **options)


@st.composite
def drawn_formats(draw: DrawFn) -> Format:
    """Generate formats.

    Movies have a record, or are implied by their reviews. Names and order vary. Fields are elements
    or attributes, required or not, with a fallback, inner tags to drop, words for *no value*,
    scales and patterns of dates. White space around values counts or not. The encoding is UTF-8 or
    an 8-bit one.
    """
    designer = _Designer(draw)
    while True:  # a name may be taken; not in a plain format, which is made when numbers run out
        with suppress(ValueError):
            return designer.format()
