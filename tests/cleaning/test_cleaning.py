"""Steps of text: what they change, where, and what they leave alone."""

from __future__ import annotations

import importlib.util
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, assert_type

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cleaning_inputs
import reviewcorpus as rc
from reviewcorpus import cleaning
from reviewcorpus.cleaning import (
    STEPS,
    Change,
    Cleaned,
    Edit,
    Pipeline,
    TextStep,
    _texts,
    fix_mojibake,
    redact_emails,
    split_sentences,
    unescape_again,
)
from reviewcorpus.validation._prose import emails

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.cleaning import Step

Case = dict[str, Any]
FOLDER = Path(__file__).parents[1].joinpath("cases") / "cleaning"
TEXT_STEPS = [one for one in STEPS.values() if isinstance(one, TextStep)]
CASES = [
    pytest.param(STEPS[path.stem], case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.json"))
    for case in json.loads(path.read_text(encoding="utf-8"))
]
each_step = pytest.mark.parametrize("step", TEXT_STEPS, ids=lambda one: one.name)
each_case = pytest.mark.parametrize(("step", "case"), CASES)


def record_of(case: Case) -> rc.Movie | rc.Review:
    fields = {case["field"]: case["input"]}
    return rc.Movie(**fields) if case["field"] in {"title", "link"} else rc.Review(**fields)


# ---- cases ------------------------------------------------------------------------------


@each_step
def test_every_text_step_has_cases_both_ways(step: TextStep) -> None:
    cases = json.loads((FOLDER / f"{step.name}.json").read_text(encoding="utf-8"))
    changing = sum(1 for case in cases if case["changes"])
    assert min(changing, len(cases) - changing) >= 12
    assert len({case["name"] for case in cases}) == len(cases)


@each_case
def test_a_case_in_its_record_once_more_and_as_a_text_on_its_own(
    step: TextStep, case: Case
) -> None:
    record = record_of(case)
    cleaned = step(record)
    assert cleaned.value == attrs.evolve(record, **{case["field"]: case["output"]})
    assert [
        {"old": change.old, "new": change.new, "start": change.start} for change in cleaned.changes
    ] == case["changes"]
    assert {change.field for change in cleaned.changes} <= {case["field"]}
    assert (cleaned.value is record) is (case["changes"] == [])
    again = step(cleaned.value)
    assert again.value is cleaned.value
    assert again.changes == ()
    if case["field"] == "full_review":
        alone = step(str(case["input"]))
        assert alone.value == case["output"]
        assert len(alone.changes) == len(case["changes"])
        assert all(change.field is None for change in alone.changes)


# ---- records ----------------------------------------------------------------------------

MOVIE = rc.Movie(
    title="Caf&eacute;",
    link="http://example.org/?a=1&amp;b=2",
    reviews=[
        rc.Review(username="ann", full_review="It ends."),
        rc.Review(username="R&amp;B", short_description="&lt;3", full_review="a &amp; b &amp; c"),
    ],
    extra={"place": "Gr&auml;fenberg"},
)


def test_changes_of_a_movie_say_where_they_are() -> None:
    changes = unescape_again(MOVIE).changes
    assert [(one.review_index, one.field, one.start, one.old, one.new) for one in changes] == [
        (None, "title", 3, "&eacute;", "é"),
        (1, "username", 1, "&amp;", "&"),
        (1, "short_description", 0, "&lt;", "<"),
        (1, "full_review", 2, "&amp;", "&"),
        (1, "full_review", 10, "&amp;", "&"),
    ]
    assert {one.step for one in changes} == {"unescape-again"}
    assert {(one.source, one.movie_index, one.kept_index) for one in changes} == {(None,) * 3}


def test_what_is_sound_stays_the_same_object() -> None:
    cleaned = unescape_again(MOVIE).value
    assert cleaned.reviews[0] is MOVIE.reviews[0]
    assert (cleaned.link, cleaned.extra) == (MOVIE.link, MOVIE.extra)
    assert unescape_again("Caf\u00e9").value == "Café"


def test_type_checkers_know_what_comes_back() -> None:
    assert_type(split_sentences("film.At"), Cleaned[str])
    assert_type(split_sentences(MOVIE.reviews[0]), Cleaned[rc.Review])
    assert_type(split_sentences(MOVIE), Cleaned[rc.Movie])


def test_a_title_alone_can_be_cleaned() -> None:
    movie = rc.Movie(title="Caf&eacute;", reviews=MOVIE.reviews[:1])
    cleaned = unescape_again(movie)
    assert cleaned.value.title == "Café"
    assert cleaned.value.reviews is movie.reviews


@each_step
@pytest.mark.parametrize("value", [None, 7, b"film.At", ["film.At"], {"title": "x"}])
def test_what_is_neither_text_nor_record_is_refused(step: Any, value: object) -> None:
    with pytest.raises(TypeError, match=f"what {step.name} cleans must be a str, a Review or"):
        step(value)


@each_step
def test_steps_can_be_sent_to_other_processes(step: TextStep) -> None:
    assert pickle.loads(pickle.dumps(step)) == step
    assert pickle.loads(pickle.dumps(step(MOVIE))) == step(MOVIE)


def test_a_step_of_ones_own_has_to_keep_edits_apart() -> None:
    class Overlapping(TextStep):
        __slots__ = ("where",)
        name = "overlapping"
        fields = ("title",)

        def __init__(self, *where: tuple[int, int]) -> None:
            self.where = where

        def edits(self, text: str, field: str | None) -> Iterator[Edit]:
            return (Edit(*where, f"{text[:0]}{field}", "why") for where in self.where)

    movie = rc.Movie(title="abcd")
    assert Overlapping((0, 1), (2, 2))(movie).value.title == "titlebtitlecd"
    for where in [((0, 2), (1, 3)), ((2, 3), (0, 1)), ((2, 1),), ((3, 5),), ((-1, 0),)]:
        with pytest.raises(ValueError, match="edits must be in order, apart and within the text"):
            Overlapping(*where)(movie)


# ---- properties -------------------------------------------------------------------------


@each_step
@given(movie=cleaning_inputs.movies)
def test_twice_is_once(step: TextStep, movie: rc.Movie) -> None:
    once = step(movie)
    again = step(once.value)
    assert again.value is once.value
    assert (once.value is movie) is (once.changes == ())


@each_step
@given(movie=cleaning_inputs.movies)
def test_only_the_fields_of_the_step_change_and_changes_say_all(
    step: TextStep, movie: rc.Movie
) -> None:
    cleaned = step(movie)
    pairs = zip(movie.reviews, cleaned.value.reviews, strict=True)
    records: list[tuple[int | None, Any, Any]] = [(None, movie, cleaned.value)]
    records += [(index, *pair) for index, pair in enumerate(pairs)]
    for index, before, after in records:
        expected: dict[str, Any] = {
            name: cleaning_inputs.replayed(
                getattr(before, name),
                [
                    change
                    for change in cleaned.changes
                    if (change.review_index, change.field) == (index, name)
                ],
            )
            for name in step.fields
            if getattr(before, name, None) is not None
        }
        assert attrs.evolve(before, **expected, **reviews_of(after)) == after


def reviews_of(record: object) -> dict[str, Any]:
    return {"reviews": record.reviews} if isinstance(record, rc.Movie) else {}


STEPS_WITH_SETTINGS = [
    *TEXT_STEPS,
    *map(redact_emails.using, ["", "-", "'", "hidden", "Hidden", "É"]),
    *map(split_sentences.using, ["\n", "\xa0"]),
]


@pytest.mark.parametrize("step", STEPS_WITH_SETTINGS, ids=repr)
@given(text=cleaning_inputs.texts)
@example(text="a@b.jo@.'o@e.rg")
@example(text="x@@jo@example.org.The")
def test_a_text_twice_is_once(step: TextStep, text: str) -> None:
    once = step(text)
    assert step(once.value) == Cleaned(once.value)


@given(text=cleaning_inputs.texts, word=st.sampled_from(["[e-mail]", "", "-", "'", "Hidden"]))
@example(text="a@b.jo@.'o@e.rg", word="[e-mail]")
@example(text="x@@jo@example.org.The", word="Hidden")
def test_no_address_is_left(text: str, word: str) -> None:
    review = rc.Review(username=text, short_description=text, full_review=text)
    cleaned = redact_emails.using(word)(review).value
    for left in (cleaned.username, cleaned.short_description, cleaned.full_review):
        assert not any(emails(left or ""))
        assert "jo@example.org" not in (left or "")
    assert rc.validate(rc.Movie(reviews=[cleaned]), rules="R206") == []


# ---- settings ---------------------------------------------------------------------------


def test_sentences_can_be_on_lines_of_their_own() -> None:
    assert split_sentences.using("\n")("One film.At last.").value == "One film.\nAt last."
    assert split_sentences("One film.At last.").value == "One film. At last."


@pytest.mark.parametrize(
    ("separator", "error"), [("", ValueError), ("-", ValueError), (1, TypeError)]
)
def test_a_separator_is_white_space(separator: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="separator must be a str of whitespace"):
        split_sentences.using(separator)


def test_another_word_can_replace_an_address() -> None:
    hidden = redact_emails.using("hidden")
    assert hidden("jo@example.org@b@example.org").value == "hidden"
    assert hidden(rc.Review(username="(jo@example.org)")).value.username == "hidden"


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("a@b", ValueError),
        ("jo@example.org", ValueError),
        ("example.org", ValueError),
        (1, TypeError),
    ],
)
def test_the_word_for_an_address_makes_no_address(word: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="replacement must be a str that makes no e-mail address"):
        redact_emails.using(word)


# ---- mojibake ---------------------------------------------------------------------------


def test_without_ftfy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ftfy", None)
    _texts._encoding_fixer.cache_clear()
    with pytest.raises(ImportError, match=r"pip install 'reviewcorpus\[clean\]'") as caught:
        fix_mojibake("plain")
    assert caught.value.name == "ftfy"


def test_ftfy_is_imported_where_it_is_used() -> None:
    code = (
        "import sys\n"
        "from reviewcorpus.cleaning import fix_mojibake\n"
        "assert 'ftfy' not in sys.modules\n"
        "fix_mojibake('plain')\n"
        "assert 'ftfy' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_only_mojibake_needs_ftfy(monkeypatch: pytest.MonkeyPatch) -> None:
    assert importlib.util.find_spec("ftfy")
    monkeypatch.setitem(sys.modules, "ftfy", None)
    _texts._encoding_fixer.cache_clear()
    for step in TEXT_STEPS:
        if step is not fix_mojibake:
            step(MOVIE)


@pytest.mark.parametrize("fixed", ["\x00", "a\ufffd", "\x1b"])
def test_a_fix_that_says_less_is_not_taken(fixed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ftfy.fix_encoding_and_explain", lambda *_: (fixed, []))
    assert fix_mojibake("cafÃ©").value == "cafÃ©"
    monkeypatch.setattr("ftfy.fix_encoding_and_explain", lambda *_: ("sound", None))
    assert fix_mojibake("cafÃ©").value == "sound"


def test_a_text_on_its_own_keeps_control_characters() -> None:
    assert fix_mojibake("\x1b[0mplain\x08").changes == ()


# ---- changes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            Change("step", "title", "a", "b", "so", "a.xml", 3, None, 7),
            "a.xml: movies[3].title at 7: step: 'a' -> 'b' (so)",
        ),
        (
            Change("step", None, "a\nb", None, "so", None, 0, 2),
            "movies[0].reviews[2]: step: 'a\\nb' -> nothing (so)",
        ),
        (Change("step", None, "", "b", "so", start=0), "text at 0: step: '' -> 'b' (so)"),
        (Change("step", None, None, "b", "so"), "text: step: nothing -> 'b' (so)"),
        (Change("m", None, "x" * 80, None, "so"), f"text: m: '{'x' * 80}' -> nothing (so)"),
        (Change("m", None, "x" * 81, None, "so"), f"text: m: '{'x' * 79}…' -> nothing (so)"),
        (Change("m", None, "a", "b", "so", "\x1b\n"), "\\x1b\\n: m: 'a' -> 'b' (so)"),
    ],
)
def test_a_change_is_one_line(change: Change, line: str) -> None:
    assert str(change) == line


def test_changes_and_results_cannot_be_changed() -> None:
    cleaned = unescape_again("&eacute;")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        cleaned.value = ""  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        cleaned.changes[0].new = ""  # type: ignore[misc]


def test_all_public_names_exist_and_are_described() -> None:
    named = [name for name in cleaning.__all__ if name not in {"DEFAULT_STEPS", "STEPS", "Step"}]
    assert all(getattr(cleaning, name).__doc__ for name in named)


# ---- steps of one's own ---------------------------------------------------------------


class Calm(TextStep):
    """A step that notes what it is asked about."""

    name = "calm"
    fields = ("title", "full_review")
    settles = True
    signs = "!é"
    asked: ClassVar[list[str]] = []

    def edits(self, text: str, field: str | None) -> Iterator[Edit]:
        self.asked.append(text)
        why = f"too loud for a {field}"
        return (Edit(at, at + 1, ".", why) for at, sign in enumerate(text) if sign == "!")


@pytest.mark.parametrize("step", [Calm(), Pipeline(Calm())], ids=["alone", "in a pipeline"])
def test_a_step_is_asked_about_texts_with_its_signs_alone(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Calm, "asked", [])
    bodies = [None, "", "Quiet.", "Café", "Caf\xe8", "“Quiet”"]
    movie = rc.Movie(title="Boats", reviews=[rc.Review(full_review=body) for body in bodies])
    assert step(movie).value is movie
    assert Calm.asked == ["Café"]
    assert Calm()("Boats").changes == ()
    assert Calm.asked == ["Café"]


def test_a_step_is_asked_about_signs_that_another_one_has_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Calm, "asked", [])
    movie = rc.Movie(title="Boats&#33;", reviews=[rc.Review(full_review="Quiet &#33;")])
    cleaned = Pipeline(unescape_again, Calm())(movie)
    assert (cleaned.value.title, cleaned.value.reviews[0].full_review) == ("Boats.", "Quiet .")
    assert [(change.step, change.old) for change in cleaned.changes] == [
        *[("unescape-again", "&#33;")] * 2,
        *[("calm", "!")] * 2,
    ]
    assert Calm.asked == ["Boats!", "Quiet !"]  # and not again, without a sign


@pytest.mark.parametrize("text", ["A film.At last.", "Café.At last.", "’Tis late.At last."])
def test_no_step_puts_into_a_record_what_no_file_can_give(text: str) -> None:
    step = split_sentences.using("\x1c")
    assert "\x1c" in step(text).value
    for record in (rc.Review(full_review=text), rc.Movie(reviews=[rc.Review(full_review=text)])):
        with pytest.raises(ValueError, match=r"full_review must be text .* has U\+001C at"):
            step(record)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"fields": ("title",)}, "Own needs a name, such as name = 'my-step'"),
        ({"name": "own"}, "Own.fields must be a tuple of some of title, "),
        ({"name": "own", "fields": ("fullReview",)}, "Own.fields must be a tuple of some of"),
        ({"name": "own", "fields": "title"}, "Own.fields must be a tuple of some of"),
        ({"name": "own", "fields": (), "signs": ("!",)}, "Own.signs must be a str of characters"),
    ],
)
def test_a_step_of_ones_own_that_could_do_nothing_is_refused(
    parts: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        type("Own", (TextStep,), parts)


def test_a_fix_can_make_an_address_and_that_another_word() -> None:
    cleaned = fix_mojibake("Write to jo@EXÃ¤MPLE.DEÂ\xa0now, Ã©h")
    assert cleaned.value == "Write to jo@EXäMPLE.DE\xa0now, éh"
    assert [(change.start, change.old) for change in cleaned.changes] == [
        (12, "EXÃ¤MPLE"),
        (21, "DEÂ\xa0now"),
        (30, "Ã©h"),
    ]


def test_a_text_in_which_that_goes_on_and_on_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_texts, "MOST_ROUNDS", 1)
    assert fix_mojibake("jo@EXÃ¤MPLE.DEÂ\xa0now").changes == ()
    assert fix_mojibake("jo@example.de, Ã©h").value == "jo@example.de, éh"


def test_mojibake_before_an_address_is_fixed_as_if_it_were_gone() -> None:
    text = "Ã©Ãéa@example.org"
    once = redact_emails(fix_mojibake(text).value).value
    assert redact_emails(fix_mojibake(once).value).value == once
