"""`check --format sarif` and `--format github`: what other programs are told."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from helpers_sources import tar_of, zip_of
from reviewcorpus.cli import cli
from reviewcorpus.cli._check import _uri
from reviewcorpus.validation import RULES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

MOVIE = rc.Movie(
    title="Paper Boats",
    link="http://www.imdb.com/title/tt9000001/",
    reviews=[rc.Review(username="ann", score=0.72, full_review="Nothing happens, twice.")],
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    text = rc.dumps(MOVIE).replace("Paper", "é &").replace("2007", "MMVII")
    (tmp_path / "a b.xml").write_text(text, encoding="utf-8")
    rc.dump(MOVIE, tmp_path / "c.xml")
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], prog_name="reviewcorpus")


def sarif(*arguments: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(invoke("--format", "sarif", *arguments).stdout)
    return log


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("options", [[], ["--validate"], ["--rules", "M101"]])
def test_a_log_is_what_the_standard_says(options: list[str]) -> None:
    models = pytest.importorskip("sarif_pydantic", reason="needs sarif-pydantic")
    log = models.Sarif.model_validate(sarif(*options, ".", "missing.xml"))
    assert log.version == "2.1.0"
    assert len(log.runs) == 1


@pytest.mark.usefixtures("folder")
def test_a_defect_is_a_result_with_line_and_column() -> None:
    run = sarif("a b.xml")["runs"][0]
    assert run["results"] == [
        {
            "ruleId": "bare-ampersand",
            "level": "note",
            "message": {"text": "'&' is not a reference; read as written"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "a%20b.xml"},
                        "region": {"startLine": 2, "startColumn": 11},
                    },
                    "logicalLocations": [{"fullyQualifiedName": "movies[0]"}],
                }
            ],
        }
    ]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [kind.value for kind in rc.DefectKind]


@pytest.mark.usefixtures("folder")
def test_a_problem_is_a_result_with_its_record_and_those_it_is_about() -> None:
    run = sarif("--validate", "a b.xml", "c.xml")["runs"][0]
    found = {result["ruleId"]: result for result in run["results"]}
    assert set(found) == {"bare-ampersand", "R203", "C301", "C302"}
    assert found["C302"]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "c.xml"},
                "region": {"startLine": 6},
            },
            "logicalLocations": [{"fullyQualifiedName": "movies[0].reviews[0]"}],
        }
    ]
    related = found["C302"]["relatedLocations"][0]
    assert related["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b.xml"},
        "region": {"startLine": 6},
    }
    assert related["logicalLocations"] == [{"fullyQualifiedName": "movies[0].reviews[0]"}]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(RULES) < set(rules)
    assert rules["R203"]["defaultConfiguration"] == {"level": "note"}


@pytest.mark.usefixtures("folder")
def test_what_is_not_read_is_in_the_log() -> None:
    run = sarif("missing.xml")["runs"][0]
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "missing.xml" in invocation["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.usefixtures("folder")
def test_prose_has_a_result_without_a_record(folder: Path) -> None:
    (folder / "prose.txt").write_text("No movie.")
    (result,) = sarif("prose.txt")["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("no-movie", "error")
    assert "logicalLocations" not in result["locations"][0]


def test_names_of_sources_become_uris(tmp_path: Path) -> None:
    assert _uri("movies/a b#1.xml") == "movies/a%20b%231.xml"
    assert _uri("movies.zip/é.xml") == "movies.zip/%C3%A9.xml"
    assert _uri(str(tmp_path / "a.xml")) == (tmp_path / "a.xml").as_uri()
    assert _uri("<input>") == "%3Cinput%3E"


@pytest.mark.parametrize(
    ("member", "uri"),
    [
        ("a/b c.xml", "a/b%20c.xml"),
        ("../../etc/passwd.xml", "etc/passwd.xml"),
        ("/etc/passwd.xml", "etc/passwd.xml"),
        ("a\\..\\..\\..\\b.xml", "a/b.xml"),
        ("a/./..//b.xml", "a/b.xml"),
        ("http://x/a.xml", "http%3A/x/a.xml"),
        ("C:\\a.xml", "C%3A/a.xml"),
        ("%2e%2e/a.xml", "%252e%252e/a.xml"),
        ("a.zip/../../b.xml", "a.zip/b.xml"),
        ("?a#b.xml", "%3Fa%23b.xml"),
    ],
)
@pytest.mark.parametrize("pack", [zip_of, tar_of])
def test_the_uri_of_a_member_stays_below_its_archive(
    folder: Path, pack: Callable[[dict[str, bytes]], bytes], member: str, uri: str
) -> None:
    (folder / "movies.zip").write_bytes(pack({member: b"<movie>&</movie>"}))
    for path in ("movies.zip", str(folder / "movies.zip"), f"../{folder.name}/movies.zip"):
        base = (folder / path).as_uri() if os.path.isabs(path) else path
        found = [
            location["physicalLocation"]["artifactLocation"]["uri"]
            for result in sarif(path)["runs"][0]["results"]
            for location in result["locations"]
        ]
        assert set(found) == {f"{base}/{uri}"}
        resolved = urljoin("file:///base/folder/x", unquote(found[0]))
        assert resolved.startswith(urljoin("file:///base/folder/x", base) + "/")


@pytest.mark.usefixtures("folder")
def test_parts_that_windows_would_take_for_dots_are_dropped() -> None:
    assert _uri("c.xml/a/.. /.../b.xml") == "c.xml/a/b.xml"


def test_the_uri_of_a_path_that_leads_out_leads_there() -> None:
    assert _uri("../a.xml") == "../a.xml"
    assert _uri("-") == "-"
    assert _uri("<stdin>") == "%3Cstdin%3E"


@pytest.mark.usefixtures("folder")
def test_github_gets_one_command_per_defect() -> None:
    lines = invoke("--format", "github", "--validate", "a b.xml", "c.xml", "no%,:.xml").output
    assert [line for line in lines.splitlines() if line.startswith("::")] == [
        "::notice file=a b.xml,line=2,col=11,title=bare-ampersand::'&' is not a reference",
        (
            "::notice file=a b.xml,line=6,title=R203::movies[0].reviews[0].score: the score 0.72"
            " is not a multiple of 0.1"
        ),
        (
            "::notice file=c.xml,line=6,title=R203::movies[0].reviews[0].score: the score 0.72"
            " is not a multiple of 0.1"
        ),
        (
            "::warning file=c.xml,line=1,title=C301::movies[0]: the same movie (tt9000001) as"
            " a b.xml:1: movies[0]"
        ),
        (
            "::warning file=c.xml,line=6,title=C302::movies[0].reviews[0]: the same review as"
            " a b.xml:6: movies[0].reviews[0]"
        ),
        "::error title=not read::no%25,:.xml: No such file or directory",
    ]
    assert "movies:                        2" in lines


@pytest.mark.usefixtures("folder")
def test_what_github_would_take_for_its_own_signs_is_escaped(folder: Path) -> None:
    (folder / "x,y%.xml").write_text("<movie>&</movie>")
    output = invoke("--format", "github", "x,y%.xml").output
    assert output.startswith("::error file=x%2Cy%25.xml,line=1,col=8,title=unexpected-text::")


def test_names_that_are_no_text_become_uris() -> None:
    assert _uri("a\udcff.xml") == "a%FF.xml"


@pytest.mark.usefixtures("folder")
def test_signs_that_would_show_another_name_are_escaped_for_github(folder: Path) -> None:
    (folder / "a\u202eb.xml").write_text("<movie>&</movie>")
    assert "file=a\\u202eb.xml," in invoke("--format", "github", "a\u202eb.xml").output


@pytest.mark.parametrize(
    ("member", "file"),
    [
        ("a/b c.xml", "a/b c.xml"),
        ("../../etc/passwd.xml", "etc/passwd.xml"),
        ("/etc/passwd.xml", "etc/passwd.xml"),
        ("a\\..\\..\\..\\b.xml", "a/b.xml"),
        ("a/./..//b.xml", "a/b.xml"),
        ("a,b:%.xml", "a%2Cb%3A%25.xml"),
        ("%2e%2e/a.xml", "%252e%252e/a.xml"),
    ],
)
@pytest.mark.parametrize("pack", [zip_of, tar_of])
def test_the_file_of_an_annotation_stays_below_its_archive(
    folder: Path, pack: Callable[[dict[str, bytes]], bytes], member: str, file: str
) -> None:
    (folder / "movies.zip").write_bytes(pack({member: b"<movie>&</movie>"}))
    lines = invoke("--format", "github", "movies.zip").output.splitlines()
    annotations = [line for line in lines if line.startswith("::")]
    assert annotations
    assert all(f" file=movies.zip/{file},line=1,col=" in line for line in annotations)


@pytest.mark.usefixtures("folder")
def test_every_rule_of_a_log_is_described_and_has_help() -> None:
    rules = sarif("--validate", "c.xml")["runs"][0]["tool"]["driver"]["rules"]
    assert len(rules) == len(rc.DefectKind) + len(RULES)
    described = {rule["id"]: rule for rule in rules}
    for rule in rules:
        assert set(rule) == {
            "id",
            "shortDescription",
            "fullDescription",
            "help",
            "defaultConfiguration",
        }
        assert len(rule["fullDescription"]["text"]) >= len("No title.")
        assert rule["help"]["text"].startswith(rule["fullDescription"]["text"])
    reference = described["bare-ampersand"]["fullDescription"]["text"]
    assert reference == "An `&` that starts no reference; read as written."
    cut = described["M102"]
    assert cut["shortDescription"]["text"].startswith("Title looks cut: ")
    assert ">>>" not in cut["fullDescription"]["text"]
    assert ">>> print(*validate(" in cut["help"]["text"]
