"""Options that commands share, and those of `check` that say what is printed and counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus.cli import _output, cli
from reviewcorpus.cli._check import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

CLEAN = rc.dumps(rc.Movie(title="Paper Boats", reviews=[rc.Review(score=0.7), rc.Review()]))
# An info, a warning and an error.
DAMAGED = CLEAN.replace("Paper", "Tick & Caf&bogus;").replace("0.7", "seven")
READING = {
    "show": [],
    "check": [],
    "clean": ["--dry-run"],
    "convert": ["-o", "-", "--to", "jsonl"],
    "stats": [],
    "report": ["-o", "-"],
}
"""The commands that read, with the options that let them print."""


@pytest.fixture
def folder(working_folder: Path) -> Path:
    (working_folder / "corpus" / "drafts").mkdir(parents=True)
    (working_folder / "corpus" / "a.xml").write_text(CLEAN)
    (working_folder / "corpus" / "b.xml").write_text(DAMAGED)
    (working_folder / "corpus" / "drafts" / "c.xml").write_text("No movie.")
    return working_folder


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")


# ---- --exclude --------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", READING)
def test_every_command_skips_what_is_excluded_and_counts_it(command: str) -> None:
    if command == "report":
        pytest.importorskip("jinja2", reason="needs Jinja2, of the extra `report`")
    result = invoke(command, *READING[command], "corpus", "--exclude", "drafts", "--exclude", "b*")
    assert result.exit_code == 0, result.output
    assert "No movie" not in result.output
    assert "bogus" not in result.output
    assert result.stderr.endswith(
        "reviewcorpus: archives, hidden files, links and what --exclude matches skipped in folders:"
        " 2, the first is corpus/b.xml\n"
    )


@pytest.mark.usefixtures("folder")
def test_the_summary_counts_what_is_excluded() -> None:
    assert (
        "skipped files:                 2\n"
        in invoke("check", "corpus", "--exclude", "drafts/", "--exclude", "b.xml").stdout
    )


@pytest.mark.usefixtures("folder")
def test_an_excluded_file_that_is_named_is_read() -> None:
    result = invoke("check", "corpus/b.xml", "corpus", "--exclude", "*.xml", "-q")
    assert result.exit_code == 1
    assert result.stdout.count("corpus/b.xml:") == 3
    assert "drafts" not in result.stdout


# ---- --quiet ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", READING)
def test_quiet_commands_print_results_and_errors_only(folder: Path, command: str) -> None:
    if command == "report":
        pytest.importorskip("jinja2", reason="needs Jinja2, of the extra `report`")
    (folder / "corpus" / ".hidden.xml").write_text(CLEAN)
    loud = invoke(command, *READING[command], "corpus")
    quiet = invoke(command, *READING[command], "corpus", "-q")
    assert loud.stderr
    assert quiet.stderr == ""
    assert quiet.exit_code == loud.exit_code
    assert quiet.stdout
    if command != "check":
        assert quiet.stdout == loud.stdout
    failing = invoke(command, *READING[command], "missing.xml", "-q")
    assert failing.exit_code == 2
    assert "missing.xml" in failing.stderr


@pytest.mark.parametrize("style", ["text", "github"])
@pytest.mark.usefixtures("folder")
def test_a_quiet_check_has_no_summary(style: str) -> None:
    loud = invoke("check", "--format", style, "--validate", "corpus").stdout
    quiet = invoke("check", "--format", style, "--validate", "corpus", "--quiet").stdout
    found, _, _ = loud.partition("files: ")
    assert quiet == found
    assert "defects:" in loud


@pytest.mark.parametrize("style", ["json", "sarif"])
@pytest.mark.usefixtures("folder")
def test_a_quiet_check_prints_the_same_data(style: str) -> None:
    loud = invoke("check", "--format", style, "corpus").stdout
    assert invoke("check", "--format", style, "corpus", "-q").stdout == loud


# ---- severities -------------------------------------------------------------------------


@pytest.mark.parametrize("style", FORMATS)
@pytest.mark.parametrize(("least", "count"), [("info", 4), ("warning", 2), ("error", 1)])
@pytest.mark.usefixtures("folder")
def test_only_what_is_grave_enough_is_printed_and_counted(
    least: str, count: int, style: str
) -> None:
    arguments = ["--rules", "M103", "--min-severity", least, "--format", style, "corpus/b.xml"]
    result = invoke("check", *arguments)
    assert result.exit_code == 1
    if style == "json":
        printed = json.loads(result.stdout)
        found = printed["defects"] + printed["problems"]
        assert sum(printed["severities"].values()) == count
        assert sum(printed["summary"]["defects"].values()) == len(printed["defects"])
        assert sum(printed["problem_counts"].values()) == len(printed["problems"])
    elif style == "sarif":
        found = json.loads(result.stdout)["runs"][0]["results"]
    else:
        found = [line for line in result.stdout.splitlines() if "corpus/b.xml" in line]
        assert f"{count - 2 if count > 2 else 0} info" in result.stdout.splitlines()[-1]
    assert len(found) == count


@pytest.mark.usefixtures("folder")
def test_the_last_line_has_the_totals_by_severity() -> None:
    assert invoke("check", "corpus").stdout.endswith("\nfound: 2 errors, 1 warning, 1 info\n")
    assert "found" not in invoke("check", "corpus/a.xml").stdout


@pytest.mark.usefixtures("folder")
def test_what_is_not_counted_cannot_fail() -> None:
    result = invoke("check", "corpus", "--min-severity", "error", "--fail-on", "warning")
    assert result.exit_code == 2
    assert result.stderr == (
        "Error: --min-severity error hides what --fail-on warning looks for;"
        " use --min-severity warning\n"
    )
    assert invoke("check", "corpus/b.xml", "--min-severity", "error").exit_code == 1
    fine = ["corpus/b.xml", "--min-severity", "warning", "--fail-on", "warning"]
    assert invoke("check", *fine).exit_code == 1


@pytest.mark.usefixtures("folder")
def test_the_status_can_be_zero_whatever_is_found_but_not_if_something_was_not_read() -> None:
    assert invoke("check", "corpus", "--exit-zero").exit_code == 0
    assert invoke("check", "corpus", "--exit-zero").stdout == invoke("check", "corpus").stdout
    assert invoke("check", "corpus", "missing.xml", "--exit-zero").exit_code == 2


# ---- wrong paths ------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["show", "check", "stats"])
@pytest.mark.usefixtures("folder")
def test_a_wrong_path_alone_is_one_line_without_a_summary(command: str) -> None:
    result = invoke(command, "missing.xml")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "missing.xml" in result.stderr


@pytest.mark.parametrize("command", ["show", "check", "stats"])
@pytest.mark.usefixtures("folder")
def test_a_wrong_path_does_not_keep_others_from_being_read(command: str) -> None:
    result = invoke(command, "missing.xml", "corpus/a.xml")
    assert result.exit_code == 2
    assert result.stdout == invoke(command, "corpus/a.xml").stdout
    assert result.stderr.count("\n") == 1


# ---- colors and the progress bar --------------------------------------------------------

posix = pytest.mark.skipif(os.name != "posix", reason="needs terminals of POSIX")
WITH_DELAY = """
import sys
from reviewcorpus.cli import _output, cli
_output._SECONDS_BEFORE_BAR = float(sys.argv.pop(1))
cli(prog_name="reviewcorpus")
"""


def errors_on_terminal(
    *arguments: str, stdout: Any, delay: float = 0, term: str = "xterm"
) -> tuple[bytes, bytes | None]:
    """Run the command with standard error on a terminal; return what this and a pipe show."""
    master, slave = os.openpty()
    command = [sys.executable, "-c", WITH_DELAY, str(delay), *arguments]
    environment = {**os.environ, "TERM": term}
    try:
        done = subprocess.run(command, stdout=stdout, stderr=slave, env=environment, check=False)
        os.write(slave, b"end")
        shown = b""
        while not shown.endswith(b"end"):
            shown += os.read(master, 65536)
    finally:
        os.close(slave)
        os.close(master)
    return shown.removesuffix(b"end"), done.stdout


@posix
@pytest.mark.usefixtures("folder")
def test_the_bar_is_for_terminals_and_files_and_not_beside_a_pipe() -> None:
    shown, piped = errors_on_terminal("check", "corpus", stdout=subprocess.PIPE)
    assert shown == b""
    assert piped is not None
    assert b"\x1b" not in piped
    with open("found", "wb") as file:
        shown, _ = errors_on_terminal("check", "corpus", stdout=file)
    assert shown.startswith(b"\r\x1b[2Kreading [")
    assert shown.endswith(b"\r\x1b[2K")
    # Results in a file do not erase it.
    assert shown.count(b"\r\x1b[2K") == shown.count(b"reading") + 1
    with open("found", "rb") as file:
        assert file.read() == piped


@posix
@pytest.mark.parametrize(
    ("options", "term"), [(["-q"], "xterm"), ([], "dumb")], ids=["quiet", "dumb"]
)
@pytest.mark.usefixtures("folder")
def test_there_is_no_bar_where_none_is_wished(options: list[str], term: str) -> None:
    with open("found", "wb") as file:
        shown, _ = errors_on_terminal("check", "corpus", *options, stdout=file, term=term)
    assert shown == b""


@posix
@pytest.mark.usefixtures("folder")
def test_there_is_no_bar_before_its_time() -> None:
    with open("found", "wb") as file:
        shown, _ = errors_on_terminal("check", "corpus", stdout=file, delay=1000)
    assert shown == b""
    assert _output._SECONDS_BEFORE_BAR == 1


@pytest.mark.parametrize(
    ("variables", "has_colors"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": ""}, False),
    ],
)
@pytest.mark.usefixtures("folder")
def test_colors_in_a_pipe_are_forced_or_refused(
    variables: dict[str, str], *, has_colors: bool
) -> None:
    command = [sys.executable, "-m", "reviewcorpus", "check", "corpus/b.xml"]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (b": \x1b[31m\x1b[1merror: \x1b[0m" in done.stdout) is has_colors
    assert (b"\x1b" in done.stdout) is has_colors
