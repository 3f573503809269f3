"""What a corpus looks like in numbers: one pass, bounded memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from reviewcorpus._iterators import Assembler
from reviewcorpus.cli._sketches import Bins, Distinct
from reviewcorpus.defects import Defect, DefectKind, Severity
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.summary import Summary, Tally
from reviewcorpus.validation import Problem
from reviewcorpus.validation._prose import emails

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcorpus.events import Item
    from reviewcorpus.models import Movie, Review
    from reviewcorpus.validation import CorpusValidator

STARS = range(1, 11)  # the site shows ten stars; the crawler divided by ten
EXAMPLES = 3
"""So many examples are kept of each kind of defect and each code of a rule: the first ones."""

_Finding = TypeVar("_Finding", Defect, Problem)


@attrs.frozen(kw_only=True)
class Scores:
    """Scores, counted on the site's scale as `Review.stars` has it.

    Args:
        stars: How many there are of each number of stars, 1 to 10, all of them.
        below: How many are so near to 0.0 that the scale has no star for them.
        without: How many records have no score.
        share_without: Share of the records without, 0.0 to 1.0; `None` where there is no record.
        mean: Mean of the stars, 0 for those below; `None` where there are none.
    """

    stars: Mapping[int, int]
    below: int
    without: int
    share_without: float | None
    mean: float | None


@attrs.frozen(kw_only=True)
class Years:
    """Years, counted.

    Args:
        counts: How many records there are of each year that was met, in order.
        without: How many records have no year.
    """

    counts: Mapping[int, int]
    without: int


@attrs.frozen(kw_only=True)
class Lengths:
    """How long the bodies of reviews are, in characters; `None` where there is no body.

    Args:
        bodies: How many reviews have a body.
        without: How many have none.
        least: Shortest.
        lower_quartile: A quarter is not longer. As the median and the upper quartile, it is off by
            a 64th at most, and exact below 64.
        median: Half of them are not longer.
        upper_quartile: Three quarters are not longer.
        most: Longest.
        mean: Mean, exact but for rounding.
        doublings: How many are at least as long as the key and shorter than twice that.
    """

    bodies: int
    without: int
    least: int | None
    lower_quartile: int | None
    median: int | None
    upper_quartile: int | None
    most: int | None
    mean: float | None
    doublings: Mapping[int, int]


@attrs.frozen(kw_only=True)
class Users:
    """Who wrote the reviews.

    Args:
        names: How many user names differ.
        is_exact: Whether that is a count; beyond 8192 names it is an estimate, whose standard
            error is 1.6 %.
        without: How many reviews have no user name.
        with_email: How many reviews have an e-mail address in it.
        share_with_email: Share of the reviews, 0.0 to 1.0; `None` where there is no review.
    """

    names: int
    is_exact: bool
    without: int
    with_email: int
    share_with_email: float | None


@attrs.frozen(kw_only=True)
class Findings(Generic[_Finding]):
    """What was found of one kind.

    Args:
        name: The kind of the defects, or the code of the rule.
        count: How many there are.
        severities: How grave they are, the least first; nearly always one.
        examples: The first of them.
    """

    name: str
    count: int
    severities: tuple[Severity, ...]
    examples: tuple[_Finding, ...]


@attrs.frozen(kw_only=True)
class Statistics:
    """A corpus in numbers.

    Args:
        summary: The counts that `Corpus.summary` gives.
        scores: Scores of the reviews.
        general_scores: General scores of the movies.
        years: Years of the movies.
        dates: Years of the reviews.
        lengths: Lengths of the bodies.
        users: User names.
        defects: Defects by kind, in the order of `DefectKind`.
        problems: Problems by code, in its order; `None` where there was no validator.
    """

    summary: Summary
    scores: Scores
    general_scores: Scores
    years: Years
    dates: Years
    lengths: Lengths
    users: Users
    defects: tuple[Findings[Defect], ...]
    problems: tuple[Findings[Problem], ...] | None

    def as_data(self) -> dict[str, Any]:
        """Give the numbers as JSON takes them."""
        return attrs.asdict(self)


class StatisticsTally:
    """Counts items, for statistics.

    Memory does not grow with the corpus. With a validator, one movie is held whole, and the
    validator keeps what it keeps.

    Args:
        validator: What checks the movies, if anything does.
    """

    def __init__(self, validator: CorpusValidator | None = None) -> None:
        self._validator = validator
        self._assembler = Assembler()
        self._tally = Tally()
        self._all = _Reviews()
        self._of_movie = _Reviews()
        self._years: Counter[int | None] = Counter()
        self._general_scores: Counter[int | None] = Counter()
        self._defects: _Collection[Defect] = _Collection()
        self._problems: _Collection[Problem] = _Collection()

    def add(self, item: Item, source: str | None) -> None:
        """Count one item of a source of that name."""
        self._tally.add(item)
        if type(item) is ReviewRun:
            self._of_movie.add(item.reviews)
        elif isinstance(item, Defect):
            self._defects.add(item.kind, item)
        elif isinstance(item, MovieEnded) and not item.dropped:
            self._all.merge(self._of_movie)
            self._years[item.movie.year] += 1
            self._general_scores[_stars(item.movie.general_score)] += 1
        if isinstance(item, MovieStarted | MovieEnded):
            self._of_movie = _Reviews()
        if self._validator is not None:
            movie = self._assembler.add(item)
            if movie is not None and isinstance(item, MovieEnded):
                self._validate(self._validator, movie, source, item.movie_index)

    def _validate(
        self, validator: CorpusValidator, movie: Movie, source: str | None, movie_index: int
    ) -> None:
        for problem in validator.feed(movie, source=source, movie_index=movie_index):
            self._problems.add(problem.code, problem)

    def finish(self, files: int) -> Statistics:
        """Give the statistics of what was counted; the validator finishes, too."""
        if self._validator is not None:
            for problem in self._validator.finish_one_by_one():
                self._problems.add(problem.code, problem)
        reviews = self._all
        return Statistics(
            summary=self._tally.summary(files),
            scores=_scores(reviews.scores),
            general_scores=_scores(self._general_scores),
            years=_years(self._years),
            dates=_years(reviews.years),
            lengths=reviews.length_statistics(),
            users=reviews.user_statistics(),
            defects=self._defects.of(DefectKind),
            problems=None if self._validator is None else self._problems.of_all(),
        )


class _Reviews:
    """Reviews, counted: those of the movie that is being read, or of all that were read.

    Those of a movie are added to all when it has ended, since an error may end it before, and
    `errors="drop"` may leave it out.
    """

    def __init__(self) -> None:
        self.scores: Counter[int | None] = Counter()
        self.years: Counter[int | None] = Counter()
        self._lengths = Bins()
        self._names = Distinct()
        self._without_body = self._without_name = self._with_email = 0

    def add(self, reviews: list[Review]) -> None:
        """Count reviews."""
        self.scores.update(_stars(review.score) for review in reviews)
        self.years.update(None if review.date is None else review.date.year for review in reviews)
        bodies = [review.full_review for review in reviews if review.full_review is not None]
        self._lengths.add(map(len, bodies))
        self._without_body += len(reviews) - len(bodies)
        for review in reviews:
            self._add_name(review.username)

    def _add_name(self, name: str | None) -> None:
        if name is None:
            self._without_name += 1
            return
        self._names.add(name)
        self._with_email += any(True for _ in emails(name))

    def merge(self, other: _Reviews) -> None:
        """Count what others have counted."""
        self.scores.update(other.scores)
        self.years.update(other.years)
        self._lengths.merge(other._lengths)
        self._names.merge(other._names)
        self._without_body += other._without_body
        self._without_name += other._without_name
        self._with_email += other._with_email

    def length_statistics(self) -> Lengths:
        """Give the lengths of the bodies."""
        lengths = self._lengths
        return Lengths(
            bodies=lengths.count,
            without=self._without_body,
            least=lengths.least,
            lower_quartile=lengths.quantile(0.25),
            median=lengths.quantile(0.5),
            upper_quartile=lengths.quantile(0.75),
            most=lengths.most,
            mean=_ratio(lengths.total, lengths.count),
            doublings=lengths.doublings(),
        )

    def user_statistics(self) -> Users:
        """Give who wrote them."""
        return Users(
            names=self._names.count(),
            is_exact=self._names.is_exact,
            without=self._without_name,
            with_email=self._with_email,
            share_with_email=_ratio(self._with_email, self.scores.total()),
        )


class _Collection(Generic[_Finding]):
    """Findings by their names: counts, severities, and the first few."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._severities: dict[str, set[Severity]] = {}
        self._examples: dict[str, list[_Finding]] = {}

    def add(self, name: str, finding: _Finding) -> None:
        """Take note of a finding."""
        self._counts[name] += 1
        self._severities.setdefault(name, set()).add(finding.severity)
        examples = self._examples.setdefault(name, [])
        if len(examples) < EXAMPLES:
            examples.append(finding)

    def of_all(self) -> tuple[Findings[_Finding], ...]:
        """Give what was found, in the order of the names."""
        return self.of(sorted(self._counts))

    def of(self, names: Iterable[str]) -> tuple[Findings[_Finding], ...]:
        """Give what was found, in the order of these names."""
        return tuple(
            Findings(
                name=str(name),
                count=self._counts[name],
                severities=tuple(kind for kind in Severity if kind in self._severities[name]),
                examples=tuple(self._examples[name]),
            )
            for name in names
            if name in self._counts
        )


def _stars(score: float | None) -> int | None:
    """Give a score on the site's scale, halves rounded up; 0 where it has no star for it."""
    return None if score is None else math.floor(score * len(STARS) + 0.5)


def _scores(counts: Counter[int | None]) -> Scores:
    total = counts.total() - counts[None]
    of_all = sum(stars * count for stars, count in counts.items() if stars is not None)
    return Scores(
        stars={stars: counts[stars] for stars in STARS},
        below=counts[0],
        without=counts[None],
        share_without=_ratio(counts[None], counts.total()),
        mean=_ratio(of_all, total),
    )


def _years(counts: Counter[int | None]) -> Years:
    years = sorted(year for year in counts if year is not None)
    return Years(counts={year: counts[year] for year in years}, without=counts[None])


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
