"""The commands read the other formats, count them, and can be told which one it is."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

import attrs
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from format_samples import FOLDERS
from reviewcorpus import formats
from reviewcorpus.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

OTHERS = [name for name in FOLDERS if name != "movie"]
ALL = [str(folder) for folder in FOLDERS.values()]


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")


# ---- counting ---------------------------------------------------------------------------


def test_check_counts_the_files_in_each_format() -> None:
    lines = invoke("check", *ALL).stdout.splitlines()
    start = lines.index(f"files:{2 * len(FOLDERS):>26}")
    counts = [line.split() for line in lines[start + 1 : start + 2 + len(FOLDERS)]]
    assert counts[:-1] == [["format", f"{name}:", "2"] for name in FOLDERS]
    assert counts[-1][0] == "movies:"
    summary = json.loads(invoke("check", "--format", "json", *ALL).stdout)["summary"]
    assert summary["formats"] == dict.fromkeys(FOLDERS, 2)


def test_stats_and_the_page_count_them_too(tmp_path: Path) -> None:
    assert re.search(r"^  format muchocine +2$", invoke("stats", *ALL).stdout, re.MULTILINE)
    page = tmp_path / "page.html"
    assert invoke("report", *ALL, "-o", str(page)).exit_code == 0
    shown = " ".join(page.read_text(encoding="utf-8").split())
    counts = ", ".join(f"{name} 2" for name in FOLDERS)
    assert f"Files by format: {counts} </p>" in shown


def test_the_usual_format_alone_is_not_mentioned(tmp_path: Path) -> None:
    folder, page = str(FOLDERS["movie"]), tmp_path / "page.html"
    assert "format" not in invoke("check", folder).stdout
    assert "format" not in invoke("stats", folder).stdout
    assert invoke("report", folder, "-o", str(page)).exit_code == 0
    assert "by format" not in page.read_text(encoding="utf-8")


# ---- the option -------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "stats", "convert", "clean", "report"])
def test_every_command_that_reads_can_be_told_the_format(command: str, tmp_path: Path) -> None:
    def output(*options: str) -> str:
        target = [] if command in {"check", "stats"} else ["-o", "-"]
        report = ["--force", "--report", str(tmp_path / "changes.jsonl")]
        more = {"convert": ["--to", "xml"], "clean": report}
        folder = str(FOLDERS["mdsd"])
        return invoke(command, folder, *target, *more.get(command, []), *options).stdout

    assert output("--input-format", "mdsd") == output() != ""
    assert output("--input-format", "movie") != output()


def test_a_format_that_is_forced_is_the_one_that_is_counted() -> None:
    result = invoke("check", "--format", "json", "--input-format", "movie", str(FOLDERS["mdsd"]))
    found = json.loads(result.stdout)
    assert (found["summary"]["files"], found["summary"]["formats"]) == (2, {"movie": 2})
    assert "product_name" in {defect["element"] for defect in found["defects"]}


def test_a_format_that_there_is_not_is_wrong_use() -> None:
    result = invoke("check", "--input-format", "imdb", ".")
    assert result.exit_code == 2
    assert f"'imdb' is not one of {', '.join(map(repr, FOLDERS))}" in result.stderr


# ---- the list ---------------------------------------------------------------------------


def test_the_formats_are_listed_with_their_elements() -> None:
    lines = invoke("formats").stdout.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(FOLDERS)
    assert all(each.description for each in formats.known())
    for each in formats.known():
        assert f"{each.name:<13} {each.description}" in lines
    records = {line.strip() for line in lines if line.startswith(" ")}
    assert "<review author title rank maxRank source>: summary, body" in records
    assert len(records) == sum(len(each.records) for each in formats.known())
    words = set(re.findall(r"\w+", " ".join(records)))
    assert words >= {element for each in formats.known() for element in each.elements}


# ---- from one format to another ---------------------------------------------------------


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_converted_reads_back_equal(name: str, tmp_path: Path) -> None:
    target = tmp_path / "all.xml"
    assert invoke("convert", str(FOLDERS[name]), "-o", str(target)).exit_code == 0
    assert list(rc.iter_movies(target)) == list(rc.iter_movies(FOLDERS[name]))


@pytest.mark.parametrize("name", OTHERS)
def test_tables_have_what_only_one_format_has_in_one_column(name: str, tmp_path: Path) -> None:
    source, movies = str(FOLDERS[name]), list(rc.iter_movies(FOLDERS[name]))
    extras_of = {
        "movies": [movie.extra for movie in movies],
        "reviews": [review.extra for movie in movies for review in movie.reviews],
    }
    assert any(map(any, extras_of.values()))
    for table, expected in extras_of.items():
        target = tmp_path / f"{table}.csv"
        assert invoke("convert", source, "-o", str(target), "--table", table).exit_code == 0
        rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
        assert [json.loads(row["extra"] or "{}") for row in rows] == expected


@pytest.mark.parametrize("name", OTHERS)
def test_clean_files_are_in_the_usual_format_and_stay_as_they_are(
    name: str, tmp_path: Path
) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    assert invoke("clean", str(FOLDERS[name]), "-o", str(once)).exit_code == 0
    cleaned = list(rc.iter_movies(once))
    assert rc.Corpus(once).summary().formats == {"movie": len(cleaned)}
    assert {movie.title for movie in cleaned} == {
        movie.title for movie in rc.iter_movies(FOLDERS[name])
    }
    result = invoke("clean", str(once), "-o", str(twice))
    assert "nothing to change" in result.stderr
    assert list(rc.iter_movies(twice)) == cleaned


@pytest.fixture
def lost_tag(tmp_path: Path) -> Path:
    """A file whose first review has lost its start tag, and so is read as parts of its movie."""
    text = (FOLDERS["senscritique"] / "SensCritiqueFilm0.txt").read_text(encoding="utf-8")
    path = tmp_path / "SensCritiqueFilm7.txt"
    path.write_text(text.replace("<review>", "", 1), encoding="utf-8")
    return path


def test_names_that_the_usual_format_has_too_are_changed(lost_tag: Path, tmp_path: Path) -> None:
    (movie,) = rc.iter_movies(lost_tag)
    assert movie.extra["title"] == "Marée basse"
    target, report = tmp_path / "all.xml", tmp_path / "changes.jsonl"
    result = invoke("convert", str(lost_tag), "-o", str(target))
    assert "elements renamed, because the format or HTML has their names: 1\n" in result.stderr
    assert "dropped" not in result.stderr
    extra = {key + "_" * (key == "title"): text for key, text in movie.extra.items()}
    assert list(rc.iter_movies(target)) == [attrs.evolve(movie, extra=extra)]
    invoke("clean", str(lost_tag), "-o", str(target), "--force", "--report", str(report))
    assert rc.load(target).extra == extra
    changes = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert [(each["old"], each["new"], each["why"]) for each in changes[-1:]] == [
        ("title", "title_", "the format has an element 'title'")
    ]


def test_clean_reports_what_was_in_the_files(tmp_path: Path) -> None:
    report = tmp_path / "changes.jsonl"
    folder = str(FOLDERS["senscritique"])
    assert invoke("clean", folder, "--dry-run", "--report", str(report)).exit_code == 0
    changes = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert [(change["step"], change["field"], change["review_index"]) for change in changes] == [
        ("reading", "date", 1),
        ("drop-repeats", None, 2),
    ]
