"""Decorators for rules that users write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from reviewcorpus.validation._model import Scope, make_rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.defects import Severity
    from reviewcorpus.models import Movie, Review
    from reviewcorpus.validation._model import Context, CorpusCheck, Found, Rule, Thresholds

    Level = Severity | Literal["info", "warning", "error"]

_RESERVED = re.compile(r"[MRC][0-9]{3}")


def _own(code: str) -> str:
    """Refuse a code that the library may give to a rule of its own one day."""
    if _RESERVED.fullmatch(str(code)):
        raise ValueError(f"codes such as {code} are for rules of the library; take one like X901")
    return code


def review_rule(
    code: str, severity: Level = "warning"
) -> Callable[[Callable[[Review, Context], Found]], Rule]:
    """Make a function of a review and a `Context` a rule.

    Args:
        code: One to four capital letters and as many digits, such as `X901`; not `M`, `R` or `C`
            and three digits, which are for rules of the library.
        severity: `"info"`, `"warning"` or `"error"`, or a `Severity`.

    Returns:
        What makes a `Rule` of a function. The first line of its docstring is the summary. It
        gives nothing, a message, a `Finding`, or several.

    Raises:
        ValueError: The code or the severity is none, or the code is for the library.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import review_rule
        >>> @review_rule("X901", "info")
        ... def shouts(review, context):
        ...     '''The headline shouts.'''
        ...     if (review.short_description or "").isupper():
        ...         return "the headline is all capitals"
        ...
        >>> movie = rc.Movie(title="Paper Boats", reviews=[rc.Review(short_description="WOW")])
        >>> for problem in rc.validate(movie, rules=[shouts]):
        ...     print(problem)
        movie.reviews[0]: X901: the headline is all capitals
    """
    return make_rule(Scope.REVIEW, _own(code), severity)


def movie_rule(
    code: str, severity: Level = "warning"
) -> Callable[[Callable[[Movie, Context], Found]], Rule]:
    """Make a function of a movie and a `Context` a rule.

    Args:
        code: One to four capital letters and as many digits, as for `review_rule`.
        severity: `"info"`, `"warning"` or `"error"`, or a `Severity`.

    Returns:
        What makes a `Rule` of a function, as for `review_rule`. A finding about a review names its `review_index`.

    Raises:
        ValueError: The code or the severity is none, or the code is for the library.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import Finding, movie_rule
        >>> @movie_rule("X902")
        ... def has_no_extra(movie, context):
        ...     for name in movie.extra:
        ...         yield Finding(f"there is a field {name!r}", field="extra")
        ...
        >>> [str(problem) for problem in rc.validate(rc.Movie(extra={"mood": "calm"}), rules=has_no_extra)]
        ["movie.extra: X902: there is a field 'mood'"]
    """  # noqa: E501 the example's lines
    return make_rule(Scope.MOVIE, _own(code), severity)


def corpus_rule(
    code: str, severity: Level = "warning"
) -> Callable[[Callable[[Thresholds], CorpusCheck]], Rule]:
    """Make a class a rule for a whole corpus.

    Args:
        code: One to four capital letters and as many digits, as for `review_rule`.
        severity: `"info"`, `"warning"` or `"error"`, or a `Severity`.

    Returns:
        What makes a `Rule` of a class, whose objects take note of each movie in
        `feed(movie, place)`, and give pairs of a `Place` and a `Finding` in `finish()`. Mypy does
        not see what a decorator makes of a class: `too_few = corpus_rule("X903")(TooFew)` it does.

    Raises:
        ValueError: The code or the severity is none, or the code is for the library.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import Finding, Place, corpus_rule
        >>> @corpus_rule("X903", "info")
        ... class TooFew:
        ...     '''Too few films.'''
        ...     def __init__(self, thresholds):
        ...         self.movies = 0
        ...     def feed(self, movie, place):
        ...         self.movies += 1
        ...     def finish(self):
        ...         if self.movies < 100:
        ...             yield Place(), Finding(f"only {self.movies} films")
        ...
        >>> validator = rc.CorpusValidator(rules=TooFew)
        >>> validator.feed(rc.Movie())
        []
        >>> print(validator.finish()[0])
        movie: X903: only 1 films
    """
    return make_rule(Scope.CORPUS, _own(code), severity)
