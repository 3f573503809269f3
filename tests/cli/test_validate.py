"""`reviewcorpus check --validate`, and `reviewcorpus rules`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus.cli import _check, cli
from reviewcorpus.validation import RULES

if TYPE_CHECKING:
    from click.testing import Result

LINK = "http://www.imdb.com/title/tt9000001/"
MOVIE = rc.Movie(
    title="Paper Boats",
    link=LINK,
    year=2007,
    general_score=0.7,
    reviews=[rc.Review(username="ann", score=0.72, full_review="A short film.At only an hour.")],
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rc.dump(MOVIE, "a.xml")
    rc.dump([MOVIE, MOVIE], "b.xml")
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")


def test_without_the_option_nothing_is_validated(folder: Path) -> None:
    output = invoke("check", str(folder)).output
    assert "R203" not in output
    assert "problems" not in output
    assert "problems" not in json.loads(invoke("check", "--format", "json", str(folder)).output)


def test_problems_stand_beside_defects_and_are_counted(folder: Path) -> None:
    text = rc.dumps(MOVIE).replace("Paper", "Tick &")
    (folder / "a.xml").write_text(text)
    result = invoke("check", "--validate", "a.xml", "b.xml")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    off_grid = "the score 0.72 is not a multiple of 0.1 [R203]"
    assert lines[:7] == [
        "a.xml:2:14: info: '&' is not a reference [bare-ampersand]",
        f"a.xml:6: info: movies[0].reviews[0].score: {off_grid}",
        f"b.xml:7: info: movies[0].reviews[0].score: {off_grid}",
        f"b.xml:20: info: movies[1].reviews[0].score: {off_grid}",
        "b.xml:2: warning: movies[0]: the same movie (tt9000001) as a.xml:1: movies[0] [C301]",
        "b.xml:15: warning: movies[1]: the same movie (tt9000001) as a.xml:1: movies[0] [C301]",
        (
            "b.xml:7: warning: movies[0].reviews[0]: the same review as a.xml:6:"
            " movies[0].reviews[0] [C302]"
        ),
    ]
    assert lines[-5:] == [
        "problems:                      7",
        "  C301:                        2  warning",
        "  C302:                        2  warning",
        "  R203:                        3  info",
        "found: 0 errors, 4 warnings, 4 info",
    ]


@pytest.mark.parametrize("option", [["--validate", "--rules", "R208"], ["--rules", "R208"]])
@pytest.mark.usefixtures("folder")
def test_rules_are_chosen_and_choosing_them_validates(option: list[str]) -> None:
    output = invoke("check", *option, "a.xml").output
    assert output.startswith("a.xml:6: info: movies[0].reviews[0].full_review: sentences run")
    assert "problems:                      1\n" in output


@pytest.mark.parametrize(
    ("damage", "statuses"),
    [
        (("Paper", "Paper"), (0, 0, 0)),
        (("Paper", "Tick &"), (0, 0, 1)),  # info
        (("Paper", "Caf&bogus;"), (0, 1, 1)),  # warning
        (("0.72", "seven"), (1, 1, 1)),  # error
    ],
)
@pytest.mark.parametrize("style", ["text", "json", "sarif", "github"])
@pytest.mark.usefixtures("folder")
def test_a_defect_as_grave_as_asked_for_sets_the_status(
    damage: tuple[str, str], statuses: tuple[int, ...], style: str
) -> None:
    Path("a.xml").write_text(rc.dumps(MOVIE).replace(*damage))
    found = [
        invoke("check", "--format", style, "--fail-on", severity, "a.xml").exit_code
        for severity in ("error", "warning", "info")
    ]
    assert tuple(found) == statuses
    assert invoke("check", "--format", style, "a.xml").exit_code == statuses[0]


@pytest.mark.parametrize(
    ("arguments", "statuses"),
    [
        (["a.xml", "b.xml"], (0, 0, 0)),
        (["--rules", "R203", "a.xml"], (0, 0, 1)),
        (["--rules", "C", "a.xml"], (0, 0, 0)),
        (["--rules", "C", "a.xml", "b.xml"], (0, 1, 1)),  # found when all has been read
        (["--validate", "a.xml"], (0, 0, 1)),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_problem_as_grave_as_asked_for_sets_the_status(
    arguments: list[str], statuses: tuple[int, ...]
) -> None:
    found = [
        invoke("check", "--fail-on", severity, *arguments).exit_code
        for severity in ("error", "warning", "info")
    ]
    assert tuple(found) == statuses
    assert invoke("check", *arguments).exit_code == statuses[0]


@pytest.mark.usefixtures("folder")
def test_what_is_not_read_counts_more_than_what_is_found() -> None:
    assert invoke("check", "--rules", "C", "--fail-on", "info", "b.xml", "no.xml").exit_code == 2


@pytest.mark.usefixtures("folder")
def test_a_severity_that_is_not_there_is_wrong_use() -> None:
    result = invoke("check", "--fail-on", "fatal", "a.xml")
    assert result.exit_code == 2
    assert "'fatal' is not one of 'error', 'warning', 'info'" in result.output


def test_no_rule_of_the_library_sets_the_status_unasked() -> None:
    assert rc.Severity.ERROR not in {rule.severity for rule in RULES.values()}


def test_help_says_that_rules_validate() -> None:
    for command in ("check", "stats", "report"):
        assert "Implies --validate" in " ".join(invoke(command, "--help").output.split())


def test_a_rule_that_is_not_there_is_wrong_use(folder: Path) -> None:
    result = invoke("check", "--rules", "X1", str(folder))
    assert result.exit_code == 2
    assert "there is no rule 'X1'; choose from default, all, M101" in result.output


@pytest.mark.parametrize(
    "command", [["check"], ["stats"], ["report", "-o", "page.html"], ["rules"]]
)
@pytest.mark.usefixtures("folder")
def test_an_option_without_a_rule_is_wrong_use(command: list[str]) -> None:
    """As in a build where a variable is not set; it would pass whatever is read."""
    options = [""] if command == ["rules"] else ["--rules", "", "a.xml"]
    result = invoke(*command, *options)
    assert result.exit_code == 2
    assert "there is no rule ''; choose from default, all, M101" in result.output


@pytest.mark.parametrize("in_memory", [1 << 20, 10])
@pytest.mark.usefixtures("folder")
def test_problems_are_data(monkeypatch: pytest.MonkeyPatch, in_memory: int) -> None:
    monkeypatch.setattr(_check, "_MOST_IN_MEMORY", in_memory)
    result = invoke("check", "--validate", "--format", "json", "a.xml", "b.xml")
    printed: dict[str, Any] = json.loads(result.output)
    assert list(printed) == [
        "defects",
        "problems",
        "problem_counts",
        "severities",
        "summary",
        "not_read",
    ]
    assert [problem["code"] for problem in printed["problems"]] == [
        *["R203"] * 3,
        *["C301"] * 2,
    ] + ["C302"] * 2
    assert printed["problem_counts"] == {"C301": 2, "C302": 2, "R203": 3}
    assert printed["problems"][3] == {
        "code": "C301",
        "severity": "warning",
        "message": "the same movie (tt9000001) as a.xml:1: movies[0]",
        "source": "b.xml",
        "movie_index": 0,
        "review_index": None,
        "field": None,
        "related": [
            {
                "source": "a.xml",
                "movie_index": 0,
                "review_index": None,
                "field": None,
                "line": 1,
                "offset": 0,
            }
        ],
        "line": 2,
        "offset": 9,
    }


def test_no_problem_is_an_empty_list(folder: Path) -> None:
    result = invoke("check", "--rules", "M101", "--format", "json", str(folder))
    assert json.loads(result.output)["problems"] == []


def test_what_follows_a_movie_that_an_error_has_cut_is_validated_by_itself(folder: Path) -> None:
    long = rc.dumps(MOVIE).replace("</movie>", f"<x>{'y' * (17 << 20)}</x></movie>")
    (folder / "a.xml").write_text(long)
    result = invoke("check", "--rules", "M105,R203", "a.xml", "b.xml")
    assert result.exit_code == 2
    assert "not read: a.xml:" in result.output
    assert "problems:                      2\n" in result.output


def test_the_rules_are_printed_with_what_they_find() -> None:
    lines = invoke("rules").output.splitlines()
    assert len(lines) == len(RULES) + 1
    assert lines[0] == "M101   warning  No title"
    assert [line[:4] for line in lines if line[5:6] == "-"] == ["R206", "R208"]
