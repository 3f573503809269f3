"""Finds damage in the text of reviews that happened before it was written to a file.

Places are spans of characters from 0, with exclusive ends. Everything here prefers silence to a
false alarm: what a writer may have meant is not a finding.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from hashlib import blake2b
from html import unescape
from html.entities import name2codepoint
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar
from unicodedata import category

import attrs

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.parser._references import REPLACEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reviewcorpus.models import Review


# The lists of words are data, with what each is for: see words.toml.
_TABLE = files("reviewcorpus.validation").joinpath("words.toml").read_text("utf-8")
WORDS = {name: frozenset(words.split()) for name, words in tomllib.loads(_TABLE).items()}


class Span(NamedTuple):
    """A piece of a text."""

    start: int
    end: int


AnySpan = TypeVar("AnySpan", bound=tuple[object, ...])


def has_any(signs: str, text: str) -> bool:
    """Return whether a text has one of some characters.

    Looking for one takes a fiftieth of the time of a search for a class of characters.
    """
    if text.isascii() and not signs.isascii():
        signs = signs.encode("ascii", "ignore").decode()
    for sign in signs:  # noqa: SIM110 a generator would take longer than the search
        if sign in text:
            return True
    return False


@attrs.frozen
class Finder(Generic[AnySpan]):
    """A function that finds places in a text, and is called only if there may be some.

    Attributes:
        signs: Characters. In a text without any of them, nothing is found.
    """

    signs: str
    _find: Callable[[str], Iterable[AnySpan]]

    def __call__(self, text: str) -> Iterable[AnySpan]:
        """Find the places, in order and without overlaps."""
        return self._find(text) if has_any(self.signs, text) else ()


def finder(signs: str) -> Callable[[Callable[[str], Iterable[AnySpan]]], Finder[AnySpan]]:
    """Return a decorator that turns a function into a `Finder`."""
    return lambda find: Finder(signs, find)


def _places_of(sign: str, text: str) -> Iterator[int]:
    """Yield the places of a character. Matching patterns there is far faster than a search."""
    place = text.find(sign)
    while place >= 0:
        yield place
        place = text.find(sign, place + 1)


def _start_of(text: str, end: int, least: int, belongs: Callable[[str], bool]) -> int:
    """Return where the characters that belong to a place begin before it, at `least` or after."""
    least = max(least, 0)
    while end > least and belongs(text[end - 1]):
        end -= 1
    return end


def _matches_at(
    places: Iterable[int], pattern: re.Pattern[str], text: str
) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern at some places, without overlaps."""
    end = 0
    for place in places:
        found = pattern.match(text, place) if place >= end else None
        if found:
            end = found.end()
            yield found


class RunOn(NamedTuple):
    """Two sentences run together: the words around the place, and where a space is missing."""

    start: int
    end: int
    at: int


class Escaped(NamedTuple):
    """A reference that is still in a text after decoding, and what it means."""

    start: int
    end: int
    decoded: str


_UNSEEN = frozenset("Zs Zl Zp Cc Cf".split())  # categories of Unicode


# Whitespace except the space; the last character of it in Unicode is U+3000.
_SPACES = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace() and sign != " ")
_ASCII_SPACES = "".join(filter(str.isascii, _SPACES))


def same_text(text: str) -> str:
    """Return a text in the form that is compared: all whitespace is one space.

    It is the same as `" ".join(text.split())`, which would make a list of all words.
    """
    for space in _ASCII_SPACES if text.isascii() else _SPACES:
        if space in text:
            text = text.replace(space, " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def is_blank(text: str | None) -> bool:
    """Return whether a text is invisible: empty, or only spaces, byte order marks and the like."""
    for character in text or "":  # noqa: SIM110 usually, the first one decides
        if category(character) not in _UNSEEN:
            return False
    return True


def fingerprint(text: str) -> int:
    """Return a number of 60 bits for a text, the same in every process.

    So many bits fit into a small integer of Python. Among a million texts, the chance that two
    share a number is one in two million.
    """
    return _number(_hash(text))


def _hash(text: str) -> blake2b:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)


def _number(hashed: blake2b) -> int:
    return int.from_bytes(hashed.digest()) >> 4


REDACTED = "[e-mail]"
"""What replaces an e-mail address that was removed, unless another word is asked for."""

SHORT_TEXT = 20
"""Length, in characters, below which two people may well have written the same: "Great movie!"."""


def known_user(review: Review) -> str | None:
    """Return the name of a user; `None` if it is missing, or was nothing but an e-mail address."""
    name = review.username
    return None if is_blank(name) or name == REDACTED else name


def _can_be_compared(user: str | None, text: str, short_text: int) -> bool:
    """Return whether a body proves anything: a short one does so only if the user is known."""
    return not is_blank(text) and (user is not None or len(text) >= short_text)


def sameness(review: Review) -> tuple[object, ...] | None:
    """Return the key that equal reviews share: user, date, and body except for whitespace.

    `None` if nobody could tell: there is no body, or a short one of an unknown user.
    """
    user, text = known_user(review), same_text(review.full_review or "")
    return (user, review.date, text) if _can_be_compared(user, text, SHORT_TEXT) else None


class Body(NamedTuple):
    """What the body of a review is compared by: numbers, because texts would take too much memory.

    Attributes:
        length: Length of the text in characters, with all whitespace as one space.
        text: The `fingerprint` of this text.
        review: That of the text, the day and the user; `None` if nobody could tell whether two
            reviews are the same, as for `sameness`.
    """

    length: int
    text: int
    review: int | None


def body_of(review: Review, short_text: int) -> Body:
    """Return what the body of a review is compared by; the text is hashed once.

    Args:
        review: The review.
        short_text: Length, in characters, below which two people may have written the same.
    """
    user, text = known_user(review), same_text(review.full_review or "")
    hashed = _hash(text)
    number = _number(hashed)
    if not _can_be_compared(user, text, short_text):
        return Body(len(text), number, None)
    # The text and the day contain no line break, so this shows where they end.
    rest = f"\n{review.date}" if user is None else f"\n{review.date}\n{user}"
    hashed.update(rest.encode("utf-8", "surrogatepass"))
    return Body(len(text), number, _number(hashed))


# ---- e-mail addresses -------------------------------------------------------------------

# Every part is bounded, or a long run of letters would be searched once for each of them. A
# local part has at most 64 characters (RFC 5321, 4.5.3.1.1), a label 63 (RFC 1035, 2.3.4).
# A capital in a domain of small letters begins the next sentence: jo@example.org.The film.
_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.%+-][\w.%+'-]{0,63}+@"
    r"(?:(?:[0-9a-zß-öø-ÿ][0-9a-zß-öø-ÿ-]{0,62}\.){1,8}[a-z]{2,24}+"
    r"|(?:[0-9A-Z][\w-]{0,62}\.){1,8}[A-Z][A-Za-z]{1,23}+)"
)


@finder("@")
def emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses."""
    return (Span(*found.span()) for found in _EMAIL.finditer(text))


# ---- references -------------------------------------------------------------------------

# An ampersand may be escaped any number of times. The whole chain is one finding, so that its
# replacement contains no other.
_AMPERSAND = "(?:amp|AMP|#0{0,8}38|#[xX]0{0,8}26);"
_REFERENCE = re.compile(
    rf"&(?P<chain>(?:{_AMPERSAND})*+)"
    r"(?P<last>(?:#[0-9]{1,10}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z][A-Za-z0-9]{1,30});)?"
)
_SIGNS = {name for name in (*name2codepoint, "apos") if name.lower() not in WORDS["signs"]}


@finder("&")
def escaped_twice(text: str) -> Iterator[Escaped]:
    """Find references that are still there after a text was decoded, such as `&eacute;`."""
    for found in _REFERENCE.finditer(text):
        last = found["last"]
        decoded = _decode(last) if last else None
        if decoded is not None:
            yield Escaped(found.start(), found.end(), decoded)
        elif found["chain"]:
            yield Escaped(found.start(), found.end("chain"), "&")


def _decode(reference: str) -> str | None:
    """Return what a reference (without its `&`) means; `None` if it means nothing.

    Nobody escapes ASCII letters, digits, `#` and `;`; decoded, they could become parts of
    other references.
    """
    name = reference[:-1]
    if name[0] != "#" and name not in _SIGNS:
        return None
    character = unescape(f"&{reference}")
    if len(character) != 1 or character == REPLACEMENT or re.match(ILLEGAL, character):
        return None
    if character.isascii() and (character.isalnum() or character in "#;"):
        return None
    return character


# ---- mojibake ---------------------------------------------------------------------------


def _in_windows(first: int, last: int) -> str:
    """Return how Windows-1252 and Latin-1 show some bytes, as the inside of a character class."""
    windows = bytes(range(first, last + 1)).decode("windows-1252", "ignore")
    return re.escape(windows) + "".join(map(chr, range(first, last + 1)))


_SECOND = f"[{_in_windows(0x80, 0xBF)}]"  # what a later byte of a character in UTF-8 is shown as
LEADS = "âïðÐÑÎÏÂÃÄÅ"
"""What a damaged character begins with."""
# Each alternative is UTF-8 that was read as Windows-1252, as no honest text has it.
_MOJIBAKE = re.compile(
    f"â[€\x80]{_SECOND}?"  # quotes and dashes; the last byte was sometimes lost
    f"|â[{_in_windows(0x82, 0x84)}{_in_windows(0x98, 0x9E)}†\x86]{_SECOND}"
    "|ï»¿"
    f"|ð[Ÿ\x9f]{_SECOND}{{2}}"
    f"|(?:[ÐÑÎÏ]{_SECOND}){{2,}}"  # Cyrillic and Greek; one letter alone may be honest
    f"|[ÂÃÄÅ]{_SECOND}"
)
# What may follow a word that honestly ends in such a capital: SAMBA DO IRMÃ”, ELÄMÄ…
_AFTER_WORDS = frozenset("\xa0«»‘’“”„‚…–—‹›\x85\x91\x92\x93\x94\x96\x97")
_QUOTE_BEFORE = re.compile(r"(?:\A|[^Â])[«“‹]\xa0?\Z")  # before a letter that is quoted


@finder(LEADS)
def mojibake(text: str) -> Iterator[Span]:
    """Find characters of UTF-8 that were read as Windows-1252, as `Ã©`."""
    for found in _MOJIBAKE.finditer(text):
        if not _may_be_honest(text, found):
            yield Span(*found.span())


def _may_be_honest(text: str, found: re.Match[str]) -> bool:
    lead, second = found[0][0], found[0][1]
    if lead not in "ÂÃÄÅ" or second not in _AFTER_WORDS:
        return False
    start, end = found.span()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    # No language of the site has a word that ends in Â. The most frequent word of one letter is à,
    # and its second byte is shown as a no-break space.
    if lead == "Â" or found[0] == "Ã\xa0":
        return before.isupper() or bool(_QUOTE_BEFORE.search(text, max(0, start - 3), start))
    return not before.islower() and not after.islower()


# ---- sentences --------------------------------------------------------------------------

# Two letters, a mark, and a capital. Each mark has its own pattern, because one that begins with a
# literal is found in a tenth of the time. They exclude most of what is not wanted; the rest is
# checked below.
_RUN_ONS = {
    mark: re.compile(
        rf"\{mark}(?<=(?:[^\W\d_]|['’])[^\W\d_A-Z]\{mark})"
        + "[!?]{0,2}" * (mark != ".")
        + r"(?P<sign>[\"”’)\]“‘(\[]?)(?P<right>[^\W\d_a-z][\w'’]{0,40})"
    )
    for mark in ".!?"
}
_LONGEST_WORD = 40  # characters; anything longer is not a word
_ALONE = re.compile(r"[IA](?:['’][a-z]{1,2})?")  # sentences may begin with words of one letter
_ROMAN = re.compile(r"[IVX]{2,6}")  # Part.II
_PARTS_OF_NAME = 3  # Some.Film.Title, as files are named
_TOKEN_END = re.compile(r"\s|\Z")
_OPENING = frozenset("“‘([")


@finder("".join(_RUN_ONS))
def run_on_sentences(text: str) -> Iterator[RunOn]:
    """Find where two sentences run together, as `film.At only`, because a `<br>` was removed."""
    token = Span(0, 0)
    is_prose = False
    quotes = counted = last = 0
    for found in _run_ons(text):
        mark = found.start()
        if mark >= token.end:
            token = token_around(text, mark, token.end)
            is_prose = not _is_no_prose(text[token.start : token.end])
        left = _word_before(text, mark, token.start)
        sign, right = found.groups()
        right = right.rstrip("'’")
        if not is_prose or not _run_together(left, text[mark], right):
            continue
        if len(right) == 1 and text[found.end() : found.end() + 1].strip("'’ \t\n"):
            continue  # will.I.Am
        opens = sign in _OPENING
        if sign == '"':
            quotes += text.count('"', counted, mark)
            counted = mark
            opens = quotes % 2 == 0
        at = found.start("sign") if opens else found.end("sign")
        start = max(mark - len(left), last)  # a sentence of one word is shown once
        last = found.start("right") + len(right)
        yield RunOn(start, last, at)


def _run_ons(text: str) -> list[re.Match[str]]:
    """Return what may be two sentences run together, in order; different marks do not overlap."""
    found = [
        found
        for mark, pattern in _RUN_ONS.items()
        if mark in text
        for found in pattern.finditer(text)
    ]
    found.sort(key=re.Match.start)
    return found


def token_around(text: str, position: int, least: int) -> Span:
    """Return the text between whitespace around a position; it does not begin before `least`."""
    start = max(least, text.rfind(" ", least, position) + 1)
    if not text[start:position].isalnum():  # there may be other whitespace
        start = _start_of(text, position, least, lambda character: not character.isspace())
    end = _TOKEN_END.search(text, position)
    return Span(start, end.start() if end else len(text))


def _is_no_prose(token: str) -> bool:
    """Return whether this is an address or the name of a file, not a sentence."""
    if "@" in token or "://" in token or "www." in token.lower():
        return True
    if token.count(".") < _PARTS_OF_NAME - 1:
        return False
    parts = [part for part in token.strip("\"'()[],;:!?").split(".") if part]
    if len(parts) < _PARTS_OF_NAME:
        return False
    is_name = all(part[0].isupper() or part.isdigit() for part in parts)
    return is_name or parts[-1].lower() in WORDS["endings"]


def _word_before(text: str, end: int, least: int) -> str:
    least = start = max(least, end - _LONGEST_WORD)
    if not text[start:end].isalnum():
        start = _start_of(text, end, least, _is_in_name)
    return text[start:end]


def _is_in_name(character: str) -> bool:
    return character.isalnum() or character in "'’"


def _run_together(left: str, mark: str, right: str) -> bool:
    if not left[-1:].islower() or not right[0].isupper():
        return False
    if mark == "." and left.lower() in WORDS["titles"]:
        return False
    is_roman = right.isupper() and _ROMAN.fullmatch(right)
    if mark == "." and (is_roman or right.lower() in WORDS["endings"]):
        return False
    return right[1:2].isalpha() or bool(_ALONE.fullmatch(right))


# ---- characters lost to `?` -------------------------------------------------------------

# The crawler wrote in the charset of its machine, and characters that this lacks became `?`. A
# question that has lost the space after it looks the same, so a finding needs evidence: a part of
# a word that is not a word itself, an ending such as `?s`, a word that is known to have such a
# letter, a pair of marks where quotes would be, or a mark between words of a sentence that states
# something.

_LONGEST_SHORT = 2  # characters
_DRAWN_OUT = re.compile(r"(.)\1\1")  # hmmm, zzz, grrr
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ")
_SWEARING = ("f?ck", "sh?t", "b?tch", "d?mn", "c?nt", "d?ck", "a?s", "p?ss")  # omitted letters


_KNOWN_LOST = frozenset(re.sub(r"[^\x00-\x7f]", "?", word) for word in WORDS["known"])

_RUN_END = re.compile(r"[^\w?'’-]")
_LETTER = r"[^\W\d_]"
_IN_WORD = rf"(?:{_LETTER}|['’-])"
_MARKED_WORD = re.compile(rf"(?<![?\w'’-]){_IN_WORD}*+(?:\?(?!\?){_IN_WORD}*+)+")
_LINK = re.compile(r"://|www\.|=|\.(?:com|org|net|php|aspx?|html?|jsp|cgi)[/?]", re.IGNORECASE)
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu)['’]", re.IGNORECASE)  # before a vowel: l'?tranger

# Six short words and their marks, where curly quotes, or the marks of Spanish, were.
_QUOTED = re.compile(
    rf"(?:(?<=[\s(])|\A)\?(?P<inside>{_LETTER}[^?\n]{{0,40}}[^\W_])\?(?=[\s.,;:!)]|\Z)"
)
_MOST_QUOTED = 6  # words
# What is hardly ever written without a currency sign or an apostrophe before it, or a half after.
_SIGNED = re.compile(
    r"(?<=[a-z] )\?[0-9][0-9.,]{0,15} ?(?:m|k|bn|million|billion)\b"
    r"|(?<=[a-z] )\?(?:[0-9]0s|n\?(?= )|n['’](?= )|em\b|tis\b|twas\b)"
    r"|(?<![\w.,?])[0-9]{1,3}\?(?=/10\b| (?:out of|stars|hours?|years|months|weeks|feet)\b)"
)
# A lost character at the start of a word: no sentence ends in a mark between whitespace and a
# letter. In the query of an address, `=` follows the word.
_BEFORE_WORD = re.compile(rf"(?<=\s)\?(?={_LETTER})[\w'’-]*+(?!=)")
_MOST_DIGITS = 3  # before a half
_DIGITS = frozenset("0123456789")
# A dash: a lonely mark between words of one sentence.
_DASH = re.compile(
    rf"(?P<last>{_LETTER}{{1,40}}+) \?(?= (?P<next>[^\W\d_A-ZÀ-Þ][\w'’]{{0,30}}+)(?!\?))"
)
# Writers who put a space before the mark at the end of a sentence, as in French, ask with ` ?`.
_SPACED_MARK = re.compile(r"\s(?:\?(?=\s*+(?:\Z|[A-ZÀ-Þ]))|[!:;](?=\s|\Z))")
_FAR = 120  # characters of a clause that are looked at, from its end
_CLAUSE_END = re.compile(r"[.!\n]|\?(?!\w)")
_WORD = re.compile(r"[\w'’]+")
_LONG, _SHORT, _SUBJECT_AND_VERB = 6, 3, 2  # words; shorter clauses lack verbs more often


@finder("?")
def lost_characters(text: str) -> Iterator[Span]:
    """Find words with a `?` for a lost character, and lone marks that replace one."""
    marks = list(_places_of("?", text))
    found = list(_in_words(text, marks))
    # All others need something other than a letter before the mark.
    marks = [mark for mark in marks if not text[mark - 1 : mark].isalpha()]
    if marks:
        found += [*_quoted(text, marks), *_signed(text, marks), *_dashes(text, marks)]
        taken = {span.start for span in found}  # these show more than the word
        words = (Span(*each.span()) for each in _matches_at(marks, _BEFORE_WORD, text))
        found += [span for span in words if taken.isdisjoint(range(*span))]
    last = 0
    for span in sorted(found):
        if span.start >= last:
            last = span.end
            yield span


def _in_words(text: str, marks: Sequence[int]) -> Iterator[Span]:
    token = Span(0, 0)
    is_address = False
    end = 0
    for mark in marks:
        if mark < end:  # in the last run of letters, marks and digits
            continue
        start = _start_of(text, mark, end, _is_in_run)
        rest = _RUN_END.search(text, mark)
        end = rest.start() if rest else len(text)
        found = _MARKED_WORD.match(text, start)
        span = _lost_in(text, found) if found else None
        if span is None:
            continue
        if start >= token.end:
            token = token_around(text, start, token.end)
            is_address = bool(_LINK.search(text, token.start, token.end))
        if not is_address:
            yield span


def _is_in_run(character: str) -> bool:
    return character.isalnum() or character in "_?'’-"


def _lost_in(text: str, found: re.Match[str]) -> Span | None:
    """Return the part of a word with marks that is shown, if it has lost a character."""
    word = found[0].lstrip("'’-")
    start = found.end() - len(word)
    if _is_known(word):
        return Span(start, found.end())
    if _is_damaged(word) or _is_dash(text, start, word):
        return Span(start, start + len(word.rstrip("?'’-")))  # the last mark may ask
    return None


def _is_damaged(word: str) -> bool:
    pieces = pairwise(word.split("?"))
    return _is_known(word.rstrip("?")) or any(_is_lost_between(*pair) for pair in pieces)


def _is_dash(text: str, start: int, word: str) -> bool:
    """Return whether a mark replaces a dash between two words of a sentence that asks nothing."""
    left, _, right = word.partition("?")
    is_between = left[-1:].islower() and right[:1].islower()
    return is_between and not _asks(text, start + len(left), right.partition("?")[0])


def _asks(text: str, position: int, following: str) -> bool:
    """Return whether a mark may end a question, by the clause before it or the word after it."""
    if _plain(following) in WORDS["answering"]:
        return True
    clause = _CLAUSE_END.split(text[max(0, position - _FAR) : position])[-1]
    words = list(map(_plain, _WORD.findall(clause)))
    if not WORDS["asking"].isdisjoint(word.partition("'")[0] for word in words):
        return True
    if WORDS["english"].isdisjoint((*words, _plain(following))):
        return True  # another language, whose questions are not known here
    return not _states(words, before_article=_plain(following) == "an")


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")


def _states(words: list[str], *, before_article: bool) -> bool:
    """Return whether a clause without a word that asks seems to have a verb.

    After a dash, `an` begins another name for what comes before; answers begin with `a bit`.
    """
    determiners = WORDS["determiners"]
    while words and words[0] in WORDS["joining"]:
        del words[0]
    if not words or words[0] in WORDS["begins_question"]:
        return False
    if any(one in determiners and two in WORDS["topics"] for one, two in pairwise(words)):
        return False
    if before_article:
        return True
    least = _LONG if words[0] in determiners else _SHORT
    return len(words) >= (_SUBJECT_AND_VERB if words[0] in WORDS["subjects"] else least)


def _is_known(word: str) -> bool:
    return word.lower().rstrip("'’-") in _KNOWN_LOST


def _is_lost_between(left: str, right: str) -> bool:
    """Return whether two pieces are parts of one word."""
    if right[:1].islower() and _ELIDED.fullmatch(left):
        return True
    if not left or not right or not left[-1].isalpha():
        return False
    if not right[0].islower() and not (left.isupper() and right.isupper()):
        return False
    if f"{left}?{right}".lower().startswith(_SWEARING):
        return False
    if right.lower() in WORDS["contractions"]:
        return True
    return not (_may_be_word(left) and _may_be_word(right))


def _may_be_word(piece: str) -> bool:
    piece = piece.lower()
    if len(piece) <= _LONGEST_SHORT or _VOWELS.isdisjoint(piece):
        return piece in WORDS["short"] or bool(_DRAWN_OUT.search(piece))
    return True


def _quoted(text: str, marks: Sequence[int]) -> Iterator[Span]:
    for found in _matches_at(marks, _QUOTED, text):
        words = _WORD.findall(found["inside"])
        first = _plain(words[0])
        if len(words) <= _MOST_QUOTED and first not in WORDS["asking"] | WORDS["answering"]:
            yield Span(*found.span())


def _signed(text: str, marks: Sequence[int]) -> Iterator[Span]:
    starts = (_start_of(text, mark, mark - _MOST_DIGITS, _DIGITS.__contains__) for mark in marks)
    return (Span(*found.span()) for found in _matches_at(starts, _SIGNED, text))


def _dashes(text: str, marks: Sequence[int]) -> Iterator[Span]:
    ends = [mark - 1 for mark in marks if text.startswith(" ? ", mark - 1)]
    starts = (_start_of(text, end, end - _LONGEST_WORD, _is_letter) for end in ends)
    found = [
        Span(each.start(), each.end("next"))
        for each in _matches_at(starts, _DASH, text)
        if not _asks(text, each.end("last"), each["next"])
    ]
    return iter([] if found and _SPACED_MARK.search(text) else found)


def _is_letter(character: str) -> bool:
    return character.isalnum() and not character.isdecimal()
