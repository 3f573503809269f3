"""What must hold for every input."""

from __future__ import annotations

import datetime
import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import reviewcorpus as rc
from crawled import CLEAN_REVIEW, any_input, crawled_files, scraps
from reading import document, only_defects, pieces, read_items, read_movies

POLICIES = st.sampled_from(["repair", "drop", "strict"])


@given(any_input, POLICIES)
def test_any_bytes_give_records_and_defects_and_no_other_exception(
    data: bytes, errors: Any
) -> None:
    defects: list[rc.Defect] = []
    try:
        movies = list(rc.iter_movies(io.BytesIO(data), errors=errors, on_defect=defects.append))
    except rc.CorpusError:
        assert errors == "strict"
        return
    for movie in movies:
        assert attrs.evolve(movie) == movie  # the classes allow it
    assert all(isinstance(str(defect), str) for defect in defects)


@given(any_input, POLICIES, st.lists(st.integers(0, 1000), max_size=30))
def test_every_chunking_gives_the_same(data: bytes, errors: Any, cuts: list[int]) -> None:
    whole = read_items([data], errors=errors)
    assert read_items(pieces(data, cuts), errors=errors) == whole


@given(any_input, st.sampled_from(["repair", "drop"]))
def test_the_fast_way_and_the_careful_way_give_the_same(data: bytes, errors: Any) -> None:
    assert read_items([data], errors=errors) == read_items([data], errors=errors, careful=True)


@given(crawled_files())
def test_small_limits_do_not_depend_on_the_chunking(data: bytes) -> None:
    limits = rc.Limits(
        max_field_bytes=20,
        max_extra_elements=1,
        max_tag_bytes=64,
        max_reference_bytes=8,
        max_defects_per_field=1,
    )
    whole = read_items([data], limits=limits)
    assert read_items(pieces(data, range(len(data))), limits=limits) == whole
    assert read_items([data], limits=limits, careful=True) == whole


@given(any_input)
def test_text_and_its_bytes_give_the_same(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    from_text: list[rc.Defect] = []
    movies = list(rc.iter_movies(io.StringIO(text, newline=""), on_defect=from_text.append))
    again, from_bytes = read_movies(text.encode(), encoding="utf-8")
    assert movies == again
    assert [d.offset for d in from_text] == [d.offset for d in from_bytes]
    assert [d.kind for d in from_text] == [d.kind for d in from_bytes]


def place_of(data: bytes, offset: int) -> tuple[int, int]:
    """Count line and column the plain way."""
    before = re.split("\r\n|\r|\n", data[:offset].decode("utf-8"))
    if data[:offset].endswith(b"\r") and data[offset : offset + 1] == b"\n":
        return len(before), 1
    return len(before), len(before[-1]) + 1


@given(crawled_files().map(lambda data: data.decode("utf-8", "ignore").encode()))
@example(b"\xef\xbb\xbf<movie>& \r\n \xf0\x9d\x94\x98 & \r x \n")
def test_offset_line_and_column_agree_and_rise_and_raw_stands_there(data: bytes) -> None:
    mark = data.startswith(b"\xef\xbb\xbf")
    defects = [d for d in only_defects(read_items([data])) if d.kind is not rc.DefectKind.NO_MOVIE]
    assert [d.offset for d in defects] == sorted(d.offset for d in defects)
    for defect in defects:
        line, column = place_of(data, defect.offset)
        assert (defect.line, defect.column) == (line, column - (mark and line == 1))
        assert data[defect.offset :].decode().startswith(defect.raw)
        assert len(defect.raw) <= 80


@given(st.lists(scraps, max_size=12).map(b"".join))
def test_damage_stays_local(junk: bytes) -> None:
    """No byte put into the body of one review changes another, unless it ends that body."""
    # Outside its own body the junk could begin records or fields; that is another test's subject.
    lowered = junk.lower()
    if b"</fullreview" in lowered or b"<movie" in lowered or b"<review" in lowered:
        return
    first, second, third = (CLEAN_REVIEW.encode(),) * 3
    damaged = second.replace(b"quiet", junk)
    data = b"<movie>" + first + damaged + third + b"</movie>"
    movies, _ = read_movies(data)
    clean = rc.Review(datetime.date(2001, 2, 3), "ann", 0.7, "Nice", "A quiet film.")
    (movie,) = movies
    assert len(movie.reviews) == 3
    assert movie.reviews[0] == movie.reviews[2] == clean
    assert movie.reviews[1].username == "ann"


@given(crawled_files(), st.integers(0, 2000))
def test_a_cut_changes_no_review_that_was_closed_before_it(data: bytes, cut: int) -> None:
    closed = b"<movie>" + CLEAN_REVIEW.encode()
    items = read_items([closed + data[:cut]])
    first = next(item for item in items if isinstance(item, tuple))
    assert first[1].full_review == "A quiet film."


words = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text
)


@given(words)
def test_repair_strict_and_elementtree_agree_on_well_formed_input(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    data = document(f"x{escaped}").encode()
    movies, defects = read_movies(data)
    assert defects == []
    assert read_movies(data, errors="strict") == (movies, [])
    assert ET.fromstring(data).findtext("review/fullReview") == movies[0].reviews[0].full_review  # noqa: S314 our own text


INJECTED = {
    "&": "bare-ampersand",
    "&amp ": "unterminated-reference",
    "&eacute;": "undeclared-entity",
    "&bogus;": "unknown-entity",
    "&#0;": "invalid-reference",
    "<3": "bare-less-than",
    "<i>": "inline-markup",
    "\x01": "illegal-character",
}


@given(words, st.sampled_from(sorted(INJECTED)), words)
def test_what_was_injected_is_what_is_reported(before: str, scrap: str, after: str) -> None:
    before, after = (re.sub("[&<>;=]", "", text) for text in (before, after))
    text = document(f"{before}{scrap} {after}")
    (defect,) = read_movies(text.encode())[1]
    at = text.index(f"{scrap} {after}</fullReview>")
    assert defect.kind == INJECTED[scrap]
    assert defect.offset == len(text[:at].encode())
    assert (defect.line, defect.column) == place_of(text.encode(), defect.offset)


@given(any_input)
def test_what_is_read_and_written_reads_back_equal(data: bytes) -> None:
    movies, _ = read_movies(data)
    writable = []
    for movie in movies:
        try:
            rc.dumps(movie)
        except ValueError:  # a name in extra that XML cannot carry
            continue
        writable.append(movie)
    assert read_movies(rc.dumps(writable).encode())[0] == writable


@pytest.mark.parametrize("errors", ["repair", "strict"])
def test_the_real_file(real_data: Any, errors: Any) -> None:
    defects: list[rc.Defect] = []
    path = real_data / "rust-and-bone.xml"
    movie = rc.load(path, errors=errors, on_defect=defects.append)
    assert len(movie.reviews) == 91
    assert sum(review.score is None for review in movie.reviews) == 6
    assert (movie.title, movie.year, movie.imdb_id) == ("Rust and Bone", 2012, "tt2053425")
    assert defects == []
    assert movie == rc.load(path)
    assert rc.loads(rc.dumps(movie), errors="strict") == movie


def test_prose_is_no_movie_and_nothing_else(real_data: Any) -> None:
    defects = list(rc.Corpus(real_data / "prose").defects())
    assert [defect.kind for defect in defects] == [rc.DefectKind.NO_MOVIE] * 4
    assert len({defect.source for defect in defects}) == 4
