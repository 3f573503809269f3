"""The fast path's source code: the patterns of a format, and the lines for its fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from reviewcorpus.models import NO_EXTRA, Extra
from reviewcorpus.parser._values import values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewcorpus.formats import Field, Format, Record

_S = rb"[ \t\r\n]*+"


def has_lines(table: Format) -> bool:
    """Check whether all values of a review are required, and each is a line of its own."""
    return table.strips and all(each.is_required for each in table.review.fields)


def _pattern_of(field: Field, *, strips: bool, is_line: bool) -> bytes:
    """Return the pattern of a field that contains no markup that counts; its text is one group."""
    element = re.escape(field.element).encode()
    if field.is_attribute:
        # A line end or a tab in a value would be read as a blank.
        pattern = rb"""[ \t\r\n]++%b="([^"<\t\r\n]*+)\"""" % element
        if field.scale_attribute:
            scale = f'{field.scale_attribute}="{field.scale:g}"'
            pattern += rb"(?:[ \t\r\n]++%b)?+" % re.escape(scale).encode()
    else:
        if is_line:  # a class without "<" would take three times as long
            text = rb"\n(?![ \t\r])(.*+)(?<![ \t\r])\n"
        elif strips:
            text = rb"\n((?:[^ \t\r\n<](?:[^\n<]*[^ \t\r\n<])?+)?+)\n"
        elif field.drops:
            text = rb"((?:[^<]++|</?(?:%b)>)*+)" % "|".join(map(re.escape, field.drops)).encode()
        else:
            text = rb"([^<]*+)"
        pattern = rb"%b<%b>%b</%b>" % (_S, element, text, element)
    return pattern if field.is_required else rb"(?:%b)?+" % pattern


def _start_of(record: Record, *, strips: bool, has_lines: bool = False) -> bytes:
    """Return the pattern of the start tag of a record, and of its fields except a body."""
    fields = [
        _pattern_of(field, strips=strips, is_line=has_lines)
        for field in record.fields
        if not field.is_body
    ]
    attributes = len(record.attributes)
    tag = re.escape(record.element).encode() + b"".join(fields[:attributes])
    end = _S + b">()" if attributes else b">"  # the group says where the tag ends
    return b"%b()<%b%b%b" % (_S, tag, end, b"".join(fields[attributes:]))


def patterns(table: Format) -> dict[str, Any]:
    """Return functions that match the records of a format whose tags are in order.

    Group 1 of `match_first`, `match_next` and `match_head` is empty: it is where a record begins.
    """
    review = re.escape(table.review.element).encode()
    body = re.escape(table.review.fields[-1].element).encode()
    start = _start_of(table.review, strips=table.strips, has_lines=has_lines(table))
    begin = b"%b%b<%b>%b" % (start, _S, body, _S if table.strips else b"")
    end = b"</%b>%b</%b>" % (body, _S, review)
    names = "|".join(map(re.escape, table.elements)).encode()
    # Tags of other elements mean nothing outside of movies.
    outside = rb"(?:%b</?(?!(?i:%b)>)[A-Za-z]{1,50}>)*+" % (_S, names)
    patterns = {
        "match_first": begin,
        # It ends a body and begins the next review, if there is one, so each takes one match.
        "match_next": rb"%b(?:%b)?+" % (end, begin),
        "match_outside": outside,
    }
    if table.movie is not None:
        movie = re.escape(table.movie.element).encode()
        patterns["match_head"] = outside + _start_of(table.movie, strips=table.strips)
        patterns["match_end"] = rb"%b</%b>%b" % (_S, movie, _S)
    return {name: re.compile(pattern).match for name, pattern in patterns.items()}


class Writer:
    """Writes the lines for the fields of one record.

    Args:
        fields: Its fields.
        prefix: What the names of their variables begin with.
        is_plain: Whether the text is UTF-8, and nothing else has to be checked.
    """

    def __init__(self, fields: Iterable[Field], prefix: str, *, is_plain: bool) -> None:
        self._names = {f"{prefix}_{number}": field for number, field in enumerate(fields)}
        self._is_plain = is_plain
        self._attributes = sum(field.is_attribute for field in self._names.values())

    def unpack(self) -> list[str]:
        """Return the line that assigns the groups of a match to the variables."""
        names = list(self._names)
        if self._attributes:
            names.insert(self._attributes, "_")
        return [f"_, {', '.join(names) or '*_'} = found.groups()"]

    def key(self) -> list[str]:
        """Return the line that collects what a review says about its movie."""
        names = [name for name, each in self._names.items() if each.of_movie]
        return [f"key = ({', '.join(names)},)" if names else "key = ()"]

    @property
    def known(self) -> dict[str, Any]:
        """The names that the lines use: the fields, and the values of those that are not text."""
        fields = {f"field_{name}": field for name, field in self._names.items()}
        return fields | {
            f"values_{name}": values_of(field)
            for name, field in self._names.items()
            if not field.is_text
        }

    def check_tag(self) -> list[str]:
        """Return the lines that leave a record with too long a tag to the slow path."""
        if not self._attributes:
            return []
        size = f"found.start({self._attributes + 2}) - found.start(1)"
        return [f"if {size} > parts.options.limits.max_tag_bytes:", "    break"]

    def check_lines(self) -> list[str]:
        """Return the lines that leave a record to the slow path if a line contains a `<`."""
        children = len(self._names) - self._attributes
        signs = 2 * children + 2  # with those of the tags of the record and of its body
        return [f'if data.count(b"<", found.start(1), start) != {signs}:', "    break"]

    def decode(self) -> list[str]:
        """Return the lines for clean texts."""
        form = "{}.decode()" if self._is_plain else "decode({})"
        return [_line(name, field, form) for _, name, field in self._texts()]

    def read(self, *, start: str = "found.start({})") -> list[str]:
        """Return the lines for texts that may not be clean.

        Args:
            start: Where a text begins in the data, given the number of its group.
        """
        lines = [f"read = parts.texts.{'read_utf8' if self._is_plain else 'read_encoded'}"]
        for group, name, field in self._texts():
            at = f"base + {start.format(group)}"
            lines.append(_line(name, field, f"read({{}}, {at}, field_{name}, faulty)"))
        return lines

    def values(self) -> list[str]:
        """Return the lines for what is not text; they raise ValueError for an unusual value."""
        return [
            _line(name, field, f"values_{name}[{{}}]")
            for name, field in self._names.items()
            if not field.is_text
        ]

    def refuse_nulls(self) -> list[str]:
        """Return the lines that leave optional fields without a value to the slow path.

        A record does not show whether such a field was there (a second one would be a duplicate),
        nor whether a value came from a fallback.
        """
        lines = []
        for group, name, field in self._groups():
            if not field.is_required:
                is_there = f" and found.start({group}) >= 0" * (not field.fallback)
                lines += [f"if {name} is None{is_there}:", "    raise ValueError"]
        return lines

    def stores(
        self,
        name: str,
        record: type[attrs.AttrsInstance],
        *,
        of_movie: bool = False,
        more: dict[str, str],
    ) -> list[str]:
        """Return the lines that fill a record.

        Args:
            name: The name of its variable.
            record: Its class.
            of_movie: Whether it is a movie that the fields of a review imply.
            more: The expressions for what is not of these fields.
        """
        own = {name: field for name, field in self._names.items() if field.of_movie is of_movie}
        by_target = {field.target: name for name, field in own.items() if not field.in_extra}
        extra = "".join(
            f"{field.target!r}: {name}, " for name, field in own.items() if field.in_extra
        )
        by_element = {field.element: name for name, field in own.items()}
        for field in own.values():
            if field.fallback:
                first, second = by_target[field.target], by_element[field.fallback]
                by_target[field.target] = f"{second} if {first} is None else {first}"
        by_target |= {"extra": f"extra_of({{{extra}}})" if extra else "NO_EXTRA"} | more
        return [f"{name}.{each.name} = {by_target.get(each.name)}" for each in attrs.fields(record)]

    def _groups(self) -> Iterator[tuple[int, str, Field]]:
        for number, (name, field) in enumerate(self._names.items()):
            is_after_tag = 0 < self._attributes <= number
            yield number + 2 + is_after_tag, name, field

    def _texts(self) -> Iterator[tuple[int, str, Field]]:
        return (found for found in self._groups() if found[2].is_text)


def _line(name: str, field: Field, form: str) -> str:
    """Return the line that reads one field; a missing value becomes `None`.

    Args:
        name: The name of its variable.
        field: Which field it is.
        form: The call that reads it, with a placeholder for the raw text.
    """
    value = form.format(f"blank_tags({name}, {field.drops!r})" if field.drops else name)
    nothing = [None] * (not field.is_required) + [*field.none_bytes] * (not field.drops)
    value = f"join_words({value}, {field.none!r})" if field.drops else value
    if not nothing:
        return f"{name} = {value}"
    return f"{name} = None if {' or '.join(f'{name} == {each!r}' for each in nothing)} else {value}"


def filled(template: str, blocks: dict[str, list[str]]) -> list[str]:
    """Return the lines of a template with blocks, indented as their names are."""
    lines: list[str] = []
    for line in template.splitlines():
        indent, _, name = line.partition("$")
        lines += [indent + each for each in blocks.get(name) or ["pass"]] if name else [line]
    return lines


def extra_of(values: dict[str, str | None]) -> Mapping[str, str]:
    """Return the `extra` of a record: those of some texts that are there."""
    present = {name: text for name, text in values.items() if text is not None}
    return Extra(present) if present else NO_EXTRA
