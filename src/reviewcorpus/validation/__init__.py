"""Checking records that were read: rules, and the problems that they find.

The classes of records keep out what cannot be; rules judge what can be. Each rule has a code, by
which it is switched on and off. Where the reader records *how* something was written and reports
it as a defect, a rule looks at *what* was written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from reviewcorpus._checks import refuse, require_integer, visible
from reviewcorpus.defects import Severity
from reviewcorpus.models import Movie
from reviewcorpus.validation._model import (
    Context,
    CorpusCheck,
    Finding,
    Found,
    Place,
    Rule,
    Rules,
    Scope,
    Thresholds,
    corpus_rule,
    findings_of,
    movie_rule,
    records_of,
    review_rule,
    select,
)
from reviewcorpus.validation._rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "RULES",
    "Context",
    "CorpusCheck",
    "CorpusValidator",
    "Finding",
    "Found",
    "Place",
    "Problem",
    "Rule",
    "Rules",
    "Scope",
    "Thresholds",
    "corpus_rule",
    "movie_rule",
    "review_rule",
    "validate",
]


@attrs.frozen
class Problem:
    """What a rule has found, and where.

    Args:
        code: Code of the rule.
        severity: How grave it is.
        message: What was found, in words; not part of the promise.
        source: Name of the file or stream that the record was read from, or `None`.
        movie_index: Which movie of its source, from 0, or `None` where that is not known.
        review_index: Which review of its movie, from 0; `None` for the movie itself.
        field: Name of the attribute that it is about, or `None` for the whole record.
        related: Other records that it is about, such as the one that is repeated.

    Example:
        >>> import reviewcorpus as rc
        >>> problem = rc.validate(rc.Movie(title="Cowboys &"), source="a.xml", movie_index=0)[0]
        >>> print(problem)
        a.xml: movies[0].title: M102: the title looks cut: it ends in '&'
        >>> problem.code, problem.severity.value, problem.field
        ('M102', 'warning', 'title')
    """

    code: str
    severity: Severity
    message: str
    source: str | None = None
    movie_index: int | None = None
    review_index: int | None = None
    field: str | None = None
    related: tuple[Place, ...] = ()

    def __str__(self) -> str:
        """`source: movies[0].reviews[3].full_review: code: message`; always one line."""
        place = Place(self.source, self.movie_index, self.review_index, self.field)
        return visible(f"{place}: {self.code}: {self.message}")


def validate(
    movie: Movie,
    *,
    rules: Rules = "default",
    thresholds: Thresholds | None = None,
    source: str | None = None,
    movie_index: int | None = None,
) -> list[Problem]:
    """Check a movie and its reviews.

    Args:
        movie: The movie.
        rules: Which rules are used. `"default"`: all but `R206` and `R208`, which fire on nearly
            every real movie; `"all"`; a code, or what codes begin with; a rule of your own; or
            several of these in a list, or in a text with commas. One with a `-` before it is
            skipped; if the first one has it, it is taken from the default.
        thresholds: Numbers that the rules compare with.
        source: Name of the file that the movie was read from, for the problems.
        movie_index: Which movie of its source it is, from 0, for the problems.

    Returns:
        The problems of the movie, then those of each review, each in the order of the codes.
        Rules for a whole corpus say nothing here: see `CorpusValidator`.

    Raises:
        TypeError: The movie is not a `Movie`, the index is not an `int`, or a rule is neither a
            `str` nor a `Rule`.
        ValueError: There is no such rule, two have one code, or the index is negative.

    Example:
        >>> import reviewcorpus as rc
        >>> movie = rc.Movie(title="Slow Glass", link="tt9000002", reviews=[rc.Review(score=0.72)])
        >>> for problem in rc.validate(movie, rules=["default", "-R201"]):
        ...     print(problem)
        movie.reviews[0].score: R203: the score 0.72 is not a multiple of 0.1
    """
    _check_arguments(movie, source, movie_index)
    context = Context(movie, _checked(thresholds))
    return _check_movie(context, select(rules, RULES), Place(source, movie_index))


class CorpusValidator:
    """Checks many movies, and what only all of them together show.

    It keeps hashes of reviews and no texts: about 120 bytes per review and 250 per movie.

    Args:
        rules: Which rules are used, as for `validate`.
        thresholds: Numbers that the rules compare with, as for `validate`.

    Raises:
        TypeError: A rule is neither a `str` nor a `Rule`, or `thresholds` is not a `Thresholds`.
        ValueError: There is no such rule, or two have one code.

    Example:
        >>> import reviewcorpus as rc
        >>> movie = rc.Movie(title="Paper Boats", link="tt9000001", reviews=[rc.Review()])
        >>> validator = rc.CorpusValidator(rules=["M", "C"])
        >>> for source in ("a.xml", "b.xml"):
        ...     for problem in validator.feed(movie, source=source):
        ...         print(problem)
        ...
        >>> for problem in validator.finish():
        ...     print(problem)
        b.xml: movies[0]: C301: the same movie (tt9000001) as a.xml: movies[0]
    """

    def __init__(self, *, rules: Rules = "default", thresholds: Thresholds | None = None) -> None:
        self._rules = select(rules, RULES)
        self._thresholds = _checked(thresholds)
        self._checks: list[tuple[Rule, CorpusCheck]] = [
            (rule, rule.check(self._thresholds))
            for rule in self._rules
            if rule.scope is Scope.CORPUS
        ]
        self._counts: dict[str | None, int] = {}  # movies of each source
        self._is_over = False

    def feed(
        self, movie: Movie, *, source: str | None = None, movie_index: int | None = None
    ) -> list[Problem]:
        """Check a movie and its reviews.

        Args:
            movie: The movie.
            source: Name of the file that it was read from.
            movie_index: Which movie of its source it is, from 0; otherwise they are counted.

        Returns:
            The problems of the movie, then those of each review, as `validate` returns them.

        Raises:
            TypeError: The movie is not a `Movie`, or the index not an `int`.
            ValueError: `finish` has been called, or the index is negative.
        """
        self._refuse_once_over()
        _check_arguments(movie, source, movie_index)
        if movie_index is None:
            movie_index = self._counts.get(source, 0)
        self._counts[source] = movie_index + 1
        place = Place(source, movie_index)
        for _, check in self._checks:  # first: a rule that raises must not lose the movie
            check.feed(movie, place)
        return _check_movie(Context(movie, self._thresholds), self._rules, place)

    def finish(self) -> list[Problem]:
        """Return the problems that only the whole corpus shows, by rule, then in order of movies.

        Raises:
            ValueError: It has been called before.
        """
        return list(self.finish_one_by_one())

    def finish_one_by_one(self) -> Iterator[Problem]:
        """Yield the same one at a time, which takes less memory where there are many.

        Raises:
            ValueError: Either of the two has been called before.
        """
        self._refuse_once_over()
        self._is_over = True
        return (
            _problem(rule, finding, place)
            for rule, check in self._checks
            for place, finding in check.finish()
        )

    def _refuse_once_over(self) -> None:
        if self._is_over:
            raise ValueError("this validator has finished; make a new one for each corpus")


def _checked(thresholds: Thresholds | None) -> Thresholds:
    checked = Thresholds() if thresholds is None else thresholds
    if not isinstance(checked, Thresholds):
        refuse(TypeError, "thresholds", thresholds, "Thresholds or None")
    return checked


def _check_arguments(movie: object, source: object, movie_index: object) -> None:
    if not isinstance(movie, Movie):
        refuse(TypeError, "movie", movie, "a Movie")
    if source is not None and not isinstance(source, str):
        refuse(TypeError, "source", source, "a str or None")
    if movie_index is not None:
        require_integer("movie_index", movie_index, 0)


def _check_movie(context: Context, rules: tuple[Rule, ...], place: Place) -> list[Problem]:
    problems = [
        _problem(rule, finding, attrs.evolve(place, review_index=index))
        for rule in rules
        for index, record in records_of(context.movie)
        if rule.scope is (Scope.MOVIE if index is None else Scope.REVIEW)
        for finding in findings_of(rule, rule.check(record, context))
    ]
    # Rules come in the order of their codes, and sorting keeps that within a record.
    problems.sort(key=lambda problem: -1 if problem.review_index is None else problem.review_index)
    return problems


def _problem(rule: Rule, finding: Finding, place: Place) -> Problem:
    index = finding.review_index if place.review_index is None else place.review_index
    where = place.source, place.movie_index, index, finding.field
    related = tuple(_in_same_movie(other, place) for other in finding.related)
    return Problem(rule.code, rule.severity, finding.message, *where, related)


def _in_same_movie(related: Place, place: Place) -> Place:
    """Return the place of a record that a rule for one movie has named by its index alone."""
    if related.source is None and related.movie_index is None:
        return attrs.evolve(place, review_index=related.review_index)
    return related
