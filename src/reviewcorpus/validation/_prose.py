"""What was done to the text of reviews before it was written down: places in prose, as spans.

Positions are characters from 0, ends are exclusive. Everything here prefers silence to a false
alarm: what an honest writer may have meant is not a finding.
"""

from __future__ import annotations

import re
import tomllib
from hashlib import blake2b
from html import unescape
from html.entities import name2codepoint
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import category

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.parser._references import REPLACEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.models import Review


# The lists of words are data, with what each is for: see words.toml.
_TABLE = files("reviewcorpus.validation").joinpath("words.toml").read_text("utf-8")
WORDS = {name: frozenset(words.split()) for name, words in tomllib.loads(_TABLE).items()}


class Span(NamedTuple):
    """A piece of a text."""

    start: int
    end: int


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    return (Span(*found.span()) for found in pattern.finditer(text))


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


def same_text(text: str) -> str:
    """Return a text as reviews are compared by: all white space is one space."""
    return " ".join(text.split())


def is_blank(text: str | None) -> bool:
    """Return whether nothing in a text can be seen, such as spaces and byte order marks."""
    return all(category(character) in _UNSEEN for character in text or "")


def fingerprint(text: str) -> int:
    """Return a number of 60 bits for a text, the same in every process.

    That is as many as fit into a small integer of Python. Of a million texts, two share one by
    chance once in two million corpora.
    """
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 4


REDACTED = "[e-mail]"
"""What replaces an e-mail address that was removed, unless another word is asked for."""

SHORT_TEXT = 20
"""Length, in characters, below which two people may well have written the same: "Great movie!"."""


def sameness(review: Review, short_text: int = SHORT_TEXT) -> tuple[object, ...] | None:
    """Return what reviews that are the same share: user, date, and body but for white space.

    `None` where nobody could tell: there is no body, or a short one of a user who is not known,
    whose name is missing or was nothing but an e-mail address.
    """
    text = same_text(review.full_review or "")
    user = None if is_blank(review.username) or review.username == REDACTED else review.username
    if is_blank(text) or (user is None and len(text) < short_text):
        return None
    return user, review.date, text


# ---- e-mail addresses -------------------------------------------------------------------

# Every part is bounded, or a long run of letters would be searched once for each of them. A
# local part has at most 64 characters (RFC 5321, 4.5.3.1.1), a label 63 (RFC 1035, 2.3.4).
# A capital in a domain of small letters begins the next sentence: jo@example.org.The film.
_EMAIL = re.compile(
    r"(?<![\w.%+-])[\w.%+-][\w.%+'-]{0,63}+@"
    r"(?:(?:[0-9a-zß-öø-ÿ][0-9a-zß-öø-ÿ-]{0,62}\.){1,8}[a-z]{2,24}+"
    r"|(?:[0-9A-Z][\w-]{0,62}\.){1,8}[A-Z][A-Za-z]{1,23}+)"
)


def emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses."""
    return _spans(_EMAIL, text if "@" in text else "")


# ---- references -------------------------------------------------------------------------

# An ampersand may be escaped any number of times; the whole chain is one finding, so that what
# is put in its place holds no other.
_AMPERSAND = "(?:amp|AMP|#0{0,8}38|#[xX]0{0,8}26);"
_REFERENCE = re.compile(
    rf"&(?P<chain>(?:{_AMPERSAND})*+)"
    r"(?P<last>(?:#[0-9]{1,10}|#[xX][0-9A-Fa-f]{1,8}|[A-Za-z][A-Za-z0-9]{1,30});)?"
)
_SIGNS = {name for name in (*name2codepoint, "apos") if name.lower() not in WORDS["signs"]}


def escaped_twice(text: str) -> Iterator[Escaped]:
    """Find references that are still there after a text was decoded, as `&eacute;`."""
    if "&" not in text:
        return
    for found in _REFERENCE.finditer(text):
        last = found["last"]
        decoded = _decode(last) if last else None
        if decoded is not None:
            yield Escaped(found.start(), found.end(), decoded)
        elif found["chain"]:
            yield Escaped(found.start(), found.end("chain"), "&")


def _decode(reference: str) -> str | None:
    """Return what a reference (without its `&`) means; `None` where it means nothing.

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
    """Return how Windows-1252, and Latin-1, show some bytes: the inside of a character class."""
    windows = bytes(range(first, last + 1)).decode("windows-1252", "ignore")
    return re.escape(windows) + "".join(map(chr, range(first, last + 1)))


_SECOND = f"[{_in_windows(0x80, 0xBF)}]"  # what a later byte of a character in UTF-8 is shown as
# Each alternative is UTF-8 that was read as Windows-1252, as no honest text has it.
_MOJIBAKE = re.compile(
    f"â[€\x80]{_SECOND}?"  # quotes and dashes; the last byte was lost at times
    f"|â[{_in_windows(0x82, 0x84)}{_in_windows(0x98, 0x9E)}†\x86]{_SECOND}"
    "|ï»¿"
    f"|ð[Ÿ\x9f]{_SECOND}{{2}}"
    f"|(?:[ÐÑÎÏ]{_SECOND}){{2,}}"  # Cyrillic and Greek; one letter alone may be honest
    f"|[ÂÃÄÅ]{_SECOND}"
)
# What may follow a word that honestly ends in such a capital: SAMBA DO IRMÃ”, ELÄMÄ…
_AFTER_WORDS = frozenset("\xa0«»‘’“”„‚…–—‹›\x85\x91\x92\x93\x94\x96\x97")
_QUOTE_BEFORE = re.compile(r"(?:\A|[^Â])[«“‹]\xa0?\Z")  # of a letter that is spoken of


def mojibake(text: str) -> Iterator[Span]:
    """Find characters of UTF-8 that were read as Windows-1252, as `Ã©`."""
    if text.isascii():
        return
    for found in _MOJIBAKE.finditer(text):
        if not _may_be_honest(text, found):
            yield Span(*found.span())


def _may_be_honest(text: str, found: re.Match[str]) -> bool:
    lead, second = found[0][0], found[0][1]
    if lead not in "ÂÃÄÅ" or second not in _AFTER_WORDS:
        return False
    start, end = found.span()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    # No language that the site is written in has a word that ends in Â. Of words of one letter,
    # à is the most frequent, and its second byte is shown as a no-break space.
    if lead == "Â" or found[0] == "Ã\xa0":
        return before.isupper() or bool(_QUOTE_BEFORE.search(text, max(0, start - 3), start))
    return not before.islower() and not after.islower()


# ---- sentences --------------------------------------------------------------------------

# Two letters, a mark, and a capital. The mark comes first, which is what is searched for.
_RUN_ON = re.compile(
    r"(?P<mark>[.!?])(?<=(?:[^\W\d_]|['’])[^\W\d_][.!?])(?:(?<=[!?])[!?]{1,2})?"
    r"(?P<sign>[\"”’)\]“‘(\[]?)(?P<right>[^\W\d_][\w'’]{0,40})"
)
_LONGEST_WORD = 40  # characters; anything longer is not a word
_ALONE = re.compile(r"[IA](?:['’][a-z]{1,2})?")  # sentences may begin with words of one letter
_ROMAN = re.compile(r"[IVX]{2,6}")  # Part.II
_PARTS_OF_NAME = 3  # Some.Film.Title, as files are named
_ADDRESS = re.compile(r"://|www\.|@", re.IGNORECASE)
_TOKEN_END = re.compile(r"\s|\Z")
_OPENING = frozenset("“‘([")


def run_on_sentences(text: str) -> Iterator[RunOn]:
    """Find where two sentences run together, as `film.At only`, since a `<br>` was removed."""
    token = Span(0, 0)
    is_prose = False
    quotes = counted = last = 0
    for found in _RUN_ON.finditer(text):
        if found.start() >= token.end:
            token = token_around(text, found.start(), token.end)
            is_prose = not _is_no_prose(text[token.start : token.end])
        left = _word_before(text, found.start(), token.start)
        right = found["right"].rstrip("'’")
        if not is_prose or not _run_together(left, found["mark"], right):
            continue
        if len(right) == 1 and text[found.end() : found.end() + 1].strip("'’ \t\n"):
            continue  # will.I.Am
        sign = found["sign"]
        quotes += text.count('"', counted, found.start())
        counted = found.start()
        opens = sign in _OPENING or (sign == '"' and quotes % 2 == 0)
        at = found.start("sign") if opens else found.end("sign")
        start = max(found.start() - len(left), last)  # a sentence of one word is shown once
        last = found.start("right") + len(right)
        yield RunOn(start, last, at)


def token_around(text: str, position: int, least: int) -> Span:
    """Return the text between white space around a position; it does not begin before `least`."""
    start = position
    while start > least and not text[start - 1].isspace():
        start -= 1
    end = _TOKEN_END.search(text, position)
    return Span(start, end.start() if end else len(text))


def _is_no_prose(token: str) -> bool:
    """Return whether this is an address or the name of a file, not a sentence."""
    if _ADDRESS.search(token):
        return True
    parts = [part for part in token.strip("\"'()[],;:!?").split(".") if part]
    if len(parts) < _PARTS_OF_NAME:
        return False
    is_name = all(part[0].isupper() or part.isdigit() for part in parts)
    return is_name or parts[-1].lower() in WORDS["endings"]


def _word_before(text: str, end: int, least: int) -> str:
    start = end
    least = max(least, end - _LONGEST_WORD)
    while start > least and (text[start - 1].isalnum() or text[start - 1] in "'’"):
        start -= 1
    return text[start:end]


def _run_together(left: str, mark: str, right: str) -> bool:
    if not left[-1:].islower() or not right[0].isupper():
        return False
    if mark == "." and left.lower() in WORDS["titles"]:
        return False
    if mark == "." and (right.lower() in WORDS["endings"] or _ROMAN.fullmatch(right)):
        return False
    return bool(_ALONE.fullmatch(right)) or right[1:2].isalpha()


# ---- characters lost to `?` -------------------------------------------------------------

# The crawler wrote in the charset of its machine, and what that lacks became `?`. A question that
# has lost the space after it looks the same, so a finding needs evidence: a part of a word that is
# not a word itself, an ending such as `?s`, a word that is known to have such a letter, a pair of
# marks where quotes would be, or a mark between words of a sentence that states something.

_LONGEST_SHORT = 2  # characters
_DRAWN_OUT = re.compile(r"(.)\1\1")  # hmmm, zzz, grrr
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœ")
_SWEARING = ("f?ck", "sh?t", "b?tch", "d?mn", "c?nt", "d?ck", "a?s", "p?ss")  # omitted letters


_KNOWN_LOST = frozenset(re.sub(r"[^\x00-\x7f]", "?", word) for word in WORDS["known"])

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
# What is hardly written without a sign before it, of a currency or an apostrophe, or without a
# half after it.
_SIGNED = re.compile(
    r"(?<=[a-z] )\?[0-9][0-9.,]{0,15} ?(?:m|k|bn|million|billion)\b"
    r"|(?<=[a-z] )\?(?:[0-9]0s|n\?(?= )|n['’](?= )|em\b|tis\b|twas\b)"
    r"|(?<![\w.,?])[0-9]{1,3}\?(?=/10\b| (?:out of|stars|hours?|years|months|weeks|feet)\b)"
)
# A sign before a word: no sentence ends in a mark between white space and a letter. In the query of
# an address, `=` follows the word.
_BEFORE_WORD = re.compile(rf"(?<=\s)\?(?={_LETTER})[\w'’-]*+(?!=)")
# A dash: a lonely mark between words of one sentence.
_DASH = re.compile(
    rf"(?P<last>{_LETTER}{{1,40}}+) \?(?= (?P<next>[^\W\d_A-ZÀ-Þ][\w'’]{{0,30}}+)(?!\?))"
)
# Who puts a space before a mark that ends a sentence, as French does, asks with ` ?`.
_SPACED_MARK = re.compile(r"\s(?:\?(?=\s*+(?:\Z|[A-ZÀ-Þ]))|[!:;](?=\s|\Z))")
_FAR = 120  # characters; how far back a clause is looked at
_CLAUSE_END = re.compile(r"[.!\n]|\?(?!\w)")
_WORD = re.compile(r"[\w'’]+")
_LONG, _SHORT, _SUBJECT_AND_VERB = 6, 3, 2  # words; shorter clauses lack verbs more often


def lost_characters(text: str) -> Iterator[Span]:
    """Find words that hold a `?` for a lost character, and places where a mark is alone."""
    if "?" not in text:
        return
    found = [*_in_words(text), *_quoted(text), *_spans(_SIGNED, text), *_dashes(text)]
    taken = {span.start for span in found}  # they show more than the word
    others = (span for span in _spans(_BEFORE_WORD, text) if taken.isdisjoint(range(*span)))
    last = 0
    for span in sorted((*found, *others)):
        if span.start >= last:
            last = span.end
            yield span


def _in_words(text: str) -> Iterator[Span]:
    token = Span(0, 0)
    is_address = False
    for found in _MARKED_WORD.finditer(text):
        if found.start() >= token.end:
            token = token_around(text, found.start(), token.end)
            is_address = bool(_LINK.search(text, token.start, token.end))
        if is_address:
            continue
        word = found[0].lstrip("'’-")
        start = found.end() - len(word)
        if _is_known(word):
            yield Span(start, found.end())
        elif _is_damaged(word) or _is_dash(text, start, word):
            yield Span(start, start + len(word.rstrip("?'’-")))  # the last mark may ask


def _is_damaged(word: str) -> bool:
    pieces = pairwise(word.split("?"))
    return _is_known(word.rstrip("?")) or any(_is_lost_between(*pair) for pair in pieces)


def _is_dash(text: str, start: int, word: str) -> bool:
    """Return whether a mark replaces a dash between two words of a sentence that asks nothing."""
    left, _, right = word.partition("?")
    is_between = left[-1:].islower() and right[:1].islower()
    return is_between and not _asks(text, start + len(left), right.partition("?")[0])


def _asks(text: str, position: int, following: str) -> bool:
    """Return whether the clause before a mark, or the word after it, lets it be a question's."""
    if _plain(following) in WORDS["answering"]:
        return True
    clause = _CLAUSE_END.split(text[max(0, position - _FAR) : position])[-1]
    words = list(map(_plain, _WORD.findall(clause)))
    if not WORDS["asking"].isdisjoint(word.partition("'")[0] for word in words):
        return True
    if WORDS["english"].isdisjoint((*words, _plain(following))):
        return True  # what its questions look like is not known here
    return not _states(words, before_article=_plain(following) == "an")


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")


def _states(words: list[str], *, before_article: bool) -> bool:
    """Return whether a clause that no word makes a question has a verb, as far as that shows.

    After a dash, `an` begins another name of what comes before it; answers begin with `a bit`.
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


def _quoted(text: str) -> Iterator[Span]:
    for found in _QUOTED.finditer(text):
        words = _WORD.findall(found["inside"])
        first = _plain(words[0])
        if len(words) <= _MOST_QUOTED and first not in WORDS["asking"] | WORDS["answering"]:
            yield Span(*found.span())


def _dashes(text: str) -> Iterator[Span]:
    if " ? " not in text or _SPACED_MARK.search(text):
        return
    for found in _DASH.finditer(text):
        if not _asks(text, found.end("last"), found["next"]):
            yield Span(found.start(), found.end("next"))
