"""Arrow: each consumer has the same rows as the plain reader."""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import reviewcorpus as rc
from format_samples import FOLDERS
from reviewcorpus import strategies as rcst

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pa = pytest.importorskip("pyarrow", reason="needs pyarrow, of the extra `arrow`")
pq = pytest.importorskip("pyarrow.parquet")

from reviewcorpus import _iterators, _rows  # noqa: E402 after the check for pyarrow
from reviewcorpus import arrow as rca  # noqa: E402 likewise
from reviewcorpus.parser._reader import Reader  # noqa: E402 likewise

pytestmark = pytest.mark.interop

SCHEMA_VERSION = "1"  # other columns need another one
REVIEW_COLUMNS = tuple(
    "source movie_index review_index imdb_id title year general_score date username score"
    " short_description full_review extra".split()
)
LINK = "http://www.imdb.com/title/tt9000001/"
Row = dict[str, Any]


def rows_of(corpus: rc.Corpus) -> list[Row]:
    """Return the rows as the plain reader reads them."""
    rows: list[Row] = []
    movies = iter(corpus)
    for movie in movies:
        for index, review in enumerate(movie.reviews):
            values = (
                movies.source,
                movies.movie_index,
                index,
                movie.imdb_id,
                movie.title,
                movie.year,
                movie.general_score,
                *(getattr(review, name) for name in REVIEW_COLUMNS[7:-1]),
                json.dumps(dict(review.extra), ensure_ascii=False) if review.extra else None,
            )
            rows.append(dict(zip(REVIEW_COLUMNS, values, strict=True)))
    return rows


def stream(*movies: rc.Movie) -> rc.Corpus:
    return rc.Corpus(io.BytesIO(rc.dumps(movies).encode()))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> rc.Corpus:
    """Files of several movies: without reviews, without some fields, damaged, in many scripts."""
    folder = tmp_path_factory.mktemp("corpus")
    films = [
        rc.Movie(
            title=f"Film {number}",
            link=f"http://www.imdb.com/title/tt{9_000_000 + number}/",
            year=None if number % 3 else 1990 + number,
            general_score=number / 20,
            reviews=[
                rc.Review(
                    username=None if index % 2 else f"ann{index}",
                    score=None if index % 3 else 0.7,
                    short_description="船 🎬 \t\n",
                    full_review="" if index == 1 else "Čas & tide\n" * index,
                    extra={"mood": 'a "b"', "é": "ü"} if index == 2 else {},
                )
                for index in range(number)
            ],
        )
        for number in range(6)
    ]
    rc.dump(films[:3], folder / "a.xml")
    for number, film in enumerate(films[3:]):
        text = rc.dumps(film).replace("&amp;", "&").replace("0.7", "seven", 1)
        (folder / f"b{number}.xml").write_text(text, encoding="utf-8")
    return rc.Corpus(folder)


# ---- consumers --------------------------------------------------------------------------


def by_pyarrow(corpus: rc.Corpus) -> list[Row]:
    rows: list[Row] = pa.table(corpus).to_pylist()
    return rows


def by_pandas(corpus: rc.Corpus) -> list[Row]:
    pd = pytest.importorskip("pandas", "3.0", reason="DataFrame.from_arrow came with pandas 3")
    frame = pd.DataFrame.from_arrow(corpus)
    assert tuple(frame.columns) == REVIEW_COLUMNS
    rows: list[Row] = [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    return rows


def by_polars(corpus: rc.Corpus) -> list[Row]:
    pl = pytest.importorskip("polars", reason="polars is not installed")
    rows: list[Row] = pl.DataFrame(corpus).to_dicts()
    return rows


def by_duckdb(corpus: rc.Corpus) -> list[Row]:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    assert corpus is not None  # which the statement finds by its name
    found = duckdb.sql("from corpus").fetchall()
    return [dict(zip(REVIEW_COLUMNS, row, strict=True)) for row in found]


def files_of(corpus: rc.Corpus) -> list[str]:
    return sorted({row["source"] for row in by_pyarrow(corpus)})


def by_datasets(corpus: rc.Corpus) -> list[Row]:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")

    def rows_of_shards(shards: list[str]) -> Iterator[Row]:
        from reviewcorpus import Corpus
        from reviewcorpus.arrow import reviews

        for batch in reviews(Corpus(*shards)):
            yield from batch.to_pylist()

    shards = {"shards": files_of(corpus)}
    dataset = datasets.IterableDataset.from_generator(rows_of_shards, gen_kwargs=shards)
    assert dataset.n_shards == len(shards["shards"])
    return list(dataset)


def by_dask(corpus: rc.Corpus) -> list[Row]:
    pd = pytest.importorskip("pandas", "3.0", reason="DataFrame.from_arrow came with pandas 3")
    dd = pytest.importorskip("dask.dataframe", reason="dask is not installed")

    def read(path: str) -> Any:
        return pd.DataFrame.from_arrow(rc.Corpus(path))

    frame = dd.from_map(read, files_of(corpus)).compute()
    return [
        {name: None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def by_parquet_of_duckdb(corpus: rc.Corpus, folder: Path) -> list[Row]:
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    assert corpus is not None  # which the statement finds by its name
    duckdb.sql(f"copy (from corpus) to '{folder / 'duck.parquet'}' (format parquet)")
    rows: list[Row] = pq.read_table(folder / "duck.parquet").to_pylist()
    return rows


def by_our_parquet(corpus: rc.Corpus, folder: Path) -> list[Row]:
    rca.to_parquet(corpus, folder / "ours.parquet")
    rows: list[Row] = pq.read_table(folder / "ours.parquet").to_pylist()
    return rows


@pytest.mark.parametrize("consume", [by_pyarrow, by_pandas, by_polars, by_duckdb])
def test_what_takes_arrow_data_takes_a_corpus_again_and_again(
    corpus: rc.Corpus, consume: Callable[[rc.Corpus], list[Row]]
) -> None:
    expected = rows_of(corpus)
    assert len(expected) == 15
    for _ in range(2):
        assert consume(corpus) == expected


@pytest.mark.parametrize("consume", [by_datasets, by_dask])
def test_what_takes_files_gives_the_same_rows(
    corpus: rc.Corpus, consume: Callable[[rc.Corpus], list[Row]]
) -> None:
    assert consume(corpus) == rows_of(corpus)


@pytest.mark.parametrize("consume", [by_parquet_of_duckdb, by_our_parquet])
def test_what_is_written_to_parquet_reads_back_equal(
    corpus: rc.Corpus, consume: Callable[[rc.Corpus, Path], list[Row]], tmp_path: Path
) -> None:
    assert consume(corpus, tmp_path) == rows_of(corpus)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(rcst.movies(), max_size=4))
def test_any_movies_give_the_rows_of_the_plain_reader(movies: list[rc.Movie]) -> None:
    corpus = stream(*movies)
    assert by_pyarrow(corpus) == rows_of(corpus)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rcst.damaged_xml())
def test_damaged_files_give_the_rows_of_the_plain_reader(damaged: rcst.Damaged) -> None:
    for errors in ("recover", "drop"):
        corpus = rc.Corpus(io.BytesIO(damaged.data), errors=errors)
        seen = [(row["username"], row["full_review"]) for row in by_pyarrow(corpus)]
        pairs = [review for _, review in corpus.reviews()]
        assert seen == [(review.username, review.full_review) for review in pairs]
        found = rca.defects(corpus).read_all().to_pylist()
        assert [row["offset"] for row in found] == [d.offset for d in corpus.defects()]
        assert [row["kind"] for row in found] == [str(d.kind) for d in corpus.defects()]


# ---- tables -----------------------------------------------------------------------------


def test_the_types_are_plain() -> None:
    plain = {"string", "double", "date32[day]", "int32", "int64", "bool"}
    for schema in (rca.REVIEW_SCHEMA, rca.MOVIE_SCHEMA, rca.DEFECT_SCHEMA):
        assert {str(field.type) for field in schema} <= plain
        assert schema.metadata == {b"reviewcorpus.schema_version": SCHEMA_VERSION.encode()}
    assert tuple(rca.REVIEW_SCHEMA.names) == REVIEW_COLUMNS


def test_the_schema_is_known_without_reading() -> None:
    schema = pa.schema(rc.Corpus("missing.xml"))
    assert schema == rca.REVIEW_SCHEMA


def test_movies_and_defects_join_on_source_and_index(corpus: rc.Corpus) -> None:
    movies = rca.movies(corpus).read_all().to_pylist()
    assert [row["reviews"] for row in movies] == list(range(6))
    assert [row["movie_index"] for row in movies] == [0, 1, 2, 0, 0, 0]
    assert movies[4] == {
        "source": movies[4]["source"],
        "movie_index": 0,
        "imdb_id": "tt9000004",
        "title": "Film 4",
        "link": "http://www.imdb.com/title/tt9000004/",
        "year": None,
        "general_score": 0.2,
        "reviews": 4,
        "extra": None,
    }
    keys = {(row["source"], row["movie_index"]) for row in movies}
    assert {(row["source"], row["movie_index"]) for row in by_pyarrow(corpus)} < keys
    defects = rca.defects(corpus).read_all().to_pylist()
    assert {(row["source"], row["movie_index"]) for row in defects} <= keys
    first = next(iter(corpus.defects()))
    assert defects[0] == {name: getattr(first, name) for name in rca.DEFECT_SCHEMA.names}


def test_dropped_reviews_count_in_the_indices_of_the_others() -> None:
    film = rc.Movie(title="Reel", reviews=[rc.Review(score=0.5), rc.Review(), rc.Review(score=0.1)])
    text = rc.dumps([film, film]).replace("0.5", "five")
    rows = by_pyarrow(rc.Corpus(io.StringIO(text), errors="drop"))
    assert [(row["movie_index"], row["review_index"]) for row in rows] == [
        (0, 1),
        (0, 2),
        (1, 1),
        (1, 2),
    ]


def test_a_dropped_movie_has_no_row() -> None:
    text = rc.dumps([rc.Movie(year=1999), rc.Movie(year=2000)]).replace("1999", "MCM")
    rows = rca.movies(rc.Corpus(io.StringIO(text), errors="drop")).read_all().to_pylist()
    assert [(row["movie_index"], row["year"]) for row in rows] == [(1, 2000)]


def test_extra_elements_are_json() -> None:
    corpus = stream(rc.Movie(extra={"country": 'F"R'}, reviews=[rc.Review(extra={"é": "ü"})]))
    assert by_pyarrow(corpus)[0]["extra"] == '{"é": "ü"}'
    assert json.loads(rca.movies(corpus).read_all()["extra"][0].as_py()) == {"country": 'F"R'}


@pytest.mark.parametrize("name", FOLDERS)
def test_every_format_gives_the_rows_of_the_plain_reader(name: str, tmp_path: Path) -> None:
    rca.to_parquet(FOLDERS[name], tmp_path / "reviews.parquet")
    corpus = rc.Corpus(FOLDERS[name])
    assert pq.read_table(tmp_path / "reviews.parquet").to_pylist() == rows_of(corpus)
    assert pa.table(corpus).to_pylist() == rows_of(corpus)
    extras = rca.movies(FOLDERS[name]).read_all()["extra"].to_pylist()
    assert [json.loads(extra or "{}") for extra in extras] == [movie.extra for movie in corpus]


@pytest.mark.parametrize("table", [rca.reviews, rca.movies, rca.defects])
def test_a_corpus_without_a_record_gives_an_empty_table(table: Any) -> None:
    read = table(rc.Corpus(io.BytesIO(b"<movies/>"))).read_all()
    assert read.num_rows == (table is rca.defects)


READERS = [rca.reviews, rca.movies, rca.defects]


@pytest.mark.parametrize("corpus", [None, rc.Movie(), b"<movie/>"])
@pytest.mark.parametrize("read", READERS)
def test_what_a_corpus_does_not_accept_is_refused_at_once(read: Any, corpus: Any) -> None:
    with pytest.raises(TypeError, match="a source must be a path"):
        read(corpus)


@pytest.mark.parametrize("sources", [["a.xml", "b.xml"], (Path("a.xml"),), [rc.Movie()]])
@pytest.mark.parametrize("read", READERS)
def test_several_sources_are_a_corpus_first(read: Any, sources: Any) -> None:
    with pytest.raises(TypeError, match=r"make a corpus of them: Corpus\(\*sources\)"):
        read(sources)


@pytest.mark.parametrize("read", READERS)
def test_what_a_corpus_accepts_is_read(read: Any, tmp_path: Path) -> None:
    text = rc.dumps(FILM).replace("Reel", "Reel &")
    path = tmp_path / "a.xml"
    path.write_text(text)
    expected = read(rc.Corpus(path)).read_all()
    assert expected.num_rows == 1
    assert read(path).read_all() == read(str(path)).read_all() == read(tmp_path).read_all()
    assert read(path).read_all() == expected
    with path.open("rb") as file:
        assert read(file).read_all() == expected


def test_parquet_is_written_of_what_a_corpus_accepts(tmp_path: Path) -> None:
    rc.dump(FILM, tmp_path / "a.xml")
    for source in (tmp_path / "a.xml", io.StringIO(rc.dumps(FILM))):
        rca.to_parquet(source, tmp_path / "movies.parquet", table="movies")
        assert pq.read_table(tmp_path / "movies.parquet")["title"].to_pylist() == ["Reel"]
    with pytest.raises(TypeError, match="a source must be a path"):
        rca.to_parquet(FILM, tmp_path / "none.parquet")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="would be overwritten"):
        rca.to_parquet(tmp_path / "a.xml", tmp_path / "a.xml")


# ---- batches ----------------------------------------------------------------------------


FILM = rc.Movie(title="Reel", reviews=[rc.Review(score=0.5)])


def many(count: int, size: int = 10) -> rc.Corpus:
    body = "x" * size
    return stream(rc.Movie(title="Reel", reviews=[rc.Review(full_review=body)] * count))


def test_reading_is_lazy_and_batches_are_bounded_in_rows_and_characters() -> None:
    sizes = [batch.num_rows for batch in rca.reviews(many(20_000))]
    assert sum(sizes) == 20_000
    assert max(sizes) < 10_000
    assert len(sizes) == 3
    large = [batch.nbytes for batch in rca.reviews(many(50, 1 << 20))]
    assert len(large) >= 12
    assert max(large) < 5_000_000


@pytest.mark.parametrize(
    ("read", "listens"),
    [(pa.table, False), (rca.reviews, False), (rca.movies, False), (rca.defects, True)],
)
def test_defects_are_made_only_for_their_table_and_whoever_asks(
    read: Any, listens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []

    class Watched(Reader):
        def __init__(self, *args: Any, **options: Any) -> None:
            made.append(options["listens"])
            super().__init__(*args, **options)

    monkeypatch.setattr(_iterators, "Reader", Watched)
    told: list[rc.Defect] = []
    text = rc.dumps(FILM).replace("Reel", "Reel & so")
    pa.table(read(rc.Corpus(io.StringIO(text), on_defect=told.append)))
    assert made == [listens]
    assert [defect.kind for defect in told] == ["bare-ampersand"]


def test_a_source_is_opened_when_reading_comes_to_it() -> None:
    reader = rca.reviews(rc.Corpus(io.BytesIO(rc.dumps(FILM).encode()), "missing"))
    with pytest.raises(FileNotFoundError):
        reader.read_all()


@pytest.mark.parametrize(
    "film",
    [
        rc.Movie(title="T" * (1 << 18), reviews=[rc.Review(score=0.5)] * 100),
        rc.Movie(reviews=[rc.Review(short_description="h" * (1 << 18))] * 100),
        rc.Movie(reviews=[rc.Review(username="u" * (1 << 18))] * 100),
        rc.Movie(reviews=[rc.Review(extra={"mood": "m" * (1 << 18)})] * 100),
    ],
    ids=["title", "headline", "user", "extra"],
)
def test_batches_are_bounded_whatever_is_long(film: rc.Movie) -> None:
    batches = list(rca.reviews(stream(film)))
    assert max(batch.nbytes for batch in batches) < 3_000_000
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert rows == rows_of(stream(film))


def test_several_threads_share_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    rc.dump([rc.Movie(title="Reel", reviews=[rc.Review(full_review="x" * 500)] * 500)] * 4, path)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with path.open("rb") as file, ThreadPoolExecutor(4) as pool:
            corpus = rc.Corpus(file)
            counts = pool.map(lambda _: pa.table(corpus).num_rows, range(8))
            assert list(counts) == [2000] * 8
    finally:
        sys.setswitchinterval(interval)


def test_a_stop_of_a_callback_ends_no_table_in_silence() -> None:
    corpus = rc.Corpus(
        io.StringIO("<movie>&</movie>" + rc.dumps(FILM)), on_defect=lambda _: next(iter(()))
    )
    for read in (rca.reviews, rca.movies, rca.defects):
        with pytest.raises(RuntimeError, match="on_defect raised StopIteration"):
            read(corpus).read_all()


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are any bytes on Linux")
def test_names_that_are_not_text_are_shown(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.xml")
    Path(path).write_text(rc.dumps(FILM).replace("Reel", "Reel &"))
    corpus = rc.Corpus(path)
    for read in (rca.reviews, rca.movies, rca.defects):
        assert read(corpus).read_all()["source"][0].as_py() == f"{tmp_path}/a\\udcff.xml"


def test_rows_of_movies_and_defects_come_in_batches_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rca, "_MOST_ROWS", 2)
    corpus = stream(*[rc.Movie(title=f"Reel {number}") for number in range(5)])
    assert [batch.num_rows for batch in rca.movies(corpus)] == [2, 2, 1]
    monkeypatch.setattr(rca, "_MOST_CHARACTERS", 1)
    assert [batch.num_rows for batch in rca.movies(corpus)] == [1] * 5


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the most memory of a process is asked of Linux"
)
@pytest.mark.slow
def test_memory_does_not_grow_with_the_corpus(tmp_path: Path) -> None:
    film = rc.dumps(rc.Movie(title="Reel", reviews=[rc.Review(full_review="x" * 2000)] * 500))
    program = (
        "import sys, reviewcorpus as rc, reviewcorpus.arrow as rca\n"
        "rca.to_parquet(rc.Corpus(sys.argv[1]), sys.argv[2], compression='zstd')\n"
        "print(open('/proc/self/status').read())"
    )
    used = []
    for films in (2, 150):
        path = tmp_path / f"{films}.xml"
        path.write_text(film * films)
        command = [sys.executable, "-c", program, str(path), str(tmp_path / "x.parquet")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found = re.search(r"VmHWM:\s+([0-9]+) kB", done.stdout)
        assert found
        used.append(int(found[1]) * 1024)
    assert used[1] - used[0] < 64_000_000


# ---- errors -----------------------------------------------------------------------------


def test_an_error_of_reading_reaches_who_reads() -> None:
    corpus = rc.Corpus(io.BytesIO(b"<movie><title>Rock & Roll</title></movie>"), errors="strict")
    with pytest.raises(rc.CorpusSyntaxError):
        rca.reviews(corpus).read_all()
    with pytest.raises(Exception, match="not-well-formed"):
        pa.table(corpus)


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "reviewcorpus.arrow")
    with pytest.raises(ImportError, match=r"pip install 'reviewcorpus\[arrow\]'"):
        importlib.import_module("reviewcorpus.arrow")
    with pytest.raises(ImportError, match=r"pip install 'reviewcorpus\[arrow\]'"):
        rc.Corpus("a.xml").__arrow_c_stream__()


# ---- Parquet ----------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["reviews", "movies", "defects"])
def test_each_table_goes_to_parquet(corpus: rc.Corpus, tmp_path: Path, table: Any) -> None:
    path = tmp_path / "x.parquet"
    rca.to_parquet(corpus, path, table=table)
    read = pq.read_table(path)
    assert read.to_pylist() == getattr(rca, table)(corpus).read_all().to_pylist()
    assert read.schema.metadata[b"reviewcorpus.schema_version"] == SCHEMA_VERSION.encode()
    assert [child.name for child in tmp_path.iterdir()] == ["x.parquet"]


def test_row_groups_have_a_sensible_size(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    rca.to_parquet(many(40, 1 << 20), path)
    file = pq.ParquetFile(path)
    rows = [file.metadata.row_group(index).num_rows for index in range(file.num_row_groups)]
    assert sum(rows) == 40
    assert 3 <= len(rows) <= 6


@pytest.mark.parametrize("compression", ["none", "snappy", "ZSTD"])
def test_compressions(corpus: rc.Corpus, tmp_path: Path, compression: str) -> None:
    rca.to_parquet(corpus, tmp_path / "x.parquet", compression=compression)
    assert pq.read_table(tmp_path / "x.parquet").num_rows == 15


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"table": "users"}, "table must be one of reviews, movies"),
        ({"compression": "x"}, "compression must be one of none, snappy, .*, not 'x'"),
        ({"compression": "bz2"}, "compression must be one of none, snappy, .*, not 'bz2'"),
        ({"compression": None}, "compression must be one of none, snappy, .*, not None"),
    ],
)
def test_impossible_options_are_named(
    corpus: rc.Corpus, tmp_path: Path, options: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        rca.to_parquet(corpus, tmp_path / "x.parquet", **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.xml", "new.parquet", "../corpus/a.xml"])
def test_a_source_is_not_overwritten(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    rc.dump(FILM, folder / "a.xml")
    before = (folder / "a.xml").read_bytes()
    with pytest.raises(ValueError, match="is a source of the corpus, and would be overwritten"):
        rca.to_parquet(rc.Corpus(folder), folder / name)
    assert [child.read_bytes() for child in folder.iterdir()] == [before]
    rca.to_parquet(rc.Corpus(folder, io.BytesIO(before)), tmp_path / "beside.parquet")


def test_the_columns_are_those_of_other_formats() -> None:
    assert tuple(rca.REVIEW_SCHEMA.names) == REVIEW_COLUMNS == _rows.REVIEW_COLUMNS
    assert tuple(rca.MOVIE_SCHEMA.names) == _rows.MOVIE_COLUMNS
    assert tuple(rca.DEFECT_SCHEMA.names) == _rows.DEFECT_COLUMNS
    assert (
        tuple("source movie_index imdb_id title link year general_score reviews extra".split())
        == _rows.MOVIE_COLUMNS
    )
    assert (
        tuple(
            "source movie_index review_index kind severity message action offset line column"
            " element field raw".split()
        )
        == _rows.DEFECT_COLUMNS
    )


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_text("old")
    broken = rc.Corpus(io.BytesIO(b"<movie>& </movie>"), errors="strict")
    with pytest.raises(rc.CorpusSyntaxError):
        rca.to_parquet(broken, path)
    assert path.read_text() == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["x.parquet"]
