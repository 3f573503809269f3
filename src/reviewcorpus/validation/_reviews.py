"""Rules about single reviews, and about reviews of one film that repeat each other."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from reviewcorpus.validation._model import Finding, Rule, Scope, make_rule
from reviewcorpus.validation._places import Place
from reviewcorpus.validation._prose import emails, fingerprint, is_blank, same_text
from reviewcorpus.validation._sameness import sameness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.models import Movie, Review
    from reviewcorpus.validation._model import Context, Thresholds

_GRID = 10  # the site shows ten stars; the crawler divided by ten
_OFF_GRID = 1e-6  # more than what floating point adds to tenths
_DAY = datetime.timedelta(days=1)  # a review may be dated in a time zone ahead of ours


@make_rule(Scope.REVIEW, "R201")
def no_body(review: Review, _: Context) -> Iterator[Finding]:
    """No body text.

    >>> from reviewcorpus import Movie, Review, validate
    >>> print(*validate(Movie(reviews=[Review(full_review="")]), rules="R201"))
    movie.reviews[0].full_review: R201: there is no body text
    """
    if is_blank(review.full_review):
        yield Finding("there is no body text", field="full_review")


@make_rule(Scope.REVIEW, "R202")
def strange_date(review: Review, context: Context) -> Iterator[Finding]:
    """Dated more than a year before the film, before the site began, or in the future.

    >>> import datetime
    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(year=2012, reviews=[Review(date=datetime.date(2003, 5, 1))])
    >>> print(*validate(movie, rules="R202"))
    movie.reviews[0].date: R202: dated 2003-05-01, but the film is of 2012
    """
    date, year, first = review.date, context.movie.year, context.thresholds.first_review
    if date is None:
        return
    if date.year < first:
        yield Finding(f"dated {date}, before {first}", field="date")
    elif date > context.today and date - _DAY > context.today:
        yield Finding(f"dated {date}, which is in the future", field="date")
    elif year is not None and date.year < year - 1:
        yield Finding(f"dated {date}, but the film is of {year}", field="date")


@make_rule(Scope.REVIEW, "R203", "info")
def score_off_grid(review: Review, _: Context) -> Iterator[Finding]:
    """Score off the site's grid of tenths.

    >>> from reviewcorpus import Movie, Review, validate
    >>> print(*validate(Movie(reviews=[Review(score=0.72), Review(score=0.7)]), rules="R203"))
    movie.reviews[0].score: R203: the score 0.72 is no tenth
    """
    if review.score is not None:
        tenths = review.score * _GRID
        if abs(tenths - round(tenths)) > _OFF_GRID:
            yield Finding(f"the score {review.score} is no tenth", field="score")


@make_rule(Scope.MOVIE, "R204")
def repeated_review(movie: Movie, context: Context) -> Iterator[Finding]:
    """Same review twice in one film: same user, date and text.

    White space is not compared. Where the user is not known, a short text tells nothing.

    >>> from reviewcorpus import Movie, Review, validate
    >>> review = Review(username="ann", full_review="A quiet film.")
    >>> print(*validate(Movie(reviews=[review, Review(), review]), rules="R204"))
    movie.reviews[2]: R204: the same review as reviews[0]
    """
    first: dict[int, int] = {}
    for index, review in enumerate(movie.reviews):
        key = key_of(review, context.thresholds)
        if key is None:
            continue
        if key in first:
            yield _repeat(index, first[key], "the same review as {}")
        else:
            first[key] = index


@make_rule(Scope.MOVIE, "R205", "info")
def shared_text(movie: Movie, context: Context) -> Iterator[Finding]:
    """Same text under two users.

    White space is not compared. Short texts are left out: many people write "Great movie!".

    >>> from reviewcorpus import Movie, Review, validate
    >>> text = "Nothing happens, and I could not look away."
    >>> reviews = [Review(username=name, full_review=text) for name in ("ann", "bob")]
    >>> print(*validate(Movie(reviews=reviews), rules="R205"))
    movie.reviews[1].full_review: R205: the same text as reviews[0], under another user name
    """
    first: dict[int, int] = {}
    seen: set[tuple[int, str]] = set()
    for index, review in enumerate(movie.reviews):
        text = same_text(review.full_review or "")
        if (
            review.username is None
            or is_blank(review.username)
            or len(text) < context.thresholds.shared_text
        ):
            continue
        key = fingerprint(text)  # the texts themselves would double what a film takes
        earlier = first.setdefault(key, index)
        is_new_user = (key, review.username) not in seen
        seen.add((key, review.username))
        if earlier != index and is_new_user:
            message = "the same text as {}, under another user name"
            yield _repeat(index, earlier, message, field="full_review")


@make_rule(Scope.REVIEW, "R206", "info", is_default=False)
def email_in_username(review: Review, _: Context) -> Iterator[Finding]:
    """E-mail address in the user name.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(username="Jo Doe (jo@example.org)")])
    >>> print(*validate(movie, rules="R206"))
    movie.reviews[0].username: R206: the user name holds an e-mail address
    """
    if next(emails(review.username or ""), None):
        yield Finding("the user name holds an e-mail address", field="username")


def key_of(review: Review, thresholds: Thresholds) -> int | None:
    """Give a number for what makes two reviews the same, or `None` where nothing does."""
    key = sameness(review, thresholds.shared_text)
    return None if key is None else fingerprint(repr(key))


def _repeat(index: int, first: int, message: str, field: str | None = None) -> Finding:
    message = message.format(f"reviews[{first}]")
    return Finding(message, field=field, review_index=index, related=(Place(None, None, first),))


# The examples of the rules, for doctest, which does not look into objects.
__test__ = {
    name: rule.check.__doc__ for name, rule in dict(globals()).items() if isinstance(rule, Rule)
}
