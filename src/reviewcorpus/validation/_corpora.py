"""Rules about what only a whole corpus shows. They keep hashes, no texts."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from reviewcorpus.validation._model import Finding, Rule, Scope, make_rule
from reviewcorpus.validation._places import Place
from reviewcorpus.validation._reviews import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.models import Movie
    from reviewcorpus.validation._model import Thresholds

_REVIEW_BITS = 30  # of a place; a film has fewer reviews than that


@make_rule(Scope.CORPUS, "C301")
class SameFilm:
    """Same film in several records: one `tt` number.

    Each record after the first is a finding, which names the first.

    >>> from reviewcorpus import CorpusValidator, Movie
    >>> validator = CorpusValidator(rules="C301")
    >>> for source in ("a.xml", "b.xml"):
    ...     _ = validator.feed(Movie(link="http://www.imdb.com/title/tt0000042/"), source=source)
    ...
    >>> print(*validator.finish())
    b.xml: movies[0]: C301: the same film (tt0000042) as a.xml: movies[0]
    """

    def __init__(self, _: Thresholds) -> None:
        self._first: dict[str, Place] = {}
        self._found: list[tuple[Place, str]] = []

    def feed(self, movie: Movie, place: Place) -> None:
        """Take note of a movie."""
        number = movie.imdb_id
        if number is not None and self._first.setdefault(number, place) is not place:
            self._found.append((place, number))

    def finish(self) -> Iterator[tuple[Place, Finding]]:
        """Give each record of a film that has one before."""
        for place, number in self._found:
            first = self._first[number]
            yield place, Finding(f"the same film ({number}) as {first}", related=(first,))


@make_rule(Scope.CORPUS, "C302")
class SameReview:
    """Same review in several records: same user, date and text.

    White space is not compared. Where the user is not known, a short text tells nothing.

    >>> from reviewcorpus import CorpusValidator, Movie, Review
    >>> validator = CorpusValidator(rules="C302")
    >>> movie = Movie(reviews=[Review(username="ann", full_review="A quiet film.")])
    >>> for source in ("a.xml", "b.xml"):
    ...     _ = validator.feed(movie, source=source)
    ...
    >>> print(*validator.finish())
    b.xml: movies[0].reviews[0]: C302: the same review as a.xml: movies[0].reviews[0]
    """

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._movies: list[Place] = []
        self._first: dict[int, int] = {}  # hash of a review to where it stands
        self._repeats = array("Q")
        self._firsts_of_repeats = array("Q")

    def feed(self, movie: Movie, place: Place) -> None:
        """Take note of the reviews of a movie."""
        start = len(self._movies) << _REVIEW_BITS
        self._movies.append(place)
        met: set[int] = set()  # what is repeated within a film is not for this rule to say
        for index, review in enumerate(movie.reviews):
            key = key_of(review, self._thresholds)
            if key is None:
                continue
            first = self._first.setdefault(key, start + index)
            if first < start and key not in met:
                self._repeats.append(start + index)
                self._firsts_of_repeats.append(first)
            met.add(key)

    def finish(self) -> Iterator[tuple[Place, Finding]]:
        """Give each review that stands in a record before."""
        for repeat, number in zip(self._repeats, self._firsts_of_repeats, strict=True):
            first = self._place(number)
            yield self._place(repeat), Finding(f"the same review as {first}", related=(first,))

    def _place(self, number: int) -> Place:
        movie = self._movies[number >> _REVIEW_BITS]
        return Place(movie.source, movie.movie_index, number & ((1 << _REVIEW_BITS) - 1))


# The examples of the rules, for doctest, which does not look into objects.
__test__ = {
    name: rule.check.__doc__ for name, rule in dict(globals()).items() if isinstance(rule, Rule)
}
