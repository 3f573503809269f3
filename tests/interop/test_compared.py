"""The page that compares readers: its files are what they say, and outcomes are told rightly."""

from __future__ import annotations

import logging
import re
import warnings
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

import reviewcorpus as rc
from makers import compared, pages, peers
from makers.compared import DEMAND_ALL, NotRunError, find, outcomes
from makers.damaged import DAMAGED, FILM, REVIEW, SOUND, SOUND_TRUTH, Damaged, Truth
from makers.peers import OURS, READERS, Found, Reader, missing, news
from makers.verdicts import CHANGED, LOST, NOT_RUN, REFUSED, RIGHT, Change, Outcome, judge

if TYPE_CHECKING:
    from pathlib import Path

ANN = {"username": "ann", "fullReview": "Good, and long."}
BOB = {"username": "bob", "fullReview": "Bad, but short."}
FILMED = {"title": "Glass Kites"}
TRUTH = Truth([FILMED], [ANN, BOB])
# They are made for damaged input; pandas and Spark are not, and may refuse.
RECOVERING = {
    "lxml",
    "Beautiful Soup, XML",
    "Beautiful Soup, HTML",
    "html5lib",
    "selectolax",
    "feedparser",
}
PEERS = [pytest.param(reader, id=name) for name, reader in READERS.items()]


def named(damaged: Damaged) -> str:
    return damaged.name


def found(*reviews: dict[str, str], told: list[str] | None = None) -> Found:
    return Found([FILMED], list(reviews), told or [])


def skip_missing(reader: Reader) -> None:
    if reason := missing(reader):
        pytest.skip(reason)


# ---- the files --------------------------------------------------------------------------


def test_there_are_ten_files_of_different_damage() -> None:
    assert len(DAMAGED) == 10
    assert len({damaged.name for damaged in DAMAGED}) == 10
    assert len({damaged.data for damaged in DAMAGED}) == 10
    assert len({frozenset(damaged.kinds) for damaged in DAMAGED}) == 10


def test_the_sound_file_is_xml_and_holds_its_records() -> None:
    root = ET.fromstring(SOUND)  # noqa: S314 our own text
    for elements, records in (
        (root.iter("movie"), SOUND_TRUTH.films),
        (root.iter("review"), SOUND_TRUTH.reviews),
    ):
        given = [{field.tag: field.text for field in element} for element in elements]
        for fields in given:
            fields.pop("review", None)
        assert given == records


@pytest.mark.parametrize("damaged", DAMAGED, ids=named)
def test_a_damaged_file_is_no_xml(damaged: Damaged) -> None:
    with pytest.raises(ET.ParseError):
        ET.fromstring(damaged.data)  # noqa: S314 our own text


@pytest.mark.parametrize("damaged", DAMAGED, ids=named)
def test_the_truth_has_every_field(damaged: Damaged) -> None:
    assert all(tuple(fields) == FILM for fields in damaged.truth.films)
    assert all(tuple(fields) == REVIEW for fields in damaged.truth.reviews)
    assert all(all(fields.values()) for fields in damaged.truth.films + damaged.truth.reviews)


@pytest.mark.parametrize("damaged", DAMAGED, ids=named)
def test_this_library_is_right_and_reports_what_it_should(damaged: Damaged) -> None:
    outcome = judge(damaged.truth, READERS[OURS].read(damaged.data))
    assert outcome._replace(told=()) == Outcome(RIGHT, outcome.records)
    assert [message.rpartition(" ")[2] for message in outcome.told] == damaged.kinds
    assert set(damaged.kinds) <= {kind.value for kind in rc.DefectKind}


# ---- outcomes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(found(ANN, BOB), Outcome(RIGHT, 3), id="right"),
        pytest.param(found(BOB, ANN), Outcome(RIGHT, 3), id="in another order"),
        pytest.param(
            found({**ANN, "fullReview": "\n\tGood, and\n long. "}, BOB),
            Outcome(RIGHT, 3),
            id="other white space",
        ),
        pytest.param(found(ANN, {}, BOB), Outcome(RIGHT, 3), id="an empty record"),
        pytest.param(
            found(ANN, BOB, told=["1:1: odd"]), Outcome(RIGHT, 3, told=("1:1: odd",)), id="told"
        ),
        pytest.param(
            found({"username": "ann", "fullReview": "Good"}, BOB),
            Outcome(
                CHANGED,
                3,
                changes=(Change("review 1", "fullReview", "Good", "Good, and long."),),
            ),
            id="changed",
        ),
        pytest.param(
            found(ANN, {"username": "bob"}),
            Outcome(CHANGED, 3, changes=(Change("review 2", "fullReview", "", "Bad, but short."),)),
            id="a field is missing",
        ),
        pytest.param(
            found(ANN, BOB, {"username": "cy"}), Outcome(CHANGED, 3, added=1), id="one too many"
        ),
        pytest.param(found(BOB), Outcome(LOST, 3, lost=("review 1",)), id="lost"),
        pytest.param(
            found(ANN, {"username": "cy"}),
            Outcome(LOST, 3, lost=("review 2",), added=1),
            id="another in its place",
        ),
        pytest.param(
            Found([], [{**ANN, "username": "x"}], []),
            Outcome(
                LOST,
                3,
                lost=("movie", "review 2"),
                changes=(Change("review 1", "username", "x", "ann"),),
            ),
            id="lost and changed",
        ),
        pytest.param(
            Found([], [], [], "ValueError: no"), Outcome(REFUSED, 3, why="ValueError: no"), id="no"
        ),
    ],
)
def test_an_outcome_is_the_worst_that_happened(given: Found, expected: Outcome) -> None:
    assert judge(TRUTH, given) == expected


def test_what_is_told_about_the_sound_file_is_no_news() -> None:
    sound = found(told=["3:50: an odd tag"])
    given = found(told=["3:91: an odd tag", "4:1: a cut"])
    assert news(given, sound).told == ["4:1: a cut"]


# ---- running ----------------------------------------------------------------------------


@pytest.mark.parametrize("reader", PEERS)
def test_a_reader_answers_on_every_file_and_is_right_on_the_sound_one(reader: Reader) -> None:
    skip_missing(reader)
    sound, *damaged = map(judge, [SOUND_TRUTH, *(d.truth for d in DAMAGED)], find(reader))
    assert sound._replace(told=()) == Outcome(RIGHT, 4)
    assert len(damaged) == 10
    assert {outcome.verdict for outcome in damaged} <= {RIGHT, CHANGED, LOST, REFUSED}
    # A recovering reader that refuses was called in a way in which it does not recover.
    refused = [
        (d.name, outcome.why)
        for d, outcome in zip(DAMAGED, damaged, strict=True)
        if outcome.verdict == REFUSED
    ]
    assert reader.name not in RECOVERING or refused == []


def test_the_readers_that_recover_are_among_those_compared() -> None:
    assert set(READERS) - RECOVERING == {OURS, "pandas", "Spark"}


def unheard_of(packages: tuple[str, ...] = ()) -> Reader:
    return Reader("unheard of", lambda _: found(), packages)


def test_a_reader_that_is_not_installed_did_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DEMAND_ALL, raising=False)
    reader = unheard_of(("reviewcorpus-unheard-of",))
    why = "reviewcorpus-unheard-of is not installed"
    assert outcomes(reader) == [Outcome(NOT_RUN, why=why)] * 11
    monkeypatch.setenv(DEMAND_ALL, "1")
    with pytest.raises(NotRunError, match=why):
        outcomes(reader)


def test_spark_without_java_did_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    spark = READERS["Spark"]
    assert missing(spark) in {"there is no Java 17 or later", "pyspark is not installed"}


def test_a_reader_that_crashes_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(DEMAND_ALL, raising=False)
    with caplog.at_level(logging.WARNING):
        given = outcomes(unheard_of())  # its process does not know it
    assert {outcome.verdict for outcome in given} == {NOT_RUN}
    assert "it ended with status 1: KeyError: 'unheard of'" in given[0].why
    assert "unheard of did not run" in caplog.text


def test_a_reader_that_cannot_read_the_sound_file_ends_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(data: bytes) -> Found:
        raise OSError(f"no way to read {len(data)} bytes\nand more")

    monkeypatch.setitem(READERS, "unheard of", Reader("unheard of", refuse, ()))
    monkeypatch.setattr("sys.argv", ["peers", "unheard of"])
    with warnings.catch_warnings(), pytest.raises(SystemExit, match=r"^OSError: .* bytes$"):
        peers.main()


def test_a_reader_that_hangs_is_stopped() -> None:
    with pytest.raises(NotRunError, match=r"no answer in 0\.01 seconds"):
        find(READERS[OURS], seconds=0.01)


# ---- Markdown ---------------------------------------------------------------------------


def invented(reader: Reader) -> list[Outcome]:
    if reader.name == "lxml":
        return [Outcome(NOT_RUN, why="lxml is not installed")] * 11
    change = Change("review 2", "score", "a|b `c`", "0.4")
    return [
        Outcome(RIGHT, 4),
        *[Outcome(LOST, 4, ("review 1",), (change,) * 3, 1, ("x", "y"))] * 10,
    ]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(compared, "outcomes", invented)
    return pages.fill("<!-- made by: compared -->")


def test_the_page_has_every_file_and_every_reader(page: str) -> None:
    assert page.count("```{table}") == 12
    for name in READERS:
        assert page.count(f"\n| {name} |") == 11, name
        assert f"| {name} |" in page.partition("| file ")[2].partition("\n")[0]
    for number, damaged in enumerate(DAMAGED, 1):
        assert f"| [{damaged.name}](#damaged-{number}) | lost 1 of 4 | not run |" in page
        assert f"(damaged-{number})=\n### {number}. " in page
        assert damaged.about in page


def test_the_page_says_what_came_out(page: str) -> None:
    change = r"changed: `score` of review 2: `` a\|b `c` ``"
    cell = f"lost: review 1<br>{change}<br>{change}<br>and 1 more field<br>1 more than there are"
    assert page.count(f"\n| html5lib | {cell} | `x`<br>and 1 more |") == 10
    assert page.count("\n| lxml | not run: `lxml is not installed` |  |") == 10
    assert "\n| html5lib | 0 | 0 | 10 | 0 | 10 |" in page
    assert "\n| lxml | not run: lxml is not installed |  |  |  |  |" in page


def test_the_cells_of_every_table_are_as_many_as_its_columns(page: str) -> None:
    for text in re.findall(r"```\{table\}\n:class: narrow\n\n(.*?)\n```", page, re.DOTALL):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines()}
        assert len(counts) == 1


def test_the_page_names_versions(page: str) -> None:
    assert f"{OURS} {rc.__version__}" in page.splitlines()[0]
    for reader in READERS.values():
        assert all(f"{package} " in page or f"no {package}" in page for package in reader.packages)


@pytest.mark.parametrize("damaged", DAMAGED, ids=named)
def test_an_excerpt_shows_the_damage(damaged: Damaged) -> None:
    excerpt = compared.excerpt(damaged.data)
    for line in damaged.new.splitlines():
        assert line.decode("utf-8", "backslashreplace") in excerpt
    lines = data_lines(damaged)
    assert len(excerpt.splitlines()) <= len(damaged.new.splitlines()) + 6
    assert excerpt.endswith("…") is (excerpt.splitlines()[-1] != lines[-1])


def data_lines(damaged: Damaged) -> list[str]:
    return damaged.data.decode("utf-8", "backslashreplace").splitlines()


@pytest.mark.parametrize(
    ("text", "start", "shown"),
    [
        ("short", 3, "short"),
        ("a" * 60, 50, "a" * 60),
        ("a" * 61, 0, "a" * 60 + "…"),
        ("a" * 50 + "b" * 50, 50, "…" + "a" * 20 + "b" * 40 + "…"),
        ("a" * 80 + "b" * 5, 80, "…" + "a" * 20 + "b" * 5),
    ],
)
def test_a_long_text_is_cut_around_a_place(text: str, start: int, shown: str) -> None:
    assert compared.cut(text, start) == shown
