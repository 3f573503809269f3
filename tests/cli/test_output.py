"""What the command writes: all of it or an error, and nothing that does harm where it is shown."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus._checks import visible
from reviewcorpus.cleaning import Change
from reviewcorpus.cli import _clean, _output, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

COMMAND = [sys.executable, "-m", "reviewcorpus"]
MOVIES = [
    rc.Movie(title=f"Reel {number}", reviews=[rc.Review(full_review=f"{number} & " * 50)] * 3)
    for number in range(60)
]

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and limits of POSIX")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is full")

# Every command that prints a result on standard output, in every style.
PRINTING = [
    ["show", "many.xml"],
    ["check", "many.xml"],
    ["check", "--format", "json", "many.xml"],
    ["check", "--format", "sarif", "--validate", "many.xml"],
    ["check", "--format", "github", "many.xml"],
    ["clean", "many.xml", "--dry-run"],
    ["clean", "many.xml", "--diff"],
    ["clean", "many.xml", "-o", "-"],
    ["clean", "many.xml", "-o", "clean.xml", "--report", "-"],
    ["convert", "many.xml", "-o", "-", "--to", "jsonl"],
    ["convert", "many.xml", "-o", "-", "--to", "csv", "--table", "defects"],
    ["convert", "many.xml", "-o", "-", "--to", "xml"],
    ["stats", "many.xml"],
    ["stats", "--format", "json", "many.xml"],
    ["report", "many.xml", "-o", "-"],
    ["rules"],
    ["rules", "R207"],
    ["formats"],
    ["--help"],
    ["--version"],
    ["check", "--help"],
]


@pytest.fixture
def folder(working_folder: Path) -> Path:
    """A working folder with movies that have defects, and texts that cleaning changes."""
    text = rc.dumps(MOVIES).replace("&amp;", "&").replace("Reel", "Reel &amp;amp;")
    (working_folder / "many.xml").write_text(text)
    return working_folder


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([*COMMAND, *arguments], check=False, timeout=60, **options)


def names_in(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


# ---- all of it, or an error -------------------------------------------------------------


def errors_of(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the one line on standard error of a command whose output fails."""
    errors = done.stderr.decode()
    assert done.returncode == 2, errors
    assert errors.count("\n") == 1, errors
    assert "nothing was written" not in errors
    return errors


@full
@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_device_is_an_error_of_every_command(arguments: list[str], unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "wb") as device:
        done = run(*arguments, stdout=device, env=environment)
    assert errors_of(done).startswith("reviewcorpus: cannot write the output: No space left")


@posix
@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_closed_output_is_an_error_of_every_command(arguments: list[str]) -> None:
    script = '"$0" -m reviewcorpus "$@" >&-'
    done = subprocess.run(
        ["/bin/sh", "-c", script, sys.executable, *arguments],
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )
    assert errors_of(done).endswith("standard output is closed\n")
    assert names_in(Path()) == ["many.xml"]  # nothing was read for nothing


# A file that may have so many bytes takes a part of a text, and then no more, as a full disk does.
LIMITED = """
import resource, runpy, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
runpy.run_module("reviewcorpus", run_name="__main__")
"""


@posix
@pytest.mark.slow
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_is_cut_short_is_an_error_of_every_command(
    folder: Path, arguments: list[str], unbuffered: str
) -> None:
    whole = run(*arguments).stdout
    (folder / "clean.xml").unlink(missing_ok=True)
    assert whole
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    for size in (1, len(whole) // 2, len(whole) - 1):
        with open(folder / "output", "wb") as output:
            command = [sys.executable, "-c", LIMITED, str(size), *arguments]
            done = subprocess.run(
                command, stdout=output, stderr=subprocess.PIPE, env=environment, check=False
            )
        assert "cannot write the output: File too large" in errors_of(done)
        assert (folder / "output").read_bytes() == whole[:size]


@posix
@pytest.mark.slow
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_pipe_that_closes_is_told_only_where_a_file_was_asked_for(arguments: list[str]) -> None:
    command = [sys.executable, "-X", "dev", "-m", "reviewcorpus", *arguments]
    source, sink = os.pipe()
    os.close(source)
    try:
        done = subprocess.run(command, stdout=sink, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(sink)
    if "clean.xml" in arguments:
        assert (done.returncode, done.stderr.count(b"\n")) == (2, 2)
        assert b"nothing was written" in done.stderr
    else:
        assert (done.returncode, done.stderr) == (1, b"")


@full
@pytest.mark.usefixtures("folder")
def test_help_and_rules_that_cannot_be_written_are_errors() -> None:
    for arguments in (["--help"], ["rules"]):
        with open("/dev/full", "wb") as device:
            assert "No space left" in errors_of(run(*arguments, stdout=device))


def test_a_raw_output_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Disk(io.RawIOBase):
        """Takes a part of a text, and then nothing."""

        left = 10

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            taken = min(self.left, len(data))
            if not taken:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.left -= taken
            return taken

    disk: Any = Disk()
    raw = io.TextIOWrapper(disk, write_through=True)  # as with PYTHONUNBUFFERED
    for name in ("stdout", "__stdout__"):
        monkeypatch.setattr(sys, name, raw)
    with pytest.raises(SystemExit) as caught:
        cli.main(["formats"], standalone_mode=False)
    assert caught.value.code == 2
    disk.left = 10**6  # for what still waits


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.usefixtures("folder")
def test_without_standard_output_nothing_passes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], style: str
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as caught:
        cli.main(["check", "--format", style, "many.xml"], standalone_mode=False)
    assert caught.value.code == 2
    message = "reviewcorpus: cannot write the output: standard output is closed\n"
    assert capsys.readouterr().err == message


@full
@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["convert", "-o", "/dev/full", "--to", "csv"], "the output is incomplete"),
        (["clean", "-o", "x.xml", "--report", "/dev/full"], "nothing was written but a part of"),
        (["clean", "-o", "x.xml", "--report", "missing/r.jsonl"], "nothing was written\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_what_is_left_of_the_output_is_told(folder: Path, arguments: list[str], left: str) -> None:
    command, *options = arguments
    result = invoke(command, "many.xml", *options)
    assert result.exit_code == 2
    assert left in result.stderr
    assert names_in(folder) == ["many.xml"]


@full
def test_without_the_diff_no_movies_are_written(folder: Path) -> None:
    with open("/dev/full", "wb") as device:
        done = run("clean", "many.xml", "-o", "clean.xml", "--diff", stdout=device)
    assert errors_of(done).startswith("reviewcorpus: cannot write the output: No space left")
    assert names_in(folder) == ["many.xml"]


def test_a_report_that_is_there_without_its_movies_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def fail(source: str, target: str) -> None:
        if target.endswith("clean.xml"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        link(source, target)

    monkeypatch.setattr(os, "link", fail)
    monkeypatch.setattr(os, "rename", fail)
    result = invoke("clean", "many.xml", "-o", "clean.xml")
    assert result.exit_code == 2
    assert result.stderr.endswith("reviewcorpus: nothing was written but the report\n")
    assert names_in(folder) == ["clean.xml.changes.jsonl", "many.xml"]


# ---- what appears meanwhile -------------------------------------------------------------

WRITING = [
    ["convert", "-o", "x.csv"],
    ["convert", "-o", "x.xml"],
    ["report", "-o", "x.html"],
    ["clean", "-o", "x.xml", "--report", "r.jsonl"],
    ["clean", "-o", "y.xml", "--report", "x.jsonl"],
    ["clean", "-o", "x", "--report", "r.jsonl"],
]


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("arguments", WRITING, ids=" ".join)
def test_a_file_that_appears_meanwhile_is_not_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], *, has_links: bool
) -> None:
    option = "-o" if "y.xml" not in arguments else "--report"
    target = folder / arguments[arguments.index(option) + 1]
    if not target.suffix:
        target /= "reel-0.xml"
    replaced: list[str] = []
    link = os.link

    def appear(source: str, place: str) -> None:
        """Put another file there just before."""
        if place.endswith(target.name):
            target.write_text("another")
            replaced.append(place)
        if not has_links:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))
        link(source, place)

    monkeypatch.setattr(os, "link", appear)
    command, *options = arguments
    result = invoke(command, "many.xml", *options)
    assert result.exit_code == 2, result.output
    assert replaced
    assert "another file has appeared there" in result.stderr
    assert target.read_text() == "another"
    assert not list(folder.rglob("*.part"))
    if target.parent != folder:
        assert names_in(target.parent) == [target.name]


@pytest.mark.parametrize("arguments", WRITING[:-1], ids=" ".join)
def test_with_force_it_is_replaced(folder: Path, arguments: list[str]) -> None:
    for name in arguments[2::2]:
        (folder / name).write_text("another")
    command, *options = arguments
    assert invoke(command, "many.xml", *options, "--force").exit_code == 0
    assert all((folder / name).read_text() != "another" for name in arguments[2::2])


# ---- what killed runs leave -------------------------------------------------------------


@posix
@pytest.mark.parametrize("target", ["clean.xml", "clean"])
def test_a_killed_run_leaves_no_half_file_under_a_name(folder: Path, target: str) -> None:
    os.mkfifo(folder / "pipe.xml")  # it never ends, so that the run is still writing
    command = [*COMMAND, "clean", "many.xml", "pipe.xml", "-o", target]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE) as process,
        open(folder / "pipe.xml", "wb"),  # which waits until the command has come to it
    ):
        process.kill()
        process.wait()
    left = sorted(folder.rglob("*.part"))
    assert left
    assert not (folder / "clean.xml").exists()
    assert not list(folder.glob("clean/*.xml"))
    result = invoke("clean", "many.xml", "-o", target)
    if target == "clean.xml":
        assert result.exit_code == 0
        for path in left:
            message = f"not complete: {path}; delete it if no other run is writing it"
            assert f"reviewcorpus: {message}" in result.stderr.splitlines()
    else:
        assert result.exit_code == 2
        (first, *_) = (path.name for path in left if path.parent.name == "clean")
        assert "the folder 'clean' has files of a run that was stopped, " in result.stderr
        assert f"{first!r} and " in result.stderr
    assert sorted(folder.rglob("*.part")) == left


def test_a_source_that_looks_like_a_file_of_a_killed_run_is_read_and_stays(folder: Path) -> None:
    source = folder / ".movies.xml.0123456789abcdef.part"
    source.write_bytes((folder / "many.xml").read_bytes())
    assert invoke("convert", str(source), "-o", "movies.xml").exit_code == 0
    assert source.read_bytes() == (folder / "many.xml").read_bytes()
    assert invoke("clean", str(source), "-o", "movies.xml", "--force").exit_code == 0
    assert source.read_bytes() == (folder / "many.xml").read_bytes()


@posix
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/stderr"])
def test_what_is_closed_is_no_other_file(folder: Path, name: str) -> None:
    closed = {"/dev/stdout": ">&-", "/dev/stderr": "2>&-"}[name]
    line = f"{shlex.join(COMMAND)} clean many.xml -o clean.xml --report {name} {closed}"
    assert subprocess.run(line, shell=True, cwd=folder, check=False).returncode == 2  # noqa: S602
    assert not (folder / "clean.xml").exists()


@pytest.mark.parametrize("to", ["csv", "jsonl", "xml"])
@pytest.mark.parametrize("source", ["missing.xml", "many.xml"])
def test_a_failure_while_output_is_written_is_one_line(folder: Path, to: str, source: str) -> None:
    (folder / "many.xml").write_text("<movie><title>A & B</title></movie>")
    result = invoke("convert", source, "-o", "-", "--to", to, "--errors", "strict")
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert "not converted: " in result.stderr


# ---- JSON -------------------------------------------------------------------------------

NO_UTF8 = os.fsdecode(b"\xff\xfe.xml")  # as Python has such a name
VISIBLE = r"\udcff\udcfe.xml"
JSON = [
    ["check", "--format", "json"],
    ["check", "--format", "sarif"],
    ["stats", "--format", "json"],
    ["clean", "--dry-run"],
    ["convert", "-o", "-", "--to", "jsonl"],
    ["convert", "-o", "-", "--to", "jsonl", "--table", "movies"],
    ["convert", "-o", "-", "--to", "jsonl", "--table", "defects"],
]


def texts_in(value: Any) -> Iterator[str]:
    """Yield all texts in what JSON holds."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from (key, *texts_in(each))
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("arguments", JSON, ids=" ".join)
@pytest.mark.parametrize("is_missing", [False, True])
def test_json_has_no_half_of_a_pair(
    folder: Path, arguments: list[str], *, is_missing: bool
) -> None:
    try:
        (folder / NO_UTF8).write_text((folder / "many.xml").read_text().replace("Reel", "😀 \\u"))
    except OSError as error:
        pytest.skip(f"this file system refuses the name: {error}")
    has_lines = arguments[0] in {"clean", "convert"}  # which stop where something is not read
    missing = [f"no {NO_UTF8}"] if is_missing and not has_lines else []
    result = invoke(*arguments, NO_UTF8, *missing)
    text = result.stdout_bytes.decode("utf-8")
    whole = [json.loads(each) for each in (text.splitlines() if has_lines else [text])]
    texts = list(texts_in(whole))
    assert not re.search("[\ud800-\udfff]", "".join(texts))
    if "sarif" not in arguments:
        assert any(VISIBLE in text for text in texts)


@pytest.mark.parametrize("name", [f"a{NO_UTF8}/b.csv", "😀", "\\ud800", "##[x]##", "\udcff##\\"])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_read_back_as_what_is_shown(name: str, indent: int | None) -> None:
    shown = name.encode("utf-8", "backslashreplace").decode()
    text = _output.to_json({name: [name, 1, None]}, indent)
    assert json.loads(text) == {shown: [shown, 1, None]}
    assert text.isascii()
    assert "##" not in text


def test_records_are_written_a_line_each_whatever_they_hold() -> None:
    texts = ['}, {"step": ', "}, {", '"}\n{"step": "a', "##[error]", "caf\udce9", "😀", "", None]
    changes = [Change(f"own {text}", text, text, text, f"{text}", text, 1) for text in texts]
    lines = _clean._lines_of(changes)
    alone = [json.loads(_output.to_json(attrs.asdict(each))) for each in changes]
    assert [json.loads(line) for line in lines.splitlines()] == alone
    assert "##" not in lines
    assert _clean._lines_of(()) == ""


# ---- logs of builds ---------------------------------------------------------------------

HOSTILE = ["::error::x.xml", "##[error]x.xml", " ::set-env name=A::x.xml", "##vso[task.x]x.xml"]
IN_TEXT = "##[error]in a text & ##vso[task.y] ::error::z"
# What makes a line a command: to GitHub at its beginning or anywhere, to others anywhere.
COMMAND_IN_LINE = re.compile(r"^\s*::\w|##\w*\[", re.MULTILINE)


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "-n", "0"],
        ["show", "-n", "0", "--full"],
        ["check"],
        ["check", "--validate"],
        ["check", "--format", "json"],
        ["check", "--format", "sarif"],
        ["stats"],
        ["stats", "--format", "json"],
        ["clean", "--dry-run"],
        ["clean", "-o", "clean"],
        ["clean", "--diff"],
        ["report", "-o", "-"],
    ],
    ids=" ".join,
)
def test_no_name_and_no_text_is_a_command_in_a_log(folder: Path, arguments: list[str]) -> None:
    for name in HOSTILE:
        text = rc.dumps(rc.Movie(title="Reel", year=1999, reviews=[rc.Review(score=0.5)]))
        text = text.replace("Reel", IN_TEXT).replace("0.5", IN_TEXT).replace("1999", IN_TEXT)
        (folder / name).write_text(text.replace("<date>", f"{IN_TEXT}<date>\n{IN_TEXT}\n"))
    missing = ["::error::no.xml", "##[error]no.xml", "a\n::error::no.xml"]
    command, *options = arguments
    result = invoke(command, *options, "--", *HOSTILE, *missing)
    assert IN_TEXT not in result.output
    assert COMMAND_IN_LINE.findall(result.output) == []
    assert "error" in result.output


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("argument", [*HOSTILE, "--x\n::error::y", "x\n##[error]y"])
def test_no_wrong_argument_is_a_command_in_a_log(argument: str) -> None:
    for arguments in (
        [argument],
        ["check", argument],
        ["convert", "many.xml", "-o", f"{argument}s"],
    ):
        result = invoke(*arguments)
        assert result.exit_code == 2
        assert COMMAND_IN_LINE.findall(result.output) == []


def test_each_line_for_github_is_one_annotation(folder: Path) -> None:
    hostile = [*HOSTILE, "%0A::error::x.xml", "x,line=7.xml", "x\r\n::error::y.xml"]
    for name in hostile:
        (folder / name).write_text(f"<movie><title>{IN_TEXT} %0A::error::q</title></movie>")
    lines = invoke("check", "--format", "github", "--", *hostile).stdout.splitlines()
    shape = re.compile(
        r"::(?:notice|warning|error) file=[^:,\r\n]+,line=\d+,col=\d+,title=[a-z-]+::(.*)"
    )
    annotations = [line for line in lines if line.startswith("::")]
    assert len(annotations) >= len(hostile)
    for line in annotations:
        found = shape.fullmatch(line)
        assert found, line
        assert not re.search("%(?!25|3A|2C)", line), line
        assert not re.search(r"##\w*\[", line), line
    assert not any(line.lstrip().startswith(("::", "##")) for line in lines[len(annotations) :])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("  ::x::y", r"  \x3a:x::y"),
        ("a ::x::y", "a ::x::y"),
        ("a ##[x]", r"a \x23#[x]"),
        ("###vso[x]##teamcity[y]", r"#\x23#vso[x]\x23#teamcity[y]"),
        ("## [x] #[y] ##", "## [x] #[y] ##"),
        ("\n::x::", r"\n::x::"),
    ],
)
def test_what_a_build_would_obey_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


# ---- spreadsheets -----------------------------------------------------------------------

CELLS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx"]


def rows_of(*options: str) -> list[list[str]]:
    result = invoke("convert", "cells.xml", "-o", "-", "--to", "csv", *options)
    assert result.exit_code == 0, result.output
    return list(csv.reader(io.StringIO(result.stdout_bytes.decode(), newline="")))


@pytest.fixture
def cells(working_folder: Path) -> Path:
    """A folder with reviews whose texts begin like formulas."""
    reviews = [rc.Review(username=f"a{text}", full_review=text, score=0.5) for text in CELLS]
    text = rc.dumps(rc.Movie(title="=Reel", general_score=0.1, reviews=reviews))
    (working_folder / "cells.xml").write_text(text.replace("\t", "&#9;").replace("-1.0", "-0.4"))
    return working_folder


@pytest.mark.usefixtures("cells")
def test_a_spreadsheet_gets_no_formula() -> None:
    header, *rows = rows_of("--spreadsheet")
    plain_header, *plain = rows_of()
    assert header == plain_header
    texts = header.index("full_review")
    assert [row[texts] for row in plain][:4] == CELLS[:4]
    for guarded, row in zip(rows, plain, strict=True):
        for value, before in zip(guarded, row, strict=True):
            assert value == (f"'{before}" if before.startswith(tuple("=+-@\t\r")) else before)
    assert {row[header.index("score")] for row in rows} == {"0.5"}


def test_numbers_stay_numbers_in_a_spreadsheet(cells: Path) -> None:
    (cells / "cells.xml").write_text("<movie><title>x</title><year>-5</year></movie>")
    header, *rows = rows_of("--spreadsheet", "--table", "defects")
    assert "'-5" in [row[header.index("raw")] for row in rows]
    assert all(row[header.index("line")].isdigit() for row in rows)


@pytest.mark.parametrize("ending", ["jsonl", "xml", "parquet"])
@pytest.mark.usefixtures("cells")
def test_only_csv_is_for_spreadsheets(ending: str) -> None:
    result = invoke("convert", "cells.xml", "-o", f"x.{ending}", "--spreadsheet")
    assert result.exit_code == 2
    assert "--spreadsheet is for CSV" in result.output


# ---- interrupts before anything is begun ------------------------------------------------


@posix
def test_an_interrupt_that_is_ignored_stays_ignored() -> None:
    # As in a process that a shell has started in the background.
    code = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from reviewcorpus.cli import cli
from reviewcorpus.__main__ import main
rules = cli.commands["rules"].callback
kill = lambda **given: (os.kill(os.getpid(), signal.SIGINT), rules(**given))[1]
cli.commands["rules"].callback = kill
sys.argv = ["reviewcorpus", "rules"]
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"M101 ")
