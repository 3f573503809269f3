"""The tables of the rules: each case finds exactly what it lists."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

import reviewcorpus as rc
from reviewcorpus.validation import RULES, CorpusValidator, Thresholds, validate
from reviewcorpus.validation._prose import escaped_twice, lost_characters, run_on_sentences
from reviewcorpus.validation._rules import _garbled_words

Fields = dict[str, Any]
FOLDER = Path(__file__).parents[1].joinpath("cases") / "rules"
TABLES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
LEAST_CASES = 12  # each way
TODAY = "2020-06-15"
REVIEW: Fields = {
    "date": "2002-03-04",
    "username": "ann",
    "score": 0.7,
    "short_description": "Quiet and kind",
    "full_review": "Two sisters fold boats out of old letters. I liked the rain.",
}
MOVIE: Fields = {
    "title": "Paper Boats",
    "link": "http://www.example.org/title/tt9000001/",
    "year": 2001,
    "general_score": 0.7,
    "reviews": [REVIEW],
}
FINDERS: dict[str, Any] = {
    "R207": lost_characters,
    "R208": run_on_sentences,
    "R209": escaped_twice,
    "R210": _garbled_words,
}
INPUTS = {"text", "title", "review", "movie", "movies"}
CASES = [
    (way, code, case)
    for code, table in sorted(TABLES.items())
    for way in ("fires", "silent")
    for case in table[way]
]


# ---- how a case is read -----------------------------------------------------------------


def review_of(fields: Fields) -> rc.Review:
    fields = {**REVIEW, **fields}
    day = fields["date"] and datetime.date.fromisoformat(fields["date"])
    return rc.Review(**{**fields, "date": day})


def movie_of(fields: Fields) -> rc.Movie:
    fields = {**MOVIE, **fields}
    return rc.Movie(**{**fields, "reviews": map(review_of, fields["reviews"])})


def movies_of(case: Fields) -> list[tuple[str | None, rc.Movie]]:
    if "movies" in case:
        return [(item["source"], movie_of(item["movie"])) for item in case["movies"]]
    if "movie" in case:
        return [(None, movie_of(case["movie"]))]
    if "title" in case:
        return [(None, movie_of({"title": case["title"]}))]
    review = {"full_review": case["text"]} if "text" in case else case["review"]
    return [(None, movie_of({"reviews": [review]}))]


def thresholds_of(case: Fields) -> Thresholds:
    today = datetime.date.fromisoformat(case.get("today", TODAY))
    return Thresholds(**case.get("thresholds", {}), today=today)


def problems_of(case: Fields, rules: str) -> list[rc.validation.Problem]:
    validator = CorpusValidator(rules=rules, thresholds=thresholds_of(case))
    found = [
        problem
        for source, movie in movies_of(case)
        for problem in validator.feed(movie, source=source)
    ]
    return found + validator.finish()


def as_data(problem: rc.validation.Problem, case: Fields) -> Fields:
    """Return a problem as the tables have it; the movies of a case may be of several sources."""
    keys = ["movie_index", "review_index", "field"]
    keys += ["source"] * ("movies" in case)
    data = {key: getattr(problem, key) for key in keys}
    if problem.code in FINDERS:
        (_, movie), *_ = movies_of(case)
        index = problem.review_index
        text = getattr(movie if index is None else movie.reviews[index], str(problem.field))
        data["words"] = [text[start:end] for start, end, *_ in FINDERS[problem.code](text)]
    return data


# ---- the tables -------------------------------------------------------------------------


def test_there_is_a_table_for_every_rule() -> None:
    assert set(TABLES) == set(RULES) != set()


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_table_is_whole(code: str) -> None:
    table = TABLES[code]
    assert set(table) == {"code", "severity", "fires", "silent"}
    assert (table["code"], table["severity"]) == (code, RULES[code].severity.value)
    for way in ("fires", "silent"):
        names = [case["name"] for case in table[way]]
        assert len(set(names)) == len(names) >= LEAST_CASES
        for case in table[way]:
            others = {"name", "thresholds", "today"} | ({"problems"} if way == "fires" else set())
            assert len(INPUTS & set(case)) == 1, case["name"]
            assert set(case) <= INPUTS | others, case["name"]
            assert bool(case.get("problems")) is (way == "fires"), case["name"]


@pytest.mark.parametrize(
    ("code", "case"),
    [pytest.param(code, case, id=f"{code} {way}: {case['name']}") for way, code, case in CASES],
)
def test_a_case_fires_what_it_lists_whether_a_movie_is_checked_alone_or_among_others(
    code: str, case: Fields
) -> None:
    found = problems_of(case, code)
    assert {problem.code for problem in found} <= {code}
    expected = case.get("problems", [])
    assert [as_data(problem, case) for problem in found] == expected
    for problem, data in zip(found, expected, strict=True):
        for word in data.get("words", [])[:3]:
            assert repr(word[:40]) in problem.message
    alone = [
        problem
        for _, movie in movies_of(case)
        for problem in validate(movie, rules=code, thresholds=thresholds_of(case), movie_index=0)
    ]
    assert alone == ([] if code.startswith("C") else found)


def test_the_unremarkable_movie_has_no_problem() -> None:
    assert problems_of({"movie": {}}, "all") == []
    assert validate(movie_of({}), rules="all") == []


def test_the_readme_shows_the_unremarkable_movie() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    shown = text.split("```json\n")[1].split("```")[0]
    assert json.loads(shown) == MOVIE
    assert f"`{TODAY}`" in text
