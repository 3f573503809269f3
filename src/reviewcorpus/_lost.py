"""Characters that were lost to `?`, as in `na?ve`: told from questions that run into the next word.

The crawler wrote in the charset of its machine, and what that lacks became `?`. A question that
has lost the space behind it looks alike, so a finding needs evidence: a part of a word that is
none by itself, an ending such as `?s`, a word that is known to have such a letter, a pair of
marks where quotes would stand, or a lonely mark between words that ask nothing.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from reviewcorpus._prose import Span, token_around

if TYPE_CHECKING:
    from collections.abc import Iterator

# Words that a question may end in, or that may follow one. Any other piece that is so short, or
# has no vowel, is part of a damaged word.
_SHORT_WORDS = frozenset(
    "a i u r ah al am an as at aw be by do eh er go ha he hi hm ho id if im in is it la me mr my"
    " no of oh ok on or ow pm so to tv uh um un up ur us vs we ya ye yo dvd cd bbc nbc cbs cnn"
    " hbo cgi wtf btw omg hmm shh psst pfft brr mrs".split()
)
_LONGEST_SHORT = 2  # characters
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ")
_CONTRACTIONS = frozenset("s t m d re ve ll".split())  # what follows an apostrophe
# Words with such letters that reviews of films have. A word that is another one, or a name,
# without its last letter (passé, touché, René) is not among them.
_KNOWN = (
    "attachés blasé brûlée café cafés canapé canapés château chloé cliché clichés clichéd"
    " communiqué crème croûton débâcle début débuts décolleté décor déjà dénouement doppelgänger"
    " doppelgängers éclair émigré émigrés encyclopædia épisode façade façades fiancé fiancée"
    " fiancés führer garçon habitué jalapeño jalapeños mañana mélange ménage naïf naïve naïvely"
    " naïveté œuvre œuvres piñata précis protégé protégée protégés résumé risqué señor señora"
    " señorita smörgåsbord soirée soufflé soupçon tête-à-tête übermensch über vis-à-vis voilà"
    " almodóvar amélie andré beyoncé bergström brontë buñuel céline chávez cuarón clément dalí"
    " desirée édith élodie émile émilie étienne félix françois françoise frédéric garcía gérard"
    " gómez gonzález günther hélène hernández iñárritu irène jérôme joão jürgen kieślowski"
    " lópez martín michèle mélanie méliès müller muñoz núñez penélope pérez pokémon polański"
    " rodríguez sánchez schrödinger sébastien stéphane thérèse tomás valérie véronique"
).split()


def _masked(word: str) -> str:
    return "".join(letter if letter.isascii() else "?" for letter in word)


_KNOWN_LOST = frozenset(map(_masked, _KNOWN))

_LETTER = r"[^\W\d_]"
_IN_WORD = rf"(?:{_LETTER}|['’-])"
_MARKED_WORD = re.compile(rf"(?<![?\w'’-]){_IN_WORD}*+(?:\?(?!\?){_IN_WORD}*+)+")
_ADDRESS = re.compile(r"://|www\.|=", re.IGNORECASE)

# Six short words and their marks, where curly quotes, or the marks of Spanish, stood.
_QUOTED = re.compile(
    rf"(?:(?<=[\s(])|\A)\?(?P<inside>{_LETTER}[^?\n]{{0,40}}[^\W_])\?(?=[\s.,;:!)]|\Z)"
)
_MOST_QUOTED = 6  # words
_AMOUNT = re.compile(r"(?<=[a-z] )\?[0-9][0-9.,]{0,15} ?(?:m|k|bn|million|billion)\b")
# A dash: a lonely mark between words of one sentence.
_DASH = re.compile(rf"(?P<last>{_LETTER}{{1,40}}+) \?(?= (?P<next>[^\W\d_A-ZÀ-Þ][\w'’]{{0,30}}))")
_SPACED_QUESTION = re.compile(r"\s\?(?=\s*(?:\Z|\n)|\s+[A-ZÀ-Þ])")
_FAR = 200  # characters; how far back a clause is looked at
_CLAUSE_END = re.compile(r"[.!\n]|\?(?!\w)")
_WORD = re.compile(r"[\w'’]+")
_ASKING = frozenset(
    "who what why how when where which whose whom do does did don't doesn't didn't is are was were"
    " isn't aren't wasn't weren't am can can't could couldn't would wouldn't will won't should"
    " shouldn't shall has hasn't have haven't had may might really right huh eh ok seriously sure"
    " anyone anybody perhaps you u ya".split()
)
_ANSWERING = frozenset("yes no not yeah yep nope maybe perhaps i i'd i'll i'm well because".split())


def lost_characters(text: str) -> Iterator[Span]:
    """Find words that hold a `?` for a lost character, and places where one stands alone."""
    if "?" not in text:
        return
    last = 0
    for span in sorted((*_in_words(text), *_quoted(text), *_amounts(text), *_dashes(text))):
        if span.start >= last:
            last = span.end
            yield span


def _in_words(text: str) -> Iterator[Span]:
    token = Span(0, 0)
    is_address = False
    for found in _MARKED_WORD.finditer(text):
        if found.start() >= token.end:
            token = token_around(text, found.start(), token.end)
            is_address = bool(_ADDRESS.search(text, token.start, token.end))
        if is_address:
            continue
        word = found[0].lstrip("'’-")
        start = found.end() - len(word)
        if _is_known(word):
            yield Span(start, found.end())
        elif _is_damaged(word) or _is_dash(text, start, word):
            yield Span(start, start + len(word.rstrip("?'’-")))  # the last mark may ask


def _is_damaged(word: str) -> bool:
    if _is_known(word.rstrip("?")):
        return True
    pieces = word.split("?")
    return any(_is_lost_between(*pair) for pair in pairwise(pieces))


def _is_dash(text: str, start: int, word: str) -> bool:
    """Tell whether a mark stands for a dash between two words of a sentence that asks nothing."""
    left, _, right = word.partition("?")
    is_between = left[-1:].islower() and right[:1].islower()
    return is_between and not _asks(text, start + len(left), right.partition("?")[0])


def _asks(text: str, position: int, behind: str) -> bool:
    """Tell whether the clause before a mark, or the word behind it, lets it be a question's."""
    words = _WORD.findall(_CLAUSE_END.split(text[max(0, position - _FAR) : position])[-1])
    return (
        not words or behind.lower() in _ANSWERING or not _ASKING.isdisjoint(map(str.lower, words))
    )


def _is_known(word: str) -> bool:
    return word.lower().rstrip("'’-") in _KNOWN_LOST


def _is_lost_between(left: str, right: str) -> bool:
    """Tell whether two pieces are parts of one word."""
    if not left or not right or not left[-1].isalpha():
        return False
    if not right[0].islower() and not (left.isupper() and right.isupper()):
        return False
    return right.lower() in _CONTRACTIONS or not (_may_be_word(left) and _may_be_word(right))


def _may_be_word(piece: str) -> bool:
    piece = piece.lower()
    return piece in _SHORT_WORDS or (len(piece) > _LONGEST_SHORT and not _VOWELS.isdisjoint(piece))


def _quoted(text: str) -> Iterator[Span]:
    for found in _QUOTED.finditer(text):
        words = _WORD.findall(found["inside"])
        if len(words) <= _MOST_QUOTED and words[0].lower() not in _ASKING:
            yield Span(*found.span())


def _amounts(text: str) -> Iterator[Span]:
    for found in _AMOUNT.finditer(text):
        yield Span(*found.span())


def _dashes(text: str) -> Iterator[Span]:
    if " ? " not in text or _SPACED_QUESTION.search(text):  # who writes so, asks
        return
    for found in _DASH.finditer(text):
        if not _asks(text, found.start(), found["next"]):
            yield Span(found.start() - len(found["last"]), found.end("next"))
