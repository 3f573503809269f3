"""The command: what it prints where, and its exit status."""

from __future__ import annotations

import errno
import importlib
import importlib.metadata
import io
import json
import os
import re
import runpy
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus import __main__
from reviewcorpus._iterators import Items
from reviewcorpus.cli import _output, cli
from reviewcorpus.parser._options import Options
from reviewcorpus.sources import streams_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

CLEAN = rc.dumps(rc.Movie(title="Paper Boats", reviews=[rc.Review(score=0.7), rc.Review()]))
INFO = CLEAN.replace("Paper", "Tick &")
ERROR = CLEAN.replace("0.7", "seven")
ESCAPE = "\x1b[31m"  # turns a terminal red
COMMAND = [sys.executable, "-m", "reviewcorpus"]


@pytest.fixture
def folder(working_folder: Path) -> Path:
    for name, text in {"clean": CLEAN, "info": INFO, "error": ERROR}.items():
        (working_folder / f"{name}.xml").write_text(text)
    return working_folder


def invoke(*arguments: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=data, prog_name="reviewcorpus")


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, with pipes."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, timeout=30, **options
    )


def counts(output: str) -> dict[str, int]:
    """Return the numbers of the summary."""
    found = re.findall(r"^ *([a-z -]+): +([0-9]+)(?:  [a-z ]+)?$", output, re.MULTILINE)
    return {name: int(number) for name, number in found}


# ---- formats and exit status ------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (["clean.xml"], 0),
        (["info.xml"], 0),
        (["error.xml"], 1),
        (["."], 1),
        (["missing.xml"], 2),
        (["error.xml", "missing.xml"], 2),
    ],
)
@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.usefixtures("folder")
def test_the_exit_status_tells_what_was_met(names: list[str], status: int, style: str) -> None:
    assert invoke("check", "--format", style, *names).exit_code == status


@pytest.mark.usefixtures("folder")
def test_text_gives_a_line_for_each_defect_and_a_summary() -> None:
    result = invoke("check", "info.xml", "error.xml")
    lines = result.output.splitlines()
    assert lines[0].startswith("info.xml:2:14: info: ")
    assert lines[1].startswith("error.xml:9:10: error: ")
    assert counts(result.output) == {
        "files": 2,
        "movies": 2,
        "reviews": 4,
        "reviews without score": 3,
        "truncated files": 0,
        "defects": 2,
        "bare-ampersand": 1,
        "invalid-score": 1,
    }


@pytest.mark.usefixtures("folder")
def test_json_is_one_object_of_defects_and_summary() -> None:
    found = json.loads(invoke("check", "--format", "json", "info.xml", "error.xml").output)
    assert set(found) == {"defects", "severities", "summary", "not_read"}
    assert found["severities"] == {"error": 1, "warning": 0, "info": 1}
    assert found["not_read"] == []
    first, second = found["defects"]
    assert first["kind"] == "bare-ampersand"
    assert (first["source"], first["line"], first["column"]) == ("info.xml", 2, 14)
    assert second["raw"] == "seven"
    assert second["severity"] == "error"
    assert found["summary"] == {
        "files": 2,
        "movies": 2,
        "reviews": 4,
        "reviews_without_score": 3,
        "defects": {"bare-ampersand": 1, "invalid-score": 1},
        "truncated_files": 0,
        "skipped": 0,
        "formats": {"movie": 2},
    }


@pytest.mark.usefixtures("folder")
def test_json_without_defects_is_json() -> None:
    found = json.loads(invoke("check", "--format", "json", "clean.xml").output)
    assert found["defects"] == []
    assert found["summary"]["defects"] == {}


@pytest.mark.usefixtures("folder")
def test_json_gives_the_defects_that_the_library_gives() -> None:
    found = json.loads(invoke("check", "--format", "json", ".").output)["defects"]
    expected = [(str(defect.kind), defect.offset) for defect in rc.Corpus(".").defects()]
    assert [(defect["kind"], defect["offset"]) for defect in found] == expected


def test_an_unreadable_path_does_not_keep_the_others_from_being_read(folder: Path) -> None:
    done = run("check", "info.xml", "missing.xml", "error.xml", cwd=folder)
    assert done.returncode == 2
    assert b": No such file or directory" in done.stderr
    assert b"missing.xml" in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert counts(done.stdout.decode())["movies"] == 2


def test_errors_stay_out_of_the_json(folder: Path) -> None:
    done = run("check", "--format", "json", "missing.xml", "info.xml", cwd=folder)
    assert done.returncode == 2
    assert len(json.loads(done.stdout)["defects"]) == 1


@pytest.mark.usefixtures("folder")
def test_no_path_is_a_usage_error() -> None:
    result = invoke("check")
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_the_version_is_told() -> None:
    result = invoke("--version")
    assert result.exit_code == 0
    assert result.output == f"reviewcorpus, version {rc.__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["check", "--help"], ["check", "-h"]])
def test_help_is_given(arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 0
    assert result.output.startswith("Usage: reviewcorpus")


# ---- input ------------------------------------------------------------------------------


def test_a_dash_is_standard_input() -> None:
    result = invoke("check", "-", data=INFO.encode())
    assert result.exit_code == 0
    assert counts(result.output)["bare-ampersand"] == 1


def test_standard_input_of_a_process_is_read_and_named(folder: Path) -> None:
    done = run("check", "-", "clean.xml", cwd=folder, input=ERROR.encode())
    assert done.returncode == 1
    assert done.stdout.startswith(b"<stdin>:9:10: error: ")
    assert b"files:                         2" in done.stdout


def test_closed_standard_input_is_a_usage_error() -> None:
    # "<&-" in a shell leaves Python without sys.stdin.
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m reviewcorpus check - <&-', sys.executable],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 2
    assert b"standard input is closed" in done.stderr
    assert b"Traceback" not in done.stderr


def test_closed_standard_input_is_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(click.UsageError, match="standard input is closed"):
        cli.main(["check", "-"], standalone_mode=False)


def test_an_encoding_can_be_forced(folder: Path) -> None:
    (folder / "wide.xml").write_bytes(CLEAN.replace("Paper", "Été").encode("utf-16-le"))
    result = invoke("check", "--encoding", "UTF-16LE", "wide.xml")
    assert result.exit_code == 0
    assert counts(result.output)["defects"] == 0


def test_a_fallback_encoding_can_be_set(folder: Path) -> None:
    (folder / "old.xml").write_bytes(CLEAN.replace("Paper", "Łódź &").encode("windows-1250"))
    result = invoke("check", "--format", "json", "--fallback-encoding", "cp1250", "old.xml")
    assert result.exit_code == 0
    undecodable = json.loads(result.output)["defects"][0]
    assert undecodable["kind"] == "undecodable-bytes"
    assert undecodable["action"] == "the field was read as windows-1250"


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--encoding", "utf-88"),
        ("--encoding", "rot13"),
        ("--fallback-encoding", "klingon"),
        ("--fallback-encoding", "utf-16"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_wrong_encoding_is_a_usage_error_in_one_line(option: str, name: str) -> None:
    result = invoke("check", option, name, "clean.xml")
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert repr(name) in result.output
    assert option.strip("-").replace("-", "_") in result.output


# ---- output -----------------------------------------------------------------------------


def test_a_closed_pipe_is_no_traceback(folder: Path) -> None:
    (folder / "many.xml").write_text(INFO * 5000)  # more lines than a pipe holds
    with subprocess.Popen(
        [*COMMAND, "check", "many.xml"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"many.xml:2:14: ")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 1


def needs_name(name: str) -> None:
    """Skip the test where files cannot have a name, as in the locale C without UTF-8."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        pytest.skip(f"names of files are {error.encoding} here, which cannot write {name!a}")


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", None])
def test_output_that_the_terminal_cannot_show_is_no_crash(
    folder: Path, encoding: str | None
) -> None:
    name = "été ☕ \udcff.xml"  # the last is a byte that is no UTF-8, as Python has it in names
    needs_name(name)
    (folder / name).write_text(INFO)
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
        **({"PYTHONIOENCODING": encoding} if encoding else {}),
    }
    done = run("check", ".", "missing ☕.xml", cwd=folder, env=environment)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b": No such file or directory" in done.stderr
    assert b".xml:2:14: info: " in done.stdout
    assert b"defects:" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize(
    "damage",
    [
        f"<x {ESCAPE}=1>",  # quoted where it is not a tag
        "<x\u009bm>y</x\u009bm>",  # an element's name: a letter to XML 1.1, a command to terminals
        f"</{ESCAPE}>",
        "<x\u202ey>z</x\u202ey>",  # turns the direction of writing
        f"{ESCAPE} between elements",
    ],
    ids=ascii,
)
def test_control_characters_of_a_file_never_reach_the_output(
    folder: Path, damage: str, style: str
) -> None:
    inside = f"<title>{damage}</title>{damage}"
    name = f"{ESCAPE}\nmovie.xml"
    (folder / name).write_text(f"<movie>{inside}</movie>", encoding="utf-8")
    output = run("check", "--format", style, name, cwd=folder).stdout.decode()
    assert "movie.xml" in output
    assert output.replace("\n", "").isprintable()
    if style == "text":
        lines = output.partition("files:")[0].splitlines()
        assert lines
        assert all(line.startswith(r"\x1b[31m\nmovie.xml:1:") for line in lines)


def test_what_is_escaped_shows_what_it_was(folder: Path) -> None:
    name = "é\u2028\x7f\udcff☕.xml"
    needs_name(name)
    (folder / name).write_text(INFO)
    first = invoke("check", name).output.splitlines()[0]
    assert first.startswith(r"é\u2028\x7f\udcff☕.xml:2:14: info: ")


def test_control_characters_in_the_name_of_what_is_not_read_are_escaped(folder: Path) -> None:
    name = f"{ESCAPE}\nlong.xml"
    (folder / name).write_text("<movie><title>" + "x" * (17 << 20))  # past the limit of a field
    done = run("check", name, cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith(b"reviewcorpus: not read: \\x1b[31m\\nlong.xml:1:8: ")
    assert done.stderr.count(b"\n") == 1


def test_without_standard_error_the_status_still_tells(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)  # as "2>&-" in a shell leaves it
    assert cli.main(["check", str(folder / "info.xml")], standalone_mode=False) is None
    for name, status in {"error.xml": 1, "missing.xml": 2}.items():
        with pytest.raises(SystemExit) as caught:
            cli.main(["check", str(folder / name)], standalone_mode=False)
        assert caught.value.code == status


# ---- the terminal -----------------------------------------------------------------------


@contextmanager
def terminal() -> Iterator[tuple[int, list[bytes]]]:
    """Open a pseudo-terminal; give its file, and what it shows, complete at the end."""
    master, slave = os.openpty()
    shown: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(master, 65536):
                shown.append(data)
        except OSError:  # Linux says so where the last writer has gone
            pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield slave, shown
    finally:
        os.close(slave)
        reader.join(10)
        os.close(master)


def check_on_terminal(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, streams: tuple[str, ...]
) -> tuple[str, str]:
    """Check with some standard streams on a terminal; return what it and the others show."""
    elsewhere = io.StringIO()
    with terminal() as (slave, shown), monkeypatch.context() as patch:
        patch.setattr(_output, "_SECONDS_BEFORE_BAR", 0)
        for name in ("stdout", "stderr"):
            patch.setattr(sys, name, elsewhere)
        with open(slave, "w", encoding="utf-8", closefd=False) as screen:
            for name in streams:
                patch.setattr(sys, name, screen)
            with suppress(SystemExit):
                cli.main(["check", *arguments], standalone_mode=False)
    return b"".join(shown).decode(), elsewhere.getvalue()


BOTH = ("stdout", "stderr")
ERASE = "\r\x1b[2K"
AMPERSAND = r":[0-9]+:14: \x1b\[36minfo: \x1b\[0m"  # a line of the defect in INFO
COLORS = re.compile(r"\x1b\[[0-9;]*m")


def test_a_terminal_shows_a_progress_bar_below_whole_lines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "many.xml").write_text(INFO * 300)  # a few steps of the bar
    shown, elsewhere = check_on_terminal(monkeypatch, "many.xml", "missing.xml", streams=BOTH)
    assert elsewhere == ""
    assert "reading" in shown
    # Each line begins where the bar was erased, or below another line.
    lines = [line.rpartition(ERASE)[2] for line in shown.split("\r\n")]
    found = [line for line in lines if re.search(AMPERSAND, line)]
    assert len(found) == 300
    assert all(line.startswith("many.xml:") for line in found)
    assert any(line.startswith("reviewcorpus: not read: ") for line in lines)
    assert "reading" not in shown.rpartition(ERASE)[2]  # the bar is gone at the end


def test_a_long_line_is_not_broken_by_the_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"{'long-' * 30}.xml"
    (folder / name).write_text(INFO)
    shown, _ = check_on_terminal(monkeypatch, name, streams=BOTH)
    defect = next(rc.Corpus(name).defects())
    assert f"{defect}\r\n" in COLORS.sub("", shown)


def test_markup_in_names_means_nothing_to_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "[red]:smile:.xml"
    (folder / name).write_text(INFO)
    shown, _ = check_on_terminal(monkeypatch, name, streams=BOTH)
    assert f"{name}:2:14: info: " in COLORS.sub("", shown)


def test_the_bar_moves_while_there_is_nothing_to_print(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "many.xml").write_text(CLEAN * 300)
    shown, _ = check_on_terminal(monkeypatch, "many.xml", streams=BOTH)
    assert "reading" in shown
    above_summary = shown.partition("files:")[0]
    assert "\r\n" not in above_summary  # no empty line comes before it


@pytest.mark.usefixtures("folder")
def test_results_in_a_file_are_no_part_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, elsewhere = check_on_terminal(
        monkeypatch, "--format", "json", "info.xml", "missing.xml", streams=("stderr",)
    )
    assert "reading" in shown
    assert "not read" in shown
    assert len(json.loads(elsewhere)["defects"]) == 1


@pytest.mark.usefixtures("folder")
def test_errors_in_a_file_are_no_part_of_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, elsewhere = check_on_terminal(
        monkeypatch, "info.xml", "missing.xml", streams=("stdout",)
    )
    assert "bare-ampersand" in shown
    assert "not read" not in shown
    assert elsewhere.startswith("reviewcorpus: not read: ")


@pytest.mark.usefixtures("folder")
def test_standard_input_has_a_bar_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((INFO * 300).encode())))
    shown, _ = check_on_terminal(monkeypatch, "-", streams=BOTH)
    assert "reading" in shown
    assert len(re.findall(AMPERSAND, shown)) == 300


def test_a_folder_with_a_dead_link_has_a_bar(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "dead.xml").symlink_to("nowhere")
    shown, _ = check_on_terminal(monkeypatch, ".", streams=BOTH)
    assert "reading" in shown
    assert "invalid-score" in shown


def test_a_pipe_has_a_bar_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in "reviewcorpus check <(zcat movies.xml.gz)"; a pipe cannot say how far it was read.
    os.mkfifo(folder / "pipe.xml")
    writer = threading.Thread(target=(folder / "pipe.xml").write_text, args=[INFO * 300])
    writer.start()
    shown, _ = check_on_terminal(monkeypatch, "pipe.xml", streams=BOTH)
    writer.join(10)
    assert len(re.findall(AMPERSAND, shown)) == 300


def test_no_bar_is_drawn_in_a_pipe(folder: Path) -> None:
    done = run("check", "clean.xml", cwd=folder)
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout


def test_no_bar_is_drawn_in_a_pipe_even_where_colours_are_forced(folder: Path) -> None:
    # Many CI systems set FORCE_COLOR.
    done = run("check", "clean.xml", cwd=folder, env={**os.environ, "FORCE_COLOR": "1"})
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout


def test_the_bar_counts_bytes_over_all_files_of_each_pass(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_output, "_SECONDS_PER_STEP", 0)
    paths = tuple(str(folder / name) for name in ("clean.xml", "info.xml", "error.xml"))
    size = sum(os.path.getsize(path) for path in paths)
    monkeypatch.setattr(_output, "is_terminal", lambda _: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(_output, "_SECONDS_BEFORE_BAR", 0)
    errors = io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    output = _output.Output(paths)
    for _ in range(2):
        items = Items(streams_of(paths), Options())
        readings = []
        for _ in items:
            output.show_progress(items)
            readings.append(output.done)
        assert readings == sorted(readings)
        assert readings[-1] == size
    *_, last = errors.getvalue().split("\r")  # which is all of it that is not stripped
    assert last == f"reading [{'#' * 20}] 100%"


# ---- the way in -------------------------------------------------------------------------


def test_python_dash_m_runs_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["whatever", "--version"])
    monkeypatch.delitem(sys.modules, "reviewcorpus.__main__")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("reviewcorpus", run_name="__main__")
    assert caught.value.code == 0


def test_the_command_calls_itself_by_its_name(folder: Path) -> None:
    assert run("--help", cwd=folder).stdout.startswith(b"Usage: reviewcorpus ")


def test_a_missing_package_is_told_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("click.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.delitem(sys.modules, "reviewcorpus.cli")
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    assert caught.value.code == 2
    message = capsys.readouterr().err
    assert message.startswith("reviewcorpus: the command needs click")
    assert "pip install 'reviewcorpus[cli]'" in message


def test_any_other_missing_module_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reviewcorpus.validation", None)
    monkeypatch.delitem(sys.modules, "reviewcorpus.cli")
    monkeypatch.delitem(sys.modules, "reviewcorpus.cli._check")
    with pytest.raises(ModuleNotFoundError, match="validation"):
        __main__.main()


def test_the_script_that_is_installed_leads_to_the_command() -> None:
    scripts = importlib.metadata.entry_points(group="console_scripts", name="reviewcorpus")
    assert [script.load() for script in scripts] == [__main__.main]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
@pytest.mark.usefixtures("folder")
def test_output_that_cannot_be_written_is_a_line_and_not_a_traceback() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "reviewcorpus", "check", "error.xml"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("reviewcorpus: cannot write the output: ")
    assert len(done.stderr.splitlines()) == 1


NOTHING = "nothing to read: no *.xml, *.txt or *.review file found"


def test_a_folder_without_anything_to_read_is_told_and_sets_the_status(tmp_path: Path) -> None:
    result = invoke("check", str(tmp_path))
    assert result.exit_code == 2  # or a wrong path in a build would never be noticed
    assert result.stderr == f"reviewcorpus: {NOTHING}\n"
    assert counts(result.stdout)["files"] == 0


def test_a_folder_without_anything_to_read_is_told_in_each_format(tmp_path: Path) -> None:
    def printed(style: str) -> str:
        result = invoke("check", "--format", style, str(tmp_path))
        assert result.exit_code == 2
        return result.stdout

    assert json.loads(printed("json"))["not_read"] == [NOTHING]
    (invocation,) = json.loads(printed("sarif"))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    defect, failure, *_ = printed("github").splitlines()
    assert defect.startswith(f"::error file={tmp_path},line=1,col=1,title=no-movie::no <movie> ")
    assert failure == f"::error title=not read::{NOTHING}"


def test_an_empty_folder_beside_others_is_a_defect(folder: Path) -> None:
    (folder / "empty").mkdir()
    result = invoke("check", "empty", "clean.xml")
    assert result.exit_code == 1
    assert result.stderr == ""
    message = "no <movie> element found: there is nothing to read [no-movie]"
    assert result.stdout.splitlines()[0] == f"empty:1:1: error: {message}"
    assert counts(result.stdout)["files"] == 1


@pytest.mark.usefixtures("folder")
def test_json_tells_what_was_not_read() -> None:
    result = invoke("check", "--format", "json", "nowhere.xml", "clean.xml")
    assert result.exit_code == 2
    (message,) = json.loads(result.stdout)["not_read"]
    assert "nowhere.xml" in message


def test_the_examples_in_the_help_stand_on_lines_of_their_own() -> None:
    output = invoke("check", "--help").output
    assert "\n    reviewcorpus check corpus/\n" in output
    assert "\b" not in output


def test_the_summary_tells_severities() -> None:
    with_reference = "<movie><title>&#0; &bogus;</title></movie>"
    result = CliRunner().invoke(cli, ["check", "-"], input=with_reference)
    assert re.search(r"invalid-reference: +1  error or warning", result.output)
    assert re.search(r"unknown-entity: +1  warning", result.output)


def test_the_module_without_its_packages_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "reviewcorpus.cli")
    monkeypatch.setitem(sys.modules, "click", None)
    with pytest.raises(ImportError, match=r"pip install 'reviewcorpus\[cli\]'"):
        importlib.import_module("reviewcorpus.cli")


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 2), (errno.EPIPE, 1)])
@pytest.mark.usefixtures("folder")
def test_a_failing_output_sets_the_status(
    number: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "cannot be written")

    monkeypatch.setattr(click, "echo", fail)
    assert invoke("check", "clean.xml").exit_code == status


@pytest.mark.usefixtures("folder")
def test_what_could_not_be_written_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "output"
    with path.open("w", encoding="utf-8") as output:

        def fail(*_: object, **__: object) -> None:
            output.write("held back")  # by the buffer, until it is closed
            raise OSError(errno.ENOSPC, "cannot be written")

        monkeypatch.setattr(sys, "stdout", output)
        monkeypatch.setattr(click, "echo", fail)
        with pytest.raises(SystemExit):
            cli.main(["check", "clean.xml"], standalone_mode=False)
    assert path.read_text(encoding="utf-8") == ""


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_and_options(folder: Path, shell: str) -> None:
    if shell == "bash":
        pytest.importorskip("fcntl", reason="no Bash of POSIX")
    variables = {**os.environ, "_REVIEWCORPUS_COMPLETE": f"{shell}_source"}
    done = run(cwd=folder, env=variables)
    if shell == "bash" and b"supported" in done.stderr:
        pytest.skip("click completes for Bash 4.4 and later, which is not here")
    assert b"_REVIEWCORPUS_COMPLETE" in done.stdout
    words = {**os.environ, "_REVIEWCORPUS_COMPLETE": "zsh_complete", "COMP_CWORD": "1"}
    completed = run(cwd=folder, env={**words, "COMP_WORDS": "reviewcorpus ch"})
    assert completed.stdout.split() == [b"plain", b"check", *completed.stdout.split()[2:]]
