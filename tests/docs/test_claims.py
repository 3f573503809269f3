"""What pages say of options, commands, extras and files is what there is."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from page_parts import ENTRIES, PAGES, ROOT, codes, prose_of, sentence, table, text_of
from reviewcorpus.cleaning import REPAIRS
from reviewcorpus.cli import cli
from reviewcorpus.cli._checking import PRINTERS
from reviewcorpus.cli._repairing import MERGE
from reviewcorpus.parser._reader import Options
from reviewcorpus.validation import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKAGE = Path(rc.__file__).parent  # which nox installs from a wheel, with src/ out of the way
PROJECT = tomllib.loads(text_of("pyproject.toml"))["project"]
EXTRAS = set(PROJECT["optional-dependencies"])
NEEDED = {re.findall(r"^[\w-]+", each)[0] for each in PROJECT["dependencies"]}
PYTHONS = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))


def first_codes(page: str, header: str) -> list[str]:
    """Give what stands in backticks in the first column of a table."""
    return [code for row in table(page, header) for code in codes(row[0])]


# ---- options ----------------------------------------------------------------------------

HEAD_OF_OPTIONS = "option | default | meaning"
DEFAULTS: dict[str, Any] = {
    field.name: rc.Limits() if field.name == "limits" else field.default
    for field in attrs.fields(Options)
}


def test_the_defaults_of_reading_are_those_on_its_page() -> None:
    assert Options(**DEFAULTS) == Options()
    rows = table("docs/api/reading.md", HEAD_OF_OPTIONS)
    shown = {codes(row[0])[0]: codes(row[1])[0] for row in rows}
    assert shown == {
        name: "Limits()" if name == "limits" else repr(value).replace("'", '"')
        for name, value in DEFAULTS.items()
    }


def test_the_options_of_spark_are_those_on_its_page() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from reviewcorpus._spark import settings  # noqa: PLC0415 it needs pyarrow
    from reviewcorpus._tables import TABLES  # noqa: PLC0415 likewise

    rows = table("docs/spark.md", HEAD_OF_OPTIONS)
    names = [code for row in rows for code in codes(row[0])]
    assert sorted(names) == sorted(settings._all_names().split(", "))
    default = settings.Settings.of({"path": "films"})
    assert default.options == Options()
    assert {codes(row[0])[0]: row[1] for row in rows} == {
        "table": f"`{default.table}`",
        "errors": f"`{DEFAULTS['errors']}`",
        "encoding": "",
        "fallbackEncoding": f"`{DEFAULTS['fallback_encoding']}`",
        "partitionBytes": f"`{default.partition_bytes}`",
        "maxFieldBytes": "as `Limits` has them",
    }
    assert codes(rows[0][2]) == list(TABLES)


def test_the_tables_of_spark_are_those_on_its_page() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from reviewcorpus._tables import TABLES  # noqa: PLC0415 it needs pyarrow

    rows = table("docs/spark.md", "table | one row | columns")
    shown = {codes(row[0])[0]: row[2].split(", ") for row in rows}
    assert shown == {name: schema.names for name, (schema, _) in TABLES.items()}
    (default,) = (row[0] for row in rows if "(default)" in row[0])
    assert codes(default) == ["reviews"]


# ---- the command ------------------------------------------------------------------------


def run(*arguments: str) -> click.testing.Result:
    return CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")


def test_the_commands_and_forms_are_those_on_their_page() -> None:
    page = "docs/command.md"
    rows = table(page, "command | what it does | needs also")
    assert sorted(codes(row[0])[0] for row in rows) == sorted(cli.commands)
    assert {code for row in rows for code in codes(row[2])} <= EXTRAS
    assert codes(sentence(page, r"`check --format` has four forms: (.*?):\n")) == list(PRINTERS)


EXAMPLES = ROOT / "examples"
CUT, CLEAN, WORN = (str(EXAMPLES / name) for name in ("damaged/cut-off.xml", "clean", "worn"))
HALF = str(EXAMPLES / "damaged" / "bare-ampersands.xml")  # its gravest is a warning
STATUSES = [
    (0, ["check", CLEAN]),
    (0, ["check", HALF]),
    (0, ["check", "--validate", WORN]),
    (0, ["stats", CUT]),
    (1, ["check", CUT]),
    (1, ["check", "--fail-on", "warning", HALF]),
    (1, ["check", "--fail-on", "info", HALF]),
    (1, ["check", "--validate", "--fail-on", "warning", WORN]),
    (2, ["check", "--nonsense", CLEAN]),
    (2, ["check", "no-such-file.xml"]),
    (2, ["check", "."]),
    (2, ["convert", ".", "-o", "written.jsonl"]),
    (2, ["convert", CLEAN, "no-such-file.xml", "-o", "written.jsonl"]),
    (2, ["repair", ".", "-o", "written", "--skip", "fix-mojibake"]),
]


def test_the_page_about_the_command_has_every_exit_status() -> None:
    rows = table("docs/command.md", "status | meaning")
    assert {int(row[0]) for row in rows} == {status for status, _ in STATUSES}


@pytest.mark.parametrize(("status", "arguments"), STATUSES)
def test_the_exit_status_is_the_one_on_the_page(
    status: int, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments).exit_code == status
    assert list(tmp_path.iterdir()) == []


def test_the_repairs_are_those_on_their_pages() -> None:
    assert first_codes("docs/clean.md", "repair | what it does") == [*REPAIRS, MERGE]
    listed = sentence("docs/api/repair.md", r"The repairs of one movie by their names: (.*?)\.")
    assert re.findall(r"``([\w-]+)``", listed) == list(REPAIRS)


def test_the_keys_of_the_figures_are_those_on_their_page() -> None:
    figures = json.loads(run("stats", "--format", "json", "--validate", CLEAN, WORN).stdout)
    shown: dict[str, set[str]] = {}
    for keys, holds in table("docs/report.md", "key | what it holds"):
        shown |= {key: set(codes(holds)) for key in codes(keys)}
    assert list(shown) == list(figures)
    assert shown["summary"] == {"Corpus.summary()"}
    shown["summary"] = {field.name for field in attrs.fields(rc.Summary)}
    for key, holds in figures.items():
        if isinstance(holds, dict):
            assert shown[key] == set(holds), key
    for key in ("defects", "problems"):
        assert shown[key] - {"problems", "null"} == {*figures["problems"][0]}
    assert json.loads(run("stats", "--format", "json", CLEAN).stdout)["problems"] is None


# ---- numbers and names in sentences -----------------------------------------------------

NOT_IN_THE_DEFAULT = [code for code, rule in RULES.items() if not rule.is_default]
SENTENCES: list[tuple[str, str, Iterable[str]]] = [
    ("docs/check.md", r"Two are not among the default, (.*?)\.\n", NOT_IN_THE_DEFAULT),
    ("docs/tutorial.md", r"adds two that fire (.*?)\.\n", NOT_IN_THE_DEFAULT),
    ("CHANGELOG.md", r"`Corpus.problems`: (\d+) rules about", [str(len(RULES))]),
    ("README.md", r"the library itself needs (.*?)\.", NEEDED),
    ("docs/index.md", r"Run-time dependencies are (.*?)\.", NEEDED),
    ("docs/tutorial.md", r"The library itself needs (.*?) only\.", NEEDED),
    ("README.md", r"Python (3\.\d+ to 3\.\d+), tested", [PYTHONS[0], PYTHONS[-1]]),
    ("README.md", r"with Python (3\.\d+) or later", PYTHONS[:1]),
    ("CONTRIBUTING.md", r"You need Python (3\.\d+) or later", PYTHONS[:1]),
    ("docs/tutorial.md", r"You need Python (3\.\d+) or later", PYTHONS[:1]),
]


@pytest.mark.parametrize(("page", "pattern", "expected"), SENTENCES)
def test_what_a_sentence_names_is_what_there_is(
    page: str, pattern: str, expected: Iterable[str]
) -> None:
    words = re.split(r" and |,? to |, ", sentence(page, pattern))
    assert sorted(codes(" ".join(words)) or words) == sorted(expected)


def test_the_newest_release_has_a_day_of_the_calendar() -> None:
    newest = re.findall(r"^## \[[\d.]+\] - (.*)$", text_of("CHANGELOG.md"), re.MULTILINE)[0]
    assert datetime.date.fromisoformat(newest).isoformat() == newest


# ---- extras -----------------------------------------------------------------------------


def test_the_front_page_has_every_extra() -> None:
    assert sorted(first_codes("docs/index.md", "extra | brings")) == sorted(EXTRAS)


@pytest.mark.parametrize("page", PAGES)
def test_every_extra_that_a_page_installs_is_there(page: str) -> None:
    assert set(extras_in(text_of(page))) <= EXTRAS


def test_every_extra_that_an_error_names_is_there() -> None:
    named = {name for path in PACKAGE.rglob("*.py") for name in extras_in(path.read_text("utf-8"))}
    assert named
    assert named <= EXTRAS


def extras_in(text: str) -> list[str]:
    installed = re.findall(r"(?:reviewcorpus|'\.)\[([\w,]+)\]", text)
    told = re.findall(r"extras?\s+(`+\w+`+(?:\s+and\s+`+\w+`+)?)", text)
    return re.findall(r"\w+", re.sub(r"\band\b", "", " ".join(installed + told)))


def test_extras_are_found() -> None:
    text = "'reviewcorpus[cli,arrow]', '.[one]', extra `two`, extras ``three`` and\n``four``"
    assert extras_in(text) == "cli arrow one two three four".split()


# ---- options of commands in sentences ---------------------------------------------------

OF_OTHER_TOOLS = {  # in backticks, by what they are options of
    "--group": "pip",
    "--jobs": "benchmarks",
    "--list": "nox",
    "--rounds": "benchmarks",
    "--size": "benchmarks",
    "--verifytypes": "pyright",
}
CHOICES: dict[str, dict[str, list[str] | None]] = {
    name: {
        option: list(param.type.choices) if isinstance(param.type, click.Choice) else None
        for param in command.params
        for option in param.opts
    }
    | {"--help": None}
    for name, command in cli.commands.items()
}


def wrong_options(code: str) -> list[str]:
    """Give the options in it that the command has not, or no command where none is named."""
    named = {word for word in code.split() if word in cli.commands}
    of = [options for name, options in CHOICES.items() if not named or name in named]
    return [
        f"{option} {value}"
        for option, value in re.findall(r"(?<![\w-])(--[a-z-]+)[ =]?([a-z][a-z,-]*)?", code)
        if option not in OF_OTHER_TOOLS
        and not any(
            option in each and (not value or value in (each[option] or [value])) for each in of
        )
    ]


@pytest.mark.parametrize("page", [*PAGES, *ENTRIES])
def test_every_option_in_a_sentence_is_one_of_a_command(page: str) -> None:
    assert [wrong for code in codes(prose_of(page)) for wrong in wrong_options(code)] == []


def test_a_wrong_option_is_found() -> None:
    good = (
        "--fail-on warning",
        "check --format sarif",
        "--skip merge-movies",
        "pyright --verifytypes",
    )
    assert [wrong for code in good for wrong in wrong_options(code)] == []
    for wrong in "--fail-at", "--fail-on error-like", "stats --format sarif", "rules --validate":
        assert wrong_options(wrong), wrong


# ---- files and headings -----------------------------------------------------------------

FOLDERS = ("src", "tests", "docs", "benchmarks", "tools", "examples")


def is_there(name: str) -> bool:
    name = name.replace("<CODE>", "*").partition("::")[0].rstrip("/")
    if name.startswith("src/reviewcorpus/"):
        return any(PACKAGE.glob(name.removeprefix("src/reviewcorpus/")))
    if name.startswith(tuple(f"{folder}/" for folder in FOLDERS)):
        return any(ROOT.glob(name))
    folders = [PACKAGE, *(ROOT / folder for folder in FOLDERS)]
    return (ROOT / name).exists() or any(True for each in folders for _ in each.rglob(name))


def paths_in(page: str) -> list[str]:
    words = [word for code in codes(prose_of(page)) for word in code.split()]
    wanted = rf"(?:{'|'.join(FOLDERS)})/\S*|[\w/-]+\.(?:py|toml)(?:::\w+)?"
    return [word for word in words if re.fullmatch(wanted, word)]


@pytest.mark.parametrize("page", [*PAGES, *ENTRIES])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    assert [name for name in paths_in(page) if not is_there(name)] == []


def test_files_are_found_and_missed() -> None:
    assert len(paths_in("CONTRIBUTING.md")) > 30
    for name in "tests/cases/*.json", "_rules/model.py", "src/reviewcorpus/_rules/", "test_docs.py":
        assert is_there(name), name
    for name in "tests/test_none.py", "src/reviewcorpus/none.py", "none.toml", "docs/none/":
        assert not is_there(name), name


MADE = {  # headings that docs/makers fills in
    "defects": {kind.value for kind in rc.DefectKind},
    "rules": {f"rule-{code.lower()}" for code in RULES},
}


def anchors_of(page: Path) -> set[str]:
    if page.suffix == ".toml":  # what is written there comes to stand on the page of that name
        return MADE["defects"] | MADE["rules"]
    titles = re.findall(r"^#+ (.*)$", prose_of(page.relative_to(ROOT).as_posix()), re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    return slugs | MADE.get(page.stem, set())


@pytest.mark.parametrize("page", [*PAGES, *ENTRIES])
def test_every_link_to_a_heading_leads_to_one(page: str) -> None:
    wrong = [
        f"{path}#{anchor}"
        for path, anchor in re.findall(r"\]\(([^):#]*)#([^)]+)\)", prose_of(page))
        if anchor not in anchors_of(ROOT / page if not path else target(page, path))
    ]
    assert wrong == []


def target(page: str, path: str) -> Path:
    folder = (ROOT / page).parent if page.endswith(".md") else ROOT / "docs"
    return (folder / path).resolve()
