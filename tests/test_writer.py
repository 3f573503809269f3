"""Writing: what is written reads back equal, and a file appears whole or not at all."""

from __future__ import annotations

import datetime
import gzip
import io
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reviewcorpus as rc
from format_samples import FOLDERS
from reviewcorpus import Movie, Review, dump, dumps, formats
from reviewcorpus._checks import brief
from reviewcorpus._rows import fields_of
from reviewcorpus.formats import INLINE_ELEMENTS, Record
from reviewcorpus.writer import _Layout, writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLICIES: tuple[Literal["recover", "drop", "strict"], ...] = ("recover", "drop", "strict")
BOATS = Movie(
    title="Tick & Tock",
    year=1999,
    reviews=[Review(score=0.7, full_review="They float.\nThey <3 it.")],
)
SWANS = Movie(title="Les Cygnes d'été", general_score=1)
BAD = Movie(extra={"a b": "x"})  # not a name in XML

# ---- what is written --------------------------------------------------------------------


def test_the_canonical_form() -> None:
    movie = Movie(
        title="Tick & Tock",
        link="http://www.imdb.com/title/tt0000042/?a=1&b=2",
        general_score=0.75,
        extra={"studio": "Attic"},
        reviews=[
            Review(date=datetime.date(987, 6, 5), username="null", full_review="a ]]> b\r"),
            Review(score=1, short_description="", extra={"title": "null"}),
        ],
    )
    assert dumps(movie) == (
        "<movie>\n"
        "\t<title>Tick &amp; Tock</title>\n"
        "\t<link>http://www.imdb.com/title/tt0000042/?a=1&amp;b=2</link>\n"
        "\t<year>null</year>\n"
        "\t<generalScore>0.75</generalScore>\n"
        "\t<studio>Attic</studio>\n"
        "\t<review>\n"
        "\t\t<date>0987-06-05</date>\n"
        "\t\t<username><![CDATA[null]]></username>\n"
        "\t\t<score>-1.0</score>\n"
        "\t\t<shortDescription>null</shortDescription>\n"
        "\t\t<fullReview>a ]]&gt; b&#13;</fullReview>\n"
        "\t</review>\n"
        "\t<review>\n"
        "\t\t<date>null</date>\n"
        "\t\t<username>null</username>\n"
        "\t\t<score>1.0</score>\n"
        "\t\t<shortDescription></shortDescription>\n"
        "\t\t<fullReview>null</fullReview>\n"
        "\t\t<title>null</title>\n"
        "\t</review>\n"
        "</movie>\n"
    )


def test_an_optional_element_without_a_value_is_left_out() -> None:
    link = attrs.evolve(formats.MOVIE_RECORD.fields[1], is_required=False)
    layout = _Layout(Record("movie", (link,)), "")
    assert layout.opened(Movie()) == "<movie>\n"
    assert layout.opened(Movie(link="null")) == (
        "<movie>\n\t<link><![CDATA[null]]></link>\n"  # or it would be read as no value
    )


def test_several_movies_stand_in_one_element() -> None:
    assert dumps([SWANS, BOATS]) == f"<movies>\n{dumps(SWANS)}{dumps(BOATS)}</movies>\n"


def test_one_movie_in_a_list_is_several() -> None:
    assert dumps([BOATS]) == f"<movies>\n{dumps(BOATS)}</movies>\n"


def test_no_movies_are_an_empty_element() -> None:
    assert dumps([]) == "<movies>\n</movies>\n"


def test_any_iterable_of_movies_is_taken() -> None:
    expected = dumps([BOATS, SWANS])
    assert dumps((BOATS, SWANS)) == expected
    assert dumps(movie for movie in (BOATS, SWANS)) == expected
    assert dumps(rc.iter_movies(io.StringIO(expected))) == expected


# ---- reading back -----------------------------------------------------------------------

# Every character of XML, and those that a careless writer or reader would lose.
characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
scraps = st.sampled_from(
    "null &amp; &eacute; &#13; & < > ]]> <![CDATA[ <!-- --> <?x ?> </fullReview> <review> </movie>"
    " <br> <i> -1.0 &amp \r \n \r\n \t \u0085 \u00a0 \u2028 \ufeff \x7f \x80 \U0001f3ac".split(" ")
)
texts = st.lists(st.one_of(scraps, characters, st.just(" ")), max_size=8).map("".join)
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    "str | None": st.one_of(st.none(), st.just("null"), texts),
    "float | None": st.one_of(st.none(), st.floats(0, 1)),
    "int | None": st.one_of(st.none(), st.integers(1, 9999)),
    "datetime.date | None": st.one_of(st.none(), st.dates()),
}
INLINE_OR_RECORD = INLINE_ELEMENTS | {"movie", "review"}


def values_of(record: type[Movie | Review]) -> dict[str, st.SearchStrategy[Any]]:
    """Return a strategy for each field that is a value."""
    return {
        name: VALUES[getattr(attrs.fields(record), name).type]
        for name in fields_of(record, "reviews", "extra")
    }


def extras(record: Record, others: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Return mappings with names that the record itself does not have; others' names are some."""
    own = {field.element.lower() for field in record.fields}
    fixed = [*others, "country", "Country", "année", "日付", "a:b", "xml", "movies", "x-1._"]
    names = st.from_regex(r"[A-Za-z_:][-A-Za-z0-9_.:]{0,6}", fullmatch=True).filter(
        lambda name: name.lower() not in INLINE_OR_RECORD | own
    )
    return st.dictionaries(st.one_of(st.sampled_from(fixed), names), texts, max_size=3)


reviews = st.builds(
    Review,
    **values_of(Review),
    extra=extras(formats.MOVIE.review, ["title", "link", "year", "generalScore", "TITLE"]),
)
movies = st.builds(
    Movie,
    **values_of(Movie),
    reviews=st.lists(reviews, max_size=3),
    extra=extras(formats.MOVIE_RECORD, ["date", "username", "fullReview", "ShortDescription"]),
)


def count_extra(movie: Movie) -> int:
    return len(movie.extra) + sum(len(review.extra) for review in movie.reviews)


@pytest.mark.parametrize("errors", POLICIES)
@given(movie=movies)
def test_a_movie_reads_back_equal(
    errors: Literal["recover", "drop", "strict"], movie: Movie
) -> None:
    found: list[rc.Defect] = []
    assert rc.loads(dumps(movie), errors=errors, on_defect=found.append) == movie
    kinds = [defect.kind for defect in found]
    assert kinds == [rc.DefectKind.UNKNOWN_ELEMENT] * count_extra(movie)


@pytest.mark.parametrize("errors", POLICIES)
@given(several=st.lists(movies, max_size=3))
def test_several_movies_read_back_equal(
    errors: Literal["recover", "drop", "strict"], several: list[Movie]
) -> None:
    data = dumps(several).encode()
    if not several:
        assert data == b"<movies>\n</movies>\n"
        return
    found: list[rc.Defect] = []
    assert list(rc.iter_movies(io.BytesIO(data), errors=errors, on_defect=found.append)) == several
    assert {defect.kind for defect in found} <= {rc.DefectKind.UNKNOWN_ELEMENT}


@given(movie=movies)
def test_writing_what_was_read_changes_nothing(movie: Movie) -> None:
    text = dumps(movie)
    assert dumps(rc.loads(text)) == text


@pytest.mark.parametrize("errors", POLICIES)
@pytest.mark.parametrize("name", FOLDERS)
def test_what_was_read_in_any_format_reads_back_equal(
    name: str, errors: Literal["recover", "drop", "strict"]
) -> None:
    movies = list(rc.iter_movies(FOLDERS[name]))
    assert sum(len(movie.reviews) for movie in movies) > 1
    assert list(rc.iter_movies(io.StringIO(dumps(movies)), errors=errors)) == movies


def test_the_keys_of_extra_that_a_format_has_are_the_elements_that_are_written() -> None:
    text = dumps(rc.iter_movies(FOLDERS["senscritique"], FOLDERS["mdsd"]))
    for each in (formats.SENSCRITIQUE, formats.MDSD):
        fields = [field for record in each.records for field in record.fields if field.in_extra]
        assert len(fields) > 3
        for field in fields:
            assert f"<{field.target}>" in text


@pytest.mark.parametrize("word", ["null", " null", "null ", "Null", "null and void", "", " "])
def test_a_text_is_never_taken_for_a_missing_one(word: str) -> None:
    movie = Movie(title=word, reviews=[Review(username=word, full_review=word)])
    assert rc.loads(dumps(movie), errors="strict") == movie


# ---- what is refused --------------------------------------------------------------------


def test_the_refused_name_of_one_of_several_is_named_with_its_movie() -> None:
    with pytest.raises(ValueError, match=r"^movies\[1\]\.extra\['a b'\] cannot be written: "):
        dumps([BOATS, BAD])


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "a b", "1a", "-a", ".a", "a>", "a/", "a=b", "<a", "a\n", "a&b", "!--", "?x"),
        *("×", "a\u2028", "\u0300a", "\U0001f3ac", "a\u0085", "x" * 1001),
    ],
)
def test_what_is_not_a_name_in_xml_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a name of an XML element") as caught:
        dumps(Movie(extra={name: ""}))
    assert str(caught.value).startswith(f"movie.extra[{brief(name)}] ")


@pytest.mark.parametrize("name", ["title", "generalScore", "YEAR", "movie", "Review"])
def test_a_name_of_the_format_is_refused_in_a_movie(name: str) -> None:
    with pytest.raises(ValueError, match="the format has an element"):
        dumps(Movie(extra={name: ""}))


@pytest.mark.parametrize("name", ["date", "fullReview", "SCORE", "movie", "Review"])
def test_a_name_of_the_format_is_refused_in_a_review(name: str) -> None:
    with pytest.raises(ValueError, match=r"movie\.reviews\[0\]\.extra.* the format has an element"):
        dumps(Movie(reviews=[Review(extra={name: ""})]))


@pytest.mark.parametrize("name", ["br", "I", "h1"])
def test_a_tag_of_running_text_is_refused_as_a_name(name: str) -> None:
    with pytest.raises(ValueError, match="inline tag of HTML"):
        dumps(Movie(extra={name: ""}))


@given(
    movie_names=st.sets(st.sampled_from(["title", "Title", "title_", "movie", "b", "a b", "x"])),
    review_names=st.sets(st.sampled_from(["score", "score_", "score__", "title", "Review", "1"])),
)
def test_names_that_cannot_be_written_are_changed_and_no_text_is_lost(
    movie_names: set[str], review_names: set[str]
) -> None:
    extra = {name: f"text of {name}" for name in [*movie_names, *review_names]}
    review = Review(extra={name: extra[name] for name in review_names})
    movie = Movie(extra={name: extra[name] for name in movie_names}, reviews=[Review(), review])
    changed, found = writable(movie)
    assert rc.loads(dumps(changed), errors="strict") == changed
    left = [*changed.extra.values(), *changed.reviews[1].extra.values()]
    dropped = [each.text for each in found if each.new_name is None]
    assert sorted(left + dropped) == sorted([*movie.extra.values(), *review.extra.values()])
    assert {each.name for each in found if each.new_name is None} <= {"a b", "1"}
    for each in found:
        before = movie if each.review_index is None else movie.reviews[each.review_index]
        after = changed if each.review_index is None else changed.reviews[each.review_index]
        assert before.extra[each.name] == each.text
        assert each.new_name is None or after.extra[each.new_name] == each.text
    names = (movie_names - {"x", "title_"}) | (review_names - {"score_", "score__", "title"})
    assert {each.name for each in found} == names
    assert found or changed is movie


def test_the_longest_name_reads_back() -> None:
    # In three-byte letters, since limits count bytes.
    movie = Movie(extra={"日" * 1000: "long"})
    assert rc.loads(dumps(movie), errors="strict") == movie


def test_what_is_no_movie_is_refused_by_its_index() -> None:
    with pytest.raises(TypeError, match=r"^movies\[1\] must be a Movie, not 'Boats'$"):
        dumps([BOATS, "Boats"])  # type: ignore[list-item]


@pytest.mark.parametrize("movies", [None, 5, Review()], ids=repr)
def test_what_is_neither_a_movie_nor_several_is_refused(movies: Any) -> None:
    with pytest.raises(TypeError, match=r"^movies must be a Movie or an iterable of them, not "):
        dumps(movies)


# ---- to a path --------------------------------------------------------------------------


def fail_with(error: BaseException) -> Iterator[Movie]:
    """Yield movies, more than fits a buffer, and then fail."""
    for _ in range(300):
        yield BOATS
    raise error


@pytest.mark.parametrize("as_path", [str, Path])
def test_dump_writes_utf_8_to_a_path(tmp_path: Path, as_path: type) -> None:
    target = tmp_path / "movies.xml"
    dump([BOATS, SWANS], as_path(target))
    assert target.read_bytes() == dumps([BOATS, SWANS]).encode()
    assert list(rc.iter_movies(target, errors="strict")) == [BOATS, SWANS]


def test_dump_takes_a_path_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    dump(BOATS, "movies.xml")
    assert rc.load("movies.xml") == BOATS


@pytest.mark.parametrize("error", [RuntimeError(), KeyboardInterrupt(), GeneratorExit()], ids=repr)
def test_a_failure_half_way_leaves_everything_as_it_was(
    tmp_path: Path, error: BaseException
) -> None:
    target = tmp_path / "movies.xml"
    target.write_text("old")
    with pytest.raises(type(error)):
        dump(fail_with(error), target)
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["movies.xml"]


def test_a_refused_movie_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a name"):
        dump([BOATS, BAD], tmp_path / "movies.xml")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_to_put_the_file_in_place_leaves_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError):
        dump(BOATS, tmp_path / "movies.xml")
    assert list(tmp_path.iterdir()) == []


def test_a_corpus_can_be_written_over_itself(tmp_path: Path) -> None:
    target = tmp_path / "movies.xml"
    dump([BOATS, SWANS] * 200, target)
    dump(rc.iter_movies(target), target)
    assert list(rc.iter_movies(target)) == [BOATS, SWANS] * 200


def test_the_permissions_of_a_file_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "movies.xml"
    target.write_text("old")
    target.chmod(0o604)
    dump(BOATS, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o604


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        dump(BOATS, tmp_path / "movies.xml")
        assert os.umask(mask) == mask  # it was only asked for
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "movies.xml").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_stays_a_link(tmp_path: Path, *, exists: bool) -> None:
    (tmp_path / "store").mkdir()
    store = tmp_path / "store" / "movies.xml"
    if exists:
        store.write_text("old")
    link = tmp_path / "link.xml"
    link.symlink_to(Path("store") / "movies.xml")
    dump(BOATS, link)
    assert link.is_symlink()
    assert rc.load(store) == BOATS
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.xml", "store"]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    dump(BOATS, pipe)
    reader.join(10)
    assert read == [dumps(BOATS)]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_is_written_to_and_stays_a_device() -> None:
    # A terminal, since a wrong writer that runs as root would replace /dev/null.
    master, slave = os.openpty()
    try:
        dump(Movie(), os.ttyname(slave))
        assert os.read(master, 7) == b"<movie>"
        assert stat.S_ISCHR(os.stat(os.ttyname(slave)).st_mode)
    finally:
        os.close(slave)
        os.close(master)


def test_a_long_name_that_the_file_system_takes_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / f"{'映' * 83}.xml"  # 253 bytes of 255
    dump(BOATS, target)
    assert rc.load(target) == BOATS


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        dump(BOATS, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        dump(BOATS, tmp_path / "missing" / "movies.xml")


# ---- to an open file --------------------------------------------------------------------


class Slow(io.RawIOBase):
    """A raw file that takes seven bytes at a time."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        taken = bytes(memoryview(data)[:7])
        self.data += taken
        return len(taken)


class Bytes:
    """What somebody calls a binary file: it writes, it does not count."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        if not isinstance(data, bytes):
            raise TypeError("bytes only")
        self.data += data


class Text:
    """What somebody calls a text file."""

    def __init__(self) -> None:
        self.data = ""

    def write(self, data: str) -> None:
        self.data += data


@pytest.mark.parametrize("movies", [BOATS, [BOATS, SWANS], []], ids=["one", "two", "none"])
def test_dump_writes_to_whatever_is_open(movies: Any) -> None:
    expected = dumps(movies)
    binary, text, slow, own_bytes, own_text = io.BytesIO(), io.StringIO(), Slow(), Bytes(), Text()
    for file in (binary, text, slow, own_bytes, own_text):
        dump(movies, file)
    assert binary.getvalue() == slow.data == own_bytes.data == expected.encode()
    assert text.getvalue() == own_text.data == expected


@pytest.mark.parametrize("buffering", [-1, 0])
def test_dump_writes_to_a_binary_file_and_leaves_it_open(tmp_path: Path, buffering: int) -> None:
    with (tmp_path / "movies.xml").open("wb", buffering=buffering) as file:
        dump(BOATS, file)
        dump(SWANS, file)
        assert not file.closed
    assert list(rc.iter_movies(tmp_path / "movies.xml")) == [BOATS, SWANS]


def test_dump_writes_to_a_text_file_in_its_encoding(tmp_path: Path) -> None:
    with (tmp_path / "movies.xml").open("w", encoding="utf-16") as file:
        dump(SWANS, file)
    assert rc.load(tmp_path / "movies.xml") == SWANS


def test_dump_writes_to_a_compressed_file(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "movies.xml.gz", "wb") as file:
        dump([BOATS, SWANS], file)  # gzip's files are no IO to typeshed
    assert list(rc.iter_movies(tmp_path / "movies.xml.gz")) == [BOATS, SWANS]


def test_a_pipe_that_is_full_and_does_not_block_is_an_error_not_a_loss() -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    with (
        open(source, "rb"),
        open(sink, "wb", buffering=0) as file,
        pytest.raises(BlockingIOError),
    ):
        dump(Movie(title="x" * 10_000_000), file)


@pytest.mark.parametrize("make", [io.BytesIO, io.StringIO])
@pytest.mark.parametrize("movies", [BAD, [BOATS, BAD], (BOATS, "Boats"), None], ids=repr)
def test_nothing_is_written_before_a_refusal(make: Callable[[], Any], movies: Any) -> None:
    file = make()
    with pytest.raises((ValueError, TypeError)):
        dump(movies, file)
    assert file.tell() == 0


def test_a_generator_is_written_up_to_the_movie_that_is_refused() -> None:
    file = io.StringIO()
    with pytest.raises(ValueError, match=r"^movies\[1\]\.extra"):
        dump((movie for movie in (BOATS, BAD)), file)
    assert file.getvalue() == f"<movies>\n{dumps(BOATS)}"


@pytest.mark.parametrize("target", [None, 7, b"movies.xml", BOATS, ["movies.xml"]], ids=repr)
def test_what_is_neither_path_nor_file_is_no_target(target: Any) -> None:
    with pytest.raises(TypeError, match=r"^target must be a path or an open file, not "):
        dump(BOATS, target)


def test_a_file_that_is_open_for_reading_is_an_oserror(tmp_path: Path) -> None:
    (tmp_path / "movies.xml").write_text("old")
    with (tmp_path / "movies.xml").open() as file, pytest.raises(OSError, match="not writable"):
        dump(BOATS, file)


@pytest.mark.parametrize("name", ["a.xml.gz", "A.ZIP", "a.tgz"])
def test_a_path_that_would_be_read_as_compressed_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"writes plain XML.*gzip\.open"):
        dump(Movie(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_error_names_the_path_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "a.xml"
    with pytest.raises(FileNotFoundError) as caught:
        dump(Movie(), path)
    assert caught.value.filename == str(path)


def test_no_movies_are_written_and_read_as_none() -> None:
    (defect,) = rc.Corpus(io.StringIO(dumps([]))).defects()
    assert defect.kind == "no-movie"


def test_a_file_that_takes_nothing_more_is_an_error_and_no_endless_loop() -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            memoryview(data)  # it is no file of text
            return 0

    with pytest.raises(OSError, match="accepts no more data"):
        dump(Movie(title="Paper Boats"), Full())


def test_a_pipe_without_a_path_of_its_own_is_written_to() -> None:
    read_end, write_end = os.pipe()
    dump(Movie(title="Paper Boats"), f"/dev/fd/{write_end}")
    os.close(write_end)
    with os.fdopen(read_end, "rb") as file:
        assert b"Paper Boats" in file.read()


linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, other errors and paths")


def error_of(call: Callable[[], object]) -> tuple[type[OSError], int | None, Any]:
    with pytest.raises(OSError) as caught:  # noqa: PT011 which one is compared
        call()
    return type(caught.value), caught.value.errno, caught.value.filename


@linux
@pytest.mark.parametrize("path", ["", "x/", "x//", "link/", "x/.", "no/x", "no/x/", "no/../x"])
def test_a_path_at_which_no_file_can_be_made_is_refused_as_open_refuses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("link").symlink_to("x")
    assert error_of(lambda: dump(BOATS, path)) == error_of(lambda: open(path, "wb"))  # noqa: SIM115 it fails
    assert [entry.name for entry in tmp_path.iterdir()] == ["link"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    target = tmp_path / "movies.xml"
    target.write_text("old")
    with pytest.raises(NotADirectoryError):
        dump(BOATS, f"{target}/")
    assert target.read_text() == "old"


def test_a_folder_that_may_not_be_written_to_is_an_error_that_names_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, *_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "open", refuse)
    target = str(tmp_path / "movies.xml")
    assert error_of(lambda: dump(BOATS, target)) == (PermissionError, 13, target)


REDIRECTED = """
import os
import reviewcorpus as rc

os.write(1, b"before\\n")
rc.dump(rc.Movie(title="Reel"), "/dev/stdout")
os.write(1, b"behind\\n")
"""


@linux
@pytest.mark.parametrize("mode", ["wb", "ab"])
def test_standard_output_that_is_a_file_is_written_to(
    tmp_path: Path, mode: Literal["wb", "ab"]
) -> None:
    target = tmp_path / "out.txt"
    target.write_text("old\n")
    before = target.stat().st_ino
    with target.open(mode) as file:
        command = [sys.executable, "-c", REDIRECTED]
        subprocess.run(command, check=True, stdout=file, cwd=tmp_path)
    old = "old\n" if mode == "ab" else ""
    assert target.read_text() == f"{old}before\n{dumps(Movie(title='Reel'))}behind\n"
    assert target.stat().st_ino == before
    assert list(tmp_path.iterdir()) == [target]
