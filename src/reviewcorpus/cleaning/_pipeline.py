"""A pipeline: several steps, one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain, groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs

from reviewcorpus._checks import brief, refuse
from reviewcorpus.cleaning._changes import Change, Cleaned, TextStep, clean_texts, placed
from reviewcorpus.cleaning._collections import drop_repeats
from reviewcorpus.cleaning._texts import (
    MOST_ROUNDS,
    fix_mojibake,
    redact_emails,
    split_sentences,
    unescape_again,
)
from reviewcorpus.models import Movie
from reviewcorpus.validation._model import texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Step: TypeAlias = Callable[[Movie], Cleaned[Movie]]
"""A step of a pipeline."""


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "unescape-again": unescape_again,
        "fix-mojibake": fix_mojibake,
        "redact-emails": redact_emails,
        "split-sentences": split_sentences,
        "drop-repeats": drop_repeats,
    }
)
"""The steps of a movie by their names. In this order, running all or some of them twice is the same
as running them once: decoded text may be mojibake, and fixed text may end a sentence. No sentences
are split in a word that contains an address, so addresses are redacted first."""

DEFAULT_STEPS: tuple[Step, ...] = (unescape_again, fix_mojibake, drop_repeats)
"""The steps whose changes are nearly certain to be right: the default of a pipeline.

To add others, put text steps first, as in `Pipeline(redact_emails, *DEFAULT_STEPS)`: text steps
settle in any order, and repeats are dropped last.
"""


def _stages(steps: Iterable[Step]) -> Iterator[Step]:
    """Yield the steps; text steps that settle and follow each other are joined into one."""
    for settles, group in groupby(steps, lambda step: isinstance(step, TextStep) and step.settles):
        if settles:
            yield _Together(tuple(cast("Iterable[TextStep]", group)))
        else:
            yield from group


@attrs.frozen
class _Together:
    """Text steps, one after the other, repeated until no step changes the text.

    So running them again changes nothing, whatever they are. It costs little: only a text that was
    changed is looked at again. And it is linear, because a text that does not settle is an error.
    """

    steps: tuple[TextStep, ...]

    def __call__(self, movie: Movie) -> Cleaned[Movie]:
        """Clean the texts of a movie; the changes are in the order of rounds, then of steps."""
        changes: dict[tuple[int, int], list[Change]] = defaultdict(list)
        # One look at all texts together shows which steps are not needed for unchanged texts.
        whole = "".join(text for _, _, text in texts_of(movie))
        steps = [(number, step, step.may_change(whole)) for number, step in enumerate(self.steps)]

        def clean(text: str, field: str | None, review_index: int | None) -> str:
            given = text
            for rounds in range(MOST_ROUNDS):
                before = text
                for number, step, is_needed in steps:
                    if (is_needed or text is not given) and field in step.fields:
                        text = step.clean_text(text, field, review_index, changes[rounds, number])
                if text is before:
                    return text
            names = ", ".join(step.name for step in self.steps)
            raise ValueError(
                f"{names}: each step makes new work for another in the {field} {given[:40]!r};"
                " remove one of the steps, or choose another replacement"
            )

        value = clean_texts(movie, clean)
        return Cleaned(value, tuple(chain.from_iterable(changes[key] for key in sorted(changes))))


class Pipeline:
    """Several steps, as one step.

    Text steps that follow each other are repeated, text by text, until nothing is left to do. So a
    second run changes nothing.

    Args:
        *steps: Functions that take a `Movie` and return a `Cleaned`: the steps of this module,
            other pipelines, or your own functions. A step that drops reviews must report each with
            a change of its `review_index` whose `field` and `new` are `None`. A step must not add
            reviews or change their order. Without steps, `DEFAULT_STEPS` are used, which need the
            extra `clean`.

    Raises:
        TypeError: One of them cannot be called.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> from reviewcorpus.cleaning import Pipeline, redact_emails, split_sentences
        >>> pipeline = Pipeline(redact_emails, split_sentences)
        >>> review = Review(username="(jo@example.org)", full_review="Short film.At last.")
        >>> for cleaned in pipeline.run([Movie(reviews=[review])]):
        ...     for change in cleaned.changes:
        ...         print(change.movie_index, change.review_index, change.field, change.new)
        0 0 username [e-mail]
        0 0 full_review film. At
    """

    __slots__ = ("_stages", "_steps")

    def __init__(self, *steps: Step) -> None:
        steps = steps or DEFAULT_STEPS
        for index, step in enumerate(steps):
            if not callable(step):
                refuse(TypeError, f"steps[{index}]", step, "a callable that takes a Movie")
        # The steps of a nested pipeline settle together with those around it.
        parts = (step._steps if type(step) is Pipeline else (step,) for step in steps)  # noqa: SLF001
        self._steps: tuple[Step, ...] = tuple(chain.from_iterable(parts))
        self._stages = tuple(_stages(self._steps))

    def __repr__(self) -> str:
        return f"Pipeline({', '.join(map(repr, self._steps))})"

    def __call__(self, movie: Movie) -> Cleaned[Movie]:
        """Clean one movie.

        Args:
            movie: The movie.

        Returns:
            The movie, the same object if nothing was changed, and the changes of all steps in
            order, those of a second round after those of the first. Their `review_index` and
            `kept_index` refer to the movie as it was given.

        Raises:
            TypeError: It is called with something else, or a step returns something other than a
                `Cleaned` movie.
            ValueError: A step has added or dropped reviews without saying which, or names
                reviews that do not exist; or text steps make new work for each other without end.
        """
        if not isinstance(movie, Movie):
            refuse(TypeError, "what a pipeline cleans", movie, "a Movie")
        origins: Sequence[int] = range(len(movie.reviews))
        changes: list[Change] = []
        for step in self._stages:
            cleaned = step(movie)
            _check(step, cleaned)
            movie = cleaned.value
            changes += (_as_given(step, change, origins) for change in cleaned.changes)
            origins = _origins_left(step, cleaned, origins)
        return Cleaned(movie, tuple(changes))

    def run(self, movies: Iterable[Movie]) -> Iterator[Cleaned[Movie]]:
        """Clean movies, one at a time.

        Args:
            movies: Any iterable of movies.

        Returns:
            An iterator that holds one movie at a time. The changes have the `source` and
            `movie_index` that the iterator of the movies has as its attributes; if it has none,
            the movies are counted from 0.

        Raises:
            TypeError: As for one movie (when the iterator reaches it).
            ValueError: Likewise.
        """
        for record in placed(movies):
            cleaned = self(record.movie)
            yield Cleaned(cleaned.value, record.locate(cleaned.changes))


def _check(step: Step, cleaned: object) -> None:
    if not isinstance(cleaned, Cleaned) or not isinstance(cleaned.value, Movie):
        refuse(
            TypeError, f"what {brief(step)} returns", cleaned, "a Cleaned whose value is a Movie"
        )


def _as_given(step: Step, change: Change, origins: Sequence[int]) -> Change:
    """Return a change with the indices that the reviews had before the pipeline."""
    indices = [change.review_index, change.kept_index]
    for index in indices:
        if index is not None and not 0 <= index < len(origins):
            raise ValueError(f"{brief(step)} names review {index}, but was given {len(origins)}")
    former = [None if index is None else origins[index] for index in indices]
    if former == indices:
        return change
    return attrs.evolve(change, review_index=former[0], kept_index=former[1])


def _origins_left(step: Step, cleaned: Cleaned[Movie], origins: Sequence[int]) -> Sequence[int]:
    """Return the former indices of the reviews that are left after a step."""
    gone = {
        change.review_index
        for change in cleaned.changes
        if change.field is None and change.new is None
    }
    left = [origin for index, origin in enumerate(origins) if index not in gone]
    count = len(cleaned.value.reviews)
    if len(left) != count:
        raise ValueError(
            f"{brief(step)} was given {len(origins)} reviews and returned {count}, but its changes"
            f" account for {len(left)}: each dropped review needs a change with its"
            " review_index whose field and new are None"
        )
    return left
