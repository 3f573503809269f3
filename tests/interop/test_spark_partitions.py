"""What partitions read together is what the plain reader reads."""

from __future__ import annotations

import gzip
import os
import pickle
import re
import sys
import tempfile
import zipfile
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import reviewcorpus as rc
from crawled import CLEAN_REVIEW, any_input, crawled_files
from reviewcorpus.strategies import crawler_xml

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

from reviewcorpus._spark import partitions
from reviewcorpus._spark.files import File, files_of, open_file
from reviewcorpus._spark.partitions import Cut, Group, Portion, batches_of, cuts_of, plan
from reviewcorpus._spark.settings import Settings
from spark_files import plain_table, small_file, write_large_file

if TYPE_CHECKING:
    from collections.abc import Iterable

REVIEW = CLEAN_REVIEW.encode()
HEAD = (
    b"<movie>\n<title>Paper Boats</title>\n<link>x</link>\n<year>2007</year>\n"
    b"<generalScore>0.5</generalScore>\n"
)
TABLES = ["reviews", "movies", "defects"]


def rows_of(parts: Iterable[Any], table: str, options: Any) -> list[dict[str, Any]]:
    """Read parts, each of which was sent to another process."""
    sent = pickle.loads(pickle.dumps(list(parts)))
    batches = chain.from_iterable(batches_of(part, table, options) for part in sent)
    return [row for batch in batches for row in batch.to_pylist()]


def portions(path: str, size: int, cuts: list[Cut]) -> list[Portion]:
    return [
        Portion(File(path, size), start, end and end.items - (start.items if start else 0))
        for start, end in pairwise([None, *cuts, None])
    ]


def assert_equal_to_plain(path: Path, parts: list[Any], **options: Any) -> None:
    settings = Settings.of({"path": str(path), **options})
    for table in TABLES:
        expected = plain_table(path, table, **options).to_pylist()
        assert rows_of(parts, table, settings.options) == expected


# ---- cut points -------------------------------------------------------------------------

TRAPS = [
    # Tags of records that are words: in a body, in comments, in sections.
    HEAD + b"<review><fullReview>a <review> and </review> b</fullReview></review>" + REVIEW * 3,
    HEAD + b"<review><fullReview>a <fullReview> b <review> c</review>" + REVIEW * 3,
    HEAD + b"<!-- a " + REVIEW + b" -->" + REVIEW + b"<!-- <review> " + REVIEW * 2,
    HEAD + b"<![CDATA[ <movie> ]]>" + REVIEW * 2 + b"<?x <review> ?>" + REVIEW,
    # The header comes late, or is left out, with its movie.
    b"<movie>" + REVIEW * 2 + b"<title>Late</title>" + REVIEW * 2 + b"</movie>" + HEAD + REVIEW,
    HEAD + b"<year>x</year><year>y</year>" + REVIEW * 4 + b"</movie>" + REVIEW + HEAD,
    # Lines end in three ways, and characters take several bytes.
    HEAD.replace(b"\n", b"\r\n") + REVIEW.replace(b"\n", b"\r") * 2 + b"\xc3\xa9 & \xe9" + REVIEW,
    b"\xef\xbb\xbf" + HEAD + REVIEW * 2 + b"</movie>\xef\xbb\xbf" + HEAD + b"w\n" + REVIEW * 2,
]  # fmt: skip


@given(
    data=st.one_of(any_input, crawled_files(), crawler_xml(max_movies=3, max_reviews=3)),
    wanted=st.lists(st.integers(0, 3000), max_size=5).map(sorted),
    chunk=st.integers(1, 300),
    errors=st.sampled_from(["recover", "drop"]),
    encoding=st.sampled_from(["", "windows-1250"]),
)
@example(TRAPS[0], list(range(0, 3000, 7)), 1, "drop", "")
def test_portions_cut_anywhere_give_what_the_plain_reader_gives(
    data: bytes, wanted: list[int], chunk: int, errors: str, encoding: str
) -> None:
    options = {"errors": errors, **({"encoding": encoding} if encoding else {})}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "input.xml")
        path.write_bytes(data)
        settings = Settings.of({"path": str(path), **options})
        cuts = list(cuts_of(str(path), settings.options, wanted, chunk=chunk))
        assert_equal_to_plain(path, portions(str(path), len(data), cuts), **options)


@pytest.mark.parametrize("errors", ["recover", "drop"])
@pytest.mark.parametrize("data", TRAPS)
def test_traps_cut_wherever_they_can_be(tmp_path: Path, data: bytes, errors: str) -> None:
    path = tmp_path / "input.xml"
    path.write_bytes(data)
    settings = Settings.of({"path": str(path), "errors": errors})
    cuts = list(cuts_of(str(path), settings.options, range(len(data)), chunk=1))
    assert len(cuts) >= 4
    assert_equal_to_plain(path, portions(str(path), len(data), cuts), errors=errors)


def test_cuts_are_near_the_places_that_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    write_large_file(path, 3_000_000)
    size = path.stat().st_size
    settings = Settings.of({"path": str(path), "partitionBytes": "500000"})
    parts = plan(files_of([str(path)]), settings)
    starts = [part.cut.checkpoint.place.offset for part in parts[1:] if part.cut]  # type: ignore[union-attr]
    step = -(-size // -(-size // 500_000))
    data = path.read_bytes()
    for start, wanted in zip(starts, range(step, size, step), strict=True):
        assert wanted <= start <= wanted + (1 << 17) + 4096
        assert re.match(rb"\s*</?(review|movie)>", data[start : start + 50])
    assert_equal_to_plain(path, parts)


def test_a_limit_that_is_exceeded_is_told_by_the_last_portion(tmp_path: Path) -> None:
    path = tmp_path / "input.xml"
    path.write_bytes(HEAD + REVIEW * 2000 + b"<review><username>" + b"x" * 9000 + REVIEW * 3000)
    settings = Settings.of({"path": str(path), "maxFieldBytes": "5000", "partitionBytes": "100000"})
    parts = plan(files_of([str(path)]), settings)
    assert len(parts) == 3
    assert len(rows_of(parts[:-1], "reviews", settings.options)) > 1000
    with pytest.raises(rc.LimitExceeded, match=r"input\.xml:14006"):
        rows_of(parts[-1:], "reviews", settings.options)


# ---- what is not cut --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ((HEAD + REVIEW * 9).decode().encode("utf-16"), {}),
        (HEAD + REVIEW * 9, {"errors": "strict"}),
        (HEAD + REVIEW * 9, {"encoding": "shift-jis"}),
        (b"no film " * 300, {}),
        (HEAD + b"<review><fullReview>" + b"endless " * 300, {}),
    ],
    ids=["UTF-16", "strict", "Shift JIS", "no movie", "one review"],
)
def test_what_cannot_be_cut_is_one_partition(
    tmp_path: Path, data: bytes, options: dict[str, str]
) -> None:
    path = tmp_path / "input.xml"
    path.write_bytes(data + b"</movie>" * (options.get("errors") == "strict"))
    settings = Settings.of({"path": str(path), "partitionBytes": "2000", **options})
    parts = plan(files_of([str(path)]), settings)
    assert len(parts) == 1
    assert_equal_to_plain(path, parts, **options)


def test_packed_files_are_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.xml.gz").write_bytes(gzip.compress(HEAD + REVIEW * 5, 0))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("one.xml", HEAD + REVIEW * 5)
        archive.writestr("two.txt", HEAD + REVIEW * 5)
    paths = [str(tmp_path / "a.xml.gz"), str(tmp_path / "b.zip")]
    settings = Settings.of({"path": "-", "partitionBytes": "100"})
    parts = plan(files_of(paths), settings)
    assert parts == [Group((path,)) for path in paths]
    expected = [row for path in paths for row in plain_table(path, "reviews").to_pylist()]
    assert rows_of(parts, "reviews", settings.options) == expected


def test_a_file_that_has_changed_since_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "input.xml"
    path.write_bytes(HEAD + REVIEW * 1000)
    settings = Settings.of({"path": str(path), "partitionBytes": "100000"})
    parts = plan(files_of([str(path)]), settings)
    path.write_bytes(HEAD + REVIEW * 999)
    with pytest.raises(rc.CorpusError, match=r"input\.xml has \d+ bytes and had \d+ when"):
        rows_of(parts, "reviews", settings.options)


# ---- groups -----------------------------------------------------------------------------


def test_small_files_are_grouped_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_COST_OF_OPENING", 1000)
    for number in range(9):
        data = HEAD + REVIEW * 1000 if number == 4 else small_file(number)
        (tmp_path / f"{number}.xml").write_bytes(data)
    settings = Settings.of({"path": str(tmp_path), "partitionBytes": "4000"})
    parts = plan(files_of([str(tmp_path)]), settings)
    groups = [
        [Path(path).stem for path in part[0]] if isinstance(part, Group) else part.file.path[-5:]
        for part in parts
    ]
    assert groups[0][0] == "0"
    assert max(len(part.paths) for part in parts if isinstance(part, Group)) > 1
    assert str(tmp_path / "4.xml") in {
        part.file.path for part in parts if isinstance(part, Portion)
    }
    assert_equal_to_plain(tmp_path, parts)


def test_a_folder_without_files_is_one_partition_of_nothing(tmp_path: Path) -> None:
    settings = Settings.of({"path": str(tmp_path)})
    parts = plan(files_of([str(tmp_path)]), settings)
    assert parts == [Group(())]
    assert rows_of(parts, "reviews", settings.options) == []


# ---- files ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    for name in ("a/b.xml", "a.xml", "z.TXT", "notes.md", "[1].xml"):
        (tmp_path / name).write_bytes(HEAD)
    return tmp_path


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ([""], ["[1].xml", "a/b.xml", "a.xml", "z.TXT"]),
        (["*.xml"], ["[1].xml", "a.xml"]),
        (["**/*.xml"], ["[1].xml", "a/b.xml", "a.xml"]),
        (["[az]*"], ["a/b.xml", "a.xml", "z.TXT"]),
        (["**"], ["[1].xml", "a/b.xml", "a.xml", "z.TXT", "notes.md"]),
        (["z.TXT", "a"], ["z.TXT", "a/b.xml"]),
        (["[1].xml", "notes.md"], ["[1].xml", "notes.md"]),
    ],
)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_paths_stand_for_files(
    folder: Path, scheme: str, paths: list[str], names: list[str]
) -> None:
    if scheme:
        pytest.importorskip("fsspec", reason="fsspec is not installed")
    root = f"{scheme}{folder}/"
    found = list(files_of([root + path for path in paths]))
    assert [file.path.removeprefix(root) for file in found] == names
    assert {file.size for file in found} == {len(HEAD)}
    for file in found:
        with open_file(file.path) as opened:
            assert opened.read() == HEAD


@pytest.mark.parametrize("path", ["gone.xml", "*.zip"])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_path_that_stands_for_nothing_is_named(folder: Path, scheme: str, path: str) -> None:
    if scheme:
        pytest.importorskip("fsspec", reason="fsspec is not installed")
    with pytest.raises(FileNotFoundError, match=re.escape(path)):
        list(files_of([f"{scheme}{folder}/{path}"]))


def test_a_folder_that_cannot_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scan(path: str) -> Any:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return real_scan(path)

    real_scan = os.scandir
    monkeypatch.setattr("os.scandir", scan)
    with pytest.raises(PermissionError, match="/a'"):
        list(files_of([str(folder)]))


def test_other_file_systems_give_the_same() -> None:
    memory = pytest.importorskip("fsspec", reason="fsspec is not installed").filesystem("memory")
    data = HEAD + REVIEW * 1000
    memory.pipe({"/c/a.xml": data, "/c/b.xml.gz": gzip.compress(data), "/c/d/e.xml": HEAD})
    try:
        settings = Settings.of({"path": "memory://c", "partitionBytes": "100000"})
        parts = plan(files_of(["memory://c", "memory://c/*.gz"]), settings)
        assert len([part for part in parts if isinstance(part, Portion)]) == 2
        rows = rows_of(parts, "reviews", settings.options)
        assert {row["source"] for row in rows} == {"memory:///c/a.xml", "memory:///c/b.xml.gz"}
        assert [row["review_index"] for row in rows] == [*range(1000)] * 2
    finally:
        memory.rm("/c", recursive=True)


def test_fsspec_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ImportError, match=r"s3://a/b needs .*reviewcorpus\[spark\]"):
        list(files_of(["s3://a/b"]))


# ---- options ----------------------------------------------------------------------------


def test_names_of_options_are_spelt_as_users_like() -> None:
    given_ = {"PATHS": '["a", "b"]', "fallback_encoding": "cp1250", "MaxFieldBytes": "99"}
    settings = Settings.of({**given_, "partition_bytes": "77", "table": "movies"})
    assert settings.paths == ("a", "b")
    assert (settings.table, settings.partition_bytes) == ("movies", 77)
    assert settings.options.fallback_encoding == "cp1250"
    assert settings.options.limits == rc.Limits(max_field_bytes=99)


def test_what_is_not_given_is_as_the_library_has_it() -> None:
    settings = Settings.of({"path": "a"})
    assert (settings.paths, settings.table) == (("a",), "reviews")
    assert settings.partition_bytes == 1 << 26
    assert settings.options.limits == rc.Limits()


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"eror": "drop"}, "there is no option 'eror'; the options are table, partitionBytes"),
        ({"on_defect": "x"}, "there is no option 'on_defect'"),
        ({"errors": "fail"}, "errors must be 'recover', 'drop' or 'strict', not 'fail'"),
        ({"encoding": "klingon"}, "encoding must be the name of a text encoding"),
        ({"fallbackEncoding": "utf-8"}, "fallback_encoding must be an 8-bit encoding"),
        ({"table": "films"}, "table must be 'reviews', 'movies' or 'defects', not 'films'"),
        ({"partitionBytes": "0"}, "partitionBytes must be an int of at least 1, not 0"),
        ({"partitionBytes": "64m"}, "partitionBytes must be a whole number, not '64m'"),
        ({"maxTagBytes": "x"}, "maxTagBytes must be a whole number, not 'x'"),
        ({"maxTagBytes": "1"}, "max_tag_bytes must be an int of at least 64, not 1"),
        ({"path": ""}, "load.. needs a path"),
        ({"paths": "[]"}, "load.. needs a path"),
    ],
)
def test_options_that_cannot_be_are_named(given_: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings.of({"path": "a", **given_} if "paths" not in given_ else given_)
