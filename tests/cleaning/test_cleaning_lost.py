"""Lost characters: which words have them, and what the corpus knows of these words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from reviewcorpus.cleaning import LostWord, Place, lost_characters
from reviewcorpus.cleaning import _lost as lost_module

if TYPE_CHECKING:
    from pathlib import Path


def bodies(*texts: str) -> list[rc.Movie]:
    return [rc.Movie(reviews=[rc.Review(full_review=text)]) for text in texts]


def candidates(*texts: str) -> dict[str, tuple[str, ...]]:
    return {lost.word: lost.candidates for lost in lost_characters(bodies(*texts))}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a na?ve tale"], {"na?ve": ()}),
        (["a na?ve tale", "so naïve, naïve!", "naive"], {"na?ve": ("naïve", "naive")}),
        (["a na?ve tale", "naive", "naïve"], {"na?ve": ("naive", "naïve")}),
        (["I don?t know", "I don't", "I don’t, don’t"], {"don?t": ("don’t", "don't")}),
        (["a na?ve tale", "Naïve navel na-ve nave native na7ve"], {"na?ve": ()}),
        (["a na?ve tale", "naïve?", "is it naïve?", "'naïve'"], {"na?ve": ("naïve",)}),
        (["a d?j? vu film", "déjà vu", "déja"], {"d?j?": ("déja", "déjà")}),
        (["a plain text", "naïve"], {}),
    ],
)
def test_candidates_are_known_words(texts: list[str], expected: dict[str, tuple[str, ...]]) -> None:
    assert candidates(*texts) == expected


def test_damaged_words_are_no_candidates() -> None:
    assert candidates("d?j?", "dé j? d?jà")["d?j?"] == ()


def test_words_are_counted_and_placed() -> None:
    movies = [
        rc.Movie(title="Un Proph?te", reviews=[rc.Review(short_description="na?ve")]),
        rc.Movie(reviews=[rc.Review(), rc.Review(full_review="A na?ve, na?ve tale.")]),
    ]
    assert lost_characters(movies, places=2) == [
        LostWord(
            "na?ve",
            (),
            3,
            (
                Place(None, 0, 0, "short_description"),
                Place(None, 1, 1, "full_review"),
            ),
        ),
        LostWord("Proph?te", (), 1, (Place(None, 0, None, "title"),)),
    ]
    assert lost_characters(movies, places=0)[0].places == ()
    assert lost_characters(movies)[0].places[2] == Place(None, 1, 1, "full_review")


def test_user_names_are_not_read() -> None:
    assert lost_characters([rc.Movie(reviews=[rc.Review(username="na?ve")])]) == []


def test_phrases_are_no_words() -> None:
    assert "?The Swans?" not in candidates("I saw ?The Swans? twice.")


def test_a_corpus_of_files_is_read_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    rc.dump(bodies("naïve", "a na?ve tale"), path)
    (lost,) = lost_characters(rc.Corpus(path))
    assert lost.candidates == ("naïve",)
    assert lost.places == (Place(str(path), 1, 0, "full_review"),)


def test_candidates_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_module, "_MOST_CANDIDATES", 2)
    assert candidates("na?ve", "naïve naive", "naéve naive") == {"na?ve": ("naive", "naïve")}


def test_patterns_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_module, "_MOST_PATTERNS", 1)
    found = candidates("na?ve na?ve caf?s", "naïve cafés")
    assert found["na?ve"] == ("naïve",)
    assert found["caf?s"] == ()


@pytest.mark.parametrize(
    ("movies", "message"),
    [
        (iter([rc.Movie()]), "reads the movies twice, and an iterator can be read only once"),
        (rc.Movie(), "must be a Corpus or a list of movies"),
        ("corpus/", "must be a Corpus or a list of movies"),
    ],
)
def test_what_cannot_be_read_twice_is_refused(movies: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        lost_characters(movies)


@pytest.mark.parametrize(
    ("places", "error"), [(-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_places_is_a_number(places: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="places must be an int of at least 0"):
        lost_characters([], places=places)
