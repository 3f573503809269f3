"""Rules about a film."""

from __future__ import annotations

import re
from html.entities import name2codepoint
from typing import TYPE_CHECKING

from reviewcorpus.validation._model import Finding, Rule, Scope, make_rule
from reviewcorpus.validation._prose import is_blank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.models import Movie
    from reviewcorpus.validation._model import Context

_HALF_REFERENCE = re.compile(
    r"&(?:#[0-9]{0,7}|#[xX][0-9A-Fa-f]{0,6}|(?P<name>[A-Za-z0-9]{3,8}))?\Z"
)
_SIGNS = range(0x370, 0x400), range(0x2190, 0x2400)  # Greek, mathematics: no part of titles
_NAMES = frozenset(
    name[:length]
    for name, code in name2codepoint.items()
    if not any(code in signs for signs in _SIGNS)
    for length in range(3, len(name) + 1)
)

_ROUNDING = 1e-9  # more than what floating point adds to a mean


@make_rule(Scope.MOVIE, "M101")
def no_title(movie: Movie, _: Context) -> Iterator[Finding]:
    """No title.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(title=" "), rules="M101"))
    movie.title: M101: there is no title
    """
    if is_blank(movie.title):
        yield Finding("there is no title", field="title")


@make_rule(Scope.MOVIE, "M102")
def cut_title(movie: Movie, _: Context) -> Iterator[Finding]:
    """Title looks cut: it ends in `&` or in half a reference.

    The crawler cut titles at the first `;`, so that `Cowboys &amp; Kites` became `Cowboys &amp`.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(title="Cowboys &"), rules="M102"))
    movie.title: M102: the title looks cut: it ends in '&'
    """
    title = (movie.title or "").rstrip()
    found = _HALF_REFERENCE.search(title)
    if found and (found["name"] is None or _is_half_name(title, found)):
        yield Finding(f"the title looks cut: it ends in {found[0]!r}", field="title")


def _is_half_name(title: str, found: re.Match[str]) -> bool:
    """Tell half a reference from a word, as in `Ben&Ari`."""
    name = found["name"]
    is_second_name = name[0].isupper() and title[: found.start()][-1:].islower()
    return name in _NAMES and not is_second_name


@make_rule(Scope.MOVIE, "M103", "info")
def no_film_page(movie: Movie, _: Context) -> Iterator[Finding]:
    """Link is no film page: it has no `tt` number.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(link="http://www.imdb.com/chart/top"), rules="M103"))
    movie.link: M103: the link has no tt number, so it is no page of a film
    """
    if movie.imdb_id is None:
        message = "the link has no tt number, so it is no page of a film"
        yield Finding(message if movie.link else "there is no link", field="link")


@make_rule(Scope.MOVIE, "M104")
def strange_year(movie: Movie, context: Context) -> Iterator[Finding]:
    """Year before the first film, or far ahead.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(year=1492), rules="M104"))
    movie.year: M104: the year is 1492, before the first film of 1888
    """
    first, ahead = context.thresholds.first_film, context.thresholds.years_ahead
    if movie.year is None:
        return
    if movie.year < first:
        yield Finding(f"the year is {movie.year}, before the first film of {first}", field="year")
    elif movie.year > context.today.year + ahead:
        yield Finding(f"the year is {movie.year}, more than {ahead} years ahead", field="year")


@make_rule(Scope.MOVIE, "M105", "info")
def no_reviews(movie: Movie, _: Context) -> Iterator[Finding]:
    """No reviews.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(), rules="M105"))
    movie.reviews: M105: there are no reviews
    """
    if not movie.reviews:
        yield Finding("there are no reviews", field="reviews")


@make_rule(Scope.MOVIE, "M106")
def strange_mean(movie: Movie, context: Context) -> Iterator[Finding]:
    """Mean of the scores is far from the general score.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(general_score=0.2, reviews=[Review(score=0.9)] * 20)
    >>> print(*validate(movie, rules="M106"))
    movie.general_score: M106: the mean of 20 scores is 0.90, but the general score 0.20
    """
    scores = [review.score for review in movie.reviews if review.score is not None]
    if movie.general_score is None or len(scores) < context.thresholds.mean_reviews:
        return
    mean = sum(scores) / len(scores)
    if abs(mean - movie.general_score) > context.thresholds.mean_difference + _ROUNDING:
        yield Finding(
            f"the mean of {len(scores)} scores is {mean:.2f},"
            f" but the general score {movie.general_score:.2f}",
            field="general_score",
        )


# The examples of the rules, for doctest, which does not look into objects.
__test__ = {
    name: rule.check.__doc__ for name, rule in dict(globals()).items() if isinstance(rule, Rule)
}
