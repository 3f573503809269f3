"""Steps in a row: what they change together, and where it was."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cleaning_inputs
import reviewcorpus as rc
from format_samples import FOLDERS
from reviewcorpus.cleaning import (
    DEFAULT_STEPS,
    STEPS,
    Change,
    Cleaned,
    Edit,
    Pipeline,
    TextStep,
    drop_repeats,
    fix_mojibake,
    merge_corpus,
    redact_emails,
    split_sentences,
    unescape_again,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from reviewcorpus.cleaning import Step

FILLER = rc.Review(username="filler")
ANN = rc.Review(username="ann (ann@example.org)", full_review="A short film.At last.")
BOB = rc.Review(username="bob", full_review="Caf&eacute; society.")
MOVIE = rc.Movie(title="Caf&eacute;", reviews=[FILLER, ANN, ANN, BOB, BOB])


def drop_first(movie: rc.Movie) -> Cleaned[rc.Movie]:
    """Drop the first review, and report it."""
    change = Change("drop-first", None, None, None, "it is the first", review_index=0)
    return Cleaned(attrs.evolve(movie, reviews=movie.reviews[1:]), (change,))


def places(cleaned: Cleaned[rc.Movie]) -> list[tuple[Any, ...]]:
    return [(one.step, one.review_index, one.kept_index) for one in cleaned.changes]


def test_steps_have_their_names_and_their_order() -> None:
    assert list(STEPS) == [
        "unescape-again",
        "fix-mojibake",
        "redact-emails",
        "split-sentences",
        "drop-repeats",
    ]
    for name, step in STEPS.items():
        damaged = rc.Review(
            username="ann (ann@example.org)",
            short_description="cafÃ©",
            full_review="A short film.At the caf&eacute;.",
        )
        changes = step(rc.Movie(reviews=[damaged, damaged])).changes
        assert {change.step for change in changes} == {name}


def test_the_defaults_are_steps_of_the_table_in_its_order() -> None:
    assert [step for step in STEPS.values() if step in DEFAULT_STEPS] == list(DEFAULT_STEPS)


def test_the_table_of_steps_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        STEPS["mine"] = drop_first  # type: ignore[index]


def test_a_pipeline_of_no_steps_makes_what_is_nearly_certain_and_nothing_else() -> None:
    assert (unescape_again, fix_mojibake, drop_repeats) == DEFAULT_STEPS
    assert repr(Pipeline()) == repr(Pipeline(*DEFAULT_STEPS))
    cleaned = Pipeline()(MOVIE)
    assert {change.step for change in cleaned.changes} == {"unescape-again", "drop-repeats"}
    assert cleaned.value.reviews == (FILLER, ANN, attrs.evolve(BOB, full_review="Café society."))


@pytest.mark.parametrize("defaults", [DEFAULT_STEPS, [Pipeline()]])
def test_the_defaults_and_one_more_are_as_good_as_the_order_of_the_table(
    defaults: Sequence[Step],
) -> None:
    pipeline = Pipeline(redact_emails, *defaults)
    in_order = Pipeline(*(STEPS[name] for name in STEPS if name != "split-sentences"))
    hidden = rc.Review(
        username="ann (ann&amp;#64;example.org)", full_review="A short film.At last."
    )
    movie = attrs.evolve(MOVIE, reviews=[*MOVIE.reviews, hidden])
    assert pipeline(movie).value == in_order(movie).value
    assert [review.username for review in pipeline(movie).value.reviews] == ["filler", "ann", "bob"]


def test_a_pipeline_that_changes_nothing_returns_the_same_movie() -> None:
    movie = rc.Movie(title="Paper Boats", reviews=[FILLER])
    assert Pipeline()(movie).value is movie
    assert Pipeline()(movie).changes == ()


def test_a_pipeline_returns_what_its_steps_return_one_after_the_other() -> None:
    pipeline = Pipeline(unescape_again, split_sentences, drop_repeats)
    step = drop_repeats(split_sentences(unescape_again(MOVIE).value).value)
    assert pipeline(MOVIE).value == step.value
    assert places(pipeline(MOVIE)) == [
        ("unescape-again", None, None),
        ("unescape-again", 3, None),
        ("unescape-again", 4, None),
        ("split-sentences", 1, None),
        ("split-sentences", 2, None),
        ("drop-repeats", 2, 1),
        ("drop-repeats", 4, 3),
    ]


def test_reviews_keep_the_index_with_which_they_came() -> None:
    cleaned = Pipeline(drop_repeats, redact_emails, unescape_again)(MOVIE)
    assert places(cleaned) == [
        ("drop-repeats", 2, 1),
        ("drop-repeats", 4, 3),
        ("redact-emails", 1, None),
        ("unescape-again", None, None),
        ("unescape-again", 3, None),
    ]
    assert cleaned.value.reviews[0] is FILLER


def test_the_indices_are_those_of_the_reviews_as_they_came() -> None:
    cleaned = Pipeline(drop_first, drop_repeats)(MOVIE)
    assert places(cleaned) == [
        ("drop-first", 0, None),
        ("drop-repeats", 2, 1),
        ("drop-repeats", 4, 3),
    ]
    assert "reviews[3] is kept" in str(cleaned.changes[2])


@pytest.mark.parametrize("name", [name for name in FOLDERS if name != "movie"])
def test_movies_of_every_format_are_cleaned_and_keep_what_only_it_has(name: str) -> None:
    pipeline = Pipeline(*STEPS.values())
    steps = set()
    for movie in rc.iter_movies(FOLDERS[name]):
        cleaned = pipeline(movie)
        steps |= {change.step for change in cleaned.changes}
        assert (cleaned.value.title, cleaned.value.extra) == (movie.title, movie.extra)
        kept = [review for index, review in enumerate(movie.reviews) if index != 2]
        assert [each.extra for each in cleaned.value.reviews] == [each.extra for each in kept]
        assert pipeline(cleaned.value).changes == ()
    assert steps == ({"drop-repeats"} if name == "senscritique" else set())


@pytest.mark.parametrize("name", FOLDERS)
def test_only_movies_with_a_number_are_merged(name: str) -> None:
    movies = list(rc.iter_movies(FOLDERS[name]))
    merged = [cleaned.value for cleaned in merge_corpus(rc.Corpus(FOLDERS[name]))]
    assert len(merged) == (1 if name == "movie" else len(movies))


def test_pipelines_can_be_parts_of_pipelines() -> None:
    whole = Pipeline(drop_first, drop_repeats, unescape_again)
    nested = Pipeline(Pipeline(drop_first), Pipeline(drop_repeats, unescape_again))
    assert nested(MOVIE) == whole(MOVIE)


def test_a_pipeline_shows_its_steps() -> None:
    assert repr(Pipeline(unescape_again, redact_emails)) == (
        "Pipeline(UnescapeAgain(), RedactEmails(replacement='[e-mail]'))"
    )


# ---- once is twice ----------------------------------------------------------------------

TEXT_STEPS = [step for step in STEPS.values() if isinstance(step, TextStep)]
chosen = st.lists(st.sampled_from(list(STEPS)), unique=True).map(
    lambda names: [STEPS[name] for name in STEPS if name in names]
)


def is_settled(pipeline: Pipeline, movie: rc.Movie) -> bool:
    once = pipeline(movie)
    return pipeline(once.value) == Cleaned(once.value)


def with_body(text: str) -> rc.Movie:
    return rc.Movie(reviews=[rc.Review(full_review=text)])


@given(movie=cleaning_inputs.movies)
@example(movie=with_body("a@b.de”Ã©"))
@example(movie=with_body('mailto:a@b.de”â€™?a"Ã¢â‚¬â„¢'))
def test_all_steps_twice_are_all_steps_once(movie: rc.Movie) -> None:
    assert is_settled(Pipeline(*STEPS.values()), movie)


@given(movie=cleaning_inputs.movies, steps=chosen)
def test_some_steps_twice_are_those_steps_once(movie: rc.Movie, steps: list[Step]) -> None:
    assert is_settled(Pipeline(*steps), movie)


@given(movie=cleaning_inputs.movies, steps=st.permutations(TEXT_STEPS))
def test_text_steps_settle_in_any_order(movie: rc.Movie, steps: list[Step]) -> None:
    assert is_settled(Pipeline(*steps, drop_repeats), movie)


@given(movie=cleaning_inputs.movies)
def test_what_was_written_and_read_is_still_clean(movie: rc.Movie) -> None:
    pipeline = Pipeline(*STEPS.values())
    once = rc.loads(rc.dumps(pipeline(movie).value))
    assert pipeline(once) == Cleaned(once)


@given(movie=cleaning_inputs.movies)
def test_changes_of_a_pipeline_are_true_when_their_step_comes(movie: rc.Movie) -> None:
    pipeline = Pipeline(*reversed(TEXT_STEPS))
    cleaned = pipeline(movie)
    title = movie.title or ""
    for _, changes in groupby(
        (change for change in cleaned.changes if change.field == "title"),
        lambda change: change.step,
    ):
        title = cleaning_inputs.replayed(title, changes)
    assert title == (cleaned.value.title or "")


def test_a_step_that_makes_work_for_an_earlier_one_is_followed_by_it() -> None:
    movie = rc.Movie(title="Caf&Atilde;&copy;")
    cleaned = Pipeline(Pipeline(fix_mojibake), unescape_again)(movie)
    assert cleaned.value.title == "Café"
    assert [(change.step, change.start, change.old) for change in cleaned.changes] == [
        ("unescape-again", 3, "&Atilde;"),
        ("unescape-again", 11, "&copy;"),
        ("fix-mojibake", 0, "CafÃ©"),
    ]


def test_steps_that_undo_each_other_are_an_error_and_do_not_run_for_ever() -> None:
    pipeline = Pipeline(unescape_again, redact_emails.using("x&#64;y.de"))
    with pytest.raises(ValueError, match=r"unescape-again, redact-emails: each step makes new"):
        pipeline(with_body("a@b.de"))


class Louder(TextStep):
    name = "louder"
    fields = ("title",)

    def edits(self, text: str, field: str | None) -> Iterator[Edit]:
        yield Edit(len(text), len(text), "!", f"{field} too quiet")


def test_a_step_of_ones_own_is_called_once_unless_it_settles() -> None:
    class Shout(Louder):
        settles = True

        def edits(self, text: str, field: str | None) -> Iterator[Edit]:
            return iter([]) if text.endswith("!!!") else super().edits(text, field)

    movie = rc.Movie(title="Boats")
    assert Pipeline(unescape_again, Louder(), redact_emails)(movie).value.title == "Boats!"
    assert Pipeline(unescape_again, Shout(), redact_emails)(movie).value.title == "Boats!!!"


# ---- movies -----------------------------------------------------------------------------


def test_movies_are_counted_where_their_places_are_not_known() -> None:
    pipeline = Pipeline(unescape_again)
    first, second, third = pipeline.run(iter([MOVIE, rc.Movie(), MOVIE]))
    assert second.value == rc.Movie()
    assert {(one.source, one.movie_index) for one in first.changes} == {(None, 0)}
    assert {(one.source, one.movie_index) for one in third.changes} == {(None, 2)}


class Placed:
    """An iterator of movies that says where the last one is."""

    def __init__(self) -> None:
        self.source: str | None = None
        self.movie_index: int | None = None
        self._places = iter([("a.xml", 0), ("a.xml", 1), ("b.xml", 0)])

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> rc.Movie:
        self.source, self.movie_index = next(self._places)
        return MOVIE


def test_the_places_that_an_iterator_has_are_taken() -> None:
    for cleaned, place in zip(
        Pipeline(unescape_again).run(Placed()),
        [("a.xml", 0), ("a.xml", 1), ("b.xml", 0)],
        strict=True,
    ):
        assert {(one.source, one.movie_index) for one in cleaned.changes} == {place}


def test_changes_name_the_files(tmp_path: Path) -> None:
    for name in ("a.xml", "b.xml"):
        rc.dump([rc.Movie(), MOVIE], tmp_path / name)
    found = [
        (change.source, change.movie_index)
        for cleaned in Pipeline(unescape_again).run(rc.Corpus(tmp_path))
        for change in cleaned.changes[:1]
    ]
    assert found == [(str(tmp_path / "a.xml"), 1), (str(tmp_path / "b.xml"), 1)]


def test_one_movie_is_read_at_a_time() -> None:
    read = []

    def movies() -> Iterator[rc.Movie]:
        for title in "abc":
            read.append(title)
            yield rc.Movie(title=title)

    cleaned = Pipeline(*STEPS.values()).run(movies())
    assert next(cleaned).value.title == "a"
    assert read == ["a"]


# ---- what is not a step ----------------------------------------------------------------


@pytest.mark.parametrize("other", ["unescape-again", None, MOVIE])
def test_what_cannot_be_called_is_refused(other: Any) -> None:
    with pytest.raises(TypeError, match=r"steps\[1\] must be a callable that takes a Movie"):
        Pipeline(unescape_again, other)


@pytest.mark.parametrize("given", [None, MOVIE, Cleaned("text"), (MOVIE, ())])
def test_what_returns_something_else_is_refused(given: Any) -> None:
    pipeline = Pipeline(lambda _: given)
    with pytest.raises(TypeError, match="returns must be a Cleaned whose value is a Movie"):
        pipeline(MOVIE)


def with_reviews(reviews: list[rc.Review], movie: rc.Movie) -> Cleaned[rc.Movie]:
    return Cleaned(attrs.evolve(movie, reviews=reviews))


@pytest.mark.parametrize("count", [0, 4, 6])
def test_reviews_do_not_come_and_go_in_silence(count: int) -> None:
    pipeline = Pipeline(partial(with_reviews, [FILLER] * count))
    with pytest.raises(ValueError, match=f"was given 5 reviews and returned {count}, but its"):
        pipeline(MOVIE)


@pytest.mark.parametrize("index", [5, -1])
def test_a_change_of_a_review_that_does_not_exist_is_refused(index: int) -> None:
    change = Change("mine", "full_review", "a", "b", "why", review_index=index)
    pipeline = Pipeline(lambda movie: Cleaned(movie, (change,)))
    with pytest.raises(ValueError, match=f"names review {index}, but was given 5"):
        pipeline(MOVIE)


def test_a_pipeline_cleans_movies_only() -> None:
    with pytest.raises(TypeError, match="what a pipeline cleans must be a Movie, not 'a text'"):
        Pipeline()("a text")  # type: ignore[arg-type]
