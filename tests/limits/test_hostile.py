"""Hostile input: what is read of it, in linear time and bounded memory, with nothing else touched.

Superlinear time hides in the searches of the interpreter's C code, where no count of calls or lines
shows it. So time is measured, among the slow tests: that of the processor, which other processes
hardly change, as the ratio of two sizes that are three doublings apart. Reading must not take more
than 3 times as long with each doubling; quadratic reading takes 4 times as long, which is 64 times
in all where 27 are allowed. (Before version 2.6, expat starts anew a bounded number of times with a
token that does not end, which comes to about 2.3 with each doubling.) What looks too slow is
measured again up to four times, and the least counts, so that only what is slow each time fails.
Inputs are large enough that the smaller one takes milliseconds.

In small pieces, the reader looks at bytes again when more have come. That is counted and exact: one
look is linear by its time, and the bytes of all looks are no more than a few times the input.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import reviewcorpus as rc
from helpers_sources import outcomes
from hostile_archives import PACKED, zip_of_many_members
from hostile_input import (
    CLEAN,
    FAMILIES,
    FORMS,
    OF_FORMATS,
    Family,
    Form,
    in_format,
    most_memory,
    processor_time,
    read_bytes,
    reading,
)
from reading import read_items
from reviewcorpus.formats import MOVIE, known
from reviewcorpus.parser._lookahead import Lookahead

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from pathlib import Path

    from reviewcorpus.parser._buffer import Buffer

DOUBLINGS = 3
MOST_GROWTH = 3**DOUBLINGS
SMALLEST, LARGEST = 1 << 13, 1 << 18  # bytes of the smaller input
ENOUGH = 1 << 11  # bytes; to see what is read
LEAST_TIME = 0.002  # seconds; less says nothing about growth
MOST_ATTEMPTS = 4
ALL = [*FAMILIES, *PACKED]
WHOLE = FORMS[0]

# Families whose elements expat holds in strict reading, outside of records and without limit;
# SECURITY.md says so.
EXPAT_HOLDS_ALL = {"elements deep", "elements of many names"}


def called(value: Any) -> str:
    return value.name if isinstance(value, Family) else str(value)


def test_there_are_no_two_families_of_one_name() -> None:
    assert len({family.name for family in ALL}) == len(ALL) > 35


# ---- what is read -----------------------------------------------------------------------


def read_all(read: Callable[..., Any], family: Family, path: Path, **options: Any) -> list[Any]:
    return outcomes(read(path, **{**family.options, **options}))


def of_type(found: list[Any], kind: type) -> list[Any]:
    return [item for item in found if isinstance(item, kind)]


@pytest.mark.parametrize("family", ALL, ids=called)
def test_the_result_is_what_it_should_be(family: Family, tmp_path: Path) -> None:
    size = ENOUGH
    path = tmp_path / f"hostile{family.suffix or '.xml'}"
    path.write_bytes(family.make(size))
    defects: list[rc.Defect] = []
    found = read_all(rc.iter_reviews, family, path, on_defect=defects.append)
    count = family.count(size)
    reviews = [review for _, review in of_type(found, tuple)]
    assert len(reviews) == family.reviews[0] + family.reviews[1] * count
    assert {defect.kind for defect in defects} == family.kinds
    assert [type(error) for error in of_type(found, Exception)] == [family.end] * bool(family.end)
    if family.reviews[0] > 1:
        assert reviews[0] == CLEAN
    if reviews and family.place[1]:
        assert reviews[-1] == CLEAN
    movies = of_type(read_all(rc.iter_movies, family, path), rc.Movie)
    assert len(movies) == family.movies[0] + family.movies[1] * count
    assert [review for movie in movies for review in movie.reviews] == reviews or family.end


@pytest.mark.parametrize("family", ALL, ids=called)
def test_strict_reading_ends_where_it_should(family: Family, tmp_path: Path) -> None:
    path = tmp_path / f"hostile{family.suffix or '.xml'}"
    path.write_bytes(family.make(ENOUGH))
    errors = of_type(read_all(rc.iter_reviews, family, path, errors="strict"), Exception)
    first = errors[0] if errors else None
    kind = first.defect.kind if isinstance(first, rc.CorpusSyntaxError) else type(first)
    assert kind == (family.strict or type(None))


@pytest.mark.parametrize("family", FAMILIES, ids=called)
@pytest.mark.parametrize("errors", ["recover", "strict"])
def test_the_result_does_not_depend_on_the_pieces(family: Family, errors: Any) -> None:
    data = family.make(ENOUGH)
    options = {**family.options, "errors": errors}
    whole = read_items([data], **options)
    for step in (128, 250):
        pieces = [data[start : start + step] for start in range(0, len(data), step)]
        assert read_items(pieces, **options) == whole


# ---- time -------------------------------------------------------------------------------


def growth(measure: Callable[[int], float], size: int = SMALLEST) -> float:
    """Return how many times as long an input takes that is three doublings larger.

    Args:
        measure: Returns the seconds that an input of some size takes.
        size: The first one, in bytes.
    """
    while (small := min(measure(size), measure(size))) < LEAST_TIME and size < LARGEST:
        size *= 2
    large = measure(size << DOUBLINGS)
    for _ in range(MOST_ATTEMPTS):
        if large <= MOST_GROWTH * max(small, LEAST_TIME):
            break
        small, large = min(small, measure(size)), min(large, measure(size << DOUBLINGS))
    return large / max(small, LEAST_TIME)


def forms_of(family: Family) -> list[Form]:
    """Return the ways to read a family that are timed; in pieces, recovering reading is counted."""
    if family.suffix:
        return [form for form in FORMS if form.step is None]
    return [form for form in FORMS if form.step is None or form.errors == "strict"]


TIMED = [(family, form) for family in ALL for form in forms_of(family)]


IN_FORMATS = [
    in_format(each, table) for table in known() if table is not MOVIE for each in FAMILIES
]
TIMED_IN_FORMATS = [
    (family, form) for family in (*OF_FORMATS, *IN_FORMATS) for form in FORMS if form.step is None
]


@pytest.mark.slow
@pytest.mark.parametrize(("family", "form"), TIMED_IN_FORMATS, ids=called)
def test_time_is_linear_in_every_format(family: Family, form: Form, tmp_path: Path) -> None:
    def measure(size: int) -> float:
        return processor_time(reading(family, size, form, tmp_path))

    # The paths are those of all formats, so less is enough: some take much longer for a byte.
    assert growth(measure, SMALLEST // 4) <= MOST_GROWTH


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=called)
def test_time_of_strict_reading_is_linear_in_blocks_of_any_size(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewcorpus.parser._strict._BLOCK", 1 << 30)  # as after a long field
    form = Form("strict")

    def measure(size: int) -> float:
        return processor_time(partial(read_bytes, family, family.make(size), form))

    assert growth(measure) <= MOST_GROWTH


@pytest.mark.slow
@pytest.mark.parametrize(("family", "form"), TIMED, ids=called)
def test_time_is_linear(family: Family, form: Form, tmp_path: Path) -> None:
    assert growth(lambda size: processor_time(reading(family, size, form, tmp_path))) <= MOST_GROWTH


IN_PIECES = [(family, "recover") for family in (*FAMILIES, *OF_FORMATS, *IN_FORMATS)]
IN_PIECES += [(family, "drop") for family in (*FAMILIES, *OF_FORMATS)]


@pytest.mark.parametrize(("family", "errors"), IN_PIECES, ids=called)
def test_bytes_are_looked_at_a_bounded_number_of_times(
    family: Family, errors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0

    class Counting(Lookahead):
        def __init__(self, buffer: Buffer, *args: Any, **kwargs: Any) -> None:
            nonlocal looked_at
            looked_at += len(buffer.data)
            super().__init__(buffer, *args, **kwargs)

    monkeypatch.setattr("reviewcorpus.parser._scanner.Lookahead", Counting)
    # All a quarter of what it is in use: the input, the pieces, and how much is always tried.
    monkeypatch.setattr("reviewcorpus.parser._reader._ALWAYS_TRIED", 1024)
    data = family.make(2_000)
    read_bytes(family, data, Form(errors, 32))
    widened = 3 if data.startswith(b"<?xml ") else 1  # from another encoding to UTF-8
    assert looked_at < 20 * widened * len(data)
    assert looked_at > 0 or family in OF_FORMATS  # the fast path reads some of those


def test_many_document_types_are_searched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = 0

    class Counting(Lookahead):
        def _next(self, pattern: re.Pattern[bytes], position: int) -> int | None:
            nonlocal searched
            before = self._found.get(pattern)
            found = super()._next(pattern, position)
            if self._found[pattern] != before:
                searched += self._found[pattern][1] - position
            return found

    monkeypatch.setattr("reviewcorpus.parser._scanner.Lookahead", Counting)
    data = b"<!DOCTYPE a>" * 5000
    assert len(read_items([data])) == 5001
    assert searched < 3 * len(data)  # for records once, and for declarations once


def test_the_parts_of_a_document_type_are_looked_at_once_however_it_is_cut() -> None:
    family = next(family for family in FAMILIES if family.name == "a document type of comments")
    data = family.make(20_000)

    def calls(step: int) -> int:
        counted: list[str] = []
        sys.setprofile(lambda frame, event, argument: counted.append(event))
        try:
            read_bytes(family, data, Form("recover", step))
        finally:
            sys.setprofile(None)
        return len(counted)

    calls(len(data))  # what is compiled once is not counted
    assert calls(1000) < 2 * calls(len(data))


# Readers that are as slow as they are meant to be, so that it shows whether the test finds it.


def read_once(data: bytes) -> None:
    position = 0
    while (position := data.find(b"&", position) + 1) > 0:
        pass


def rewrite_the_rest(data: bytes) -> None:
    while data:
        data = data[64:].swapcase()


def search_the_rest(data: bytes) -> None:
    for position in range(0, len(data), 64):
        data.count(b"& ", position)


def look_at_everything(data: bytes) -> None:
    for end in range(0, len(data), 64):
        data[:end].count(b"& ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "is_linear"),
    [
        (read_once, True),
        (rewrite_the_rest, False),
        (search_the_rest, False),
        (look_at_everything, False),
    ],
)
def test_a_quadratic_reader_would_be_found(
    reader: Callable[[bytes], None], *, is_linear: bool
) -> None:
    def measure(size: int) -> float:
        data = b"& " * (size // 2)
        return processor_time(lambda: reader(data))

    # A busy machine can make the small input look slow, and the growth small; hardly three times.
    attempts = range(1 if is_linear else 3)
    assert all(growth(measure) <= MOST_GROWTH for _ in attempts) == is_linear


# ---- memory -----------------------------------------------------------------------------

FIELD = 1 << 12
SMALL = rc.Limits(max_field_bytes=FIELD, max_defects_per_field=10, max_extra_elements=100)
# Bytes: a field as it was written, decoded, in parts and put together.
MOST_HELD = 40 * FIELD + (1 << 18)


class InPieces:
    """An open file that gives 512 bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._pieces = (data[start : start + 512] for start in range(0, len(data), 512))

    def read(self, _: int) -> bytes:
        return next(self._pieces, b"")


def memory_of(family: Family, size: int, errors: str) -> int:
    """Return how many bytes reading a family takes, in pieces and review by review."""
    options = {**family.options, "limits": SMALL, "errors": errors}
    data = family.make(size)

    def read(data: bytes) -> None:
        with suppress(rc.CorpusError):
            for _ in rc.iter_reviews(InPieces(data), **options):
                pass

    read(data[:2000])  # what is imported and remembered once is not counted
    return most_memory(lambda: read(data))


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=called)
def test_memory_is_bounded_by_the_limits(family: Family) -> None:
    for size in (FIELD - 500, 3 * FIELD):
        assert memory_of(family, size, "recover") < MOST_HELD


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES, ids=called)
def test_memory_of_strict_reading_grows_only_where_expat_holds_all(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Memory grows up to some blocks of the input. With small ones, a small input is enough.
    monkeypatch.setattr("reviewcorpus.parser._strict._BLOCK", 1 << 12)
    size = 1 << (15 if family.closing else 14)
    small, large = (memory_of(family, size * times, "strict") for times in (1, 2))
    assert (large < small + (1 << 15)) != (family.name in EXPAT_HOLDS_ALL)


BOMBS = [family for family in PACKED if "bomb" in family.name]


@pytest.mark.slow
@pytest.mark.parametrize("family", BOMBS, ids=called)
def test_what_a_bomb_expands_to_is_never_held_whole(family: Family, tmp_path: Path) -> None:
    limits = rc.Limits(max_field_bytes=1 << 16)
    reads = reading(attrs.evolve(family, options={"limits": limits}), 32 << 20, WHOLE, tmp_path)
    dictionary = 9 << 20 if "xz" in family.name or "LZMA" in family.name else 0
    assert most_memory(reads) < dictionary + (2 << 20)


@pytest.mark.slow
@pytest.mark.parametrize("family", PACKED, ids=called)
def test_memory_hardly_grows_with_an_archive(family: Family, tmp_path: Path) -> None:
    size = 1 << 15
    read = partial(reading, family, form=WHOLE, folder=tmp_path)
    read(size)()
    small, large = most_memory(read(size)), most_memory(read(2 * size))
    # A title takes three times its bytes; of zip members, zipfile holds a list.
    assert large - small < (16 if family.suffix == ".zip" else 4) * size


def test_a_list_of_zip_members_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.zip"
    path.write_bytes(zip_of_many_members((1 << 24) + 100))
    found: list[rc.Defect] = []
    assert most_memory(lambda: list(rc.iter_movies(path, on_defect=found.append))) < 3 << 20
    assert [defect.kind for defect in found] == [rc.DefectKind.BROKEN_COMPRESSION]
    assert "list of members" in found[0].message


# ---- nothing else -----------------------------------------------------------------------

# Run in a process of its own, since what watches it cannot be taken away again.
WATCH = """
import json, os, sys
import reviewcorpus as rc

PREFIXES = ("open", "os.", "shutil.", "tempfile.", "socket.", "subprocess.", "urllib.", "ctypes.")
seen = []
def watch(event, arguments):
    if is_watched and event.startswith(PREFIXES):
        flags = arguments[2] if event == "open" else 0
        seen.append([event, str(arguments[0]), flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)])
is_watched = False
sys.addaudithook(watch)
for _ in range(2):
    seen.clear()
    for path in sys.argv[1:]:
        reviews = rc.iter_reviews(path, limits=rc.Limits(max_field_bytes=4096))
        while True:
            try:
                for _ in reviews: pass
                break
            except rc.CorpusError:
                pass
    is_watched = True  # the first time, modules were imported
print(json.dumps(seen))
"""
ENTITIES = [
    b'<!DOCTYPE movie [<!ENTITY a SYSTEM "file:///etc/hostname">]><movie><title>&a;</title></movie>',
    b'<!DOCTYPE movie SYSTEM "http://127.0.0.1:9/movie.dtd"><movie><title>&a;</title></movie>',
    b'<!DOCTYPE movie [<!ENTITY % a SYSTEM "file:///etc/hostname"> %a;]><movie/>',
    b'<?xml version="1.0" encoding="unicode_escape"?><movie/>',
    b'<?xml-stylesheet href="file:///etc/hostname"?><movie/>',
]


def test_nothing_is_opened_but_what_was_named_and_nothing_is_written(tmp_path: Path) -> None:
    paths = []
    for number, family in enumerate(PACKED):
        path = tmp_path / f"{number}{family.suffix}"
        path.write_bytes(family.make(SMALLEST))
        paths.append(str(path))
    for number, data in enumerate(ENTITIES):
        path = tmp_path / f"{number}.xml"
        path.write_bytes(data)
        paths.append(str(path))
    before = sorted(tmp_path.iterdir())
    watched = subprocess.run(
        [sys.executable, "-c", WATCH, *paths], check=True, capture_output=True, cwd=tmp_path
    )
    assert json.loads(watched.stdout) == [["open", path, 0] for path in paths]
    assert sorted(tmp_path.iterdir()) == before
