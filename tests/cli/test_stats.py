"""`reviewcorpus stats`."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus.cli import cli
from reviewcorpus.cli._stats import _bars, _length_rows, _score_rows, _year_rows, number, percent

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

MOVIE = rc.Movie(
    title="Paper Boats",
    link="http://www.imdb.com/title/tt9000001/",
    year=2007,
    general_score=0.7,
    reviews=[
        rc.Review(username="ann", score=0.72, full_review="A short film.At only an hour."),
        rc.Review(username="bob", score=0.8, full_review="x" * 1000),
        rc.Review(username="bob"),
    ],
)
COMMAND = [sys.executable, "-m", "reviewcorpus"]
ESCAPE = "\x1b"


@pytest.fixture
def folder(working_folder: Path) -> Path:
    rc.dump(MOVIE, "a.xml")
    (working_folder / "b.xml").write_text(rc.dumps(MOVIE).replace("Paper", "Tick &"))
    return working_folder


def invoke(*arguments: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["stats", *arguments], input=data, prog_name="reviewcorpus")


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, with pipes."""
    return subprocess.run(
        [*COMMAND, "stats", *arguments], capture_output=True, check=False, timeout=30, **options
    )


def value(output: str, name: str) -> str:
    """Return the number or share after a name."""
    found = re.search(rf"^ *{re.escape(name)} {{2,}}([-0-9,.<]+( %)?)", output, re.MULTILINE)
    assert found, name
    return found[1]


# ---- text -------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_a_pipe_gets_a_plain_table() -> None:
    result = invoke("a.xml", "b.xml")
    assert result.exit_code == 0
    assert result.output.isascii()
    assert value(result.output, "movies") == "2"
    assert value(result.output, "reviews") == "6"
    assert value(result.output, "share without score") == "33.3 %"
    assert value(result.output, "mean of the stars") == "7.5"
    assert value(result.output, "median") == "29"
    assert value(result.output, "longest") == "1,000"
    assert value(result.output, "names") == "2"
    assert "problems" not in result.output
    lines = result.output.splitlines()
    assert all(line == line.rstrip() for line in lines)
    assert f"  8                     2   33.3 %  {'#' * 40}" in lines
    assert f"  2007                  2  100.0 %  {'#' * 40}" in lines
    assert "  bare-ampersand                   1  info     first: b.xml:2:14" in lines


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("option", [["--validate"], ["--rules", "R203,C301"]])
def test_problems_are_counted_where_they_are_asked_for(option: list[str]) -> None:
    lines = invoke(*option, "a.xml", "b.xml").output.splitlines()
    below = lines[lines.index("problems") :]
    assert "  C301                             1  warning  first: b.xml:1: movies[0]" in below
    place = "a.xml:6: movies[0].reviews[0].score"
    assert f"  R203                             2  info     first: {place}" in below


@pytest.mark.usefixtures("folder")
def test_a_kind_with_two_severities_shows_both() -> None:
    result = invoke("-", data=b"<movie><title>&#150; &#0;</title></movie>")
    assert re.search(r"invalid-reference +2  warning or error first: <stream>:1:15", result.output)


def test_an_empty_folder_is_told_and_shows_nothing(tmp_path: Path) -> None:
    result = invoke(str(tmp_path))
    assert result.exit_code == 2
    assert "nothing to read: no *.xml, *.txt or *.review file found" in result.output
    assert value(result.output, "reviews") == "0"
    assert value(result.output, "mean of the stars") == "-"
    assert "lengths" not in result.output
    assert "#" not in result.output


@pytest.mark.usefixtures("folder")
def test_a_dash_is_standard_input() -> None:
    result = invoke("-", "a.xml", data=rc.dumps(MOVIE).encode())
    assert value(result.output, "files") == "2"
    assert value(result.output, "movies") == "2"


def test_an_encoding_can_be_forced(folder: Path) -> None:
    (folder / "wide.xml").write_bytes(rc.dumps(MOVIE).replace("Paper", "Été").encode("utf-16-le"))
    assert value(invoke("--encoding", "UTF-16LE", "wide.xml").output, "movies") == "1"
    result = invoke("--fallback-encoding", "utf-16", "wide.xml")
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")


@pytest.mark.usefixtures("folder")
def test_a_rule_that_is_not_there_is_wrong_use() -> None:
    result = invoke("--rules", "X1", "a.xml")
    assert result.exit_code == 2
    assert "there is no rule 'X1'" in result.output


def test_what_cannot_be_read_is_told_and_the_rest_is_counted(folder: Path) -> None:
    done = run("a.xml", "missing.xml", "b.xml", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith(b"reviewcorpus: not read: ")
    assert done.stderr.count(b"\n") == 1
    assert value(done.stdout.decode(), "movies") == "2"


def test_control_characters_of_names_never_reach_the_output(folder: Path) -> None:
    name = f"{ESCAPE}[31m\nmovie.xml"
    (folder / name).write_text("<movie><title>a & b</title></movie>")
    output = run("--validate", name, cwd=folder).stdout.decode()
    assert r"\x1b[31m\nmovie.xml:1:" in output
    assert ESCAPE not in output


def test_colors_in_a_pipe_only_where_they_are_forced_and_nobody_refuses_them(folder: Path) -> None:
    for names, has_colors in {
        "FORCE_COLOR": True,
        "FORCE_COLOR NO_COLOR": False,
        "": False,
    }.items():
        wish = dict.fromkeys(names.split(), "1")
        done = run("a.xml", cwd=folder, env={**os.environ, **wish})
        assert done.stderr == b""
        assert (ESCAPE.encode() in done.stdout) is has_colors


def test_a_closed_pipe_is_no_traceback(folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            [*COMMAND, "stats", "."], cwd=folder, stdout=pipe, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(("problem", "status"), [(errno.ENOSPC, 2), (errno.EPIPE, 1)])
@pytest.mark.usefixtures("folder")
def test_a_failing_output_sets_the_status_and_is_not_tried_again(
    problem: int, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "output"
    with path.open("w", encoding="utf-8") as output:

        def fail(*_: object, **__: object) -> None:
            output.write("held back")  # by the buffer, until it is closed
            raise OSError(problem, "cannot be written")

        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setattr(click, "echo", fail)
        with pytest.raises((SystemExit, OSError)) as caught:
            cli.main(["stats", "a.xml"], standalone_mode=False)
    assert getattr(caught.value, "code", 1) == status
    assert path.read_text(encoding="utf-8") == ""


def test_help_has_examples_and_the_exit_status() -> None:
    output = invoke("--help").output
    assert "\n    reviewcorpus stats corpus/\n" in output
    assert "Exit status: 0" in output


# ---- JSON -------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_json_is_one_object() -> None:
    result = invoke("--format", "json", "--validate", "a.xml", "b.xml", "missing.xml")
    assert result.exit_code == 2
    data = json.loads(result.stdout)
    assert list(data) == [
        *["summary", "scores", "general_scores", "years", "dates", "lengths", "users"],
        *["defects", "problems", "not_read"],
    ]
    assert data["summary"]["reviews"] == 6
    assert data["scores"]["share_without"] == pytest.approx(1 / 3)
    assert data["defects"][0]["examples"][0]["source"] == "b.xml"
    assert "missing.xml" in data["not_read"][0]


@pytest.mark.usefixtures("folder")
def test_json_without_rules_has_no_problems() -> None:
    assert json.loads(invoke("--format", "json", "a.xml").stdout)["problems"] is None


# ---- the terminal -----------------------------------------------------------------------


class Terminal(io.TextIOWrapper):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, *arguments: str, encoding: str = "utf-8") -> str:
    """Return what a terminal shows below the progress bar, which is erased at its end."""
    shown = io.BytesIO()
    with monkeypatch.context() as patch:
        stream = Terminal(shown, encoding=encoding)
        patch.setattr(sys, "stdout", stream)
        with suppress(SystemExit):
            cli.main(["stats", *arguments], standalone_mode=False)
        stream.flush()
    return shown.getvalue().decode(encoding).rpartition("\x1b[2K")[2]


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.usefixtures("folder")
def test_a_terminal_has_colours_and_bars_in_eighths(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = on_terminal(monkeypatch, "--validate", "a.xml", "b.xml")
    assert "\x1b[32m████" in shown
    plain = without_colours(shown)
    assert value(plain, "movies") == "2"
    bars = re.findall("[█▏▎▍▌▋▊▉]+", plain)
    assert max(map(len, bars)) == 44
    assert all(len(line) <= 80 for line in plain.splitlines() if "█" in line)


@pytest.mark.usefixtures("folder")
def test_a_terminal_without_block_characters_has_other_bars(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = without_colours(on_terminal(monkeypatch, "a.xml", encoding="ascii"))
    assert "#" * 44 in plain
    assert "█" not in plain


@pytest.mark.usefixtures("folder")
def test_no_colour_is_used_where_none_is_wished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in on_terminal(monkeypatch, "a.xml")


def test_small_and_large_bars(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    years = [1990] * 300 + [2000] + [2001] * 100
    rc.dump([rc.Movie(title="x", year=year) for year in years], "c.xml")
    lines = without_colours(on_terminal(monkeypatch, "c.xml")).splitlines()
    start = lines.index("years of the movies")
    bars = [line.rpartition("%")[2].strip() for line in lines[start + 1 : start + 13]]
    assert bars[0] == "█" * 44
    assert bars[1] == ""
    assert bars[10] == "▏"
    assert bars[11] == "█" * 14 + "▋"
    assert folder.exists()


def test_the_bar_moves_while_much_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rc.dump([MOVIE] * 300, "many.xml")
    assert "movies" in on_terminal(monkeypatch, "many.xml")
    assert folder.exists()


@pytest.mark.usefixtures("folder")
def test_without_standard_error_the_status_still_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)  # as "2>&-" in a shell leaves it
    assert cli.main(["stats", "a.xml"], standalone_mode=False) is None
    with pytest.raises(SystemExit) as caught:
        cli.main(["stats", "missing.xml"], standalone_mode=False)
    assert caught.value.code == 2


# ---- histograms -------------------------------------------------------------------------


def test_bars_have_shares_of_all_records() -> None:
    stars = dict.fromkeys(range(1, 11), 1)
    scores = {"stars": stars, "below": 8, "without": 2}
    bars = _bars(_score_rows(scores))
    assert bars[0] == ("0", 8, 0.4)
    assert bars[-1] == ("none", 2, 0.1)
    assert [bar.label for bar in bars[1:-1]] == [str(number) for number in range(1, 11)]


def test_years_are_shown_one_by_one_or_by_decades() -> None:
    few = {"counts": {1998: 2, 2001: 1}, "without": 1}
    assert list(_year_rows(few)) == [
        *[("1998", 2), ("1999", 0), ("2000", 0), ("2001", 1), ("none", 1)]
    ]
    many = {"counts": {1978: 2, 1979: 1, 1980: 1, 2001: 3}, "without": 0}
    assert list(_year_rows(many)) == [
        *[("1970s", 3), ("1980s", 1), ("1990s", 0), ("2000s", 3), ("none", 0)]
    ]


def test_years_that_no_movie_can_have_stay_aside() -> None:
    counts = dict.fromkeys([1, 1879, 1880, 2039, 2040, 9999], 1)
    rows = list(_year_rows({"counts": counts, "without": 0}))
    assert len(rows) == 19
    assert [rows[0], rows[1], rows[-3], rows[-2]] == [
        *[("<1880", 2), ("1880s", 1), ("2030s", 1), ("2040+", 2)]
    ]
    wrong = list(_year_rows({"counts": {1: 1, 9999: 1}, "without": 0}))
    assert [label for label, _ in wrong] == ["<1880", "2040+", "none"]


def test_lengths_are_shown_by_doublings() -> None:
    def rows(doublings: dict[int, int]) -> list[tuple[str, int]]:
        return list(_length_rows({"doublings": doublings}))

    assert rows({}) == []
    assert rows({0: 3}) == [("0+", 3)]
    assert rows({0: 1, 2: 1, 8: 2}) == [("0+", 1), ("2+", 1), ("4+", 0), ("8+", 2)]
    assert rows({512: 1, 1024: 1}) == [("512+", 1), ("1K+", 1)]
    assert rows({1 << 19: 1, 1 << 20: 1}) == [("512K+", 1), ("1024K+", 1)]


def test_scores_below_the_scale_have_a_bar_where_there_are_some() -> None:
    stars = dict.fromkeys(range(1, 11), 1)
    assert len(list(_score_rows({"stars": stars, "below": 0, "without": 2}))) == 11
    assert next(_score_rows({"stars": stars, "below": 8, "without": 2})) == ("0", 8)


def test_numbers_are_shown_as_people_read_them() -> None:
    assert [number(value) for value in (None, 0, 1234567, 1234.56)] == [
        *["-", "0", "1,234,567", "1,234.6"]
    ]
    assert [percent(share) for share in (None, 0, 0.0001, 0.0005, 0.25, 1)] == [
        *["-", "0.0 %", "<0.1 %", "0.1 %", "25.0 %", "100.0 %"]
    ]
