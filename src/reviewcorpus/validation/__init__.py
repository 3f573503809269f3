"""Checking records that were read: rules, and the problems that they find.

The classes of records refuse impossible values; rules judge the possible ones. Each rule has a
code that switches it on and off. The reader reports *how* something was written, as a defect; a
rule looks at *what* was written.
"""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TYPE_CHECKING

import attrs

from reviewcorpus._checks import refuse, require_integer, visible
from reviewcorpus.defects import Severity
from reviewcorpus.formats import MOVIE, Format, find
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
    SharedCheck,
    Thresholds,
    bodies_in,
    corpus_rule,
    findings_of,
    movie_rule,
    review_rule,
    select,
)
from reviewcorpus.validation._rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        severity: How severe it is.
        message: What was found, in words; not part of the promise.
        source: Name of the file or stream that the record was read from, or `None`.
        movie_index: Index of the movie in its source, from 0, or `None` if it is not known.
        review_index: Index of the review in its movie, from 0; `None` for the movie itself.
        field: Name of the attribute that it is about, or `None` for the whole record.
        related: Other records that it is about, such as the one that is repeated.
        line: Line of the start tag of the record, the review or the movie, from 1; `None` if it is
            not known. `Corpus.problems` knows it, `validate` does not.
        offset: Where this tag begins, in bytes from 0, counted as `Defect.offset` is, or `None`.

    Example:
        >>> import reviewcorpus as rc
        >>> problem = rc.validate(rc.Movie(title="Cowboys &"), source="a.xml", movie_index=0)[0]
        >>> print(problem)
        a.xml: warning: movies[0].title: the title looks cut: it ends in '&' [M102]
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
    line: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        """`source:line: severity: movies[0].reviews[3].score: message [code]`; one line."""
        place = Place(self.source, self.movie_index, self.review_index, self.field, self.line)
        return visible(
            f"{place.start}{self.severity}: {place.record}: {self.message} [{self.code}]"
        )


def validate(
    movie: Movie,
    *,
    rules: Rules = "default",
    thresholds: Thresholds | None = None,
    source: str | None = None,
    movie_index: int | None = None,
    format: Format | str | None = None,
) -> list[Problem]:
    """Check a movie and its reviews.

    Args:
        movie: The movie.
        rules: Which rules are used. `"default"`: all but `R206` and `R208`, which fire on nearly
            every real movie; `"all"`; a code, or the beginning of codes; a rule of your own; or
            several of these in a list, or in a text with commas. A `-` before one removes it; if
            the first one has a `-`, it is removed from the default.
        thresholds: Numbers that the rules compare with.
        source: Name of the file that the movie was read from, for the problems.
        movie_index: Index of the movie in its source, from 0, for the problems.
        format: The format that it was read from, or the name of a known one; `None` for that of
            `<movie>`. No rule reports a missing value if the format has no field for it.

    Returns:
        The problems of the movie, then those of each review, each in the order of the codes.
        Rules for a whole corpus are not used here: see `CorpusValidator`.

    Raises:
        TypeError: The movie is not a `Movie`, the index is not an `int`, a rule is neither a `str`
            nor a `Rule`, or the format neither a `str` nor a `Format`.
        ValueError: There is no such rule or format, two rules have the same code, or the index is
            negative.

    Example:
        >>> import reviewcorpus as rc
        >>> movie = rc.Movie(title="Slow Glass", link="tt9000002", reviews=[rc.Review(score=0.72)])
        >>> for problem in rc.validate(movie, rules=["default", "-R201"]):
        ...     print(problem)
        info: movie.reviews[0].score: the score 0.72 is not a multiple of 0.1 [R203]
    """
    _check_arguments(movie, source, movie_index)
    context = Context(movie, _checked(thresholds), find(format) or MOVIE)
    return _check_movie(context, select(rules, RULES), Place(source, movie_index))


class CorpusValidator:
    """Checks many movies, one by one and as a whole.

    It keeps hashes of reviews, not texts: about 120 bytes per review and 250 per movie, and 16
    bytes more per review if the places are passed.

    Args:
        rules: Which rules are used, as for `validate`.
        thresholds: Numbers that the rules compare with, as for `validate`.

    Raises:
        TypeError: A rule is neither a `str` nor a `Rule`, or `thresholds` is not a `Thresholds`.
        ValueError: There is no such rule, or two have the same code.

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
        b.xml: warning: movies[0]: the same movie (tt9000001) as a.xml: movies[0] [C301]
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
        self,
        movie: Movie,
        *,
        source: str | None = None,
        movie_index: int | None = None,
        places: Sequence[tuple[int, int]] | None = None,
        format: Format | str | None = None,
    ) -> list[Problem]:
        """Check a movie and its reviews.

        Args:
            movie: The movie.
            source: Name of the file that it was read from.
            movie_index: Index of the movie in its source, from 0; `None` to count them.
            places: The offset (bytes, from 0) and the line (from 1) of the movie, then of each of
                its reviews; `None` if they are not known.
            format: The format that it was read from, as for `validate`.

        Returns:
            The problems of the movie, then those of each review, as `validate` returns them.

        Raises:
            TypeError: The movie is not a `Movie`, the index not an `int`, or the format neither a
                `str` nor a `Format`.
            ValueError: `finish` has been called, there is no such format, the index is negative,
                or there are not as many places as records.
        """
        self._refuse_once_over()
        table = find(format) or MOVIE
        _check_arguments(movie, source, movie_index)
        if movie_index is None:
            movie_index = self._counts.get(source, 0)
        self._counts[source] = movie_index + 1
        place = _place_of(movie, source, movie_index, places)
        context = Context(movie, self._thresholds, table)
        for _, check in self._checks:  # first: a rule that raises must not lose the movie
            if isinstance(check, SharedCheck):
                check.feed_bodies(bodies_in(context), place)
            else:
                check.feed(movie, place)
        return _check_movie(context, self._rules, place)

    def finish(self) -> list[Problem]:
        """Return the problems that only the whole corpus shows, by rule, then in order of movies.

        Raises:
            ValueError: It has been called before.
        """
        return list(self.iter_finish())

    def iter_finish(self) -> Iterator[Problem]:
        """Yield what `finish` returns one at a time, which takes less memory if there are many.

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


def _place_of(
    movie: Movie, source: str | None, movie_index: int, places: Sequence[tuple[int, int]] | None
) -> Place:
    if places is None:
        return Place(source, movie_index)
    if len(places) != 1 + len(movie.reviews):
        refuse(ValueError, "places", places, "one pair for the movie and one for each review")
    (offset, line), *of_reviews = places
    place = Place(source, movie_index, line=line, offset=offset)
    object.__setattr__(place, "_reviews", array("Q", chain.from_iterable(of_reviews)))
    return place


def _check_movie(context: Context, rules: tuple[Rule, ...], place: Place) -> list[Problem]:
    problems = [
        _problem(rule, finding, place, index)
        for rule in rules
        for index, found in _found(rule, context)
        for finding in findings_of(rule, found)
    ]
    # Rules come in the order of their codes, and sorting keeps that within a record.
    problems.sort(key=lambda problem: -1 if problem.review_index is None else problem.review_index)
    return problems


def _found(rule: Rule, context: Context) -> Iterator[tuple[int | None, Found]]:
    """Yield what the function of a rule finds, and the index of the review that it is about."""
    if rule.scope is Scope.MOVIE:
        yield None, rule.check(context.movie, context)
    elif rule.scope is Scope.REVIEW:
        check = rule.check
        for index, review in enumerate(context.movie.reviews):
            found = check(review, context)
            if found is not None:
                yield index, found


def _problem(rule: Rule, finding: Finding, place: Place, index: int | None = None) -> Problem:
    """Return the problem that a rule has found at a place, or in a review of the movie there."""
    if index is None:
        index = finding.review_index if place.review_index is None else place.review_index
    at = place if index == place.review_index else place.review(index)
    where = at.source, at.movie_index, at.review_index, finding.field
    related = tuple(_related(other, place) for other in finding.related)
    return Problem(rule.code, rule.severity, finding.message, *where, related, at.line, at.offset)


def _related(other: Place, place: Place) -> Place:
    """Return another place; a rule for one movie names a record of it by its index alone."""
    if other.source is None and other.movie_index is None:
        return place.review(other.review_index)
    return attrs.evolve(other)  # without the lines of its reviews
