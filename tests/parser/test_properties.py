"""What must hold for every input. Each document that Hypothesis draws serves several promises.

Drawing one costs as much as checking it, so the promises about one kind of document are one test;
`promises.py` has a function for each of them, whose name the traceback shows. Plain `pytest` draws
20 documents for each test, `.ci/run` 10,000; fewer where a document takes long, or where others
draw such documents too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import archive_promises
import promises
from crawled import CLEAN_REVIEW, any_input, long_files, scraps, scraps_or_nothing
from drawn_formats import drawn_formats
from reading import document, pieces
from reviewcorpus.formats import known
from reviewcorpus.strategies import (
    corpus_xml,
    crawler_xml,
    damaged_xml,
    documents,
    movies,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.formats import Format
    from reviewcorpus.strategies import Damaged

pytestmark = pytest.mark.properties

drawn_places = st.binary(min_size=8, max_size=24)


def places_in(data: bytes, drawn: bytes) -> list[int]:
    """Return a place in the data for each two bytes: a draw for each place would take longer."""
    pairs = zip(drawn[::2], drawn[1::2], strict=False)
    return [int.from_bytes(pair) % (len(data) + 1) for pair in pairs]


a_quarter = settings(max_examples=min(settings().max_examples, 2500))
at_most_300 = settings(max_examples=min(settings().max_examples, 300))


# ---- any bytes --------------------------------------------------------------------------


# It takes longest; a worker begins with it while the other takes the rest.
@given(any_input, drawn_places)
def test_how_an_input_is_read_does_not_matter(data: bytes, drawn: bytes) -> None:
    parts = pieces(data, places_in(data, drawn))
    promises.the_pieces_do_not_matter(data, parts)
    promises.without_a_listener_the_records_are_the_same(data, parts)
    promises.the_fast_path_and_the_slow_path_give_the_same(data)


@a_quarter
@given(any_input)
@example(b"<movie><review %b<movie>" % (b"a" * 57))  # tags that are longer than the limit
@example(b"<movie %b<movie>" % (b"a" * 58))
@example(b'<!-- <movie x="-->%b"><title>' % (b"a" * 100))
@example(b'<!DOCTYPE a "><movie x=">%b"><title>' % (b"a" * 100))
def test_how_an_input_is_encoded_and_limited_does_not_matter(data: bytes) -> None:
    promises.recover_strict_and_elementtree_agree_on_well_formed_input(data)
    promises.small_limits_do_not_depend_on_the_pieces(data)
    promises.text_and_its_bytes_give_the_same(data)
    promises.every_wide_encoding_gives_the_same(data)


@a_quarter
@given(any_input)
@example(b"\xef\xbb\xbf<movie>& \r\n \xf0\x9d\x94\x98 & \r x \n")
def test_any_bytes_give_records_and_defects(data: bytes) -> None:
    promises.any_bytes_give_records_and_defects(data)
    promises.drop_omits_what_has_an_error_and_nothing_else(data)
    promises.places_agree_and_rise_and_raw_is_there(data)
    promises.records_have_the_places_of_their_tags(data)
    promises.what_was_closed_stays(data)
    promises.recovering_twice_changes_nothing_more(data)


@at_most_300
@given(any_input, drawn_places)
def test_nothing_is_lost(data: bytes, drawn: bytes) -> None:
    promises.no_byte_is_lost(data, places_in(data, drawn))


@at_most_300
@given(long_files)
def test_long_files_are_read_the_same_on_both_paths_in_pieces(data: bytes) -> None:
    promises.both_paths_give_the_same_in_pieces(data)
    promises.records_have_the_places_of_their_tags(data)


@at_most_300
@given(any_input)
def test_compressed_files_and_archives_are_read_whatever_their_bytes_are(data: bytes) -> None:
    for promise in archive_promises.ABOUT_ARCHIVES:
        promise(data)


@at_most_300
@given(
    any_input,
    st.sampled_from(list(archive_promises.PACKERS.values())),
    st.integers(0, 2**16),
    scraps,
)
def test_bytes_put_into_an_archive_are_damage_at_most(
    data: bytes, pack: Callable[[bytes], bytes], place: int, junk: bytes
) -> None:
    packed = pack(data)
    at = place % len(packed)
    archive_promises.any_bytes_are_an_archive(packed[:at] + junk + packed[at:])
    archive_promises.any_bytes_are_an_archive(packed[:at] + junk + packed[at + len(junk) :])


# ---- documents of which more is known ---------------------------------------------------


@a_quarter
@given(corpus_xml(movies(max_reviews=2), max_movies=2))
def test_well_formed_input_is_read_the_same_by_all_and_written_back_equal(data: bytes) -> None:
    chosen, _ = promises.movies_in(data, "strict")
    promises.recover_strict_and_elementtree_agree_on_well_formed_input(data)
    promises.elementtree_agrees(data, chosen)
    promises.what_is_written_reads_back_equal(chosen)


@a_quarter
@given(texts())
def test_what_strict_reading_accepts_of_a_text_is_read_the_same_by_all(text: str) -> None:
    data = document(text).encode()
    promises.recover_strict_and_elementtree_agree_on_well_formed_input(data)


@a_quarter
@given(st.one_of(st.lists(scraps, max_size=12).map(b"".join), st.binary(max_size=60)))
def test_damage_stays_local(junk: bytes) -> None:
    promises.damage_stays_local(junk)


@a_quarter
@given(damaged_xml(max_reviews=2), st.binary(min_size=4, max_size=4))
def test_what_was_injected_is_what_is_reported(damaged: Damaged, drawn: bytes) -> None:
    promises.what_was_injected_is_what_is_reported(damaged)
    cuts = places_in(damaged.data, drawn)
    promises.a_cut_changes_no_record_that_was_closed_before_it(damaged.data, cuts)


# ---- other formats ----------------------------------------------------------------------


def in_a_format(
    tables: st.SearchStrategy[Format], *, damaged: bool
) -> st.SearchStrategy[tuple[Format, bytes]]:
    return tables.flatmap(
        lambda table: st.tuples(st.just(table), documents(table, damaged=damaged))
    )


known_formats = st.sampled_from(known())
any_format = st.one_of(known_formats, drawn_formats())


@at_most_300
@given(in_a_format(known_formats, damaged=True), drawn_places)
def test_the_known_formats_keep_the_promises(drawn: tuple[Format, bytes], places: bytes) -> None:
    keep_the_promises(*drawn, places)


@at_most_300
@given(in_a_format(drawn_formats(), damaged=True), drawn_places)
def test_formats_of_ones_own_keep_the_promises(drawn: tuple[Format, bytes], places: bytes) -> None:
    keep_the_promises(*drawn, places)


def keep_the_promises(table: Format, data: bytes, places: bytes) -> None:
    parts = pieces(data, places_in(data, places))
    promises.the_pieces_do_not_matter(data, parts, format=table)
    promises.without_a_listener_the_records_are_the_same(data, parts, format=table)
    promises.no_byte_is_lost(data, places_in(data, places[:8]), format=table)
    for promise in promises.ABOUT_ANY_FORMAT:
        promise(data, format=table)


@at_most_300
@given(in_a_format(any_format, damaged=False))
def test_a_sound_file_in_any_format_has_no_defect(drawn: tuple[Format, bytes]) -> None:
    table, data = drawn
    movies, defects = promises.movies_in(data, "recover", format=table)
    assert movies
    assert defects == []
    assert promises.movies_in(data, "strict", format=table) == (movies, [])


sound_files = in_a_format(any_format, damaged=False)
junk = st.lists(scraps, max_size=6).map(b"".join)
eight_bit = st.sampled_from([{}, {"encoding": "windows-1251"}, {"encoding": "latin-1"}])


@a_quarter
@given(sound_files, st.integers(0, 2**16), junk, eight_bit)
def test_in_any_format_damage_in_a_body_stays_in_it(
    drawn: tuple[Format, bytes], place: int, junk: bytes, options: dict[str, str]
) -> None:
    table, data = drawn
    promises.damage_in_a_body_stays_in_it(data, table, place, junk, **options)


@a_quarter
@given(st.one_of(sound_files, in_a_format(any_format, damaged=True)))
def test_in_any_format_what_strict_reading_accepts_has_no_doubt(
    drawn: tuple[Format, bytes],
) -> None:
    table, data = drawn
    promises.what_strict_reading_accepts_is_the_same_when_recovering(data, format=table)


@st.composite
def joined_files(draw: st.DrawFn) -> tuple[bytes, bytes, Format]:
    """Two files of one format, each of them whole or cut."""
    table = draw(any_format)
    heads = [b"", f'<?xml version="1.0" encoding="{table.encoding}"?>\n'.encode()]
    heads += [b"\xef\xbb\xbf"] * (table.encoding == "utf-8")
    files = st.builds(bytes.__add__, st.sampled_from(heads), documents(table, damaged=False))
    first, second = draw(files), draw(files)
    cuts = [draw(st.integers(0, len(data))) for data in (first, second)]
    cut_first, cut_second = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
    return (
        first[: cuts[0]] if cut_first else first,
        second[: cuts[1]] if cut_second else second,
        table,
    )


@a_quarter
@given(joined_files())
def test_joined_files_lose_no_record(drawn: tuple[bytes, bytes, Format]) -> None:
    promises.joined_files_lose_no_record(*drawn)


@st.composite
def files_after_anything(draw: st.DrawFn) -> tuple[bytes, bytes, Format]:
    """A damaged file, and a sound one that follows it."""
    table = draw(any_format)
    junk = draw(documents(table, damaged=True)) + draw(scraps_or_nothing)
    return junk, draw(documents(table, damaged=False)), table


@at_most_300
@given(files_after_anything())
def test_a_file_after_anything_is_read(drawn: tuple[bytes, bytes, Format]) -> None:
    promises.a_file_after_anything_is_read(*drawn)


# ---- files that are cut off -------------------------------------------------------------


@a_quarter
@given(crawler_xml(max_movies=2, max_reviews=2), st.binary(min_size=8, max_size=8))
def test_a_cut_changes_no_record_that_was_closed_before_it(data: bytes, drawn: bytes) -> None:
    promises.a_cut_changes_no_record_that_was_closed_before_it(data, places_in(data, drawn))


def test_every_cut_changes_no_record_that_was_closed_before_it() -> None:
    movie = "<movie>\n\t<title>Cowboys &amp</title>\n" + CLEAN_REVIEW + "</movie>\n"
    unclosed = movie.replace("</fullReview>", "").replace("</username>", "")
    data = (movie + unclosed + movie).encode()
    promises.a_cut_changes_no_record_that_was_closed_before_it(data, range(len(data)))
