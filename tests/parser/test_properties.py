"""What must hold for every input: the promises, and what Hypothesis feeds them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import promises
import reviewcorpus as rc
from crawled import CLEAN_REVIEW, any_input, crawled_files, mangled_files, scraps, whole_files
from reading import document, read_movies
from reviewcorpus.strategies import (
    chunkings,
    corpus_xml,
    crawler_xml,
    damaged_xml,
    movies,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FUZZ = Path(__file__).parents[1] / "fuzz"

in_pieces = any_input.flatmap(lambda data: st.tuples(st.just(data), chunkings(data)))
places = st.lists(st.integers(0, 3000), max_size=12)


# ---- every input can be read ------------------------------------------------------------


@given(any_input)
def test_any_bytes_give_records_and_defects_and_no_other_exception(data: bytes) -> None:
    promises.any_bytes_give_records_and_defects(data)


@given(any_input)
def test_drop_leaves_out_what_has_an_error_and_nothing_else(data: bytes) -> None:
    promises.drop_leaves_out_what_has_an_error_and_nothing_else(data)


# ---- how it is read does not matter -----------------------------------------------------


@given(in_pieces)
def test_every_chunking_gives_the_same(data_and_parts: tuple[bytes, list[bytes]]) -> None:
    promises.the_pieces_do_not_matter(*data_and_parts)


@given(any_input)
def test_the_fast_way_and_the_careful_way_give_the_same(data: bytes) -> None:
    promises.the_fast_way_and_the_careful_way_give_the_same(data)


@given(st.one_of(crawled_files(), mangled_files()))
def test_small_limits_do_not_depend_on_the_chunking(data: bytes) -> None:
    promises.small_limits_do_not_depend_on_the_pieces(data)


@given(any_input)
def test_text_and_its_bytes_give_the_same(data: bytes) -> None:
    promises.text_and_its_bytes_give_the_same(data)


@given(any_input)
def test_wide_encodings_give_the_same(data: bytes) -> None:
    promises.every_wide_encoding_gives_the_same(data)


# ---- writing ----------------------------------------------------------------------------


@given(st.lists(movies(), max_size=3))
def test_what_is_written_reads_back_equal(chosen: list[rc.Movie]) -> None:
    promises.what_is_written_reads_back_equal(chosen)


@given(any_input)
def test_what_is_read_and_written_reads_back_equal_and_stays_so(data: bytes) -> None:
    promises.repairing_twice_changes_nothing_more(data)


# ---- other readers ----------------------------------------------------------------------


@given(corpus_xml())
def test_repair_strict_and_elementtree_agree_on_well_formed_input(data: bytes) -> None:
    chosen, _ = read_movies(data, errors="strict")
    promises.repair_strict_and_elementtree_agree_on_well_formed_input(data)
    promises.elementtree_agrees(data, chosen)


@given(st.one_of(mangled_files(), texts().map(lambda text: document(text).encode())))
def test_what_strict_reading_takes_is_read_the_same_by_all(data: bytes) -> None:
    promises.repair_strict_and_elementtree_agree_on_well_formed_input(data)


# ---- damage stays where it is -----------------------------------------------------------


@given(st.one_of(st.lists(scraps, max_size=12).map(b"".join), st.binary(max_size=60)))
def test_damage_stays_local(junk: bytes) -> None:
    promises.damage_stays_local(junk)


@given(any_input)
def test_what_was_closed_stays(data: bytes) -> None:
    promises.what_was_closed_stays(data)


@given(
    st.one_of(crawler_xml(), damaged_xml().map(lambda damaged: damaged.data)),
    st.lists(st.integers(0, 5000), min_size=1, max_size=8),
)
def test_a_cut_changes_no_record_that_was_closed_before_it(data: bytes, cuts: list[int]) -> None:
    promises.a_cut_changes_no_record_that_was_closed_before_it(data, cuts)


def test_every_cut_changes_no_record_that_was_closed_before_it() -> None:
    movie = "<movie>\n\t<title>Cowboys &amp</title>\n" + CLEAN_REVIEW * 2 + "</movie>\n"
    unclosed = movie.replace("</fullReview>", "").replace("</username>", "")
    data = (movie + unclosed + movie).encode()
    promises.a_cut_changes_no_record_that_was_closed_before_it(data, range(len(data)))


# ---- defects tell what is wrong, and where ----------------------------------------------


@given(damaged_xml())
def test_what_was_injected_is_what_is_reported(damaged: Any) -> None:
    promises.what_was_injected_is_what_is_reported(damaged)


@given(any_input)
@example(b"\xef\xbb\xbf<movie>& \r\n \xf0\x9d\x94\x98 & \r x \n")
def test_offset_line_and_column_agree_and_rise_and_raw_stands_there(data: bytes) -> None:
    promises.places_agree_and_rise_and_raw_stands_there(data)


# ---- nothing is lost --------------------------------------------------------------------


@given(st.one_of(whole_files, any_input), places)
def test_no_byte_is_lost(data: bytes, chosen: list[int]) -> None:
    promises.no_byte_is_lost(data, chosen)


# ---- the real file, where there is one --------------------------------------------------


@pytest.mark.parametrize("errors", ["recover", "strict"])
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


# ---- the fuzzer -------------------------------------------------------------------------


def load_target() -> Any:
    spec = importlib.util.spec_from_file_location("fuzz_reader", FUZZ / "fuzz_reader.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_fuzz_target_holds_for_all_its_seeds() -> None:
    target = load_target()
    seeds = list(target.seeds())
    assert len(seeds) > 100
    for data in seeds:
        target.check(data)


def test_the_fuzz_target_names_the_promise_that_is_broken_and_how_to_check_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_broken(data: bytes) -> None:
        raise AssertionError(data)

    target = load_target()
    monkeypatch.setattr(target, "promises_of", lambda data: [partial(is_broken, data)])
    with pytest.raises(AssertionError):
        target.check_one(b"<movie>")
    shown = capsys.readouterr().err
    assert "broken promise: is_broken\ninput: b'<movie>'\n" in shown
    assert re.search(r"again: python .*[\\/]crashes[\\/]crash-[0-9a-f]{40}\n", shown)


def test_the_fuzz_target_checks_files_and_says_what_fuzzing_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = load_target()
    target.main([str(FUZZ / "seeds" / "crawled.xml")])
    assert capsys.readouterr().out.endswith("crawled.xml: all promises hold\n")
    monkeypatch.setitem(sys.modules, "atheris", None)
    with pytest.raises(SystemExit, match="pip install --group fuzz"):
        target.main([str(FUZZ / "seeds"), "-max_total_time=1"])


class Atheris:
    """Stands for atheris: finds one input."""

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self._check: Callable[[bytes], None] | None = None

    def instrument_imports(self, **_: object) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    def Setup(self, arguments: list[str], check: Callable[[bytes], None]) -> None:  # noqa: N802 its name
        self.arguments, self._check = arguments, check

    def Fuzz(self) -> None:  # noqa: N802 its name
        assert self._check is not None
        self._check(b"<movie>")


def run_fuzzer(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> list[str]:
    """Fuzz with its own folders in another, and give what atheris is called with."""
    target, atheris = load_target(), Atheris()
    for name in ("GROWN", "CRASHES", "MADE"):
        monkeypatch.setattr(target, name, folder / name.lower())
    monkeypatch.setitem(sys.modules, "atheris", atheris)
    target.main([str(FUZZ / "seeds"), *arguments])
    return atheris.arguments


def test_the_fuzz_target_leaves_nothing_but_in_its_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for _ in range(2):
        arguments = run_fuzzer(monkeypatch, tmp_path, "-runs=1")
        assert arguments[1:3] == [str(tmp_path / "grown"), str(tmp_path / "made")]
        assert len(list((tmp_path / "made").iterdir())) > 100
        assert not list((tmp_path / "temporary").iterdir())
    ignored = (FUZZ / ".gitignore").read_text().split()
    target = load_target()
    assert {f"{path.name}/" for path in (target.GROWN, target.CRASHES, target.MADE)} == {*ignored}


def test_the_fuzz_target_names_the_file_that_the_fuzzer_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_broken(*_: object) -> None:
        raise AssertionError

    for name in ("the_pieces_do_not_matter", "no_byte_is_lost"):
        monkeypatch.setattr(promises, name, is_broken)
    monkeypatch.setattr(promises, "ABOUT_ANY_BYTES", [])
    for options, prefix in (([], f"{FUZZ / 'crashes'}/"), (["-artifact_prefix=new-"], "new-")):
        with pytest.raises(AssertionError):
            run_fuzzer(monkeypatch, tmp_path, *options)
        assert f" {prefix}crash-" in capsys.readouterr().err


@pytest.mark.parametrize("others", [[], [str(FUZZ / "seeds")]])
def test_the_fuzz_target_says_which_path_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], others: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        load_target().main([*others, str(tmp_path / "sedes")])
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"cannot read {tmp_path / 'sedes'}: {os.strerror(2)}\n"
