"""`reviewcorpus clean`: what it writes where, what it reports, and what it refuses."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import attrs
import click
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus.cleaning import STEPS, _texts
from reviewcorpus.cli import _clean, _output, cli

if TYPE_CHECKING:
    from click.testing import Result

LINK = "http://www.imdb.com/title/tt9000001/"
BODY = "A rather short film.At only an hour it says more than most."
REVIEW = rc.Review(username="Mara Quill (mara@example.org)", score=0.7, full_review=BODY)
MOVIE = rc.Movie(title="Paper Boats", link=LINK, year=2007, reviews=[REVIEW, REVIEW])
OTHER = rc.Movie(title="Tick &amp; Tock", year=1999, reviews=[rc.Review(full_review="CafÃ©")])
ALL = [*STEPS, "merge-movies"]
DEFAULTS = ["unescape-again", "fix-mojibake", "drop-repeats"]
MORE = ["redact-emails", "split-sentences", "merge-movies"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a corpus: one movie in two files, another one beside it."""
    monkeypatch.chdir(tmp_path)
    Path("corpus").mkdir()
    rc.dump(MOVIE, "corpus/a.xml")
    rc.dump([OTHER, attrs.evolve(MOVIE, year=None, reviews=[REVIEW])], "corpus/b.xml")
    return tmp_path


def invoke(*arguments: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["clean", *arguments], input=data, prog_name="reviewcorpus")


def step(*arguments: str) -> list[dict[str, Any]]:
    """Run the command with the report on standard output; give the report."""
    result = invoke(*arguments, "--report", "-")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def names_in(path: str) -> list[str]:
    return sorted(os.listdir(path))


# ---- what is written --------------------------------------------------------------------


def test_by_default_only_what_is_nearly_certain_is_changed(folder: Path) -> None:
    changes = step("corpus", "-o", "clean")
    assert [(c["step"], c["source"], c["movie_index"], c["review_index"]) for c in changes] == [
        ("drop-repeats", "corpus/a.xml", 0, 1),
        ("unescape-again", "corpus/b.xml", 0, None),
        ("fix-mojibake", "corpus/b.xml", 0, 0),
    ]
    movies = list(rc.iter_movies(folder / "clean", errors="strict"))
    assert [movie.title for movie in movies] == ["Tick & Tock", "Paper Boats", "Paper Boats"]
    assert movies[0].reviews[0].full_review == "Café"
    assert [movie.reviews for movie in movies[1:]] == [(REVIEW,), (REVIEW,)]


def test_a_folder_gets_one_file_per_movie_and_every_change_is_reported(folder: Path) -> None:
    changes = step("corpus", "-o", "clean", "--all")
    assert names_in("clean") == ["tick-tock-1999.xml", "tt9000001.xml"]
    movie = rc.load(folder / "clean" / "tt9000001.xml", errors="strict")
    assert (movie.title, movie.year, len(movie.reviews)) == ("Paper Boats", 2007, 1)
    assert movie.reviews[0].username == "Mara Quill"
    assert movie.reviews[0].full_review == BODY.replace("film.At", "film. At")
    other = rc.load(folder / "clean" / "tick-tock-1999.xml")
    assert (other.title, other.reviews[0].full_review) == ("Tick & Tock", "Café")
    assert [(c["step"], c["source"], c["movie_index"], c["review_index"]) for c in changes] == [
        ("redact-emails", "corpus/a.xml", 0, 0),
        ("redact-emails", "corpus/a.xml", 0, 1),
        ("split-sentences", "corpus/a.xml", 0, 0),
        ("split-sentences", "corpus/a.xml", 0, 1),
        ("merge-movies", "corpus/a.xml", 0, None),
        ("unescape-again", "corpus/b.xml", 0, None),
        ("fix-mojibake", "corpus/b.xml", 0, 0),
        ("redact-emails", "corpus/b.xml", 1, 0),
        ("split-sentences", "corpus/b.xml", 1, 0),
        ("merge-movies", "corpus/b.xml", 1, None),
        ("merge-movies", "corpus/a.xml", 0, 1),
        ("merge-movies", "corpus/b.xml", 1, 0),
    ]
    assert changes[2] == {
        "step": "split-sentences",
        "field": "full_review",
        "old": "film.At",
        "new": "film. At",
        "why": "two sentences run together",
        "source": "corpus/a.xml",
        "movie_index": 0,
        "review_index": 0,
        "start": 15,
        "kept_index": None,
    }
    assert (changes[4]["old"], changes[4]["new"], changes[4]["why"]) == (
        *("Paper Boats", None),
        "one of 2 records of tt9000001, which become one",
    )
    assert names_in(".") == ["clean", "corpus"]


def test_what_was_done_is_told_and_the_report_stands_beside(folder: Path) -> None:
    result = invoke("corpus", "-o", "clean/", "--all")
    assert result.stdout == ""
    assert result.stderr.replace("reviewcorpus: ", "").splitlines() == [
        "read 3 movies in 2 files",
        "unescape-again: 1 change",
        "fix-mojibake: 1 change",
        "redact-emails: 3 changes",
        "split-sentences: 3 changes",
        "merge-movies: 4 changes",
        "wrote 2 movies to clean/",
        "wrote a report of the changes to clean.changes.jsonl",
    ]
    lines = (folder / "clean.changes.jsonl").read_text().splitlines()
    assert len([json.loads(line) for line in lines]) == 12
    assert names_in(".") == ["clean", "clean.changes.jsonl", "corpus"]


def test_a_file_gets_all_movies(folder: Path) -> None:
    assert len(step("corpus", "-o", "clean.xml", "--with", "merge-movies")) == 6
    movies = list(rc.iter_movies(folder / "clean.xml", errors="strict"))
    assert [movie.title for movie in movies] == ["Tick & Tock", "Paper Boats"]


@pytest.mark.parametrize("options", [[], ["--all"]], ids=str)
@pytest.mark.parametrize("target", ["again", "again.xml"])
def test_its_own_output_is_not_changed(folder: Path, target: str, options: list[str]) -> None:
    first = target.replace("again", "clean")
    assert invoke("corpus", "-o", first, *options).exit_code == 0
    result = invoke(first, "-o", target, "--report", "-", *options)
    assert result.stdout == ""
    assert "reviewcorpus: nothing to change\n" in result.stderr
    left, right = folder / first, folder / target
    if left.is_dir():
        assert names_in(first) == names_in(target)
        for path in left.iterdir():
            assert path.read_bytes() == (right / path.name).read_bytes()
    else:
        assert left.read_bytes() == right.read_bytes()


def test_standard_output_gets_the_movies_and_no_report() -> None:
    data = rc.dumps([MOVIE, OTHER]).encode()
    command = [sys.executable, "-m", "reviewcorpus", "clean", "-", "-o", "-"]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    movies = list(rc.iter_movies(io.BytesIO(done.stdout), errors="strict"))
    assert [movie.title for movie in movies] == ["Paper Boats", "Tick & Tock"]
    assert done.stderr.startswith(b"reviewcorpus: read 2 movies in 1 file\n")
    assert done.stderr.endswith(b"reviewcorpus: wrote 2 movies to standard output\n")


def test_standard_output_is_written_within_this_process_too(folder: Path) -> None:
    result = invoke("corpus", "-o", "-")
    movies = list(rc.iter_movies(io.BytesIO(result.stdout_bytes), errors="strict"))
    assert [movie.title for movie in movies] == ["Paper Boats", "Tick & Tock", "Paper Boats"]
    assert names_in(str(folder)) == ["corpus"]
    assert invoke("corpus", "-o", "-", "--report", "changes.jsonl").stdout == result.stdout
    assert (folder / "changes.jsonl").read_text().count("\n") == 3


def test_what_went_to_standard_output_before_an_error_is_reported(folder: Path) -> None:
    result = invoke("corpus", "missing.xml", "-o", "-")
    assert result.exit_code == 2
    assert "Paper Boats" in result.stdout
    assert result.stderr.endswith("reviewcorpus: the output is incomplete\n")
    assert names_in(str(folder)) == ["corpus"]


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["-o", "clean", "--diff"], 2, "nothing was written"),
        (["-o", "-"], 1, ""),
        (["--diff"], 1, ""),
    ],
)
def test_a_pipe_that_closes_is_told_where_a_file_was_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], status: int, message: str
) -> None:
    def fail(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    monkeypatch.setattr(_output, "dump", fail)
    monkeypatch.setattr(_clean, "diff", fail)
    result = invoke("corpus", *options)
    assert result.exit_code == status
    assert message in result.stderr
    assert bool(message) == bool(result.stderr)
    assert names_in(str(folder)) == ["corpus"]


# ---- which steps ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], DEFAULTS),
        (["--all"], ALL),
        (["--all", "--with", "split-sentences"], ALL),
        (["--with", "split-sentences"], [*DEFAULTS, "split-sentences"]),
        (["--with", "redact-emails, split-sentences,merge-movies"], ALL),
        (["--with", "redact-emails", "--with", "drop-repeats"], [*DEFAULTS, "redact-emails"]),
        (["--without", "fix-mojibake,unescape-again"], ["drop-repeats"]),
        (
            ["--all", "--without", "merge-movies", "--without", "redact-emails"],
            [*DEFAULTS, MORE[1]],
        ),
        (["--with", MORE[1], "--without", ",".join(DEFAULTS)], ["split-sentences"]),
        (["--with", "redact-emails", "--without", "redact-emails"], DEFAULTS),
        (["--without", ",".join(DEFAULTS)], []),
    ],
)
@pytest.mark.usefixtures("folder")
def test_steps_are_chosen_by_name(options: list[str], names: list[str]) -> None:
    done = {change["step"] for change in step("corpus", "-o", "clean", *options)}
    # A movie of several records drops its repeats when they are merged.
    expected = set(names) - ({"drop-repeats"} if "merge-movies" in names else set())
    assert done == expected


@pytest.mark.parametrize("option", ["--with", "--without"])
@pytest.mark.parametrize("names", ["", " , "])
def test_no_name_is_no_choice(option: str, names: str) -> None:
    result = invoke("corpus", "-o", "clean", option, names)
    assert result.exit_code == 2
    assert f"unknown step {names!r}; the steps are unescape-again, " in " ".join(
        result.output.split()
    )


@pytest.mark.parametrize("option", ["--with", "--without"])
def test_a_step_that_is_not_there_is_told_with_those_that_are(folder: Path, option: str) -> None:
    result = invoke("corpus", "-o", "clean", option, "polish")
    assert result.exit_code == 2
    assert "unknown step 'polish'; the steps are unescape-again" in " ".join(result.output.split())
    assert not (folder / "clean").exists()


def test_without_ftfy_the_command_says_what_to_install_or_leave_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ftfy", None)
    _texts._encoding_fixer.cache_clear()
    result = invoke("corpus", "-o", "clean")
    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "pip install 'reviewcorpus[clean]'; or leave it out with: --without fix-mojibake" in told
    assert not (folder / "clean").exists()
    assert invoke("corpus", "-o", "clean", "--without", "fix-mojibake").exit_code == 0


def test_a_dry_run_writes_nothing_and_reports_the_same(folder: Path) -> None:
    dry = invoke("corpus", "--dry-run")
    assert dry.stderr.endswith("reviewcorpus: would write 3 movies\n")
    assert invoke("corpus", "-o", "clean", "--dry-run").stdout == dry.stdout
    assert names_in(".") == ["corpus"]
    assert invoke("corpus", "-o", "clean", "--report", "-").stdout == dry.stdout
    assert invoke("corpus", "--dry-run", "--report", "x.jsonl").stdout == ""
    assert (folder / "x.jsonl").read_text() == dry.stdout


# ---- the report -------------------------------------------------------------------------


def test_the_report_goes_to_a_file(folder: Path) -> None:
    result = invoke("corpus", "-o", "clean", "--report", "changes.jsonl")
    assert result.stdout == ""
    lines = (folder / "changes.jsonl").read_text().splitlines()
    assert len([json.loads(line) for line in lines]) == 3
    assert "reviewcorpus: wrote a report of the changes to changes.jsonl\n" in result.stderr
    assert names_in(".") == ["changes.jsonl", "clean", "corpus"]


@pytest.mark.parametrize("target", ["clean", "clean.xml"])
def test_where_the_report_cannot_be_written_nothing_is(folder: Path, target: str) -> None:
    result = invoke("corpus", "-o", target, "--report", "missing/changes.jsonl")
    assert result.exit_code == 2
    assert "not written: missing/changes.jsonl: No such file or directory" in (result.stderr)
    assert "nothing was written" in result.stderr
    assert names_in(str(folder)) == ["corpus"]


def test_a_report_that_is_there_is_not_replaced_unless_asked(folder: Path) -> None:
    write(folder / "clean.changes.jsonl")
    result = invoke("corpus", "-o", "clean")
    assert result.exit_code == 2
    assert "'clean.changes.jsonl' already exists; use --force to replace it" in result.output
    assert names_in(".") == ["clean.changes.jsonl", "corpus"]
    assert invoke("corpus", "-o", "clean", "--force").exit_code == 0
    assert (folder / "clean.changes.jsonl").read_text() != "kept"


@pytest.mark.parametrize("report", ["corpus/a.xml", "corpus/changes.jsonl"])
def test_a_report_stays_out_of_the_sources(folder: Path, report: str) -> None:
    result = invoke("corpus", "-o", "clean", "--report", report, "--force")
    assert result.exit_code == 2
    assert "overlap; choose a place outside of it" in " ".join(result.output.split())


def test_an_empty_path_cannot_be_written(folder: Path) -> None:
    """It is not the current folder, which has the sources in it."""
    result = invoke("corpus", "-o", "", "--diff", "--report", "changes.jsonl")
    assert result.exit_code == 2
    assert "No such file or directory" in result.stderr
    assert names_in(str(folder)) == ["corpus"]
    assert names_in(str(folder / "corpus")) == ["a.xml", "b.xml"]


@pytest.mark.parametrize(
    ("target", "report"),
    [("clean.xml", "./clean.xml"), ("clean", "clean/changes.jsonl"), ("clean", "link/x.jsonl")],
)
def test_a_report_stays_out_of_the_target(folder: Path, target: str, report: str) -> None:
    (folder / "link").symlink_to("clean")
    result = invoke("corpus", "-o", target, "--report", report)
    assert result.exit_code == 2
    assert "cannot go to the same place" in result.output
    assert names_in(".") == ["corpus", "link"]


@pytest.mark.skipif(os.name != "posix", reason="there is no /dev/null")
def test_a_device_is_written_to(folder: Path) -> None:
    assert invoke("corpus", "-o", "clean", "--report", "/dev/null").exit_code == 0
    assert not Path("/dev/null").is_file()
    assert names_in(str(folder)) == ["clean", "corpus"]


@pytest.mark.skipif(os.name != "posix", reason="there is no /dev/null")
def test_movies_go_to_a_device_without_a_report_beside_it(folder: Path) -> None:
    assert invoke("corpus", "-o", "/dev/null").exit_code == 0
    assert not Path("/dev/null").is_file()
    assert not Path("/dev/null.changes.jsonl").exists()
    assert names_in(str(folder)) == ["corpus"]
    assert step("corpus", "-o", "/dev/null") == step("corpus", "-o", "-", "--dry-run")


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="a path for an open pipe is needed")
@pytest.mark.usefixtures("folder")
def test_movies_go_to_a_pipe() -> None:
    """As in `-o >(xz > clean.xml.xz)`."""
    source, target = os.pipe()
    with open(source, "rb") as file:
        result = invoke("corpus", "-o", f"/dev/fd/{target}")
        os.close(target)
        assert result.exit_code == 0, result.output
        assert file.read() == invoke("corpus", "-o", "-").stdout_bytes


def test_report_and_movies_do_not_both_go_to_standard_output(folder: Path) -> None:
    result = invoke("corpus", "-o", "-", "--report", "-")
    assert result.exit_code == 2
    assert "cannot go to the same place" in result.output
    assert names_in(str(folder)) == ["corpus"]


def test_defects_in_reading_are_counted(folder: Path) -> None:
    text = rc.dumps(MOVIE).replace("Paper", "Paper &")
    (folder / "corpus" / "a.xml").write_text(text)
    result = invoke("corpus", "-o", "clean")
    assert (
        "defects found while reading: 1 (1 of severity info, not counted as changes);"
        " `reviewcorpus check` shows them\n"
    ) in result.stderr


def test_defects_that_are_changes_are_told_apart_from_those_that_are_none(folder: Path) -> None:
    text = rc.dumps(MOVIE).replace("Paper", "Paper & &bogus;").replace("2007", "MMVII")
    (folder / "corpus" / "a.xml").write_text(text)
    result = invoke("corpus", "-o", "clean")
    assert "reviewcorpus: errors and warnings while reading: 2\n" in result.stderr
    assert "while reading: 3 (1 of severity info, not counted as changes); `" in result.stderr


def test_where_all_defects_are_changes_nothing_is_said_of_others(folder: Path) -> None:
    text = rc.dumps(MOVIE).replace("2007", "MMVII")
    (folder / "corpus" / "a.xml").write_text(text)
    result = invoke("corpus", "-o", "clean")
    assert "reviewcorpus: errors and warnings while reading: 1\n" in result.stderr
    assert "defects found while reading: 1; `reviewcorpus check` shows them\n" in result.stderr


def test_what_reading_had_to_assume_is_in_the_report(folder: Path) -> None:
    text = rc.dumps(OTHER).replace("1999</year>", "MCM</year>lost words")
    (folder / "corpus" / "b.xml").write_text(text, encoding="utf-8")
    changes = [change for change in step("corpus", "-o", "clean") if change["step"] == "reading"]
    assert [(change["field"], change["old"]) for change in changes] == [
        ("year", "MCM"),
        (None, "lost words"),
    ]
    assert [change["new"] for change in changes] == [None, None]  # `why` says what was read
    assert changes[0]["source"] == "corpus/b.xml"
    assert changes[0]["why"].startswith("invalid-year: ")


def test_a_name_that_xml_does_not_have_is_left_out_and_told(folder: Path) -> None:
    text = rc.dumps(OTHER).replace("</link>", "</link><\u2167>v</\u2167>")
    text = text.replace("<date>", "<\u2168>w</\u2168><date>")
    (folder / "corpus" / "b.xml").write_text(text, encoding="utf-8")
    changes = [c for c in step("corpus", "-o", "clean") if c["step"] == "writing"]
    assert [(c["source"], c["review_index"], c["field"], c["old"], c["why"]) for c in changes] == [
        ("corpus/b.xml", None, "extra", "v", "XML has no element '\u2167'"),
        ("corpus/b.xml", 0, "extra", "w", "XML has no element '\u2168'"),
    ]


def test_a_source_without_a_movie_is_told(folder: Path) -> None:
    (folder / "prose.txt").write_text("No movie.")
    result = invoke("prose.txt", "-o", "clean")
    assert result.exit_code == 2
    assert "no movie found" in result.stderr
    assert names_in(".") == ["corpus", "prose.txt"]


# ---- what is refused --------------------------------------------------------------------


def test_a_target_is_needed(folder: Path) -> None:
    result = invoke(str(folder / "corpus"))
    assert result.exit_code == 2
    assert "say where to write with -o DEST, or only look with --diff" in result.output


def test_a_file_that_is_there_is_not_replaced_unless_asked(folder: Path) -> None:
    write(folder / "there.xml")
    result = invoke("corpus", "-o", "there.xml")
    assert result.exit_code == 2
    assert "'there.xml' already exists; use --force to replace it" in result.output
    assert (folder / "there.xml").read_text() == "kept"
    assert invoke("corpus", "-o", "there.xml", "--force").exit_code == 0
    assert len(list(rc.iter_movies("there.xml", errors="strict"))) == 3


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("target", ["there", "link"])
@pytest.mark.parametrize("name", ["stale.xml", "notes.md", "x.xml/"])
def test_a_folder_that_is_not_empty_is_never_written_to(
    folder: Path, force: list[str], target: str, name: str
) -> None:
    (folder / "there").mkdir()
    (folder / "link").symlink_to("there")
    if name.endswith("/"):
        (folder / "there" / name).mkdir()
    else:
        write(folder / "there" / name)
    result = invoke("corpus", "-o", target, *force)
    assert result.exit_code == 2
    message = f"the folder '{target}' is not empty; name a new or empty one"
    assert result.output == f"Error: {message}\n"
    assert names_in("there") == [name.rstrip("/")]
    assert names_in(".") == ["corpus", "link", "there"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_folder_that_is_there_keeps_its_permissions(folder: Path) -> None:
    (folder / "there").mkdir(mode=0o700)
    assert invoke("corpus", "-o", "there").exit_code == 0
    assert (folder / "there").stat().st_mode & 0o777 == 0o700
    (folder / "new").mkdir()
    os.chdir(folder / "new")
    options = ["--report", "-", "--with", "merge-movies"]
    assert invoke("../corpus", "-o", ".", *options).exit_code == 0
    assert names_in(".") == ["tick-tock-1999.xml", "tt9000001.xml"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_can_be_read_once(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    result = invoke("pipe", "-o", "clean", "--all")
    assert result.exit_code == 2
    assert "'pipe' can be read only once; give a file, or leave it out with" in " ".join(
        result.output.split()
    )


def test_nobody_takes_unfinished_files_for_a_corpus(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    dump = rc.dump

    def watch(movie: rc.Movie, file: IO[bytes]) -> None:
        dump(movie, file)
        seen.append(file.name)
        assert list(rc.Corpus(folder)) == list(rc.Corpus(folder / "corpus"))

    monkeypatch.setattr(_output, "dump", watch)
    assert invoke("corpus", "-o", "clean").exit_code == 0
    assert len(seen) == 3


def test_closed_standard_output_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(click.UsageError, match="standard output is closed"):
        cli.main(["clean", "corpus", "-o", "-"], standalone_mode=False)
    assert names_in(str(folder)) == ["corpus"]


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("has_links", [True, False])
def test_a_folder_whose_files_cannot_get_their_names_is_left_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, has_links: bool, is_new: bool
) -> None:
    if not is_new:
        (folder / "clean").mkdir()
    give = {"link": os.link, "rename": os.rename}

    def fail_at_last(source: str, target: str, by: str) -> None:
        if "tt9000001.xml." in source or (by == "link" and not has_links):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        give[by](source, target)

    for name in give:
        monkeypatch.setattr(os, name, partial(fail_at_last, by=name))
    result = invoke("corpus", "-o", "clean", "--report", "-")
    assert result.exit_code == 2
    assert "nothing was written but the report" in result.stderr
    assert names_in(str(folder)) == (["corpus"] if is_new else ["clean", "corpus"])
    assert is_new or names_in("clean") == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError()], ids=repr)
def test_an_interrupted_run_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    dump = rc.dump

    def fail_at_last(movie: rc.Movie, file: IO[bytes]) -> None:
        if "tt9000001" in file.name:
            raise error
        dump(movie, file)

    monkeypatch.setattr(_output, "dump", fail_at_last)
    assert invoke("corpus", "-o", "clean").exit_code != 0
    assert names_in(str(folder)) == ["corpus"]


@pytest.mark.parametrize("target", ["clean.csv", "clean.xml.gz", "CLEAN.Parquet"])
def test_another_format_is_told(folder: Path, target: str) -> None:
    result = invoke("corpus", "-o", target)
    assert result.exit_code == 2
    assert "clean files are XML" in result.output
    assert names_in(str(folder)) == ["corpus"]


def test_a_folder_may_have_a_dot_in_its_name_and_no_file(folder: Path) -> None:
    assert invoke("corpus", "-o", "clean.v2").exit_code == 0
    assert len(names_in("clean.v2")) == 3
    write(folder / "clean.v3")
    result = invoke("corpus", "-o", "clean.v3", "--force")
    assert result.exit_code == 2
    assert "'clean.v3' is not a folder; a file for all movies ends in .xml" in result.output


def test_a_folder_in_a_place_that_is_not_there_is_told_by_its_name(folder: Path) -> None:
    result = invoke("corpus", "-o", "missing/clean", "--report", "-")
    assert result.exit_code == 2
    assert "missing/clean: No such file or directory" in result.stderr
    assert names_in(str(folder)) == ["corpus"]


def write(path: Path) -> Path:
    path.write_text("kept")
    return path


def test_an_empty_folder_may_be_the_target(folder: Path) -> None:
    (folder / "clean").mkdir()
    assert invoke("corpus", "-o", "clean").exit_code == 0
    assert len(names_in("clean")) == 3


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("corpus", "corpus"),
        ("corpus", "corpus/clean"),
        ("corpus", "corpus/clean.xml"),
        ("corpus", "../{name}/corpus/new"),
        ("corpus/a.xml", "corpus"),
        ("corpus/a.xml", "corpus/a.xml"),
        ("corpus", "."),
        ("corpus", "link"),
    ],
)
def test_a_source_and_its_target_stand_apart(folder: Path, source: str, target: str) -> None:
    (folder / "link").symlink_to("corpus")
    before = {path: path.read_bytes() for path in (folder / "corpus").iterdir()}
    result = invoke(source, "-o", target.format(name=folder.name), "--force")
    assert result.exit_code == 2
    assert "overlap; choose a place outside of it" in " ".join(result.output.split())
    assert {path: path.read_bytes() for path in (folder / "corpus").iterdir()} == before


@pytest.mark.parametrize("source", ["corpus/a.xml", "corpus"])
def test_a_target_may_stand_beside_its_source(folder: Path, source: str) -> None:
    target = "corpus/z.xml" if source.endswith(".xml") else "corpus-clean"
    assert invoke(source, "-o", target).exit_code == 0
    assert (folder / target).exists()


@pytest.mark.parametrize("more", [[], ["--with", "merge-movies"]])
def test_where_something_cannot_be_read_nothing_is_written(folder: Path, more: list[str]) -> None:
    result = invoke("corpus", "missing.xml", "-o", "clean", *more)
    assert result.exit_code == 2
    assert "not read: " in result.stderr
    assert "missing.xml" in result.stderr
    assert "nothing was written" in result.stderr
    assert result.stdout == ""
    assert names_in(str(folder)) == ["corpus"]


def test_an_empty_folder_is_told(folder: Path) -> None:
    (folder / "empty").mkdir()
    result = invoke("empty", "-o", "clean")
    assert result.exit_code == 2
    assert "no *.xml, *.txt or *.review file found" in result.stderr


def test_standard_input_cannot_be_read_twice() -> None:
    result = invoke("-", "-o", "clean.xml", "--with", "merge-movies", data=b"<movie/>")
    assert result.exit_code == 2
    told = " ".join(result.output.split())
    assert "give a file, or leave it out with: --without merge-movies" in told


def test_what_cannot_be_written_is_told_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("title holds U+0000")

    monkeypatch.setattr(_output, "dump", fail)
    result = invoke("corpus", "-o", "clean")
    assert result.exit_code == 2
    assert "not written: title holds U+0000" in result.stderr
    assert names_in(str(folder)) == ["corpus"]


@pytest.mark.parametrize("target", ["clean", "clean.xml"])
def test_a_disk_that_is_full_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("reviewcorpus.writer.os.fsync", fail)
    result = invoke("corpus", "-o", target)
    assert result.exit_code == 2
    assert "not written: " in result.stderr
    assert "nothing was written" in result.stderr
    assert names_in(str(folder)) == ["corpus"]


def test_wrong_encodings_are_wrong_use(folder: Path) -> None:
    result = invoke("corpus", "-o", "clean", "--encoding", "utf-nine")
    assert result.exit_code == 2
    assert names_in(str(folder)) == ["corpus"]


# ---- names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("movie", "name"),
    [
        (MOVIE, "tt9000001"),
        (rc.Movie(title="Élan & Co.: A/B", year=2001), "elan-co-a-b-2001"),
        (rc.Movie(title="../../etc/passwd"), "etc-passwd"),
        (rc.Movie(title="七人"), "untitled"),
        (rc.Movie(), "untitled"),
        (rc.Movie(title="x" * 300), "x" * 60),
        (rc.Movie(link=f"tt{'1' * 300}"), f"tt{'1' * 58}"),
        (rc.Movie(title="Con"), "con-movie"),
    ],
)
def test_a_file_is_named_by_the_number_or_the_title(movie: rc.Movie, name: str) -> None:
    assert _output._Names().of(movie) == f"{name}.xml"


def test_movies_of_one_name_get_names_that_do_not_depend_on_their_order() -> None:
    movies = [rc.Movie(title="Twin", extra={"mood": str(number)}) for number in range(3)]
    names, backwards = _output._Names(), _output._Names()
    given = {movie: names.of(movie) for movie in movies}
    again = {movie: backwards.of(movie) for movie in reversed(movies)}
    assert min(given.values()) == "twin.xml"
    assert given[movies[1]] == again[movies[1]] != "twin.xml"
    assert names.of(movies[1]) == f"{given[movies[1]].removesuffix('.xml')}_000002.xml"
