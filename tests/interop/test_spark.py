"""A real Spark reads what the plain reader reads."""

from __future__ import annotations

import doctest
import importlib
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
from pyspark.sql import functions as f
from pyspark.sql.types import StructType
from spoiling import blocks, spoil

from makers.peers import LOWEST_JAVA, java_version
from reviewcorpus._spark.partitions import Group
from reviewcorpus.spark import ReviewCorpus, register
from spark_files import check_sum, plain_table, write_large_file, write_small_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame, SparkSession

ROOT = Path(__file__).parents[2]
TABLES = ["reviews", "movies", "defects"]


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    if java_version() < LOWEST_JAVA:
        pytest.skip(f"there is no Java {LOWEST_JAVA} or later")
    from pyspark.sql import SparkSession  # noqa: PLC0415 slow to import

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


def test_one_file_of_200_megabytes(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    write_large_file(path, 200 << 20)
    frame = read(spark, f"file://{path}", partitionBytes=40 << 20)
    assert frame.rdd.getNumPartitions() == 6
    summed = ["short_description", "full_review"]
    others = [name for name in frame.columns if name not in {*summed, "source"}]
    sums = [f.crc32(f.coalesce(name, f.lit(""))).alias(name) for name in summed]
    given = frame.select(*others, *sums).toArrow()
    expected = plain_table(path, "reviews")
    assert given.num_rows == expected.num_rows > 100_000
    assert given.select(others).equals(expected.select(others))
    for name in summed:
        texts = expected[name].to_pylist()
        assert given[name].to_pylist() == [check_sum(text) for text in texts]
    for table in ("movies", "defects"):
        given = read(spark, str(path), table=table, partitionBytes=40 << 20).toArrow()
        assert given.to_pylist() == plain_table(path, table).to_pylist()


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


def test_an_option_that_there_is_not_is_named(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(AnalysisException, match="there is no option 'eror'"):
        read(spark, str(tmp_path), eror="drop")


def run_page(text: str) -> tuple[doctest.TestResults, str]:
    """Run the examples of a page; give how many failed, and what is told of them."""
    code = "\n".join(block[2] for block in blocks(text) if block[1] == "python")
    page = doctest.DocTestParser().get_doctest(code, {}, "spark.md", "docs/spark.md", 0)
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    return runner.run(page, out=told.append), "".join(told)


def test_the_page_about_spark(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "src" / "reviewcorpus" / "samples")
    text = (ROOT / "docs" / "spark.md").read_text(encoding="utf-8")
    results, told = run_page(text)
    assert results.failed == 0, told
    assert results.attempted >= 10
    spoilt, places = spoil(text)
    assert run_page(spoilt)[0].failed == len(places) >= 3
    assert spark.getActiveSession() is not None


# ---- without one ------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_partitions_and_rows_without_a_session(small_files: Path, table: str) -> None:
    source = ReviewCorpus({"path": str(small_files), "table": table})
    assert source.name() == "reviewcorpus"
    reader = source.reader(source.schema())
    partitions = reader.partitions()
    assert all(isinstance(partition.value, Group) for partition in partitions)
    batches: list[Any] = [batch for part in partitions for batch in reader.read(part)]
    expected = plain_table(small_files, table)
    assert pa.Table.from_batches(batches).to_pylist() == expected.to_pylist()


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
