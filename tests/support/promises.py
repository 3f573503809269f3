"""What reading promises for every input: functions that take bytes and assert one promise each.

Hypothesis and the fuzzer feed them.
"""

from __future__ import annotations

import io
import re
import sys
import xml.etree.ElementTree as ET
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any
from unittest import mock
from xml.parsers.expat import errors as expat_errors

import attrs

import reviewcorpus as rc
from crawled import CLEAN_REVIEW
from reading import ReadReview, only_defects, pieces, read_items, read_movies
from reviewcorpus._signatures import packed_as
from reviewcorpus.events import MovieStarted
from reviewcorpus.formats import MOVIE, MOVIE_RECORD
from reviewcorpus.parser._options import Options
from reviewcorpus.parser._reader import Reader
from reviewcorpus.strategies import Fault

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Sequence

    from reviewcorpus.events import Item
    from reviewcorpus.formats import Format, Record
    from reviewcorpus.strategies import Damaged

POLICIES = ("recover", "drop", "strict")
SMALL_LIMITS = rc.Limits(
    max_field_bytes=20,
    max_extra_elements=1,
    max_tag_bytes=64,
    max_reference_bytes=8,
    max_defects_per_field=1,
)
ALLOWED_WHEN_WRITTEN = {rc.DefectKind.UNKNOWN_ELEMENT, rc.DefectKind.NO_MOVIE}
CLEAN = CLEAN_REVIEW.encode()
BODY = b"A quiet film."


@lru_cache(maxsize=16)
def movies_in(data: bytes, errors: str, **options: Any) -> tuple[list[rc.Movie], list[rc.Defect]]:
    """Read an input as one; what comes of it serves several promises."""
    return read_movies(data, errors=errors, **options)


@lru_cache(maxsize=16)
def items_in(data: bytes, errors: str, **options: Any) -> list[Item]:
    """Read an input that comes whole; likewise."""
    return read_items([data], errors=errors, **options)


def table_of(data: bytes, **options: Any) -> Format:
    """Return the format that an input is read in."""
    reader = Reader(Options(**options), None)
    for _ in chain(reader.feed(data), reader.close()):
        pass
    return reader._finder.table


# ---- every input can be read ------------------------------------------------------------


def any_bytes_give_records_and_defects(data: bytes, **options: Any) -> None:
    """Nothing but a CorpusError escapes, and that only from strict reading."""
    for errors in POLICIES:
        try:
            movies, defects = movies_in(data, errors, **options)
        except rc.CorpusError:
            assert errors == "strict"
            continue
        for movie in movies:
            assert attrs.evolve(movie) == movie  # the classes allow it
            assert all(attrs.evolve(review) == review for review in movie.reviews)
        assert all(len(str(defect).splitlines()) == 1 for defect in defects)


def drop_omits_what_has_an_error_and_nothing_else(data: bytes, **options: Any) -> None:
    movies, defects = movies_in(data, "recover", **options)
    is_implied = table_of(data, **options).movie is None
    bad = {(d.movie_index, d.review_index) for d in defects if d.severity is rc.Severity.ERROR}
    kept = [
        attrs.evolve(
            movie,
            reviews=[
                review for number, review in enumerate(movie.reviews) if (index, number) not in bad
            ],
        )
        for index, movie in enumerate(movies)
        if (index, None) not in bad
    ]
    # A movie that its reviews imply does not stand without them.
    expected = [movie for movie in kept if movie.reviews] if is_implied else kept
    assert movies_in(data, "drop", **options) == (expected, defects)


# ---- how it is read does not matter -----------------------------------------------------


def the_pieces_do_not_matter(data: bytes, parts: Sequence[bytes], **options: Any) -> None:
    for errors in POLICIES:
        whole = items_in(data, errors, **options)
        assert read_items(parts, errors=errors, **options) == whole
        assert read_items(parts, errors=errors, is_whole=True, **options) == whole


def the_fast_path_and_the_slow_path_give_the_same(data: bytes, **options: Any) -> None:
    for errors in ("recover", "drop"):
        slow = read_items([data], errors=errors, use_fast_path=False, **options)
        assert items_in(data, errors, **options) == slow


def both_paths_give_the_same_in_pieces(data: bytes) -> None:
    """Holds for any file; a long one comes in more pieces."""
    for errors in ("recover", "drop"):
        whole = read_items([data], errors=errors, use_fast_path=False)
        for size in (300, 1777, 8192):
            parts = pieces(data, range(size, len(data), size))
            assert read_items(parts, errors=errors) == whole


def without_a_listener_the_records_are_the_same(
    data: bytes, parts: Sequence[bytes], **options: Any
) -> None:
    """Of the defects, there are those before the first movie: they may say why there is none."""
    for limits in (rc.Limits(), SMALL_LIMITS):
        expected = []
        has_movie = False
        for item in read_items([data], limits=limits, **options):
            has_movie = has_movie or isinstance(item, MovieStarted)
            if not (has_movie and isinstance(item, rc.Defect)):
                expected.append(item)
        unheard = options | {"limits": limits, "listens": False}
        assert read_items([data], **unheard) == expected
        assert read_items(parts, **unheard) == expected
        assert read_items([data], **unheard, is_whole=True) == expected


def small_limits_do_not_depend_on_the_pieces(data: bytes, **options: Any) -> None:
    limited = options | {"limits": SMALL_LIMITS}
    whole = read_items([data], **limited)
    cuts = range(len(data) % 7, len(data), 7)
    assert read_items(pieces(data, cuts), **limited) == whole
    assert read_items([data], **limited, use_fast_path=False) == whole


def text_and_its_bytes_give_the_same(data: bytes, **options: Any) -> None:
    text = data.decode("utf-8", "replace")
    if packed_as(text.encode()):
        return  # which a text is not
    from_text: list[rc.Defect] = []
    file = io.StringIO(text, newline="")
    movies = list(rc.iter_movies(file, on_defect=from_text.append, **options))
    again, from_bytes = movies_in(text.encode(), "recover", encoding="utf-8", **options)
    assert movies == again
    assert [attrs.evolve(defect, source=None) for defect in from_text] == [
        attrs.evolve(defect, source=None) for defect in from_bytes
    ]


def every_wide_encoding_gives_the_same(data: bytes, **options: Any) -> None:
    """Offsets of wide encodings count the bytes of the text's UTF-8 form."""
    text = data.decode("utf-8", "replace").lstrip("\ufeff")
    expected = read_items([text.encode()], encoding="utf-8", **options)
    for encoding in ("utf-16-le", "utf-32-be"):
        assert read_items([text.encode(encoding)], encoding=encoding, **options) == expected


# ---- writing ----------------------------------------------------------------------------


def what_is_written_reads_back_equal(movies: list[rc.Movie]) -> None:
    text = rc.dumps(movies)
    data = text.encode()
    again, defects = read_movies(data)
    assert again == movies
    assert rc.dumps(again) == text
    assert {defect.kind for defect in defects} <= ALLOWED_WHEN_WRITTEN
    if movies:  # or it is no corpus
        assert read_movies(data, errors="strict") == (movies, defects)


def recovering_twice_changes_nothing_more(data: bytes, **options: Any) -> None:
    what_is_written_reads_back_equal(writable(movies_in(data, "recover", **options)[0]))


def writable(movies: list[rc.Movie]) -> list[rc.Movie]:
    """Return the movies without those with a name in `extra` that XML cannot carry."""
    kept = []
    for movie in movies:
        try:
            rc.dumps(movie)
        except ValueError as error:
            assert "extra" in str(error)  # noqa: PT017 others pass
        else:
            kept.append(movie)
    return kept


# ---- other readers ----------------------------------------------------------------------


def what_strict_reading_accepts_is_the_same_when_recovering(data: bytes, **options: Any) -> None:
    """In any format; where a comment or section holds a tag, it may end a text that is plain."""
    try:
        read = movies_in(data, "strict", **options)
    except rc.CorpusError:
        return
    sections = SKIPPED_BY_XML.finditer(data.replace(b"\0", b""))
    if not any(b"<" in section[0][1:] for section in sections):
        assert movies_in(data, "recover", **options) == read
        assert {defect.severity for defect in read[1]} <= {rc.Severity.INFO}


SKIPPED_BY_XML = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
RECORD_START = re.compile(rb"(?i)<(?:movie|review)[ \t\r\n/>]")
NAMESPACE_FAULTS = {
    expat_errors.codes[message]
    for message in (
        expat_errors.XML_ERROR_UNBOUND_PREFIX,
        expat_errors.XML_ERROR_RESERVED_PREFIX_XML,
        expat_errors.XML_ERROR_RESERVED_PREFIX_XMLNS,
        expat_errors.XML_ERROR_RESERVED_NAMESPACE_URI,
        expat_errors.XML_ERROR_UNDECLARING_PREFIX,
        expat_errors.XML_ERROR_DUPLICATE_ATTRIBUTE,
    )
}


def recover_strict_and_elementtree_agree_on_well_formed_input(data: bytes) -> None:
    """What strict reading accepts is the same when recovering, and to another reader of XML."""
    try:
        movies, defects = movies_in(data, "strict")
    except rc.CorpusError:
        return
    plain = data.replace(b"\0", b"")  # the zeros of UTF-16
    if any(RECORD_START.search(section[0]) for section in SKIPPED_BY_XML.finditer(plain)):
        return  # recovering takes such a comment or CDATA section for text
    assert movies_in(data, "recover") == (movies, defects)
    is_exact = {defect.kind for defect in defects} <= {rc.DefectKind.UNKNOWN_ELEMENT}
    if is_exact and table_of(data) is MOVIE:
        elementtree_agrees(data, movies)


def elementtree_agrees(data: bytes, movies: list[rc.Movie]) -> None:
    try:
        root = ET.fromstring(data)  # noqa: S314 strict reading has refused whatever is dangerous
    except ET.ParseError as error:
        # Faults that are none of XML itself; or a mark decides, and the name is one of Python's.
        assert error.code in NAMESPACE_FAULTS or data.startswith(b"\xef\xbb\xbf<?xml")  # noqa: PT017
        return
    except (LookupError, ValueError):  # an encoding that this reader does not know
        assert b"encoding" in data.replace(b"\0", b"")  # the zeros of UTF-16
        return
    nodes = list(root.iter("movie"))
    assert len(nodes) == len(movies)
    for node, movie in zip(nodes, movies, strict=True):
        record_agrees(node, movie, MOVIE_RECORD)
        reviews = node.findall("review")
        assert len(reviews) == len(movie.reviews)
        for child, review in zip(reviews, movie.reviews, strict=True):
            record_agrees(child, review, MOVIE.review)


def record_agrees(node: ET.Element, record: rc.Movie | rc.Review, table: Record) -> None:
    children = {child.tag: "".join(child.itertext()) for child in node if child.tag != "review"}
    for field in table.fields:
        value = getattr(record, field.target)
        if field.is_required or field.element in children:
            assert value_agrees(value, children.pop(field.element))
        else:
            assert value is None
    if all("}" not in tag for tag in children):  # names as they stand, without a namespace
        assert children == record.extra


def value_agrees(value: str | float | datetime.date | None, text: str) -> bool:
    """Return whether a text means a value, by the conventions of the format."""
    if value is None:
        return text.strip() in {"", "null"} or float(text) == -1.0
    if isinstance(value, str):
        return value == text
    if isinstance(value, int | float):
        return value == float(text)
    return value.isoformat() == text.strip()


# ---- damage stays where it is -----------------------------------------------------------


def damage_stays_local(junk: bytes) -> None:
    """No byte put into the body of one review changes another, unless it ends that body."""
    # A body ends at its own end tag, and where a document starts; and where junk holds both the
    # start of a record and that of a body, it is a record, as docs/design.md says.
    lowered = junk.lower()
    starts_record = b"<movie" in lowered or b"<review" in lowered
    begins_more = b"<fullreview" in lowered or b"<?xml" in junk
    if b"</fullreview" in lowered or (starts_record and begins_more):
        return
    damaged = CLEAN.replace(b"quiet", junk)
    data = b"<movie>" + CLEAN + damaged + CLEAN + b"</movie>"
    (movie,), _ = read_movies(data)
    (clean,) = rc.loads(b"<movie>" + CLEAN + b"</movie>").reviews
    first, second, third = movie.reviews
    assert first == third == clean
    assert attrs.evolve(second, full_review=clean.full_review) == clean


def damage_in_a_body_stays_in_it(
    data: bytes, table: Format, place: int, junk: bytes, **options: Any
) -> None:
    """In any format: bytes put into a body change that text and nothing else.

    Unless they end the body: with its end tag, with a declaration, or with the tags of a record and
    a body, which are a record.
    """
    body = table.review.fields[-1]
    lowered = junk.lower()
    starts_record = any(f"<{each.element}".lower().encode() in lowered for each in table.records)
    begins_body = f"<{body.element}".lower().encode() in lowered
    ends_body = f"</{body.element}".lower().encode() in lowered or b"<?xml" in lowered
    spans = list(re.finditer(f"<({body.element})>(.*?)</\\1>".encode(), data, re.DOTALL))
    if not spans or ends_body or (starts_record and begins_body):
        return
    start, end = spans[place % len(spans)].span(2)
    at = start + place % (end - start + 1)
    before, _ = movies_in(data, "recover", format=table, **options)
    after, _ = read_movies(data[:at] + junk + data[at:], format=table, **options)
    changed = [pair for pair in _in_pairs(before, after) if pair[0] != pair[1]]
    assert len(changed) <= 1
    for old, new in changed:
        extra = {name: text for name, text in new.extra.items() if name != body.target}
        kept = {name: text for name, text in old.extra.items() if name != body.target}
        assert extra == kept
        known: dict[str, Any] = {"extra": old.extra}
        if not body.in_extra:
            known[body.target] = getattr(old, body.target)
        assert attrs.evolve(new, **known) == old


def _in_pairs(
    before: list[rc.Movie], after: list[rc.Movie]
) -> Iterator[tuple[rc.Review, rc.Review]]:
    """Yield the reviews of movies that are otherwise the same, old and new."""
    for old, new in zip(before, after, strict=True):
        assert attrs.evolve(old, reviews=()) == attrs.evolve(new, reviews=())
        yield from zip(old.reviews, new.reviews, strict=True)


def joined_files_lose_no_record(first: bytes, second: bytes, table: Format) -> None:
    """What is complete in two files, either of them cut anywhere, is there where they are joined.

    Holds for files without the tag of a record in a text.
    """
    joined, _ = read_movies(first + second, format=table)
    _begins_with(joined, *_complete_in(first, table))
    _has_after_anything(joined, *_complete_in(second, table))


def a_file_after_anything_is_read(junk: bytes, data: bytes, table: Format, **options: Any) -> None:
    """Whatever comes before a file, no record of it is lost."""
    if packed_as(junk + data):
        return  # nothing in it is text
    joined, _ = read_movies(junk + data, format=table, **options)
    _has_after_anything(joined, *_complete_in(data, table, **options))


def _complete_in(
    data: bytes, table: Format, **options: Any
) -> tuple[list[rc.Movie], list[rc.Review]]:
    """Return the closed movies of a file, if movies are elements, and all closed reviews."""
    movies, _ = movies_in(data, "recover", format=table, **options)
    reviews = [review for movie in movies for review in movie.reviews]
    ends = [
        data.count(f"</{record.element}>".encode()) if record else 0
        for record in (table.movie, table.review)
    ]
    return movies[: ends[0]], reviews[: ends[1]]


def _begins_with(joined: list[rc.Movie], movies: list[rc.Movie], reviews: list[rc.Review]) -> None:
    assert joined[: len(movies)] == movies
    assert [review for movie in joined for review in movie.reviews][: len(reviews)] == reviews


def _has_after_anything(
    joined: list[rc.Movie], movies: list[rc.Movie], reviews: list[rc.Review]
) -> None:
    assert _has_run(joined, movies)
    assert _has_run([review for movie in joined for review in movie.reviews], reviews)


def _has_run(items: Sequence[object], run: Sequence[object]) -> bool:
    return any(
        items[start : start + len(run)] == run for start in range(len(items) - len(run), -1, -1)
    )


def what_was_closed_stays(data: bytes) -> None:
    """Whatever comes after a review, the review is the same."""
    closed = b"<movie>" + CLEAN
    items = read_items([closed + data])
    review = next(item.review for item in items if isinstance(item, ReadReview))
    assert review == rc.loads(closed + b"</movie>").reviews[0]


ATTRIBUTE = rb"""[ \t\r\n]+[^\s=<>"'/]+[ \t\r\n]*=[ \t\r\n]*(?:"[^"<]*"|'[^'<]*'|[^\s"'<>=`]+)"""
TAG = re.compile(rb"<(/?)([^\s/<>=\"']+)(?:" + ATTRIBUTE + rb")*[ \t\r\n]*(/?)>")


def tags(data: bytes, *names: bytes) -> Iterator[tuple[re.Match[bytes], bytes]]:
    """Yield the tags of some elements, each with its name in lower case."""
    for tag in TAG.finditer(data):
        name = tag[2].lower()
        if name in names:
            yield tag, name


def a_cut_changes_no_record_that_was_closed_before_it(data: bytes, cuts: Iterable[int]) -> None:
    """Holds for files without the tag of a record in a text."""
    whole, _ = movies_in(data, "recover")
    for cut in cuts:
        head = data[:cut]
        movies, _ = read_movies(head)
        for index, (reviews, is_closed) in enumerate(closed_records(head)):
            assert movies[index].reviews[:reviews] == whole[index].reviews[:reviews]
            assert not is_closed or movies[index] == whole[index]


def closed_records(data: bytes) -> list[tuple[int, bool]]:
    """Return, for each movie, how many of its reviews are closed, and whether it is closed."""
    movies: list[tuple[int, bool]] = []
    is_review_open = False
    for tag, name in tags(data, b"movie", b"review"):
        closes, is_movie = bool(tag[1]), name == b"movie"
        if movies and is_review_open:  # any of them ends it
            movies[-1] = (movies[-1][0] + 1, movies[-1][1])
        is_review_open = not closes and not is_movie
        if closes and is_movie and movies:
            movies[-1] = (movies[-1][0], True)
        elif not closes and (is_movie or (movies and movies[-1][1])):
            movies.append((0, False))
    return movies


# ---- defects tell what is wrong, and where ----------------------------------------------


def what_was_injected_is_what_is_reported(damaged: Damaged) -> None:
    _, defects = movies_in(damaged.data, "recover")
    assert tuple(map(Fault.of, defects)) == damaged.faults
    for defect in defects:
        raw = damaged.data[defect.offset :]
        shown = (raw.decode(codec, "backslashreplace") for codec in ("utf-8", "windows-1252"))
        assert any(text.startswith(defect.raw) for text in shown)
    if damaged.faults:
        assert movies_in(damaged.clean, "recover") == movies_in(damaged.clean, "strict")
    assert movies_in(damaged.clean, "recover")[1] == []


def place_of(data: bytes, offset: int) -> tuple[int, int]:
    """Count line and column the plain way."""
    before = re.split("\r\n|\r|\n", data[:offset].decode("utf-8"))
    if data[:offset].endswith(b"\r") and data[offset : offset + 1] == b"\n":
        return len(before), 1
    return len(before), len(before[-1]) + 1


def places_agree_and_rise_and_raw_is_there(data: bytes, **options: Any) -> None:
    data = data.decode("utf-8", "ignore").encode()
    mark = data.startswith(b"\xef\xbb\xbf")
    items = read_items([data], encoding="utf-8", **options)
    defects = [d for d in only_defects(items) if d.kind is not rc.DefectKind.NO_MOVIE]
    assert [d.offset for d in defects] == sorted(d.offset for d in defects)
    for defect in defects:
        line, column = place_of(data, defect.offset)
        assert (defect.line, defect.column) == (line, column - (mark and line == 1))
        assert data[defect.offset :].decode().startswith(defect.raw)
        assert len(defect.raw) <= 80


def records_have_the_places_of_their_tags(data: bytes, **options: Any) -> None:
    data = data.decode("utf-8", "ignore").encode()
    table = table_of(data, encoding="utf-8", **options)
    movie, review = (record and re.escape(record.element) for record in (table.movie, table.review))
    record_tag = re.compile(f"<(?:({review})|{movie})".encode(), re.IGNORECASE)
    for errors in POLICIES:
        before = -1
        for item in read_items([data], errors=errors, encoding="utf-8", **options):
            if not isinstance(item, MovieStarted | ReadReview):
                continue
            assert item.place is not None
            offset, line = item.place
            tag = record_tag.match(data, offset)
            assert tag is not None
            assert tag[1] or isinstance(item, MovieStarted)  # a review may begin a movie
            assert offset > before or (tag[1] and offset == before)
            assert line == place_of(data, offset)[0]
            before = offset


# ---- nothing is lost --------------------------------------------------------------------

ENDS_OF_MOVIES = {rc.DefectKind.MISSING_END_TAG, rc.DefectKind.UNEXPECTED_END}


def no_byte_is_lost(data: bytes, places: Iterable[int], **options: Any) -> None:
    """Words put in anywhere come out in a record or in a defect, or are where words mean nothing.

    That is in comments, processing instructions, and tags around movies.
    """
    markers = []
    places = {place % (len(data) + 1) for place in places}  # different ones, or a word would be cut
    for number, place in enumerate(sorted(places, reverse=True)):
        marker = b"zq%dqz" % number
        data = data[:place] + marker + data[place:]
        markers.append(marker)
    if packed_as(data):
        return  # it is not looked into
    table = table_of(data, encoding="utf-8", **options)
    with uncut_raw():
        movies, defects = read_movies(data, encoding="utf-8", format=table)
    found = "\n".join([*words_of(movies), *(defect.raw for defect in defects)])
    for marker in markers:
        is_found = marker.decode() in found
        assert is_found or is_ignorable(data, data.index(marker), table), marker


def words_of(movies: list[rc.Movie]) -> Iterator[str]:
    """Yield all texts of records, and the names that go with them."""
    for movie in movies:
        for extra in (movie.extra, *(review.extra for review in movie.reviews)):
            yield from (*extra, *extra.values())
        records: list[rc.Movie | rc.Review] = [movie, *movie.reviews]
        for record in records:
            values = attrs.astuple(record, recurse=False)
            yield from (value for value in values if isinstance(value, str))


def is_ignorable(data: bytes, place: int, table: Format) -> bool:
    """Return whether a place is in a comment, a processing instruction, or a tag around movies."""
    for opening, closing in ((b"<!--", b"-->"), (b"<?", b"?>")):
        start = data.rfind(opening, 0, place)
        if start >= 0 and data.find(closing, start + len(opening)) > place:
            return True
    start = data.rfind(b"<", 0, place)
    tag = TAG.match(data, start) if start >= 0 else None
    if tag is None or tag.end() <= place:
        return False
    names = {name.lower().encode() for name in table.elements}
    return tag[2].lower() not in names and not is_in_movie(data, start, table)


def is_in_movie(data: bytes, place: int, table: Format) -> bool:
    """Return whether a movie is open at a place: the start of another one would then end it.

    Another one must come, or a declaration before the place would begin no document, and a tag
    before it, or a broken tag just before the place would be one that is cut off.
    """
    head = data[:place] + b"<x/>"
    top = f"<{table.records[0].element}>".encode()
    return any(
        defect.offset == len(head) and defect.kind in ENDS_OF_MOVIES
        for defect in only_defects(read_items([head + top], encoding="utf-8", format=table))
    )


@contextmanager
def uncut_raw() -> Iterator[None]:
    """Let defects keep all of the text that they are about, not just its first characters."""
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("reviewcorpus."):
                for constant in ("RAW_BYTES", "RAW_CHARACTERS"):
                    if hasattr(module, constant):
                        stack.enter_context(mock.patch.object(module, constant, sys.maxsize))
        yield


ABOUT_ANY_BYTES = (
    any_bytes_give_records_and_defects,
    drop_omits_what_has_an_error_and_nothing_else,
    the_fast_path_and_the_slow_path_give_the_same,
    small_limits_do_not_depend_on_the_pieces,
    text_and_its_bytes_give_the_same,
    every_wide_encoding_gives_the_same,
    recovering_twice_changes_nothing_more,
    recover_strict_and_elementtree_agree_on_well_formed_input,
    damage_stays_local,
    what_was_closed_stays,
    places_agree_and_rise_and_raw_is_there,
    records_have_the_places_of_their_tags,
)

ABOUT_ANY_FORMAT = (
    any_bytes_give_records_and_defects,
    drop_omits_what_has_an_error_and_nothing_else,
    the_fast_path_and_the_slow_path_give_the_same,
    what_strict_reading_accepts_is_the_same_when_recovering,
    small_limits_do_not_depend_on_the_pieces,
    text_and_its_bytes_give_the_same,
    every_wide_encoding_gives_the_same,
    recovering_twice_changes_nothing_more,
    places_agree_and_rise_and_raw_is_there,
    records_have_the_places_of_their_tags,
)
"""Those that take the option `format`, and hold in any."""
