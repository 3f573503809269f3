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

import promises
from crawled import CLEAN_REVIEW, any_input, long_files, scraps
from reading import document, pieces
from reviewcorpus.formats import known
from reviewcorpus.strategies import (
    corpus_xml,
    crawler_xml,
    damaged_xml,
    documents,
    formats,
    movies,
    texts,
)

if TYPE_CHECKING:
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
any_format = st.one_of(known_formats, formats())


@at_most_300
@given(in_a_format(known_formats, damaged=True), drawn_places)
def test_the_known_formats_keep_the_promises(drawn: tuple[Format, bytes], places: bytes) -> None:
    keep_the_promises(*drawn, places)


@at_most_300
@given(in_a_format(formats(), damaged=True), drawn_places)
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
