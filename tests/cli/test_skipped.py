"""What commands report about archives and hidden files in folders, which are skipped."""

from __future__ import annotations

import errno
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus.cli import cli

CLEAN = rc.dumps(rc.Movie(title="Paper Boats", reviews=[rc.Review(score=0.7)]))
THREE = (
    "reviewcorpus: archives, hidden files and links skipped in folders: 3, the first is"
    " corpus/._plain.xml; to read them, give their paths\n"
)
ONE = (
    "reviewcorpus: archives, hidden files and links skipped in folders: 1, the first is"
    " corpus/._plain.xml; to read them, give their paths\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a corpus: a plain file, a hidden one, and two archives."""
    monkeypatch.chdir(tmp_path)
    Path("corpus/deep").mkdir(parents=True)
    Path("corpus/plain.xml").write_text(CLEAN)
    Path("corpus/._plain.xml").write_bytes(b"\0\5\x16\7")
    for name in ("corpus/deep/b.ZIP", "corpus/c.tgz"):
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("b.xml", CLEAN)
    Path("corpus/readme.md").write_text("No movie.")
    return tmp_path


def stderr_of(*arguments: str, status: int = 0) -> str:
    """Run the command; return what it prints on standard error."""
    result = CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")
    assert result.exit_code == status, result.output
    return result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "corpus"],
        ["check", "--format", "json", "corpus"],
        ["stats", "corpus"],
        ["report", "corpus", "-o", "report.html"],
        ["convert", "corpus", "-o", "movies.csv"],
        ["clean", "corpus", "-o", "clean", "--without", "fix-mojibake"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("folder")
def test_every_command_reports_it_once_at_the_end(arguments: list[str]) -> None:
    if arguments[0] == "report":
        pytest.importorskip("jinja2", reason="needs Jinja2, of the extra `report`")
    stderr = stderr_of(*arguments)
    assert stderr.endswith(THREE)
    assert stderr.count("skipped in folders") == 1


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["check", "corpus"], 2),
        (["stats", "corpus"], 2),
        (["convert", "corpus", "-o", "movies.csv"], 2),
        (["clean", "corpus", "-o", "clean", "--without", "fix-mojibake"], 2),
    ],
)
def test_it_is_reported_where_there_is_nothing_else(
    folder: Path, arguments: list[str], status: int
) -> None:
    (folder / "corpus" / "plain.xml").unlink()
    assert stderr_of(*arguments, status=status).endswith(THREE)


@pytest.mark.usefixtures("folder")
def test_the_summary_counts_it_too() -> None:
    result = CliRunner().invoke(cli, ["check", "corpus"])
    assert result.stdout == f"{rc.Corpus('corpus').summary()}\n"
    assert "skipped files:                 3\n" in result.stdout


def test_the_exit_status_is_that_of_what_was_read(folder: Path) -> None:
    (folder / "corpus" / "plain.xml").write_text(CLEAN.replace("0.7", "seven"))
    assert stderr_of("check", "corpus", status=1) == THREE


@pytest.mark.usefixtures("folder")
def test_what_is_named_is_not_skipped() -> None:
    names = ["./corpus/c.tgz", "corpus/deep/../deep/b.ZIP"]
    assert stderr_of("check", "corpus", *names) == ONE
    assert stderr_of("check", *names, "corpus") == ONE
    assert stderr_of("check", "corpus", "corpus/._plain.xml", *names, status=1) == ""


@pytest.mark.usefixtures("folder")
def test_nothing_is_skipped_outside_of_folders() -> None:
    assert stderr_of("check", "corpus/plain.xml", "corpus/c.tgz") == ""


def test_standard_input_is_no_folder(folder: Path) -> None:
    (folder / "corpus").rename(folder / "-")
    result = CliRunner().invoke(cli, ["check", "-"], input=CLEAN)
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.usefixtures("folder")
def test_links_that_are_not_read_are_counted_and_folders_are_not() -> None:
    Path("elsewhere").mkdir()
    Path("elsewhere/d.zip").write_bytes(b"")
    Path("corpus/out.zip").symlink_to("../elsewhere/d.zip")
    Path("corpus/linked").symlink_to("../elsewhere", target_is_directory=True)
    Path("corpus/dead.zip").symlink_to("nowhere")
    Path("corpus/round.zip").symlink_to("round.zip")
    Path("corpus/.round.xml").symlink_to(".round.xml")
    Path("corpus/folder.zip").mkdir()
    assert stderr_of("check", "corpus") == THREE.replace(": 3,", ": 5,")  # out, and dead


@pytest.mark.usefixtures("folder")
def test_a_folder_that_cannot_be_listed_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    list_folder = os.scandir

    def refuse(path: str) -> Any:
        if path.endswith("deep"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", refuse)
    stderr = stderr_of("check", "corpus", status=2)
    assert stderr.count("corpus/deep") == 1
    assert "skipped in folders: 2, " in stderr


def test_names_reach_no_terminal_as_they_are(folder: Path) -> None:
    (folder / "corpus" / "\x1b[31m\n.zip").write_bytes(b"")
    assert r"skipped in folders: 4, the first is corpus/\x1b[31m\n.zip; to read" in stderr_of(
        "check", "corpus"
    )
