"""How users' own code looks to a type checker: mypy and pyright read this file, and it runs too."""

from __future__ import annotations

import datetime
import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import ClassVar, assert_never, assert_type

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import reviewcorpus as rc
from reviewcorpus import cleaning, strategies
from reviewcorpus.formats import Format
from reviewcorpus.validation import (
    RULES,
    Context,
    Finding,
    Place,
    Rule,
    Thresholds,
    corpus_rule,
    movie_rule,
    review_rule,
)

CUT = "<movie><title>Cowboys &amp</title><review><username>ann</username><fullReview>a qui"
EXAMPLES = Path(__file__).parents[2] / "src" / "reviewcorpus" / "samples"


# ---- records ----------------------------------------------------------------------------


def test_records_are_typed() -> None:
    review = rc.Review(score=0.5, date=datetime.date(2020, 1, 1), extra={"country": "FR"})
    movie = rc.Movie(title="Paper Boats", general_score=1, reviews=[review])
    assert_type(movie.title, str | None)
    assert_type(movie.link, str | None)
    assert_type(movie.year, int | None)
    assert_type(movie.general_score, float | None)
    assert_type(movie.reviews, tuple[rc.Review, ...])
    assert_type(movie.extra, Mapping[str, str])
    assert_type(movie.imdb_id, str | None)
    assert_type(review.date, datetime.date | None)
    assert_type(review.username, str | None)
    assert_type(review.score, float | None)
    assert_type(review.stars, int | None)
    assert_type(review.short_description, str | None)
    assert_type(review.full_review, str | None)
    assert movie.reviews[0].stars == 5


# ---- reading ----------------------------------------------------------------------------


def test_reading_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "boats.xml"
    rc.dump(rc.Movie(title="Paper Boats", reviews=[rc.Review(score=0)]), path)
    assert_type(rc.load(path, errors="strict"), rc.Movie)
    assert_type(rc.loads(path.read_bytes(), encoding="utf-8"), rc.Movie)
    assert_type(rc.loads(path.read_text(encoding="utf-8")), rc.Movie)
    for header, review in rc.iter_reviews(path, str(path), limits=rc.Limits()):
        assert_type(header, rc.Movie)
        assert_type(review, rc.Review)
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        assert [found.title for found in rc.iter_movies(binary, text)] == ["Paper Boats"] * 2
    with closing(rc.iter_movies(path, errors="drop", fallback_encoding="latin-1")) as movies:
        for movie in movies:
            assert_type(movie, rc.Movie)
            assert_type(movies.source, str | None)
            assert_type(movies.bytes_read, int)
            assert_type(movies.movie_index, int | None)
            assert_type(movies.format, Format | None)
            assert rc.validate(movie, format=movies.format) == rc.validate(movie, format="movie")
    packed = tmp_path / "boats.gz"
    with gzip.open(packed, "wb") as file:
        rc.dump(rc.Movie(), file)
    with gzip.open(packed) as file:
        assert rc.load(file) == rc.Movie()


def test_a_corpus_is_typed() -> None:
    corpus = rc.Corpus(EXAMPLES / "clean", str(EXAMPLES / "damaged"), errors="recover")
    as_iterable: Iterable[rc.Movie] = corpus
    assert len(list(as_iterable)) > 3
    for movie, review in corpus.reviews():
        assert_type(movie, rc.Movie)
        assert_type(review, rc.Review)
    for defect in corpus.defects():
        assert_type(defect, rc.Defect)
    for problem in corpus.problems(rules="all"):
        assert_type(problem, rc.Problem)
    summary = corpus.summary()
    assert_type(summary, rc.Summary)
    assert_type(corpus.size_on_disk(), int | None)
    assert_type(corpus.defects(), rc.DefectIterator)
    assert_type(summary.movies, int)
    assert_type(summary.defects, Mapping[rc.DefectKind, int])
    assert_type(summary.formats, Mapping[str, int])


def told(event: rc.Event) -> str | None:
    """Report an event; a type checker sees that no kind is missing."""
    match event:
        case rc.MovieStarted():
            return None
        case rc.ReviewRead():
            assert_type(event.review, rc.Review)
            return event.review.username
        case rc.MovieEnded():
            assert_type(event.movie, rc.Movie)
            return event.movie.title
        case rc.DefectFound():
            assert_type(event.defect, rc.Defect)
            return event.defect.kind
        case _:
            assert_never(event)


def test_the_parser_and_its_events_are_typed() -> None:
    parser = rc.Parser(source="a.xml", errors="recover", on_defect=None, limits=rc.Limits())
    events = parser.feed(CUT.encode()) + parser.close()
    assert_type(events, list[rc.Event])
    assert [told(event) for event in events].count("ann") == 1


# ---- defects and errors -----------------------------------------------------------------


def advice(kind: rc.DefectKind) -> str:
    """Return advice on some kinds."""
    match kind:
        case rc.DefectKind.UNEXPECTED_END | rc.DefectKind.BROKEN_COMPRESSION:
            return "fetch it again"
        case _:
            return "none"


def weight(severity: rc.Severity) -> int:
    """Return a number for a severity; a type checker sees that no severity is missing."""
    match severity:
        case rc.Severity.INFO:
            return 0
        case rc.Severity.WARNING:
            return 1
        case rc.Severity.ERROR:
            return 2
        case _:
            assert_never(severity)


def test_defects_are_typed() -> None:
    defects: list[rc.Defect] = []
    rc.loads(CUT, on_defect=defects.append)
    last = defects[-1]
    assert_type(last.kind, rc.DefectKind)
    assert_type(last.severity, rc.Severity)
    assert_type(last.offset, int)
    assert_type(last.line, int)
    assert_type(last.column, int)
    assert_type(last.movie_index, int | None)
    assert_type(last.review_index, int | None)
    assert_type(last.element, str | None)
    assert_type(last.raw, str)
    assert (advice(last.kind), weight(last.severity)) == ("fetch it again", 2)


def test_errors_are_typed() -> None:
    with pytest.raises(rc.CorpusSyntaxError) as caught:
        rc.loads(CUT, errors="strict")
    assert_type(caught.value.defect, rc.Defect)
    as_value_error: ValueError = caught.value
    as_corpus_error: rc.CorpusError = caught.value
    assert str(as_value_error) == str(as_corpus_error)
    assert issubclass(rc.LimitExceeded, rc.CorpusError)


# ---- writing ----------------------------------------------------------------------------


def test_writing_is_typed(tmp_path: Path) -> None:
    movie = rc.Movie(title="Reel")
    assert_type(rc.dumps(movie), str)
    assert rc.dumps([movie]) == rc.dumps(each for each in [movie])
    with io.StringIO() as text, io.BytesIO() as binary:
        rc.dump(movie, text)
        rc.dump(movie, binary)
        assert binary.getvalue().decode() == text.getvalue()
    for target in (tmp_path / "a.xml", str(tmp_path / "b.xml")):
        rc.dump(rc.Corpus(EXAMPLES / "clean"), target)


# ---- checking ---------------------------------------------------------------------------


@movie_rule("X901")
def untitled(movie: rc.Movie, context: Context) -> str | None:
    """The movie has no title."""
    assert_type(context.thresholds, Thresholds)
    return None if movie.title else "there is no title"


@review_rule("X902", "info")
def shouts(review: rc.Review, context: Context) -> Iterator[Finding]:
    """The headline is in capitals."""
    assert_type(context.movie, rc.Movie)
    if (review.short_description or "").isupper():
        yield Finding("it shouts", field="short_description")


class TooFew:
    """There are too few movies."""

    def __init__(self, thresholds: Thresholds) -> None:
        assert_type(thresholds.mean_reviews, int)
        self.movies = 0
        self.fewest = thresholds.mean_reviews

    def feed(self, movie: rc.Movie, place: Place) -> None:
        """Note a movie."""
        assert_type(movie, rc.Movie)
        assert_type(place.source, str | None)
        self.movies += 1

    def finish(self) -> Iterator[tuple[Place, Finding]]:
        """Yield what was found, and where."""
        if self.movies < self.fewest:
            yield Place(), Finding(f"only {self.movies} movies")


too_few = corpus_rule("X903", rc.Severity.ERROR)(TooFew)


def test_checking_is_typed() -> None:
    assert_type(untitled, Rule)
    assert_type(shouts, Rule)
    assert_type(RULES, Mapping[str, Rule])
    movie = rc.Movie(reviews=[rc.Review(short_description="BEST")])
    problems = rc.validate(movie, rules=["M", untitled, shouts], thresholds=Thresholds())
    assert_type(problems, list[rc.Problem])
    assert_type(problems[0].severity, rc.Severity)
    assert_type(problems[0].field, str | None)
    assert {"X901", "X902"} <= {problem.code for problem in problems}
    validator = rc.CorpusValidator(rules=too_few)
    found = validator.feed(movie, source="a.xml", movie_index=0) + validator.finish()
    assert_type(found, list[rc.Problem])
    assert [problem.severity for problem in found] == [rc.Severity.ERROR]


# ---- mending ----------------------------------------------------------------------------


class Quieten(cleaning.TextStep):
    """Lower case for capitals."""

    name: ClassVar[str] = "quieten"
    fields: ClassVar[tuple[str, ...]] = ("short_description",)

    def edits(self, text: str, field: str | None) -> Iterator[cleaning.Edit]:
        """Yield what to change."""
        assert_type(field, str | None)
        if text.isupper():
            yield cleaning.Edit(0, len(text), text.capitalize(), "too loud")


def test_steps_are_typed() -> None:
    review = rc.Review(short_description="BEST", username="ann (a@example.org)")
    movie = rc.Movie(reviews=[review])
    assert_type(cleaning.split_sentences("A film.At home."), cleaning.Cleaned[str])
    assert_type(cleaning.redact_emails(review), cleaning.Cleaned[rc.Review])
    assert_type(cleaning.unescape_again(movie), cleaning.Cleaned[rc.Movie])
    assert_type(cleaning.drop_repeats(movie), cleaning.Cleaned[rc.Movie])
    assert_type(cleaning.merge_movies([movie]).value, rc.Movie)
    own: Callable[[rc.Movie], cleaning.Cleaned[rc.Movie]] = Quieten()
    pipeline = cleaning.Pipeline(own, cleaning.split_sentences.using("\n"), cleaning.drop_repeats)
    for cleaned in pipeline.run([movie]):
        assert_type(cleaned, cleaning.Cleaned[rc.Movie])
        for change in cleaned.changes:
            assert_type(change, cleaning.Change)
    assert pipeline(movie).value.reviews[0].short_description == "Best"


# ---- strategies -------------------------------------------------------------------------


@given(
    strategies.movies(max_reviews=1),
    strategies.damaged_xml(kinds=[rc.DefectKind.UNEXPECTED_END]),
    st.data(),
)
def test_strategies_are_typed(
    movie: rc.Movie, damaged: strategies.Damaged, data: st.DataObject
) -> None:
    assert_type(strategies.reviews(score=st.none()), SearchStrategy[rc.Review])
    assert_type(strategies.defects(), SearchStrategy[rc.Defect])
    pieces = data.draw(strategies.chunkings(rc.dumps(movie).encode()))
    assert_type(pieces, list[bytes])
    assert rc.loads(b"".join(pieces)) == movie
    assert_type(damaged.faults, tuple[strategies.Fault, ...])


# ---- what must not be written -----------------------------------------------------------


def test_what_must_not_be_written_is_refused_by_the_type_checker() -> None:
    for wrong in (
        lambda: rc.Review(score="seven"),  # type: ignore[arg-type]
        lambda: rc.Review(extra=5),  # type: ignore[arg-type]
        lambda: rc.Movie(reviews=5),  # type: ignore[arg-type]
        lambda: rc.load(b"<movie/>"),  # type: ignore[arg-type]
        lambda: rc.load(io.BytesIO(), error="strict"),  # type: ignore[call-arg]
        lambda: rc.loads(5),  # type: ignore[arg-type]
        lambda: rc.dumps("<movie/>"),  # type: ignore[arg-type]
        lambda: rc.Parser("a.xml"),  # type: ignore[call-arg]
        lambda: rc.Parser().feed(5),  # type: ignore[arg-type]
        lambda: rc.validate(rc.Review()),  # type: ignore[arg-type]
        lambda: rc.validate(rc.Movie(), rules=5),  # type: ignore[arg-type]
        lambda: rc.CorpusValidator(thresholds=5),  # type: ignore[arg-type]
        lambda: cleaning.split_sentences(5),  # type: ignore[type-var]
        lambda: cleaning.Pipeline("split-sentences"),  # type: ignore[arg-type]
        lambda: strategies.movies(max_reviews="3"),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            wrong()


def test_what_is_frozen_is_refused_by_the_type_checker() -> None:
    movie = rc.Movie()
    with pytest.raises(AttributeError):
        movie.title = "Reel"  # type: ignore[misc]
