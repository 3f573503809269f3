"""`reviewcorpus convert`: each format holds the same rows."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import attrs
import click
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus._rows import DEFECT_COLUMNS, MOVIE_COLUMNS, REVIEW_COLUMNS
from reviewcorpus.cli import _output, cli
from reviewcorpus.cli._convert import WRITERS
from reviewcorpus.cli._output import Output

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

MOVIE = rc.Movie(
    title='Tick & "Tock"',
    link="http://www.imdb.com/title/tt9000001/",
    year=1999,
    extra={"country": "FR"},
    reviews=[
        rc.Review(
            username="ann, b.", score=0.7, full_review="One\n\nTwo; «é» 🎬", extra={"é": "ü"}
        ),
        rc.Review(),
    ],
)
Row = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    rc.dump(MOVIE, "corpus/a.xml")
    damaged = rc.dumps([attrs.evolve(MOVIE, title="Reel"), MOVIE]).replace("0.7", "seven", 1)
    (tmp_path / "corpus" / "b.xml").write_text(damaged, encoding="utf-8")
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["convert", *arguments], prog_name="reviewcorpus")


def by_jsonl(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def by_csv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_parquet(path: Path) -> list[Row]:
    pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow, of the extra `arrow`")
    rows: list[Row] = pq.read_table(path).to_pylist()
    return rows


READERS = {".jsonl": by_jsonl, ".csv": by_csv, ".parquet": by_parquet}
TO_OUTPUT = [ending[1:] for ending in WRITERS if ending != ".parquet"]


def as_text(row: Row) -> Row:
    """Return a row as CSV has it."""
    return {name: "" if value is None else str(value) for name, value in row.items()}


@pytest.mark.interop
@pytest.mark.parametrize(
    ("table", "columns", "count"),
    [("reviews", REVIEW_COLUMNS, 6), ("movies", MOVIE_COLUMNS, 3), ("defects", DEFECT_COLUMNS, 7)],
)
def test_each_format_holds_the_same_rows(
    folder: Path, table: str, columns: tuple[str, ...], count: int
) -> None:
    rows: dict[str, list[Row]] = {}
    for ending, reader in READERS.items():
        path = folder / f"{table}{ending}"
        result = invoke("corpus", "-o", path.name, "--table", table)
        assert result.exit_code == 0, result.output
        assert f"{table} written: {count}\n" in result.stderr
        rows[ending] = reader(path)
    lines, values, others = rows.pop(".jsonl"), rows.pop(".csv"), rows.values()
    assert [tuple(row) for row in lines] == [columns] * count
    assert values == [as_text(row) for row in lines]
    for other in others:
        plain = [
            {name: str(value) if name == "date" and value else value for name, value in row.items()}
            for row in other
        ]
        assert plain == lines


def test_each_format_is_read_back_and_is_none_of_clean_files() -> None:
    assert READERS.keys() | {".xml"} == WRITERS.keys()
    assert READERS.keys() | {".ndjson"} <= _output._OTHER_FORMATS


def test_json_lines_have_days_and_extra_as_text(folder: Path) -> None:
    text = rc.dumps(MOVIE).replace("<date>null", "<date>2001-02-03", 1)
    (folder / "a.xml").write_text(text, encoding="utf-8")
    assert invoke("a.xml", "-o", "x.ndjson").exit_code == 0
    first = by_jsonl(folder / "x.ndjson")[0]
    assert (first["date"], first["extra"]) == ("2001-02-03", '{"é": "ü"}')
    assert (first["title"], first["full_review"]) == (MOVIE.title, MOVIE.reviews[0].full_review)


def test_xml_is_one_clean_file(folder: Path) -> None:
    result = invoke("corpus", "-o", "all.xml")
    assert "movies written: 3\n" in result.stderr
    assert "defects found while reading: 7; `reviewcorpus check` shows them" in result.stderr
    assert len(list(rc.iter_movies(folder / "all.xml", errors="strict"))) == 3


def test_what_has_an_error_can_be_dropped(folder: Path) -> None:
    assert invoke("corpus", "-o", "x.jsonl", "--errors", "drop").exit_code == 0
    rows = by_jsonl(folder / "x.jsonl")
    assert [(row["movie_index"], row["review_index"]) for row in rows] == [
        (0, 0),
        (0, 1),
        (0, 1),
        (1, 0),
        (1, 1),
    ]


@pytest.mark.interop
def test_the_first_fault_can_stop_it_and_then_nothing_is_written(folder: Path) -> None:
    for ending in WRITERS:
        result = invoke("corpus", "-o", f"x{ending}", "--errors", "strict")
        assert result.exit_code == 2
        assert "not converted: corpus/b.xml:" in result.stderr
        assert "nothing was written" in result.stderr
    assert [path.name for path in folder.iterdir()] == ["corpus"]


@pytest.mark.parametrize("style", TO_OUTPUT)
def test_standard_output_can_be_the_target(folder: Path, style: str) -> None:
    command = [sys.executable, "-m", "reviewcorpus", "convert", "-", "-o", "-", "--to", style]
    data = (folder / "corpus" / "a.xml").read_bytes()
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    (folder / "out").write_bytes(done.stdout)
    if style == "xml":
        assert rc.load(io.BytesIO(done.stdout)) == MOVIE
    else:
        assert len(READERS[f".{style}"](folder / "out")) == 2


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "x"], f"'x' does not say which format; end it in {', '.join(WRITERS)}, or"),
        (["-o", "-"], "'-' does not say which format"),
        (["-o", "-", "--to", "parquet"], "Parquet cannot be written to standard output"),
        (
            ["-o", "x.xml.gz", "--to", "xml"],
            "'x.xml.gz' ends like another format, and not like xml",
        ),
        (["-o", "x.csv.gz"], "'x.csv.gz' ends like another format, and not like a table"),
        (["-o", "x.parquet", "--to", "csv"], "ends like another format, and not like csv"),
        (
            ["-o", "x.xml", "--table", "movies"],
            "XML holds movies and their reviews, not a table of movies",
        ),
        (["-o", "corpus/x.csv"], "overlap; choose a place outside of it"),
        (["-o", "x.csv", "--encoding", "utf-nine"], "utf-nine"),
        ([], "Missing option '-o'"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], message: str) -> None:
    result = invoke("corpus", *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_a_file_that_is_there_is_replaced_only_with_force(folder: Path) -> None:
    path = folder / "x.csv"
    path.write_text("kept")
    assert invoke("corpus", "-o", "x.csv").exit_code == 2
    assert path.read_text() == "kept"
    assert invoke("corpus", "-o", "x.csv", "--force").exit_code == 0
    assert len(by_csv(path)) == 6


def test_without_pyarrow_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "reviewcorpus.arrow", raising=False)
    result = invoke("corpus", "-o", "x.parquet")
    assert result.exit_code == 2
    assert "pip install 'reviewcorpus[arrow]'" in " ".join(result.output.split())
    assert [path.name for path in folder.iterdir()] == ["corpus"]


def test_closed_standard_output_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(click.UsageError, match="standard output is closed"):
        cli.main(["convert", "a.xml", "-o", "-", "--to", "csv"], standalone_mode=False)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_closed_pipe_is_no_traceback(folder: Path) -> None:
    movie = attrs.evolve(MOVIE, reviews=MOVIE.reviews * 20_000)
    rc.dump(movie, folder / "large.xml")
    command = [
        sys.executable,
        "-m",
        "reviewcorpus",
        "convert",
        "large.xml",
        "-o",
        "-",
        "--to",
        "csv",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert b"Traceback" not in errors


def test_standard_output_is_written_within_this_process_too(folder: Path) -> None:
    result = invoke("corpus", "-o", "-", "--to", "jsonl")
    (folder / "out").write_bytes(result.stdout_bytes)
    assert len(by_jsonl(folder / "out")) == 6
    assert "reviews written: 6\n" in result.stderr


def test_a_pipe_that_closes_ends_the_command_in_silence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    monkeypatch.setattr(_output, "open_whole", fail)
    result = invoke("corpus", "-o", "x.csv")
    assert (result.exit_code, result.stderr) == (1, "")
    assert [path.name for path in folder.iterdir()] == ["corpus"]


def test_a_large_movie_is_converted_step_by_step(folder: Path) -> None:
    rc.dump(attrs.evolve(MOVIE, reviews=MOVIE.reviews * 400), folder / "large.xml")
    assert "reviews written: 800\n" in invoke("large.xml", "-o", "x.csv").stderr


def test_what_went_to_standard_output_before_an_error_is_told(folder: Path) -> None:
    result = invoke("corpus", "missing.xml", "-o", "-", "--to", "jsonl")
    assert result.exit_code == 2
    assert "the output is incomplete" in result.stderr
    assert len(result.stdout.splitlines()) == 6
    assert folder.is_dir()


@pytest.mark.parametrize(
    "target",
    [*(f"x.{style}" for style in TO_OUTPUT), pytest.param("x.parquet", marks=pytest.mark.interop)],
)
def test_a_folder_without_files_to_read_is_told(folder: Path, target: str) -> None:
    (folder / "empty").mkdir()
    result = invoke("empty", "-o", target)
    assert result.exit_code == 2
    assert "no *.xml, *.txt or *.review file found" in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["corpus", "empty"]


@pytest.mark.parametrize(
    ("style", "unbuffered"), [*((style, "") for style in TO_OUTPUT), ("jsonl", "1")]
)
@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_pipe_that_is_closed_from_the_start_is_no_traceback(
    folder: Path, style: str, unbuffered: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "reviewcorpus", "convert", "corpus", "-o", "-", "--to", style],
            stdout=writer,
            stderr=subprocess.PIPE,
            check=False,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_unbuffered_output_gets_all(folder: Path) -> None:
    command = [sys.executable, "-u", "-m", "reviewcorpus", "convert", "corpus", "-o", "-"]
    done = subprocess.run([*command, "--to", "jsonl"], capture_output=True, check=True, cwd=folder)
    (folder / "out").write_bytes(done.stdout)
    assert len(by_jsonl(folder / "out")) == 6


def test_a_raw_output_is_written_to_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.RawIOBase):
        """Takes three bytes at a time."""

        taken = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.taken += bytes(data[:3])
            return min(len(data), 3)

    slow: Any = Slow()
    stdout = io.TextIOWrapper(slow)
    for name in ("stdout", "__stdout__"):
        monkeypatch.setattr(sys, name, stdout)
    _output.prepare_streams()
    with Output(()) as output, _output.open_target("-", output, force=False) as file:
        file.write(b"ten bytes.")
    assert slow.taken == b"ten bytes."


@pytest.mark.parametrize("name", ["\u2167", "x" * 1001])
def test_a_name_that_xml_does_not_have_does_not_stop_the_rest(folder: Path, name: str) -> None:
    text = (
        rc.dumps([MOVIE, MOVIE])
        .replace("<country>", f"<{name}>")
        .replace("</country>", f"</{name}>")
    )
    (folder / "odd.xml").write_text(text, encoding="utf-8")
    result = invoke("odd.xml", "-o", "clean.xml")
    assert result.exit_code == 0, result.output
    assert "elements dropped, because XML forbids their names: 2" in result.stderr
    clean = list(rc.iter_movies(folder / "clean.xml"))
    assert clean == [attrs.evolve(MOVIE, extra={})] * 2


def test_no_bar_is_drawn_in_the_middle_of_what_a_terminal_gets(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.TextIOWrapper):
        """A stream that says that it is a terminal."""

        def isatty(self) -> bool:
            return True

    assert folder.is_dir()
    monkeypatch.setenv("TERM", "xterm")
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", Terminal(shown, encoding="utf-8"))
    cli.main(["convert", "corpus", "-o", "-", "--to", "jsonl"], standalone_mode=False)
    sys.stdout.flush()
    table = shown.getvalue().rpartition(b"\x1b[2K")[2]
    assert len([json.loads(line) for line in table.splitlines()]) == 6
