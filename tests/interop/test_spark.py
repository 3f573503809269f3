"""Spark, with a session of two threads and without one: it reads what the plain reader reads."""

from __future__ import annotations

import doctest
import gzip
import importlib
import os
import pickle
import re
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pyspark.sql.datasource", reason="PySpark 4 is not installed")
pytest.importorskip("pyarrow", reason="pyarrow is not installed")

import pyarrow as pa
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql.types import StructType

import reviewcorpus as rc
from format_samples import FOLDERS
from reviewcorpus import spark as rcs
from reviewcorpus.sources import Finder, NoFile
from reviewcorpus.spark import ReviewCorpus, register
from spark_files import LOWEST_JAVA, java_version, plain_table, write_large_file, write_small_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.interop

ROOT = Path(__file__).parents[2]
TABLES = ["reviews", "movies", "defects"]
FILM = b"<movie><title>Paper Boats</title><review><score>0.7</score></review></movie>"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    if java_version() < LOWEST_JAVA:
        pytest.skip(f"there is no Java {LOWEST_JAVA} or later")
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PySpark, about the versions of what it uses
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master("local[2]").appName("reviewcorpus")
        for name, value in {
            "spark.ui.enabled": "false",
            "spark.driver.memory": "512m",
            "spark.sql.shuffle.partitions": "2",
        }.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        register(session)
        yield session
        session.stop()


@pytest.fixture(autouse=True)
def _old_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        yield


@pytest.fixture(scope="session")
def small_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    write_small_files(folder, 500)
    return folder


def read(spark: SparkSession, path: object, **options: object) -> DataFrame:
    return spark.read.format("reviewcorpus").options(**options).load(path)


# ---- with a session ---------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_500_files(spark: SparkSession, small_files: Path, table: str) -> None:
    frame = read(spark, str(small_files), table=table, errors="drop", partitionBytes=10_000_000)
    assert frame.rdd.getNumPartitions() > 5
    given = frame.toArrow()
    expected = plain_table(small_files, table, errors="drop")
    assert given.schema.names == expected.schema.names
    assert given.schema.types == expected.schema.types
    assert given.to_pylist() == expected.to_pylist()


def test_a_large_file_among_small_ones(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    write_small_files(tmp_path / "small", 20)
    write_large_file(tmp_path / "large.xml", 20 << 20)
    frames = {
        table: read(spark, f"file://{tmp_path}", table=table, partitionBytes=3 << 20)
        for table in TABLES
    }
    assert frames["reviews"].rdd.getNumPartitions() == 3
    for table, frame in frames.items():
        rows = [without_scheme(row) for row in frame.toArrow().to_pylist()]
        assert rows == plain_table(tmp_path, table).to_pylist()


def without_scheme(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "source": row["source"].removeprefix("file://")}


def test_several_paths_and_patterns(spark: SparkSession, small_files: Path) -> None:
    paths = [str(small_files / "more" / "001*.xml"), str(small_files / "0000.xml")]
    sources = read(spark, paths, table="movies").select("source").collect()
    assert [row.source for row in sources] == [
        *[str(small_files / "more" / f"00{n}.xml") for n in (10, 11, 13, 14, 16, 17, 19)],
        str(small_files / "0000.xml"),
    ]


def test_columns_can_be_chosen(spark: SparkSession, small_files: Path) -> None:
    frame = spark.read.format("reviewcorpus").schema("title string, score double")
    rows = frame.load(str(small_files / "0003.xml")).collect()
    assert [tuple(row) for row in rows] == [("Film 3", 0.3), ("Film 3", 0.4), ("Film 3", 0.5)]


def test_a_folder_without_files_gives_no_rows(spark: SparkSession, tmp_path: Path) -> None:
    assert read(spark, str(tmp_path)).count() == 0


def test_strict_reading_fails_with_the_place(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<movie>\n<title>x</title>\n<year>x</year></movie>")
    with pytest.raises(PySparkException, match=r"a\.xml:3:7: error: "):
        read(spark, str(tmp_path), errors="strict").collect()


def test_a_file_that_is_not_there_is_named(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(PySparkException, match=r"gone\.xml"):
        read(spark, str(tmp_path / "gone.xml")).collect()


def test_a_format_can_be_forced(spark: SparkSession) -> None:
    frame = spark.read.format("reviewcorpus").option("format", "mdsd").load(str(FOLDERS["mdsd"]))
    assert frame.toArrow().to_pylist() == plain_table(FOLDERS["mdsd"], "reviews").to_pylist()
    with pytest.raises(AnalysisException, match="format must be one of 'movie', "):
        read(spark, str(FOLDERS["mdsd"]), format="imdb")


def test_an_option_that_there_is_not_is_named(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match="there is no option 'eror'"):
        read(spark, str(tmp_path), eror="drop")


def test_the_page_about_spark(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "src" / "reviewcorpus" / "samples")
    text = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    page = doctest.DocTestParser().get_doctest(code, {}, "spark.md", "docs/spark.md", 0)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    results = runner.run(page, out=told.append)
    assert results.failed == 0, "".join(told)
    assert results.attempted >= 10
    assert spark.getActiveSession() is not None


# ---- without one ------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_partitions_and_rows_without_a_session(small_files: Path, table: str) -> None:
    source = ReviewCorpus({"path": str(small_files), "table": table})
    assert source.name() == "reviewcorpus"
    reader = source.reader(source.schema())
    assert rows_of(reader, reader.partitions()) == plain_table(small_files, table).to_pylist()


def rows_of(reader: Any, partitions: list[Any]) -> list[dict[str, Any]]:
    """Return the rows of partitions, each read by a copy, as in another process."""
    reader, partitions = pickle.loads(pickle.dumps((reader, partitions)))
    batches = [batch for partition in partitions for batch in reader.read(partition)]
    rows: list[dict[str, Any]] = pa.Table.from_batches(batches).to_pylist() if batches else []
    return rows


@pytest.mark.parametrize("name", FOLDERS)
def test_every_format_is_read_and_can_be_forced(name: str) -> None:
    path = str(FOLDERS[name])
    for table in TABLES:
        for options in ({}, {"format": name}):
            reader = ReviewCorpus({"path": path, "table": table, **options})
            reader = reader.reader(ReviewCorpus({"path": path, "table": table}).schema())
            rows = rows_of(reader, reader.partitions())
            assert rows == plain_table(FOLDERS[name], table).to_pylist()


def test_a_format_that_is_forced_is_used() -> None:
    source = ReviewCorpus({"path": str(FOLDERS["mdsd"]), "format": "movie"})
    reader = source.reader(source.schema())
    rows = rows_of(reader, reader.partitions())
    assert rows == plain_table(FOLDERS["mdsd"], "reviews", format="movie").to_pylist()
    assert {row["score"] for row in rows} == {None}


def test_a_session_is_told_of_the_format() -> None:
    told: list[type] = []
    session: Any = SimpleNamespace(dataSource=SimpleNamespace(register=told.append))
    register(session)
    assert told == [ReviewCorpus]


@pytest.mark.parametrize("schema", ["name string", "title date"])
def test_a_column_that_there_is_not_is_named(schema: str) -> None:
    column, kind = schema.split()
    wanted = StructType().add(column, kind)
    with pytest.raises(ValueError, match=f"reviews have no column {schema}; they have source"):
        ReviewCorpus({"path": "a"}).reader(wanted)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.datasource", None)
    monkeypatch.delitem(sys.modules, "reviewcorpus.spark")
    with pytest.raises(ImportError, match=r"needs pyspark.*pip install 'reviewcorpus\[spark\]'"):
        importlib.import_module("reviewcorpus.spark")


# ---- groups -----------------------------------------------------------------------------


@pytest.fixture
def cheap_opening(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rcs, "_COST_OF_OPENING", 10)


def groups_of(sizes: dict[str, int], most: int) -> list[str]:
    return ["".join(map(str, group)) for group in rcs._groups(sizes.items(), most)]


@pytest.mark.usefixtures("cheap_opening")
@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ({}, [""]),
        ({"a": 500}, ["a"]),
        ({"a": 40, "b": 60, "c": 1}, ["ab", "c"]),
        ({"a": 1, "b": 500, "c": 1, "d": 1}, ["a", "b", "cd"]),
        ({"a": 100, "b": 0}, ["a", "b"]),
        (dict.fromkeys("abcdefghijkl", 0), ["abcdefghij", "kl"]),  # opening each costs 10
    ],
)
def test_files_are_grouped_in_their_order(sizes: dict[str, int], groups: list[str]) -> None:
    assert groups_of(sizes, 100) == groups


def test_a_file_counts_for_what_opening_it_costs() -> None:
    assert groups_of(dict.fromkeys("abc", 0), 1 << 19) == ["ab", "c"]


def test_a_folder_without_files_is_one_partition_with_a_defect(tmp_path: Path) -> None:
    for table in TABLES:
        source = ReviewCorpus({"path": str(tmp_path), "table": table})
        reader = source.reader(source.schema())
        (partition,) = reader.partitions()
        assert partition.value == (NoFile(str(tmp_path)),)
        rows = rows_of(reader, [partition])
        assert rows == plain_table(tmp_path, table).to_pylist()
        kinds = [row["kind"] for row in rows if "kind" in row]
        assert kinds == ["no-movie"] * (table == "defects")


def test_folders_without_files_are_nothing_beside_files_that_a_pattern_matches(
    tmp_path: Path,
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b.xml").write_bytes(FILM)
    finder = Finder()
    assert list(rcs._files_of(f"{tmp_path}/*", finder)) == [(f"{tmp_path}/b.xml", len(FILM))]
    assert list(rcs._files_of(f"{tmp_path}/?", finder)) == [(NoFile(f"{tmp_path}/a"), 0)]


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_folders_mean_what_they_mean_to_the_plain_reader(tmp_path: Path, scheme: str) -> None:
    if scheme:
        pytest.importorskip("fsspec", reason="fsspec is not installed")
    for name in ("a.xml", "a.xml.gz", "b.TXT.gz", "c.review", ".h/a.xml", "._a.xml", "d/e.xml.xz"):
        path = tmp_path / ".corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(FILM))
    for name in ("__MACOSX/a.xml", "z.zip", "z.tar.gz", "z.gz"):
        path = tmp_path / ".corpus" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    root = f"{scheme}{tmp_path}/.corpus"
    names = [path.removeprefix(f"{root}/") for path, _ in files_of(root)]
    assert names == ["a.xml", "b.TXT.gz", "c.review", "d/e.xml.xz"]
    source = ReviewCorpus({"path": root, "table": "movies"})
    reader = source.reader(source.schema())
    rows = [without_scheme(row) for row in rows_of(reader, reader.partitions())]
    assert rows == plain_table(tmp_path / ".corpus", "movies").to_pylist()
    assert len(rows) == 4


# ---- files ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    for name in ("a/b.xml", "a.xml", "z.TXT", "notes.md", "[1].xml"):
        (tmp_path / name).write_bytes(FILM)
    return tmp_path


def files_of(*patterns: str) -> list[tuple[str, int]]:
    """Return the files of paths, folders and patterns, which all have some."""
    finder = Finder()
    found = [file for pattern in patterns for file in rcs._files_of(pattern, finder)]
    return [(path, size) for path, size in found if isinstance(path, str)]


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
        (["a.xml", "a*", "*.xml"], ["a.xml", "a/b.xml", "[1].xml"]),
        (["a", "a/b.xml"], ["a/b.xml", "a/b.xml"]),  # what is named is read
    ],
)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_paths_and_patterns_lead_to_files(
    folder: Path, scheme: str, paths: list[str], names: list[str]
) -> None:
    if scheme:
        pytest.importorskip("fsspec", reason="fsspec is not installed")
    root = f"{scheme}{folder}/"
    found = files_of(*[root + path for path in paths])
    assert [path.removeprefix(root) for path, _ in found] == names
    assert {size for _, size in found} == {len(FILM)}
    for path, _ in found:
        with rcs._open_file(path) as opened:
            assert opened.read() == FILM


@pytest.mark.parametrize("path", ["gone.xml", "*.zip"])
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_path_that_leads_to_nothing_is_named(folder: Path, scheme: str, path: str) -> None:
    if scheme:
        pytest.importorskip("fsspec", reason="fsspec is not installed")
    with pytest.raises(FileNotFoundError, match=re.escape(path)):
        files_of(f"{scheme}{folder}/{path}")


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
        files_of(str(folder))


def test_other_file_systems_give_the_same() -> None:
    memory = pytest.importorskip("fsspec", reason="fsspec is not installed").filesystem("memory")
    memory.pipe({"/c/a.xml": FILM * 3, "/b/b.xml.gz": gzip.compress(FILM), "/c/d/e.xml": FILM})
    memory.makedir("/c/empty")
    try:
        paths = '["memory://c", "memory://b/*.gz", "memory://c/*.xml", "memory://c/empty"]'
        source = ReviewCorpus({"paths": paths, "partitionBytes": str(1 << 19)})
        reader = source.reader(source.schema())
        groups = [partition.value for partition in reader.partitions()]
        assert groups == [
            ("memory:///c/a.xml", "memory:///c/d/e.xml"),
            ("memory:///b/b.xml.gz", NoFile("memory:///c/empty")),
        ]
        rows = rows_of(reader, reader.partitions())
        assert [row["source"] for row in rows] == [
            *["memory:///c/a.xml"] * 3,
            "memory:///c/d/e.xml",
            "memory:///b/b.xml.gz",
        ]
    finally:
        memory.rm(["/b", "/c"], recursive=True)


def test_fsspec_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(ImportError, match=r"s3://a/b needs .*reviewcorpus\[spark\]"):
        files_of("s3://a/b")


# ---- options ----------------------------------------------------------------------------


def test_names_of_options_are_spelt_as_users_like() -> None:
    given_ = {"PATHS": '["a", "b"]', "fallback_encoding": "cp1250", "MaxFieldBytes": "99"}
    given_["Format"] = "movie"
    settings = rcs._Settings.of({**given_, "partition_bytes": "77", "table": "movies"})
    assert settings.paths == ["a", "b"]
    assert (settings.table, settings.partition_bytes) == ("movies", 77)
    assert settings.options.fallback_encoding == "cp1250"
    assert settings.options.limits == rc.Limits(max_field_bytes=99)
    assert settings.options.format == rc.formats.MOVIE


def test_what_is_not_given_is_as_the_library_has_it() -> None:
    settings = rcs._Settings.of({"path": "a"})
    assert (settings.paths, settings.table) == (["a"], "reviews")
    assert settings.partition_bytes == 1 << 26
    assert settings.options.limits == rc.Limits()


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"format": "film"}, "format"),
        ({"eror": "drop"}, "there is no option 'eror'; the options are table, partitionBytes"),
        ({"on_defect": "x"}, "there is no option 'on_defect'"),
        ({"errors": "fail"}, "errors must be 'recover', 'drop' or 'strict', not 'fail'"),
        ({"encoding": "klingon"}, "encoding must be the name of a text encoding"),
        ({"fallbackEncoding": "utf-8"}, "fallback_encoding must be an 8-bit encoding"),
        ({"table": "films"}, "table must be 'reviews', 'movies' or 'defects', not 'films'"),
        ({"partitionBytes": "0"}, "partitionBytes must be an int of at least 1, not 0"),
        ({"partitionBytes": "64m"}, "partitionBytes must be a whole number, not '64m'"),
        ({"maxTagBytes": "x"}, "maxTagBytes must be a whole number, not 'x'"),
        ({"maxTagBytes": "1"}, "max_tag_bytes must be an int from 64 to 1099511627776, not 1"),
        ({"path": ""}, "load.. needs a path"),
        ({"paths": "[]"}, "load.. needs a path"),
    ],
)
def test_options_that_cannot_be_are_named(given_: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rcs._Settings.of({"path": "a", **given_} if "paths" not in given_ else given_)
