"""load, loads, iter_movies, iter_reviews and Corpus: what they give, and how they go on."""

from __future__ import annotations

import bz2
import copy
import gc
import gzip
import inspect
import io
import lzma
import os
import pickle
import random
import tracemalloc
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import reviewcorpus as rc
from format_samples import FOLDERS
from helpers_sources import (
    BROKEN,
    COMPRESSORS,
    LONG,
    FailingReader,
    Reader,
    outcomes,
    read,
    titles,
    write,
    xml_of,
    zip_of,
)
from reviewcorpus import formats
from reviewcorpus._iterators import Items
from reviewcorpus.parser import _reader
from reviewcorpus.parser._options import Options
from reviewcorpus.sources import streams_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TWO = xml_of("Salt", fault=" & so") + xml_of("Pepper", fault=" &amp so")
READERS: list[Callable[..., Iterator[Any]]] = [rc.iter_movies, rc.iter_reviews]


class Refusal(Exception):
    """What the callbacks of these tests raise."""


def names(found: list[Any]) -> list[Any]:
    """Return movies and reviews by what tells them apart, exceptions by their types."""
    return [
        item.title
        if isinstance(item, rc.Movie)
        else (item[0].title, item[1].username)
        if isinstance(item, tuple)
        else type(item)
        for item in found
    ]


# ---- load and loads ---------------------------------------------------------------------


def test_load_gives_the_only_movie(tmp_path: Path) -> None:
    movie = rc.load(write(tmp_path / "a.xml", xml_of("Salt", 3)))
    assert (movie.title, movie.year, movie.general_score) == ("Salt", 1999, 0.75)
    assert [review.stars for review in movie.reviews] == [1, 2, 3]
    assert rc.load(tmp_path) == rc.loads(xml_of("Salt", 3)) == movie


@pytest.mark.parametrize(
    ("data", "count"), [(b"", "no movie found"), (b"words", "no movie"), (TWO, "2 movies found")]
)
def test_none_or_several_is_a_corpus_error_that_says_how_many(
    tmp_path: Path, data: bytes, count: str
) -> None:
    path = write(tmp_path / "a.xml", data)
    with pytest.raises(rc.CorpusError, match=count) as caught:
        rc.load(path)
    assert str(path) in str(caught.value)
    assert ("iter_movies()" if data is TWO else "see ") in str(caught.value)
    with pytest.raises(rc.CorpusError, match=f"<string>.*{count}"):
        rc.loads(data)


def test_defects_are_told_before_load_refuses() -> None:
    defects: list[rc.Defect] = []
    with pytest.raises(rc.CorpusError, match="no movie"):
        rc.loads("no film here", on_defect=defects.append)
    assert [(defect.kind, defect.raw) for defect in defects] == [
        (rc.DefectKind.NO_MOVIE, "no film here")
    ]


def test_load_of_a_missing_path_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rc.load(tmp_path / "gone.xml")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_loads_takes_all_kinds_of_bytes_and_str_alike(kind: Callable[[bytes], Any]) -> None:
    data = xml_of("Café &eacute; Thé", fault=" & \U0001f3ac")
    expected: list[rc.Defect] = []
    movie = rc.loads(data, on_defect=expected.append)
    for other in (kind(data), data.decode()):
        defects: list[rc.Defect] = []
        assert rc.loads(other, on_defect=defects.append) == movie
        assert defects == expected
    assert {defect.source for defect in expected} == {"<string>"}


@pytest.mark.parametrize("data", [None, 5, ["<movie>"], io.BytesIO(LONG)])
def test_loads_refuses_what_is_no_text_and_names_load(data: Any) -> None:
    with pytest.raises(TypeError, match=r"load\(\)"):
        rc.loads(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("mark", [True, False])
def test_wide_encodings_give_the_same_records_and_defects(encoding: str, mark: bool) -> None:
    text = xml_of("Café", fault=" & \U0001f3ac").decode()
    own_mark = encoding in {"utf-16", "utf-32"}
    data = (text if own_mark or not mark else f"\ufeff{text}").encode(encoding)
    expected: list[rc.Defect] = []
    defects: list[rc.Defect] = []
    assert rc.loads(data, on_defect=defects.append) == rc.loads(text, on_defect=expected.append)
    assert defects == expected


@pytest.mark.parametrize("errors", ["recover", "strict"])
@pytest.mark.parametrize("declared", ["latin-1", "utf-16", "shift_jis", "no-such-encoding"])
def test_declaration_of_a_text_is_not_asked_for_its_encoding(errors: Any, declared: str) -> None:
    text = f'<?xml version="1.0" encoding="{declared}"?>\n{xml_of("Café").decode()}'
    assert rc.loads(text, errors=errors).title == "Café"
    assert rc.load(io.StringIO(text), errors=errors).title == "Café"
    file: Any = Reader(text)
    assert rc.load(file, errors=errors, encoding="latin-1").title == "Café"


def test_declaration_and_option_tell_the_encoding_of_bytes() -> None:
    data = xml_of("Café").decode().encode("latin-1")
    declared = b"<?xml version='1.0' encoding='latin-1'?>" + data
    assert rc.loads(declared).title == "Café"
    assert rc.loads(data, encoding="latin-1").title == "Café"
    assert rc.loads(xml_of("Café"), encoding="latin-1").title == "CafÃ©"
    assert rc.loads(xml_of("Kr").replace(b"Kr", b"\xcf"), fallback_encoding="koi8-r").title == "о"


def test_lone_surrogate_of_a_text_is_a_defect_and_no_exception() -> None:
    defects: list[rc.Defect] = []
    movie = rc.loads(xml_of("Cut X", 0).decode().replace("X", "\ud83c"), on_defect=defects.append)
    assert movie.title is not None
    assert movie.title.startswith("Cut \ufffd")
    assert [defect.element for defect in defects] == ["title"]


# ---- options ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"errors": "ignore"}, ValueError, "errors must be 'recover', 'drop' or 'strict'"),
        ({"errors": None}, ValueError, "errors"),
        ({"on_defect": 3}, TypeError, "on_defect"),
        ({"limits": 1000}, TypeError, "limits"),
        ({"encoding": "klingon"}, ValueError, "encoding"),
        ({"encoding": 8}, TypeError, "encoding"),
        ({"fallback_encoding": "utf-16"}, ValueError, "fallback_encoding"),
        ({"error": "drop"}, TypeError, "error"),
    ],
)
def test_wrong_options_are_refused_at_once_by_every_reader(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    for reader in (rc.iter_movies, rc.iter_reviews, rc.load, rc.Corpus):
        with pytest.raises(error, match=message):
            reader("never-opened.xml", **options)
    with pytest.raises(error, match=message):
        rc.loads("", **options)


# ---- defects, and what comes after an exception -----------------------------------------


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("step", [1, 50, 100_000])
def test_each_defect_is_told_in_file_order_before_what_follows_it(
    reader: Callable[..., Iterator[Any]], step: int
) -> None:
    told: list[Any] = []
    for item in reader(Reader(TWO, step), on_defect=told.append):
        told.append(item)  # noqa: PERF402 the callback appends between
    offsets = [item.offset for item in told if isinstance(item, rc.Defect)]
    assert offsets == sorted(offsets)
    kinds = [item.kind if isinstance(item, rc.Defect) else "record" for item in told]
    bare, unended = rc.DefectKind.BARE_AMPERSAND, rc.DefectKind.UNTERMINATED_REFERENCE
    if reader is rc.iter_reviews:
        assert kinds == [bare, "record"] * 2 + [unended, "record"] * 2
    else:
        assert kinds == [bare, bare, "record", unended, unended, "record"]
    defects = [item for item in told if isinstance(item, rc.Defect)]
    assert [(defect.movie_index, defect.review_index) for defect in defects] == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("step", [1, 50, 100_000])
def test_nothing_is_lost_where_the_callback_raises(
    reader: Callable[..., Iterator[Any]], step: int
) -> None:
    told: list[rc.Defect] = []

    def refuse(defect: rc.Defect) -> None:
        told.append(defect)
        raise Refusal

    data = xml_of("Salt", fault=" & so") * 2 + b"words behind <movie><title>Cut &"
    found = outcomes(reader(Reader(data, step), io.BytesIO(LONG), on_defect=refuse))
    expected = list(reader(io.BytesIO(data), io.BytesIO(LONG)))
    assert [item for item in found if not isinstance(item, Refusal)] == expected
    assert sum(isinstance(item, Refusal) for item in found) == len(told)
    file = io.BytesIO(data)
    assert [(defect.kind, defect.offset) for defect in told] == [
        (defect.kind, defect.offset) for defect in read(file)[1]
    ]


@pytest.mark.parametrize("reader", READERS)
def test_exceptions_of_one_source_leave_the_others(
    reader: Callable[..., Iterator[Any]], tmp_path: Path
) -> None:
    sources = [
        io.BytesIO(xml_of("First", 1)),
        tmp_path / "gone.xml",
        io.BytesIO(xml_of("Whole", 1) + xml_of("Torn", 1).replace(b"held", b"<held")),
        FailingReader(xml_of("Lost", 1)),
        io.BytesIO(xml_of("Last", 1)),
    ]
    expected = ["First", FileNotFoundError, "Whole", rc.CorpusSyntaxError, OSError, "Last"]
    if reader is rc.iter_reviews:
        expected = [(name, "viewer0") if isinstance(name, str) else name for name in expected]
    assert names(outcomes(reader(*sources, errors="strict"))) == expected


@pytest.mark.parametrize("step", [1, 300, 100_000])
def test_limit_ends_its_source_only_and_after_what_came_before(step: int) -> None:
    data = xml_of("Whole", 1) + xml_of("Long", 1) + xml_of("x" * 500) + xml_of("Never")
    limits = rc.Limits(max_field_bytes=400)
    sources: list[Any] = [Reader(data, step), io.BytesIO(xml_of("Last", 1))]
    found = outcomes(rc.iter_movies(*sources, limits=limits))
    assert titles(found) == ["Whole", "Long", rc.LimitExceeded, "Last"]
    assert "<stream>:" in str(found[2])
    assert "title is longer than 400 bytes" in str(found[2])


def test_strict_reading_gives_everything_before_the_fault() -> None:
    data = xml_of("Torn", 3).replace(b"Reel 2 of", b"Reel 2 &")
    reviews = outcomes(rc.iter_reviews(io.BytesIO(data), errors="strict"))
    assert names(reviews[:-1]) == [
        ("Torn", "viewer0"),
        ("Torn", "viewer1"),
    ]
    error = reviews[-1]
    assert isinstance(error, rc.CorpusSyntaxError)
    assert isinstance(error, ValueError)
    assert error.defect.kind is rc.DefectKind.NOT_WELL_FORMED
    assert error.defect.line == data[: data.index(b"Reel 2 &")].count(b"\n") + 1


def test_reviews_carry_the_movie_fields_met_before_them() -> None:
    data = xml_of("Salt", 1).replace(b"</movie>", b"<mood>calm</mood></movie>")
    ((movie, review),) = rc.iter_reviews(io.BytesIO(data))
    assert (movie.title, movie.imdb_id, movie.reviews, dict(movie.extra)) == (
        "Salt",
        "tt0000042",
        (),
        {},
    )
    assert review.username == "viewer0"
    assert dict(rc.load(io.BytesIO(data)).extra) == {"mood": "calm"}


@pytest.mark.parametrize("name", ["a.xml", "a.gz", "a.zip"])
def test_iterators_that_are_dropped_half_way_leave_nothing_open(tmp_path: Path, name: str) -> None:
    # A file that was left open would be a ResourceWarning, which is an error in these tests.
    large = TWO + b"\n" * (1 << 16)  # a smaller file is read and closed at once
    packed = {"a.gz": COMPRESSORS[".gz"](TWO), "a.zip": zip_of({"a.xml": TWO})}
    path = write(tmp_path / name, packed.get(name, large))
    for iterator in (rc.iter_movies(path), rc.iter_reviews(path), rc.Corpus(path).defects()):
        next(iterator)
        assert str(path) in open_files()
        del iterator
    assert str(path) not in open_files()


def open_files() -> list[str]:
    """Return the names of the files that this process has open."""
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        pytest.skip("only Linux lists the open files of a process")
    return [os.path.realpath(os.path.join(folder, number)) for number in os.listdir(folder)]


def test_iterators_show_only_what_is_documented() -> None:
    corpus = rc.Corpus(io.BytesIO(TWO))
    place = {"source", "movie_index", "format", "dropped"}
    for iterator in (iter(corpus), corpus.reviews()):
        assert names_of(iterator) == {"bytes_read", "close", *place}
    assert names_of(corpus.defects()) == names_of(corpus.problems()) == {"bytes_read", "close"}


def names_of(value: object) -> set[str]:
    return {name for name in dir(value) if not name.startswith("_")}


def test_close_ends_an_iterator_and_closes_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", TWO + b"\n" * (1 << 16))
    items = Items(streams_of([path, path]), Options())
    next(items)
    assert str(path) in open_files()
    items.close()
    assert str(path) not in open_files()
    assert list(items) == []


def test_close_forgets_an_error_that_waits() -> None:
    file = io.BytesIO(xml_of("Whole") + b"<movie></title>")
    items = Items(streams_of([file]), Options(errors="strict"))
    next(items)
    items.close()
    assert list(items) == []


def test_engine_that_is_over_gives_nothing_more() -> None:
    reader = _reader.Reader(Options(), None)
    assert list(reader.feed(LONG))
    assert list(reader.close())
    assert reader.is_over
    assert list(reader.feed(LONG)) == list(reader.close()) == []


# ---- errors="drop" ----------------------------------------------------------------------

DAMAGED = (
    xml_of("Salt", 3).replace(b"<score>0.2</score>", b"<score>two</score>")
    + xml_of("Oil").replace(b"1999", b"long ago")
    + xml_of("Pepper")
)


def test_drop_leaves_out_records_with_errors_and_still_tells_of_them() -> None:
    movies, defects = read(io.BytesIO(DAMAGED), errors="drop")
    assert titles(movies) == ["Salt", "Pepper"]
    assert [review.username for review in movies[0].reviews] == ["viewer0", "viewer2"]
    assert [(defect.kind, defect.movie_index, defect.review_index) for defect in defects] == [
        (rc.DefectKind.INVALID_SCORE, 0, 1),
        (rc.DefectKind.INVALID_YEAR, 1, None),
    ]
    assert defects == read(io.BytesIO(DAMAGED))[1]
    pairs = rc.iter_reviews(io.BytesIO(DAMAGED), errors="drop")
    assert [movie.title for movie, _ in pairs] == ["Salt", "Salt", "Pepper", "Pepper"]


# ---- Corpus -----------------------------------------------------------------------------


def test_corpus_opens_nothing_until_it_is_read(tmp_path: Path) -> None:
    corpus = rc.Corpus(tmp_path / "later.xml", tmp_path / "folder")
    iterators: list[Iterator[object]] = [iter(corpus), corpus.reviews(), corpus.defects()]
    write(tmp_path / "later.xml", xml_of("Salt", 1, fault=" &"))
    write(tmp_path / "folder" / "a.xml", xml_of("Pepper", 1, fault=" &"))
    assert [len(list(iterator)) for iterator in iterators] == [2, 2, 2]


def test_corpus_is_read_again_and_each_pass_starts_afresh(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", TWO)
    corpus = rc.Corpus(path)
    first = iter(corpus)
    assert next(first).title == "Salt"
    assert titles(corpus) == ["Salt", "Pepper"]
    assert next(first).title == "Pepper"
    assert list(corpus.reviews()) == list(rc.iter_reviews(path))
    write(path, xml_of("Oil"))
    assert titles(corpus) == ["Oil"]
    assert repr(corpus) == f"Corpus({path!r})"


def test_corpus_reads_open_files_from_where_they_stood(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", xml_of("Read before") + TWO)
    with path.open("rb") as file, path.open(encoding="utf-8", newline="") as text:
        file.seek(len(xml_of("Read before")))
        text.read(len(xml_of("Read before")))
        corpus = rc.Corpus(file, text)
        for _ in range(2):
            assert titles(corpus) == ["Salt", "Pepper"] * 2
        assert [defect.source for defect in corpus.defects()] == [str(path)] * 8


@pytest.mark.parametrize("odd", ["read only", "cannot seek", "cannot tell"])
def test_second_pass_over_what_cannot_seek_is_an_error_and_the_others_are_read(odd: str) -> None:
    class Pipe(Reader):
        def seekable(self) -> bool:
            return odd == "cannot tell"

        def tell(self) -> int:
            raise OSError(29, "Illegal seek")

    file: Any = Reader(TWO) if odd == "read only" else Pipe(TWO)
    corpus = rc.Corpus(io.BytesIO(xml_of("First")), file, io.BytesIO(xml_of("Last")))
    assert titles(corpus) == ["First", "Salt", "Pepper", "Last"]
    for _ in range(2):
        found = outcomes(iter(corpus))
        assert titles(found) == ["First", rc.CorpusError, "Last"]
        assert "cannot seek" in str(found[1])


def test_file_closed_by_its_user_leaves_the_others() -> None:
    closed, later = io.BytesIO(LONG), io.BytesIO(LONG)
    closed.close()
    corpus = rc.Corpus(closed, later, io.BytesIO(xml_of("Last")))
    assert titles(outcomes(iter(corpus))) == [ValueError, "The Lighthouse Tax", "Last"]
    later.close()
    assert titles(outcomes(iter(corpus)))[1:] == [ValueError, "Last"]


def test_corpus_defects_are_those_told_to_the_callback(tmp_path: Path) -> None:
    told: list[rc.Defect] = []
    write(tmp_path / "a.xml", TWO)
    write(tmp_path / "b.xml", xml_of("Oil", 1, fault=" & so"))
    corpus = rc.Corpus(tmp_path, on_defect=told.append)
    found = list(corpus.defects())
    assert found == told
    assert [defect.source for defect in found] == [
        str(tmp_path / name) for name in ("a.xml",) * 4 + ("b.xml",)
    ]


def summary_corpus(folder: Path) -> Path:
    """Return a folder of four files, two of which are cut."""
    unscored = xml_of("Salt", 4).replace(b"<score>0.1</score>", b"<score>-1.0</score>")
    write(folder / "a.xml", unscored + TWO)
    write(folder / "b.xml", DAMAGED)
    write(folder / "c.xml", xml_of("Cut", 2)[: -len("</review>\n</movie>\n") - 2])
    write(folder / "d.txt", b"no film")
    return folder


def test_summary_counts_files_records_and_defects(tmp_path: Path) -> None:
    broken = write(tmp_path / "e.gz", COMPRESSORS[".gz"](xml_of("Broken", 1))[:-3])
    corpus = rc.Corpus(summary_corpus(tmp_path / "folder"), broken)
    kind = rc.DefectKind
    expected = rc.Summary(
        files=5,
        movies=8,
        reviews=8 + 7 + 2 + 1,
        reviews_without_score=2,  # the one of -1.0, the one that is no number
        defects={
            kind.BARE_AMPERSAND: 2,
            kind.UNTERMINATED_REFERENCE: 2,
            kind.UNEXPECTED_END: 1,
            kind.INVALID_SCORE: 1,
            kind.INVALID_YEAR: 1,
            kind.NO_MOVIE: 1,
            BROKEN: 1,
        },
        truncated_files=2,
        formats={"movie": 4},  # not the one without a movie
    )
    assert corpus.summary() == expected
    assert corpus.summary() == expected  # a second pass counts afresh
    assert list(corpus.summary().defects) == [found for found in kind if found in expected.defects]


def test_summary_closes_what_an_error_of_the_callback_ends(tmp_path: Path) -> None:
    class ErrorOfMineError(Exception):
        pass

    def refuse(_: rc.Defect) -> None:
        raise ErrorOfMineError

    path = write(tmp_path / "a.xml", DAMAGED + LONG * 9)
    before = count_open_files()
    with pytest.raises(ErrorOfMineError) as caught:
        rc.Corpus(path, on_defect=refuse).summary()
    assert caught.value.__traceback__  # it has the frames, which have the iterator
    assert count_open_files() == before


def test_a_summary_is_not_hashable() -> None:
    assert not issubclass(rc.Summary, Hashable)
    with pytest.raises(TypeError, match="unhashable type: 'Summary'"):
        hash(rc.Corpus(io.BytesIO()).summary())


def test_an_empty_path_is_not_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not rc.Corpus("").reads("a.xml")
    assert not rc.Corpus(tmp_path).reads("")
    assert rc.Corpus(".").reads("a.xml")


def test_summary_leaves_out_what_drop_leaves_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", DAMAGED)
    summary = rc.Corpus(path, errors="drop").summary()
    assert (summary.movies, summary.reviews, summary.reviews_without_score) == (2, 4, 0)
    assert sum(summary.defects.values()) == 2
    assert summary.truncated_files == 0


def test_summary_counts_the_files_in_each_format(tmp_path: Path) -> None:
    empty = write(tmp_path / "a.xml", b"nothing")
    corpus = rc.Corpus(FOLDERS["mdsd"], empty, FOLDERS["muchocine"], FOLDERS["movie"])
    assert corpus.summary().formats == {"mdsd": 2, "muchocine": 2, "movie": 2}
    assert corpus.summary().files == 7
    assert rc.Corpus(FOLDERS["mdsd"], format="movie").summary().formats == {"movie": 2}
    own = attrs.evolve(formats.MDSD, name="own")
    assert rc.Corpus(FOLDERS["mdsd"], format=own).summary().formats == {"own": 2}


def test_a_file_of_several_movies_counts_once_and_one_that_an_error_ends_counts() -> None:
    several = io.BytesIO(b"<movie></movie>" * 3)
    broken = io.BytesIO(b"<movie><title>A</title></movie><movie>")
    movies = rc.Corpus(several, broken, errors="drop")
    assert movies.summary().formats == {"movie": 2}


def test_an_iterator_knows_the_format_of_its_last_movie() -> None:
    movies = rc.iter_movies(FOLDERS["mdsd"] / "dvd", FOLDERS["movie"])
    found = [(Path(movies.source or "").suffix, movies.format) for _ in movies]
    assert found == [(".review", formats.MDSD)] * 3 + [(".xml", formats.MOVIE)] * 2
    assert Path(movies.source or "").suffix == ".xml"
    assert movies.format == formats.MOVIE  # as `source`, also after the end


@pytest.mark.parametrize("step", [1, 100, 10**6])
def test_the_reader_knows_the_format_as_soon_as_it_is_decided(step: int) -> None:
    data = (FOLDERS["muchocine"] / "5.xml").read_bytes()
    reader = _reader.Reader(Options(), "input")
    seen = [reader.format]
    for start in range(0, len(data), step):
        for _ in reader.feed(data[start : start + step]):
            assert reader.format is formats.MUCHOCINE
        seen.append(reader.format)
    seen += [reader.format for _ in reader.close()]
    assert seen[0] is None
    assert seen[-1] is formats.MUCHOCINE


def test_a_corpus_shows_its_sources_and_the_options_that_are_not_the_default() -> None:
    assert repr(rc.Corpus("a.xml", "b/")) == "Corpus('a.xml', 'b/')"
    limits = rc.Limits(max_tag_bytes=99)
    corpus = rc.Corpus("a.xml", errors="strict", on_defect=print, limits=limits, encoding="utf-16")
    options = f"errors='strict', on_defect={print!r}, limits={limits!r}, encoding='utf-16'"
    assert repr(corpus) == f"Corpus('a.xml', {options})"
    default = rc.Corpus("a.xml", limits=rc.Limits(), fallback_encoding="cp1252")
    assert repr(default) == "Corpus('a.xml')"
    assert "fallback_encoding='koi8-r'" in repr(rc.Corpus("a.xml", fallback_encoding="KOI8-R"))
    for forced in ("mdsd", formats.MDSD):
        assert repr(rc.Corpus("a.xml", format=forced)) == "Corpus('a.xml', format='mdsd')"


def test_summary_is_printed_as_a_table() -> None:
    summary = rc.Summary(
        files=2,
        movies=3,
        reviews=12_345_678,
        reviews_without_score=0,
        defects={rc.DefectKind.INVALID_REFERENCE: 1, rc.DefectKind.INVALID_YEAR: 2},
        truncated_files=0,
    )
    assert str(summary).splitlines() == [
        "files:                         2",
        "movies:                        3",
        "reviews:                  12345678",
        "reviews without score:         0",
        "truncated files:               0",
        "defects:                       3",
        "  invalid-reference:           1  error or warning",
        "  invalid-year:                2  error",
    ]
    assert "skipped files:                 4\n" in str(attrs.evolve(summary, skipped=4))
    usual = attrs.evolve(summary, formats={"movie": 2})
    assert str(usual) == str(summary)
    both = attrs.evolve(summary, formats={"mdsd": 1, "movie": 1})
    assert str(both).splitlines()[1:4] == [
        "  format mdsd:                 1",
        "  format movie:                1",
        "movies:                        3",
    ]


def test_summary_counts_archives_and_hidden_files_in_folders_as_skipped(tmp_path: Path) -> None:
    packed = COMPRESSORS[".gz"](xml_of("Salt", 1))
    for name in ("a.xml.gz", "deep/b.TAR.GZ", "c.xml", "d.md", ".e.xml", "f.xml", "f.xml.gz"):
        write(tmp_path / name, packed)
    summary = rc.Corpus(tmp_path).summary()
    assert (summary.files, summary.movies, summary.skipped) == (3, 3, 2)
    archive = tmp_path / "deep" / ".." / "deep" / "b.TAR.GZ"
    for sources in ((archive, tmp_path), (tmp_path, archive)):
        assert rc.Corpus(*sources).summary().skipped == 1  # another source has read it
    assert rc.Corpus(tmp_path / "a.xml.gz", io.BytesIO(TWO)).summary().skipped == 0


def test_summary_lets_the_callback_raise() -> None:
    def refuse(_: rc.Defect) -> None:
        raise Refusal

    with pytest.raises(Refusal):
        rc.Corpus(io.BytesIO(TWO), on_defect=refuse).summary()


MANY = b"<movies>" + b"<movie><title>Salt</title></movie>" * 2_500 + b"</movies>"


@pytest.mark.parametrize("wrap", [io.BytesIO, lambda data: io.StringIO(data.decode())])
def test_two_passes_over_one_open_file_do_not_meet(wrap: Any) -> None:
    corpus = rc.Corpus(wrap(MANY))
    first = iter(corpus)
    next(first)
    assert corpus.summary().movies == 2_500
    assert sum(1 for _ in first) == 2_499


def count_open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files in /proc")
@pytest.mark.parametrize(
    "options", [{"errors": "strict"}, {"limits": rc.Limits(max_field_bytes=1)}]
)
def test_a_file_that_was_refused_is_closed(tmp_path: Path, options: Any) -> None:
    path = write(tmp_path / "a.xml", b"<movie><title>Tick & Tock</title></movie>")
    gc.disable()  # without it, files that only a cycle of references keeps open stay open
    try:
        before = count_open_files()
        for _ in range(3):
            with pytest.raises(rc.CorpusError):
                rc.load(path, **options)
            movies = rc.iter_movies(path, **options)
            with pytest.raises(rc.CorpusError):
                next(movies)
            del movies
        assert count_open_files() == before
    finally:
        gc.enable()


def test_an_iterator_can_be_closed_before_its_end(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", MANY)
    before = count_open_files()
    reviews = rc.iter_movies(path)
    next(reviews)
    assert count_open_files() == before + 1
    reviews.close()
    assert count_open_files() == before
    assert list(reviews) == []


def test_load_says_why_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(rc.CorpusError, match=r"errors='drop' dropped 1; on_defect is called"):
        rc.loads("<movie><year>x</year></movie>", errors="drop")
    with pytest.raises(rc.CorpusError, match=r": no movie found; see .* there is nothing to read"):
        rc.load(tmp_path)
    with pytest.raises(rc.CorpusError, match=r"^<stream>: no movie found"):
        rc.load(io.BytesIO())


def test_an_option_that_does_not_exist_is_named() -> None:
    with pytest.raises(TypeError, match=r"iter_movies.* unexpected keyword argument 'error'"):
        rc.iter_movies("never-opened.xml", error="drop")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^limits must be a Limits, not 5$"):
        rc.Corpus(limits=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["iter_movies", "iter_reviews", "load", "loads", "Corpus", "Parser"]
)
def test_every_reader_names_the_same_options_with_the_same_defaults(name: str) -> None:
    options = inspect.signature(rc.Parser).parameters
    names = [field.name for field in attrs.fields(Options)]
    assert set(names) == set(rc.ReadOptions.__annotations__) == set(options) - {"source"}
    own = inspect.signature(getattr(rc, name)).parameters
    assert [own[each].default for each in names] == [options[each].default for each in names]


@pytest.mark.parametrize("name", ["iter_movies", "iter_reviews"])
def test_an_iterator_is_closed_at_the_end_of_a_with_statement(name: str) -> None:
    with getattr(rc, name)(io.BytesIO(LONG)) as records:
        assert next(records)
    assert list(records) == []


def test_defects_and_problems_are_closed_likewise() -> None:
    corpus = rc.Corpus(io.StringIO("<movie><title>A & B & C &amp</title>"))
    with corpus.defects() as defects:
        assert next(defects).kind == "bare-ampersand"
    with corpus.problems() as problems:
        assert next(problems).code == "M102"
    assert (list(defects), list(problems)) == ([], [])


def test_bytes_that_standard_input_could_not_decode_are_read_as_bytes() -> None:
    data = "<movie><title>Café</title></movie>".encode("windows-1252")
    with io.TextIOWrapper(io.BytesIO(data), "ascii", errors="surrogateescape") as file:
        defects: list[rc.Defect] = []
        assert rc.load(file, on_defect=defects.append).title == "Café"
    assert [d.kind for d in defects if d.kind != "missing-element"] == ["undecodable-bytes"]


def test_other_surrogates_in_a_text_stay_what_they_are() -> None:
    class Text(io.StringIO):
        errors = "surrogateescape"

    (defect, *_) = rc.Corpus(Text("<movie><title>\ud800!\udce9</title></movie>")).defects()
    assert (defect.kind, defect.raw) == ("illegal-character", "\\xed\\xa0\\x80")


def test_a_pair_of_surrogates_in_a_text_is_one_character() -> None:
    defects: list[rc.Defect] = []
    text = "<movie><title>\ud83d\ude0a</title></movie>"
    assert rc.loads(text, on_defect=defects.append).title == "😊"
    assert [d.kind for d in defects if d.kind != "missing-element"] == ["undecodable-bytes"]


@pytest.mark.parametrize("module", [gzip, bz2, lzma])
def test_a_corpus_gives_as_much_of_a_damaged_open_file_as_one_pass(module: Any) -> None:
    noise = random.Random(0).randbytes(80_000).hex().encode()
    data = b"<movies>" + b"<movie><title>Salt</title></movie>" * 500 + noise
    packed = bz2.compress(data, 1) if module is bz2 else module.compress(data)  # in small blocks
    for damaged in (packed[:-12], packed[:-5000] + bytes(40) + packed[-4960:]):
        with module.open(io.BytesIO(damaged)) as once, module.open(io.BytesIO(damaged)) as again:
            corpus = rc.Corpus(again)
            assert len(list(rc.iter_movies(once))) == len(list(corpus)) == 500
            assert rc.DefectKind.BROKEN_COMPRESSION in corpus.summary().defects
    with module.open(io.BytesIO(packed[:-12]), "rt") as text:
        assert rc.DefectKind.BROKEN_COMPRESSION in rc.Corpus(text).summary().defects


def test_closing_an_iterator_of_reviews_ends_it() -> None:
    reviews = rc.iter_reviews(io.BytesIO(b"<movie>" + b"<review/>" * 10 + b"</movie>"))
    next(reviews)
    reviews.close()
    assert list(reviews) == []


def test_an_iterator_knows_where_its_last_review_was_read() -> None:
    broken = b"<movie><title>A</title><review></review><title>B</title></movie>" * 2
    reviews = rc.iter_reviews(FOLDERS["mdsd"] / "dvd", io.BytesIO(broken), errors="drop")
    found = [
        (Path(reviews.source or "").suffix, reviews.movie_index, reviews.format, reviews.dropped)
        for _ in reviews
    ]
    movies = rc.iter_movies(FOLDERS["mdsd"] / "dvd", errors="drop")
    expected = [
        (".review", movies.movie_index, movies.format, 0) for movie in movies for _ in movie.reviews
    ]
    assert found == [*expected, ("", 0, formats.MOVIE, 0), ("", 1, formats.MOVIE, 1)]
    assert (reviews.source, reviews.movie_index, reviews.dropped) == ("<stream>", 1, 2)


class Asks(io.BytesIO):
    """A file that asks for what is read from it."""

    iterator: Iterator[Any]

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            next(self.iterator)
        return super().read(size)

    read1 = read


@pytest.mark.parametrize("name", ["__iter__", "reviews", "defects", "problems"])
def test_a_source_must_not_ask_for_what_is_read_from_it(name: str) -> None:
    file = Asks(TWO * 5000)
    file.iterator = getattr(rc.Corpus(file, io.BytesIO(TWO)), name)()
    with pytest.raises(ValueError, match="a source must not ask for what is read from it"):
        list(file.iterator)
    list(file.iterator)  # the next source


@pytest.mark.parametrize("read", [rc.Corpus.reviews, iter, rc.Corpus.defects, rc.Corpus.problems])
def test_an_iterator_is_not_copied(read: Callable[[rc.Corpus], Iterator[object]]) -> None:
    """A copy would take records from the reader that both have."""
    corpus = rc.Corpus(io.BytesIO(b"<movie><review/><review/></movie>" * 2))
    items = read(corpus)
    first = next(items)
    for copy_of in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="Iterator can be neither copied nor pickled"):
            copy_of(items)
    assert [first, *items] == list(read(corpus))


def test_small_records_do_not_come_all_at_once() -> None:
    """A record takes much more than the bytes that it is made of, so that few are made ahead."""
    made = 0

    def count(defect: rc.Defect) -> None:
        nonlocal made
        made += defect.kind is rc.DefectKind.MISSING_ELEMENT

    reviews = rc.iter_reviews(
        io.BytesIO(b"<movie>" + b"<review/>" * 100_000 + b"</movie>"), on_defect=count
    )
    next(reviews)
    tracemalloc.start()
    next(reviews)
    assert tracemalloc.get_traced_memory()[0] < 5_000_000
    tracemalloc.stop()
    assert made < 20


def test_what_on_defect_does_while_reviews_are_read_loses_none() -> None:
    data = b"<movie>" + (b"<review><date>x</date></review>") * 10 + b"</movie>"
    stopped = 0

    asked: list[Any] = []

    def ask(_: rc.Defect) -> None:
        asked.extend(filter(None, [next(reviews, None)]))

    def stop(_: rc.Defect) -> None:
        nonlocal stopped
        stopped += 1
        raise StopIteration

    reviews = rc.iter_reviews(io.BytesIO(data), on_defect=ask)
    assert given_in_spite_of(reviews, ValueError) + len(asked) == 10
    assert asked
    reviews = rc.iter_reviews(io.BytesIO(data), on_defect=stop)
    assert given_in_spite_of(reviews, RuntimeError) == 10
    assert stopped >= 10


def given_in_spite_of(reviews: Iterator[Any], error: type[Exception]) -> int:
    given = 0
    while True:
        try:
            for _ in reviews:
                given += 1
        except error:
            continue
        return given


def test_a_text_in_the_place_of_a_path_is_told_where_it_belongs() -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        rc.load("<movie><title>Paper Boats</title></movie>")
    assert caught.value.__notes__ == ["this is text, not a path: use loads()"]
    with pytest.raises(OSError, match="No such file") as caught:
        rc.load("missing.xml")
    assert not hasattr(caught.value, "__notes__")
