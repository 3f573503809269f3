"""`reviewcorpus rules`, `formats` and `sample`: what the command tells without reading anything."""

from __future__ import annotations

import errno
import os
import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from format_samples import SAMPLES
from reviewcorpus._atomic import open_whole
from reviewcorpus.cli import _reference, cli
from reviewcorpus.validation import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")


# ---- rules ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_explained_with_an_example(code: str) -> None:
    result = invoke("rules", code)
    assert result.exit_code == 0
    first, empty, summary, *others = result.stdout.splitlines()
    assert first.startswith(f"{code} ({RULES[code].severity}")
    assert ("not in the default" in first) is not RULES[code].is_default
    assert empty == ""
    assert f"{RULES[code].summary}.".startswith(summary)
    assert any(line.startswith(">>> ") for line in others)
    assert f"[{code}]" in result.stdout


def test_several_rules_are_named_as_everywhere() -> None:
    output = invoke("rules", "C,M101", "R20").stdout
    codes = re.findall(r"^([A-Z]\d{3}) \(", output, re.MULTILINE)
    assert codes == sorted(code for code in RULES if code.startswith(("C", "M101", "R20")))


def test_a_rule_that_is_not_there_is_an_error_of_one_line() -> None:
    result = invoke("rules", "X1\n::error::")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.fullmatch(r"Error: .*X1\\n::error::.*\n", result.stderr)


# ---- samples ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["new", "deep/er", "empty", "it's a\tname"])
def test_samples_are_those_of_the_package(
    working_folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (working_folder / "empty").mkdir()
    result = invoke("sample", name)
    assert result.exit_code == 0, result.output
    written = {path.relative_to(name): path.read_bytes() for path in rglob(working_folder, name)}
    assert written == {
        path.relative_to(SAMPLES): path.read_bytes()
        for path in SAMPLES.rglob("*")
        if path.is_file()
    }
    assert all(os.access(path, os.W_OK) for path in rglob(working_folder, name))
    if name.isprintable():
        monkeypatch.setenv("COLUMNS", "80")
        first, *commands = map(shlex.split, result.stdout.splitlines()[1:])
        assert first == ["cd", name]
        monkeypatch.chdir(name)
        assert len(commands) == 5
        for program, *arguments in commands:
            assert program == "reviewcorpus"
            tried = invoke(*arguments)
            assert tried.exit_code in {0, 1}, tried.output
            assert tried.stdout


def rglob(folder: Path, name: str) -> list[Path]:
    found = [path.relative_to(folder) for path in (folder / name).rglob("*") if path.is_file()]
    assert found
    return found


def test_nothing_is_written_beside_others(working_folder: Path) -> None:
    (working_folder / "mine.xml").write_text("mine")
    for target in (".", "mine.xml", "mine.xml/below"):
        result = invoke("sample", target)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
    assert invoke("sample", ".").stderr == (
        "Error: the folder '.' is not empty; name a new or empty one\n"
    )
    assert [path.name for path in working_folder.iterdir()] == ["mine.xml"]


# ---- help -------------------------------------------------------------------------------


def test_the_help_has_whole_sentences_in_lines_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    output = invoke("--help").stdout
    assert "..." not in output.partition("Commands:")[2]
    assert max(map(len, output.splitlines())) <= 80
    text = " ".join(output.split())
    for command in cli.commands.values():
        sentence = " ".join((command.help or "").partition("\n\n")[0].split())
        assert sentence.partition(". ")[0].rstrip(".") in text


@pytest.mark.parametrize("name", cli.commands)
def test_the_help_of_every_command_fits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    output = invoke(name, "-h").stdout
    assert output == invoke(name, "--help").stdout
    assert max(map(len, output.splitlines())) <= 80


def test_the_command_alone_shows_its_help() -> None:
    result = invoke()
    assert result.exit_code == 2
    assert result.stderr.rstrip() == invoke("--help").stdout.rstrip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--format", "yaml", "a.xml"],
        ["check", "--fail-on", "never", "a.xml"],
        ["check", "--fail-on", "info", "--min-severity", "error", "a.xml"],
        ["check", "--rules", "X1", "a.xml"],
        ["check", "--encoding", "klingon", "a.xml"],
        ["show", "-n", "-1", "a.xml"],
        ["show", "-n", "many", "a.xml"],
        ["convert", "a.xml", "-o", "a.doc"],
        ["stats", "--input-format", "movies", "a.xml"],
    ],
    ids=" ".join,
)
def test_a_wrong_value_is_an_error_of_one_line(arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.fullmatch(r"Error: .*\n", result.stderr)


@pytest.mark.parametrize("arguments", [["check"], ["check", "--nonsense"], ["nonsense"]])
def test_what_is_missing_or_unknown_is_an_error_with_the_usage(arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: reviewcorpus")
    assert "Error: " in result.stderr.splitlines()[-1]


def test_names_of_commands_are_those_that_were_promised() -> None:
    assert set(cli.commands) == set(
        "show check clean convert stats report rules formats sample".split()
    )
    assert rc.__version__ in invoke("--version").stdout


def test_samples_are_written_all_or_none(
    working_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def fill(path: str, **options: bool) -> Any:
        written.append(path)
        if len(written) > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return open_whole(path, **options)

    monkeypatch.setattr(_reference, "open_whole", fill)
    assert invoke("sample", "samples").exit_code == 2
    assert list(working_folder.iterdir()) == []
