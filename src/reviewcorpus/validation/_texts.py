"""Rules about what was done to texts before they were written down."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from reviewcorpus.validation._lost import lost_characters
from reviewcorpus.validation._model import Finding, Rule, Scope, make_rule
from reviewcorpus.validation._prose import escaped_twice, mojibake, run_on_sentences, token_around
from reviewcorpus.validation._text_fields import texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.models import Movie
    from reviewcorpus.validation._model import Context

_SHOWN = 3  # words in a message; more would fill the screen
_LONGEST_SHOWN = 40  # characters of each


@make_rule(Scope.MOVIE, "R207")
def lost_to_question_marks(movie: Movie, _: Context) -> Iterator[Finding]:
    """Characters lost to `?`, in a text or in the title.

    The crawler wrote in the charset of its machine; what that lacks became `?`.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(full_review="So na?ve a film. Really?No, but still.")])
    >>> print(*validate(movie, rules="R207"))
    movie.reviews[0].full_review: R207: characters were lost to '?': 'na?ve'
    """
    return _in_texts(movie, lost_characters, "characters were lost to '?'")


@make_rule(Scope.MOVIE, "R208", "info", is_default=False)
def run_together(movie: Movie, _: Context) -> Iterator[Finding]:
    """Sentences run together, since a `<br>` was removed.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(full_review="A short film.At only an hour.")])
    >>> print(*validate(movie, rules="R208"))
    movie.reviews[0].full_review: R208: sentences run together: 'film.At'
    """
    return _in_texts(movie, run_on_sentences, "sentences run together")


@make_rule(Scope.MOVIE, "R209")
def escaped_again(movie: Movie, _: Context) -> Iterator[Finding]:
    """Text escaped twice: references are there after decoding.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(full_review="A caf&eacute; by the sea")])
    >>> print(*validate(movie, rules="R209"))
    movie.reviews[0].full_review: R209: the text was escaped twice: '&eacute;'
    """
    return _in_texts(movie, escaped_twice, "the text was escaped twice")


@make_rule(Scope.MOVIE, "R210")
def decoded_wrongly(movie: Movie, _: Context) -> Iterator[Finding]:
    """Mojibake: UTF-8 that was read as Windows-1252.

    >>> from reviewcorpus import Movie, Review, validate
    >>> print(*validate(Movie(title="CafÃ© Nord"), rules="R210"))
    movie.title: R210: UTF-8 was read as Windows-1252: 'CafÃ©'
    """
    return _in_texts(movie, _garbled_words, "UTF-8 was read as Windows-1252")


def _garbled_words(text: str) -> Iterator[tuple[int, int]]:
    """Give the words with mojibake, which says more than the characters do."""
    end = 0
    for span in mojibake(text):
        if span.start >= end:
            word = token_around(text, span.start, end)
            end = max(word.end, span.end)
            yield word.start, end


def _in_texts(
    movie: Movie,
    find: Callable[[str], Iterable[tuple[int, int] | tuple[int, int, object]]],
    what: str,
) -> Iterator[Finding]:
    """Give a finding for each text with something in it; it shows the first few words."""
    for index, field, text in texts_of(movie):
        found = iter(find(text))
        words = [text[start:end][:_LONGEST_SHOWN] for start, end, *_ in islice(found, _SHOWN)]
        if words:
            more = sum(1 for _ in found)
            shown = ", ".join(map(repr, words)) + (f" and {more} more" if more else "")
            yield Finding(f"{what}: {shown}", field=field, review_index=index)


# The examples of the rules, for doctest, which does not look into objects.
__test__ = {
    name: rule.check.__doc__ for name, rule in dict(globals()).items() if isinstance(rule, Rule)
}
