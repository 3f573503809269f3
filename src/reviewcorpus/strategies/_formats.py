"""Formats that nobody has thought of, and files in any format."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import strategies as st

from reviewcorpus.formats import NULL, Field, Format, Record, Value
from reviewcorpus.strategies._values import Choices, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

# ---- formats ----------------------------------------------------------------------------

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
    """Return formats."""
    designer = _Designer(draw)
    while True:  # a name may be taken; not in a plain format, which is made when numbers run out
        with suppress(ValueError):
            return designer.format()


# ---- files ------------------------------------------------------------------------------

_PLAIN_TEXTS = "Paper Boats||null|Café Noir|one\ntwo|don't \"so\"| x |0|n/a|7 > 6; it's so".split(
    "|"
)
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_DAYS = (date(1998, 1, 31), date(2006, 9, 8), date(2012, 12, 5))
_MONTHS = {1: "January", 9: "September", 12: "December"}
_YEARS = ("1999", "2012")
_SCORES = ("0.5", "1", "0.0", "1.0E-2")
_OTHER_SCALES = ("10", "5.0", "3")
_GAPS = ("\n", "", "\r\n\t", "<!-- <a> & -->\n")
_SCRAPS = (
    "& &amp; &eacute; &#233; &#8217s &#0; &bogus; &nbsp; < > <3 <> </> <b> </b> <br> <part> </part>"
    ' <zz> </zz> <!-- --> <![CDATA[ ]]> <?x ?> <?xml " \' = / id="1" null -1.0 0 é \x01 \ufffe 5'
    ' 11 2006-09-08 <!DOCTYPE most="x" words'
).split(" ")
_ODD_BYTES = (
    b"\xe9",
    b"\x93",
    b"\xff",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b" ",
    b"\xe9\r\n",
    b"",
)
_LONGEST_HOLE = 12  # bytes
_MOST_FAULTS = 4


class _Scribe(Choices):
    """Writes files in a format."""

    def __init__(self, draw: DrawFn, table: Format) -> None:
        super().__init__(draw)
        self._table = table

    def document(self, movies: Sequence[int]) -> bytes:
        """Write a file without damage, given how many reviews each movie has."""
        parts = []
        for reviews in movies:
            self.refill()
            parts.append(self._movie(reviews))
        body = "".join(self._gap() + part for part in parts) + self._gap()
        root = "files" if "reviews" in map(str.lower, self._table.elements) else "reviews"
        return f"<{root}>{body}</{root}>\n".encode(self._table.encoding, "xmlcharrefreplace")

    def damage(self, data: bytes) -> bytes:
        """Put scraps into a file, make holes in it, repeat a part of it, and cut it."""
        self.refill()
        table = self._table
        records = [f"<{'/' * self.number(1)}{record.element}>" for record in table.records]
        fields = [f"</{field.element}>" for field in table.review.children]
        fields += [f"<{field.element}>" for field in table.review.children]
        scraps = [scrap.encode("utf-8") for scrap in (*records, *fields, *_SCRAPS)]
        for _ in range(self.number(_MOST_FAULTS)):
            place = self._place_in(data)
            hole = self.number(_LONGEST_HOLE) * self.number(1)
            data = data[:place] + self.pick((*scraps, *_ODD_BYTES)) + data[place + hole :]
        if self.number(7) == 7:
            data += data[self._place_in(data) :]
        return data[: self._place_in(data)] if self.number(7) == 7 else data

    def _place_in(self, data: bytes) -> int:
        return (self.number(255) * 256 + self.number(255)) % (len(data) + 1)

    def _gap(self) -> str:
        return self.pick(_GAPS)

    def _movie(self, reviews: int) -> str:
        record, review = self._table.movie, self._table.review
        if record is None:
            same = {field.label: self._value(field) for field in review.fields if field.of_movie}
            count = max(reviews, 1) if self._table.is_grouped else 1
            return self._gap().join(self._record(review, "", same) for _ in range(count))
        inside = "".join(self._gap() + self._record(review, "", {}) for _ in range(reviews))
        return self._record(record, inside, {})

    def _record(self, record: Record, inside: str, known: dict[str, str]) -> str:
        tag, children = record.element, ""
        for field in record.fields:
            if not field.is_required and self.number(2) == 2:
                continue
            value = known.get(field.label)
            value = self._value(field) if value is None else value
            if field.is_attribute:
                tag += f' {field.element}="{_quoted(value)}"'
                if field.scale_attribute and self.number(1):
                    quote = self.pick("'\"")
                    scale = self.pick((f"{field.scale:g}", *_OTHER_SCALES))
                    tag += f" {field.scale_attribute}={quote}{scale}{quote}"
            else:
                children += f"{self._gap()}<{field.element}>{value}</{field.element}>"
        return f"<{tag}>{children}{inside}{self._gap()}</{record.element}>"

    def _value(self, field: Field) -> str:
        """Write the value of a field; sometimes a word for *no value*, if there is one."""
        if field.none and self.number(7) == 7:
            return self.pick(field.none)
        if field.value is Value.DATE:
            day = self.pick(_DAYS)
            return day.strftime(field.pattern.replace("%B", _MONTHS[day.month]))  # in any locale
        if not field.is_text:
            return self.pick(_YEARS if field.value is Value.YEAR else _SCORES)
        text = self.pick(_PLAIN_TEXTS)
        text = text if field.is_plain else text.replace(";", " & <br>").translate(_ESCAPES)
        return "".join(f"<{name}>{text}</{name}>\n" for name in field.drops) or text


def _quoted(value: str) -> str:
    return value.replace('"', "&quot;").replace("<", "&lt;")


def drawn_documents(
    table: Format, max_movies: int, max_reviews: int, *, is_damaged: bool
) -> SearchStrategy[bytes]:
    """Return files in a format."""
    reviews = st.lists(st.integers(0, max_reviews), min_size=1, max_size=max_movies)

    @st.composite
    def write(draw: DrawFn) -> bytes:
        movies = draw(reviews)
        scribe = _Scribe(draw, table)
        data = scribe.document(movies)
        return scribe.damage(data) if is_damaged else data

    return named(f"{table.name}_documents", write())()
