"""Ways to read clean reviews that were tried and left out, each against the one that is used.

    python benchmarks/tried.py

Prints the table of `docs/design.md`: microseconds a review, the least of several rounds in turn.
"""

from __future__ import annotations

import re
import sys
import timeit
from typing import TYPE_CHECKING

import corpora
from reviewcorpus.formats import MOVIE
from reviewcorpus.models import checked_review
from reviewcorpus.parser._values import values_of
from tables import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus import Review

_CHUNK = 1 << 16
_ROUNDS = 15
_DATES, _SCORES = (values_of(MOVIE.review.fields[index]) for index in (0, 2))
_FIELDS = (b"date", b"username", b"score", b"shortDescription")
_BODY_END = rb"</fullReview>%b</review>"


def _begin(space: bytes, line: bytes) -> bytes:
    fields = b"".join(rb"%b<%b>([^<]*+)</%b>" % (space, name, name) for name in _FIELDS)
    return rb"%b<review>%b%b<fullReview>" % (line, fields, space)


_ANY = rb"[ \t\r\n]*+"
_FIRST = re.compile(_begin(_ANY, _ANY))
_NEXT = re.compile(rb"%b(?:%b)?+" % (_BODY_END % _ANY, _begin(_ANY, _ANY)))
_EXACT = re.compile(rb"%b(?:%b)?+" % (_BODY_END % rb"\n\t", _begin(rb"\n\t\t", rb"\n\t")))
_TEXT_FIRST = re.compile(_FIRST.pattern.decode())
_TEXT_NEXT = re.compile(_NEXT.pattern.decode())
_WHOLE = re.compile(_begin(_ANY, _ANY) + rb"([^<]*+)" + _BODY_END % _ANY)
_LEGAL = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r")
_CONTROLS = [bytes([byte]) for byte in range(0x20) if byte not in b"\t\n\r"]
_CONTROL_CLASS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def used(data: bytes, following: re.Pattern[bytes] = _NEXT) -> list[Review]:
    """Match what stands between two bodies, find the end of each body."""
    reviews = []
    found = _FIRST.match(data)
    while found is not None and found.lastindex:
        date, username, score, headline = found.groups()
        start = found.end()
        end = data.find(b"<", start)
        reviews.append(
            checked_review(
                _DATES[date],
                username.decode("utf-8"),
                _SCORES[score],
                headline.decode("utf-8"),
                data[start:end].decode("utf-8"),
            )
        )
        found = following.match(data, end)
    return reviews


def exact_space(data: bytes) -> list[Review]:
    """The same, with the whitespace that the crawler writes, and no other."""
    return used(data, _EXACT)


def one_pattern(data: bytes) -> list[Review]:
    """One pattern for the whole review with its body."""
    return [
        checked_review(
            _DATES[date],
            username.decode("utf-8"),
            _SCORES[score],
            headline.decode("utf-8"),
            body.decode("utf-8"),
        )
        for date, username, score, headline, body in _WHOLE.findall(data)
    ]


def as_latin_1(data: bytes) -> list[Review]:
    """Decode the chunk as Latin-1, match on text, decode again what is not ASCII."""
    text, reviews = data.decode("latin-1"), []
    found = _TEXT_FIRST.match(text)
    while found is not None and found.lastindex:
        date, username, score, headline = found.groups()
        start = found.end()
        end = text.find("<", start)
        fields = [username, headline, text[start:end]]
        username, headline, body = (
            field if field.isascii() else field.encode("latin-1").decode() for field in fields
        )
        reviews.append(
            checked_review(_DATES[date.encode()], username, _SCORES[score.encode()], headline, body)
        )
        found = _TEXT_NEXT.match(text, end)
    return reviews


def _delete_legal(data: bytes) -> bool:
    return bool(data.translate(None, _LEGAL))


def _search_each(data: bytes) -> bool:
    return any(control in data for control in _CONTROLS)


def _search_class(data: bytes) -> bool:
    return bool(_CONTROL_CLASS.search(data))


def least_times(functions: list[Callable[[bytes], object]], chunks: list[bytes]) -> list[float]:
    """Return the least seconds that each function takes for all chunks."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(_ROUNDS):
        for function, taken in zip(functions, times, strict=True):
            taken.append(timeit.timeit(lambda f=function: [f(c) for c in chunks], number=1))  # type: ignore[misc]
    return [min(taken) for taken in times]


def main() -> None:
    """Measure, and print the table."""
    writer = corpora.Writer(1)
    movies = [re.sub(rb"&#?\w+;", b"and", writer.movie(60)[0]) for _ in range(40)]
    chunks = [movie[movie.index(b"\n\t<review>") : movie.index(b"</movie>")] for movie in movies]
    size, reviews = sum(map(len, chunks)), 60 * len(chunks)
    readers = [used, exact_space, one_pattern, as_latin_1]
    assert all(reader(chunks[0]) == used(chunks[0]) for reader in readers)
    times = least_times(readers, chunks)  # type: ignore[arg-type]
    rows = [
        [(reader.__doc__ or "").rstrip("."), f"{seconds / reviews * 1e6:.2f} µs a review"]
        for reader, seconds in zip(readers, times, strict=True)
    ]
    looks: list[Callable[[bytes], object]] = [_delete_legal, _search_each, _search_class]
    names = ["Control characters: delete all legal bytes", "search for each of them", "a class"]
    for name, seconds in zip(names, least_times(looks, chunks), strict=True):
        rows.append([name, f"{seconds / size * 1e9:.2f} ns a byte"])
    sys.stdout.write(table("way | time", rows) + "\n")


if __name__ == "__main__":
    main()
