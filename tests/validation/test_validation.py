"""Validators: which rules are used, what problems say, and what a whole corpus shows.

What each rule finds is in the tables of `tests/cases/rules`.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import io
import pickle
import tracemalloc
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import reviewcorpus as rc
from format_samples import FOLDERS
from reviewcorpus import formats
from reviewcorpus.validation import (
    RULES,
    Context,
    Finding,
    Place,
    Scope,
    Thresholds,
    _prose,
    corpus_rule,
    movie_rule,
    review_rule,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LINK = "http://www.imdb.com/title/tt9000001/"
BODY = "Nothing happens for two hours, and I could not look away."
REVIEW = rc.Review(date=datetime.date(2008, 3, 1), username="ann", score=0.7, full_review=BODY)
MOVIE = rc.Movie(title="Paper Boats", link=LINK, year=2007, general_score=0.7, reviews=[REVIEW])
BARE = rc.Movie(reviews=[rc.Review()])  # many rules have something to say
NOT_DEFAULT = {"R206", "R208"}


def codes(problems: list[rc.Problem]) -> list[str]:
    return [problem.code for problem in problems]


# ---- what a format has ------------------------------------------------------------------


@pytest.mark.parametrize("name", FOLDERS)
def test_no_rule_misses_what_the_format_does_not_have(name: str) -> None:
    (table,) = [each for each in formats.known() if each.name == name]
    has = {field.target for record in table.records for field in record.fields}
    found = rc.validate(BARE, format=name)
    assert found == rc.validate(BARE, format=table)
    fields = {"M101": "title", "M103": "link", "R201": "full_review"}
    assert codes(found) == [code for code, field in fields.items() if field in has]


def test_without_a_format_a_movie_is_one_of_the_usual_format() -> None:
    assert rc.validate(BARE) == rc.validate(BARE, format="movie")
    assert codes(rc.validate(BARE)) == ["M101", "M103", "R201"]
    assert codes(rc.CorpusValidator().feed(BARE)) == ["M101", "M103", "R201"]
    assert codes(rc.CorpusValidator().feed(BARE, format="mdsd")) == ["M101", "R201"]


def test_what_is_there_is_checked_in_every_format() -> None:
    movie = attrs.evolve(BARE, link="no link", title="Cowboys &", year=1492)
    assert codes(rc.validate(movie, format="muchocine")) == ["M102", "M103", "M104", "R201"]


def test_a_value_that_a_record_need_not_have_is_not_missing() -> None:
    title = attrs.evolve(formats.MOVIE_RECORD.fields[0], is_required=False)
    record = attrs.evolve(formats.MOVIE_RECORD, fields=(title,))
    own = attrs.evolve(formats.MOVIE, name="own", movie=record)
    assert codes(rc.validate(BARE, format=own)) == ["R201"]


def test_a_corpus_knows_the_format_of_each_file() -> None:
    corpus = rc.Corpus(FOLDERS["muchocine"], FOLDERS["mdsd"], io.StringIO(rc.dumps(BARE)))
    found = list(corpus.problems(rules="M1"))
    assert [(problem.code, problem.source) for problem in found] == [
        ("M101", "<stream>"),
        ("M103", "<stream>"),
    ]


def test_a_format_that_there_is_not_is_refused_at_once() -> None:
    for check in (rc.validate, rc.CorpusValidator().feed):
        with pytest.raises(ValueError, match=r"^format must be one of 'movie', "):
            check(BARE, format="imdb")
        with pytest.raises(TypeError, match=r"^format must be a Format, the name of one"):
            check(BARE, format=5)  # type: ignore[arg-type]


# ---- which rules ------------------------------------------------------------------------


def test_there_is_a_rule_for_each_code_of_the_format_and_they_say_what_they_find() -> None:
    codes = "".join(RULES)
    numbers = {"M": range(101, 200), "R": range(201, 300), "C": range(301, 400)}
    wanted = (
        f"{letter}{n}" for letter, many in numbers.items() for n in many[: codes.count(letter)]
    )
    assert list(RULES) == list(wanted)
    assert {code for code, rule in RULES.items() if not rule.is_default} == NOT_DEFAULT
    for code, rule in RULES.items():
        assert rule.code == code
        assert rule.summary
        assert ">>> " in (rule.check.__doc__ or "")


@pytest.mark.parametrize(
    ("rules", "used"),
    [
        ("default", ["M101", "M103", "R201"]),
        ("all", ["M101", "M103", "R201"]),
        ("M", ["M101", "M103"]),
        ("M101", ["M101"]),
        ("M101,R2", ["M101", "R201"]),
        (" M101 , R2 ,", ["M101", "R201"]),
        (["M101", "R2"], ["M101", "R201"]),
        (("M", "-M101"), ["M103"]),
        ("-M", ["R201"]),
        (["-M101", "-R2"], ["M103"]),
        (["default", "-M101"], ["M103", "R201"]),
        ([RULES["R201"]], ["R201"]),
        (RULES["R201"], ["R201"]),
        (["-M101", "M101"], ["M101", "M103", "R201"]),
        ([], []),
        ("C301", []),
    ],
)
def test_rules_are_chosen_by_code_and_prefix(rules: Any, used: list[str]) -> None:
    assert codes(rc.validate(BARE, rules=rules)) == used


def test_what_fires_on_nearly_every_review_is_used_on_demand_only() -> None:
    text = "A short film.At only an hour."
    movie = attrs.evolve(
        MOVIE, reviews=[attrs.evolve(REVIEW, username="(ann@example.org)", full_review=text)]
    )
    assert rc.validate(movie) == []
    assert codes(rc.validate(movie, rules=["default", "R208"])) == ["R208"]
    assert codes(rc.validate(movie, rules="all")) == ["R206", "R208"]


@pytest.mark.parametrize(
    "rules", ["X9", ["default", "r201"], "-X", "M1O1", ["M101", "-"], "", " , ", ["M101", ""]]
)
def test_an_unknown_rule_is_refused_with_those_that_there_are(rules: Any) -> None:
    with pytest.raises(ValueError, match=r"choose from default, all, M101, .*, C302"):
        rc.validate(BARE, rules=rules)
    with pytest.raises(ValueError, match="there is no rule"):
        rc.CorpusValidator(rules=rules)


@pytest.mark.parametrize("rules", [None, 7, [7], [None], len])
def test_what_is_not_a_rule_is_refused(rules: Any) -> None:
    with pytest.raises(TypeError, match="rules must be a code such as"):
        rc.validate(BARE, rules=rules)


# ---- rules of one's own -----------------------------------------------------------------


@review_rule("X901", "error")
def mentions_ducks(review: rc.Review, context: Context) -> str | None:
    """Ducks. They are in the review."""
    return "ducks" if "duck" in (review.full_review or "") and context.movie.title else None


@movie_rule("X902")
def no_two_titles(movie: rc.Movie, context: Context) -> Iterator[Finding | str]:
    if context.thresholds.mean_reviews > len(movie.reviews):
        yield "few"
    yield Finding("first", field="reviews", review_index=0, related=(Place(None, None, 1),))


DUCKS = attrs.evolve(MOVIE, reviews=[REVIEW, attrs.evolve(REVIEW, full_review="duck, duck")])


def test_a_rule_of_ones_own_is_a_function_with_a_code() -> None:
    assert mentions_ducks.summary == "Ducks. They are in the review"
    assert mentions_ducks.scope is Scope.REVIEW
    assert no_two_titles.summary == "no two titles"
    found = rc.validate(DUCKS, rules=[mentions_ducks, no_two_titles], source="a", movie_index=4)
    assert found == [
        rc.Problem("X902", rc.Severity.WARNING, "few", "a", 4),
        rc.Problem("X902", rc.Severity.WARNING, "first", "a", 4, 0, "reviews", (Place("a", 4, 1),)),
        rc.Problem("X901", rc.Severity.ERROR, "ducks", "a", 4, 1),
    ]


def test_rules_of_ones_own_join_those_of_the_library_and_can_be_skipped() -> None:
    assert codes(rc.validate(DUCKS, rules=["default", mentions_ducks])) == ["X901"]
    assert rc.validate(DUCKS, rules=["default", mentions_ducks, "-X"]) == []


@pytest.mark.parametrize(
    "found", [None, [], (), [None], iter(())], ids=["None", "list", "tuple", "[None]", "iterator"]
)
def test_a_rule_that_finds_nothing_may_say_so_in_any_way(found: Any) -> None:
    rule = movie_rule("X903")(lambda _movie, _context: found)
    assert rc.validate(MOVIE, rules=rule) == []


@pytest.mark.parametrize("found", [7, True, [7], [("title", "x")]])
def test_what_is_not_a_finding_is_refused(found: Any) -> None:
    rule = movie_rule("X903")(lambda _movie, _context: found)
    with pytest.raises(TypeError, match="what rule X903 returns must be a Finding, a str or None"):
        rc.validate(MOVIE, rules=rule)


@pytest.mark.parametrize("code", ["", "901", "x901", "X", "X90 1", "LONGER1", None, 7])
def test_a_code_is_letters_and_digits(code: Any) -> None:
    with pytest.raises(ValueError, match="code must be capital letters and digits"):
        review_rule(code)(len)  # type: ignore[arg-type] # any function will do


def test_a_severity_is_one_of_three() -> None:
    with pytest.raises(ValueError, match="grave"):
        review_rule("X901", "grave")(len)  # type: ignore[arg-type] # any function will do


@pytest.mark.parametrize("decorator", [review_rule, movie_rule, corpus_rule])
@pytest.mark.parametrize("code", ["R201", "R999", "M107", "C303"])
def test_codes_of_the_library_are_taken(decorator: Any, code: str) -> None:
    with pytest.raises(ValueError, match=f"codes such as {code} are reserved"):
        decorator(code)


def test_two_rules_with_one_code_are_refused() -> None:
    other = review_rule("X901")(lambda _review, _context: None)
    with pytest.raises(ValueError, match="there is a rule X901 already"):
        rc.validate(MOVIE, rules=[mentions_ducks, other])
    with pytest.raises(ValueError, match="there is a rule X901 already"):
        rc.CorpusValidator(rules=[mentions_ducks, other])
    known = attrs.evolve(RULES["R201"], summary="another")
    with pytest.raises(ValueError, match="there is a rule R201 already"):
        rc.validate(MOVIE, rules=known)
    assert codes(rc.validate(DUCKS, rules=[mentions_ducks, mentions_ducks])) == ["X901"]


def test_rules_share_the_texts_of_a_movie() -> None:
    seen = []

    @movie_rule("X906")
    def one(_: rc.Movie, context: Context) -> None:
        seen.append(context.texts)

    @movie_rule("X907")
    def two(_: rc.Movie, context: Context) -> None:
        seen.append(context.texts)

    movie = rc.Movie(title="Boats", reviews=[rc.Review(username="", full_review="Quiet.")])
    rc.validate(movie, rules=[one, two])
    assert seen[0] is seen[1]
    assert seen[0] == ((None, "title", "Boats"), (0, "full_review", "Quiet."))


def test_each_body_is_hashed_once_for_all_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []

    def count(data: bytes, *, digest_size: int) -> Any:
        hashed.append(data.decode())
        return hashlib.blake2b(data, digest_size=digest_size)

    monkeypatch.setattr(_prose, "blake2b", count)
    validator = rc.CorpusValidator(rules=["R204", "R205", "C302"])
    validator.feed(DUCKS)
    assert hashed == [review.full_review for review in DUCKS.reviews]


def test_a_rule_can_be_called_as_its_function() -> None:
    context = Context(DUCKS, Thresholds())
    assert mentions_ducks(DUCKS.reviews[1], context) == "ducks"


@pytest.mark.parametrize("thresholds", [{}, 5, "today"])
def test_what_are_not_thresholds_is_refused(thresholds: Any) -> None:
    with pytest.raises(TypeError, match="thresholds must be Thresholds or None"):
        rc.validate(MOVIE, thresholds=thresholds)
    with pytest.raises(TypeError, match="thresholds must be Thresholds or None"):
        rc.CorpusValidator(thresholds=thresholds)


def test_a_source_is_a_name() -> None:
    source: Any = Path("a.xml")
    with pytest.raises(TypeError, match="source must be a str or None"):
        rc.validate(MOVIE, source=source)
    with pytest.raises(TypeError, match="source must be a str or None"):
        rc.CorpusValidator().feed(MOVIE, source=source)


def test_the_types_can_be_resolved() -> None:
    assert "rules" in typing.get_type_hints(rc.validate)


def test_an_exception_of_a_rule_comes_through() -> None:
    @movie_rule("X904")
    def fails(_movie: rc.Movie, _context: Context) -> None:
        raise LookupError("as it should")

    with pytest.raises(LookupError, match="as it should"):
        rc.validate(MOVIE, rules=fails)


# ---- thresholds -------------------------------------------------------------------------


def test_thresholds_change_what_rules_find() -> None:
    movie = attrs.evolve(MOVIE, general_score=0.2)
    assert rc.validate(movie) == []
    thresholds = Thresholds(mean_reviews=1, mean_difference=0.4)
    assert codes(rc.validate(movie, thresholds=thresholds)) == ["M106"]
    validator = rc.CorpusValidator(thresholds=thresholds)
    assert codes(validator.feed(movie)) == ["M106"]


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("mean_difference", -0.1, ValueError),
        ("mean_difference", float("nan"), ValueError),
        ("mean_difference", "0.3", TypeError),
        ("mean_difference", True, TypeError),
        ("mean_reviews", 0, ValueError),
        ("mean_reviews", 1.5, TypeError),
        ("first_movie", 0, ValueError),
        ("years_ahead", -1, ValueError),
        ("first_review", None, TypeError),
        ("shared_text", 0, ValueError),
        ("today", "2008-01-01", TypeError),
        ("today", datetime.datetime(2008, 1, 1, tzinfo=datetime.UTC), TypeError),
    ],
)
def test_impossible_thresholds_are_refused(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=name):
        Thresholds(**{name: value})


def test_the_future_begins_today() -> None:
    movie = attrs.evolve(MOVIE, year=2013)
    early = Thresholds(today=datetime.date(2007, 1, 1))
    assert codes(rc.validate(movie, rules="M104", thresholds=early)) == ["M104"]
    assert rc.validate(movie, rules="M104") == []


# ---- problems ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ({}, "info: movie: odd [X1]"),
        ({"field": "title"}, "info: movie.title: odd [X1]"),
        ({"movie_index": 2, "field": "title"}, "info: movies[2].title: odd [X1]"),
        ({"source": "a.xml", "movie_index": 0}, "a.xml: info: movies[0]: odd [X1]"),
        (
            {"source": "a.xml", "movie_index": 0, "review_index": 3, "field": "score"},
            "a.xml: info: movies[0].reviews[3].score: odd [X1]",
        ),
        (
            {"source": "a.xml", "movie_index": 0, "line": 7, "offset": 99},
            "a.xml:7: info: movies[0]: odd [X1]",
        ),
        ({"line": 7}, "<input>:7: info: movie: odd [X1]"),
        ({"source": "a\nb\x1b[31m"}, "a\\nb\\x1b[31m: info: movie: odd [X1]"),
    ],
)
def test_a_problem_is_one_line_that_says_where(where: dict[str, Any], text: str) -> None:
    assert str(rc.Problem("X1", rc.Severity.INFO, "odd", **where)) == text


def test_problems_of_a_movie_come_before_those_of_its_reviews_in_the_order_of_codes() -> None:
    movie = rc.Movie(reviews=[rc.Review(score=0.72), rc.Review(score=0.33)])
    found = [(problem.review_index, problem.code) for problem in rc.validate(movie)]
    assert found == [
        (None, "M101"),
        (None, "M103"),
        (0, "R201"),
        (0, "R203"),
        (1, "R201"),
        (1, "R203"),
    ]


def test_problems_are_frozen_and_are_copied_and_pickled() -> None:
    problem = rc.validate(BARE, source="a.xml", movie_index=0)[0]
    with pytest.raises(AttributeError):
        problem.code = "X1"  # type: ignore[misc] # frozen
    assert pickle.loads(pickle.dumps(problem)) == problem == copy.deepcopy(problem)
    assert hash(problem) == hash(copy.copy(problem))


@pytest.mark.parametrize("movie", [None, "x", REVIEW, [MOVIE]])
def test_only_a_movie_is_validated(movie: Any) -> None:
    with pytest.raises(TypeError, match="movie must be a Movie"):
        rc.validate(movie)
    with pytest.raises(TypeError, match="movie must be a Movie"):
        rc.CorpusValidator().feed(movie)


@pytest.mark.parametrize(
    ("index", "error"), [(-1, ValueError), (1.0, TypeError), (True, TypeError), ("0", TypeError)]
)
def test_an_index_counts_from_0(index: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="movie_index must be an int of at least 0"):
        rc.validate(MOVIE, movie_index=index)
    with pytest.raises(error, match="movie_index must be an int of at least 0"):
        rc.CorpusValidator().feed(MOVIE, movie_index=index)


# ---- a whole corpus ---------------------------------------------------------------------


def test_a_corpus_validator_counts_the_movies_of_each_source() -> None:
    validator = rc.CorpusValidator(rules=["M101", "C301"])
    nameless = attrs.evolve(MOVIE, title=None)
    fed = [
        validator.feed(nameless, source="a"),
        validator.feed(MOVIE, source="a"),
        validator.feed(nameless, source="b"),
        validator.feed(nameless, source="a"),
        validator.feed(nameless, source="a", movie_index=7),
        validator.feed(nameless, source="a"),
        validator.feed(nameless),
    ]
    places = [(problem.source, problem.movie_index) for problems in fed for problem in problems]
    assert places == [("a", 0), ("b", 0), ("a", 2), ("a", 7), ("a", 8), (None, 0)]
    found = validator.finish()
    assert codes(found) == ["C301"] * 6
    assert {problem.related for problem in found} == {(Place("a", 0),)}
    assert [(problem.source, problem.movie_index) for problem in found] == [
        ("a", 1),
        ("b", 0),
        ("a", 2),
        ("a", 7),
        ("a", 8),
        (None, 0),
    ]


@pytest.mark.parametrize("again", [lambda v: v.feed(MOVIE), lambda v: v.finish()])
def test_a_validator_that_has_finished_says_so(again: Callable[[rc.CorpusValidator], Any]) -> None:
    validator = rc.CorpusValidator()
    assert validator.finish() == []
    with pytest.raises(ValueError, match="make a new one for each corpus"):
        again(validator)


def test_a_corpus_rule_of_ones_own() -> None:
    class Titles:
        """Counts titles."""

        def __init__(self, thresholds: Thresholds) -> None:
            self.seen: list[Place] = []
            self.least = thresholds.mean_reviews

        def feed(self, movie: rc.Movie, place: Place) -> None:
            if movie.title:
                self.seen.append(place)

        def finish(self) -> Iterator[tuple[Place, Finding]]:
            for place in self.seen:
                yield place, Finding(f"fewer than {self.least}", field="title")

    rule = corpus_rule("X905", "info")(Titles)
    assert rule.summary == "Counts titles"
    validator = rc.CorpusValidator(rules=[rule, "M1"])
    assert validator.feed(MOVIE, source="a") == []
    assert validator.finish() == [
        rc.Problem("X905", rc.Severity.INFO, "fewer than 20", "a", 0, None, "title")
    ]


def write(path: Path, *movies: rc.Movie) -> None:
    rc.dump(movies, path)


def test_the_problems_of_a_corpus_say_which_file_and_record(tmp_path: Path) -> None:
    other = attrs.evolve(MOVIE, link=LINK.replace("1/", "2/"), title=None, reviews=())
    write(tmp_path / "a.xml", MOVIE)
    write(tmp_path / "b.xml", other, MOVIE)
    a, b = str(tmp_path / "a.xml"), str(tmp_path / "b.xml")
    corpus = rc.Corpus(tmp_path)
    for _ in range(2):  # each pass starts afresh
        found = [
            (p.code, p.source, p.movie_index, p.review_index, p.related) for p in corpus.problems()
        ]
        assert found == [
            ("M101", b, 0, None, ()),
            ("M105", b, 0, None, ()),
            ("C301", b, 1, None, (Place(a, 0),)),
            ("C302", b, 1, 0, (Place(a, 0, 0),)),
        ]
    assert [p.code for p in corpus.problems(rules="M105")] == ["M105"]
    assert list(corpus.problems(rules="M104", thresholds=Thresholds(first_movie=2008)))
    with pytest.raises(ValueError, match="there is no rule"):
        corpus.problems(rules="X")


def test_problems_go_on_after_an_error_of_one_source(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", MOVIE)
    write(tmp_path / "b.xml", attrs.evolve(MOVIE, title=None))
    problems = rc.Corpus(tmp_path / "a.xml", tmp_path / "none.xml", tmp_path / "b.xml").problems()
    with pytest.raises(FileNotFoundError):
        next(problems)
    assert [problem.code for problem in problems] == ["M101", "C301", "C302"]
    assert list(problems) == []


def test_a_rule_that_raises_loses_no_movie(tmp_path: Path) -> None:
    @movie_rule("X906")
    def fails_at_first(movie: rc.Movie, _context: Context) -> None:
        if movie.year == 1999:
            raise LookupError("as it should")

    write(tmp_path / "a.xml", attrs.evolve(MOVIE, year=1999), MOVIE)
    problems = rc.Corpus(tmp_path).problems(rules=[fails_at_first, "C301"])
    with pytest.raises(LookupError):
        next(problems)
    found = list(problems)
    assert [(problem.code, problem.movie_index) for problem in found] == [("C301", 1)]
    assert found[0].related[0].movie_index == 0


def test_problems_can_be_closed_half_way(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", BARE, BARE)
    problems = rc.Corpus(tmp_path).problems()
    next(problems)
    problems.close()
    assert list(problems) == []


def test_an_iterator_over_movies_says_where_the_last_one_is(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", MOVIE)
    write(tmp_path / "b.xml", MOVIE, MOVIE)
    movies = rc.iter_movies(tmp_path, io.BytesIO(rc.dumps(MOVIE).encode()))
    assert (movies.source, movies.movie_index) == (None, None)
    places = [(movies.source, movies.movie_index) for _ in movies]
    a, b = str(tmp_path / "a.xml"), str(tmp_path / "b.xml")
    assert places == [(a, 0), (b, 0), (b, 1), ("<stream>", 0)]


def test_a_movie_that_is_dropped_is_counted() -> None:
    text = rc.dumps([attrs.evolve(MOVIE, year=None), MOVIE]).replace("null</year>", "MMXII</year>")
    movies = rc.iter_movies(io.StringIO(text), errors="drop")
    assert [movies.movie_index for _ in movies] == [1]


@pytest.mark.slow
@pytest.mark.parametrize("repeats", [False, True])
def test_a_hundred_thousand_reviews_take_less_than_20_megabytes(*, repeats: bool) -> None:
    def reviews_of(number: int) -> list[rc.Review]:
        texts = (f"{BODY} {number} {index}" for index in range(1000))
        return [attrs.evolve(REVIEW, full_review=text) for text in texts]

    same = reviews_of(0) if repeats else None
    movies = (
        attrs.evolve(MOVIE, link=f"tt{number}", reviews=same or reviews_of(number))
        for number in range(100)
    )
    validator = rc.CorpusValidator(rules="C")
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for movie in movies:
            validator.feed(movie)
        del movie
        after, _ = tracemalloc.get_traced_memory()
        count = sum(1 for _ in validator.iter_finish())
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 20_000_000
    assert most - before < 30_000_000
    assert count == (99_000 if repeats else 0)


@pytest.mark.parametrize("decorate", [movie_rule, review_rule, corpus_rule])
def test_a_rule_without_a_code_is_told_at_once(decorate: Any) -> None:
    with pytest.raises(TypeError, match="a rule needs a code"):
        decorate(lambda record, context: None)
