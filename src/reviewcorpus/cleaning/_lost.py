"""Words that have lost characters, and what they may have been."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import attrs

from reviewcorpus._checks import check_integer
from reviewcorpus.cleaning._changes import check_rereadable, placed
from reviewcorpus.validation._lost import lost_characters as find_lost
from reviewcorpus.validation._model import Place, texts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewcorpus.models import Movie

_MARK = "?"
_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_AT_EDGES = f"{_APOSTROPHES}-?"  # quotes, dashes and questions around a word are not part of it
_WORD = re.compile(rf"[\w{_APOSTROPHES}?-]+")
# User names are skipped: what looks like a word there is not one that others would use.
_REVIEW_FIELDS = ("short_description", "full_review")

# For each pattern of marks in the words of one length, each known word of that length is looked up
# once. In a real corpus there are about as many patterns as letters; more are not tried.
_MOST_PATTERNS = 64
# A made-up text could offer a lost word as many candidates as there are letters in Unicode.
_MOST_CANDIDATES = 100


@attrs.frozen(weakref_slot=False)
class LostWord:
    """A word that has lost characters.

    Args:
        word: The word, with a `?` in the place of each lost character.
        candidates: Words of the same corpus that it may have been, the most frequent first.
        count: How often the damaged word occurs in the corpus.
        places: Where it occurs, the first places in the order of the corpus.

    Example:
        >>> from reviewcorpus import Movie
        >>> from reviewcorpus.cleaning import lost_characters
        >>> movies = [Movie(title="Un Proph?te"), Movie(title="Le Prophète")]
        >>> [(lost.word, lost.candidates, lost.count) for lost in lost_characters(movies)]
        [('Proph?te', ('Prophète',), 1)]
    """

    word: str
    candidates: tuple[str, ...]
    count: int
    places: tuple[Place, ...]


# ---- first pass: the damaged words ------------------------------------------------------


@attrs.define
class _Damage:
    """The damaged words of a corpus: how often each occurs, and where."""

    places: int = attrs.field(validator=check_integer(0))
    counts: Counter[str] = attrs.field(factory=Counter)
    found_at: dict[str, list[Place]] = attrs.field(factory=dict)

    def read(self, movies: Iterable[Movie]) -> None:
        for movie, source, movie_index in placed(movies):
            for review_index, field, text in texts_of(movie, _REVIEW_FIELDS):
                for start, end in find_lost(text):
                    self._add(text[start:end], Place(source, movie_index, review_index, field))

    def _add(self, word: str, place: Place) -> None:
        if len(word.split()) == 1:  # a lost quotation mark or dash has a phrase for its place
            self.counts[word] += 1
            found_at = self.found_at.setdefault(word, [])
            if len(found_at) < self.places:
                found_at.append(place)


# ---- second pass: what they may have been -----------------------------------------------


def _patterns(counts: Counter[str]) -> dict[int, list[tuple[int, ...]]]:
    """Return where marks are in damaged words, by the length of the words."""
    found: dict[int, Counter[tuple[int, ...]]] = {}
    for word, count in counts.items():
        marks = tuple(place for place, letter in enumerate(word) if letter == _MARK)
        found.setdefault(len(word), Counter())[marks] += count
    return {
        length: [marks for marks, _ in patterns.most_common(_MOST_PATTERNS)]
        for length, patterns in found.items()
    }


def _masked(word: str, marks: tuple[int, ...]) -> str | None:
    """Return a word as it looks without some letters; `None` where one of them is no letter."""
    letters = list(word)
    for place in marks:
        if not (letters[place].isalpha() or letters[place] in _APOSTROPHES):
            return None
        letters[place] = _MARK
    return "".join(letters)


def _known_words(movies: Iterable[Movie]) -> Iterator[tuple[str, int]]:
    """Yield the undamaged words of each text, and how often they occur in it."""
    for movie in movies:
        for _, _, text in texts_of(movie, _REVIEW_FIELDS):
            words = Counter(found[0].strip(_AT_EDGES) for found in _WORD.finditer(text))
            yield from ((word, count) for word, count in words.items() if _MARK not in word)


def _candidates(damage: _Damage, movies: Iterable[Movie]) -> dict[str, Counter[str]]:
    patterns = _patterns(damage.counts)
    candidates: dict[str, Counter[str]] = {word: Counter() for word in damage.counts}
    for known, count in _known_words(movies):
        for marks in patterns.get(len(known), ()):
            masked = _masked(known, marks)
            found = candidates.get(masked) if masked else None
            if found is not None and (known in found or len(found) < _MOST_CANDIDATES):
                found[known] += count
    return candidates


def lost_characters(corpus: Iterable[Movie], *, places: int = 10) -> list[LostWord]:
    """Report words that have lost characters to `?`, and what they may have been.

    Nothing is changed. A candidate is a word of the same corpus that equals the damaged one but
    for a letter or an apostrophe at each `?`. The corpus is read twice: first for the damaged
    words, which are held, then for the others, of which only candidates are. Titles, headlines
    and bodies are read.

    Args:
        corpus: Movies that can be read again: a `Corpus`, a list.
        places: In how many places each word is shown, at most.

    Returns:
        The words, the most frequent first, then by their letters.

    Raises:
        TypeError: The movies can be read only once, or `places` is not an `int`.
        ValueError: `places` is negative.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> from reviewcorpus.cleaning import lost_characters
        >>> bodies = ("A na?ve tale.", "So naïve!", "Is it naïve?")
        >>> movie = Movie(reviews=[Review(full_review=body) for body in bodies])
        >>> [(lost.word, lost.candidates) for lost in lost_characters([movie])]
        [('na?ve', ('naïve',))]
    """
    check_rereadable(corpus, "lost_characters")
    damage = _Damage(places=places)
    damage.read(corpus)
    candidates = _candidates(damage, corpus) if damage.counts else {}
    return [
        LostWord(
            word,
            tuple(sorted(candidates[word], key=lambda known: (-candidates[word][known], known))),
            count,
            tuple(damage.found_at[word]),
        )
        for word, count in sorted(damage.counts.items(), key=lambda item: (-item[1], item[0]))
    ]
