"""Steps of prose: run-on sentences, mojibake, and text that was escaped twice."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, ClassVar

import attrs

from reviewcorpus._checks import ILLEGAL, missing, refuse
from reviewcorpus.cleaning._changes import Edit, TextStep, make_edits
from reviewcorpus.parser._references import REPLACEMENT
from reviewcorpus.validation._model import REVIEW_TEXTS, TEXTS
from reviewcorpus.validation._prose import (
    REDACTED,
    Span,
    emails,
    escaped_twice,
    mojibake,
    run_on_sentences,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

MOST_ROUNDS = 20
"""How many rounds a text may take until nothing is left to do; real texts take at most three."""

# ---- sentences --------------------------------------------------------------------------


def _check_separator(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    allowed = "a str of whitespace, such as a space or a line break"
    if not isinstance(value, str):
        refuse(TypeError, attribute.name, value, allowed)
    if not value.isspace():
        refuse(ValueError, attribute.name, value, allowed)


@attrs.frozen(weakref_slot=False)
class SplitSentences(TextStep):
    r"""Put whitespace between sentences that ran together when a `<br>` was removed.

    Headlines and bodies are cleaned.

    Args:
        separator: What is put there.

    Example:
        >>> from reviewcorpus.cleaning import split_sentences
        >>> split_sentences("A short film.At only an hour.").value
        'A short film. At only an hour.'
        >>> split_sentences.using("\n")("A short film.At only an hour.").value
        'A short film.\nAt only an hour.'
    """

    name: ClassVar[str] = "split-sentences"
    fields: ClassVar[tuple[str, ...]] = ("short_description", "full_review")
    settles: ClassVar[bool] = True
    signs: ClassVar[str] = run_on_sentences.signs

    separator: str = attrs.field(default=" ", validator=_check_separator)

    def using(self, separator: str) -> SplitSentences:
        r"""Return the same step with another separator.

        Args:
            separator: Whitespace, such as `"\n"` for the line break that was removed.

        Raises:
            TypeError: It is not a `str`.
            ValueError: It is empty, or contains more than whitespace.
        """
        return attrs.evolve(self, separator=separator)

    def edits(self, text: str, field: str | None) -> Iterator[Edit]:
        """Yield the edits of a text, whichever field it is in."""
        del field
        cuts: list[int] = []
        for start, end, at in run_on_sentences(text):
            if cuts and start <= cuts[-1]:  # they share a word
                cuts[-1:] = at, end
                continue
            if cuts:
                yield self._split(text, cuts)
            cuts = [start, at, end]
        if cuts:
            yield self._split(text, cuts)

    def _split(self, text: str, cuts: list[int]) -> Edit:
        words = [text[start:end] for start, end in pairwise(cuts)]
        new = self.separator.join(words)
        return Edit(cuts[0], cuts[-1], new, "two sentences run together")


# ---- escaped twice ----------------------------------------------------------------------


@attrs.frozen(weakref_slot=False)
class UnescapeAgain(TextStep):
    """Decode references that are still in a text after it was read, such as `&eacute;`.

    Titles, user names, headlines and bodies are cleaned. Text that was escaped several times is
    decoded completely.

    Example:
        >>> from reviewcorpus.cleaning import unescape_again
        >>> unescape_again("Tick &amp;amp; Tock").value
        'Tick & Tock'
    """

    name: ClassVar[str] = "unescape-again"
    fields: ClassVar[tuple[str, ...]] = TEXTS
    settles: ClassVar[bool] = True
    signs: ClassVar[str] = escaped_twice.signs

    def edits(self, text: str, field: str | None) -> Iterator[Edit]:
        """Yield the edits of a text, whichever field it is in."""
        del field
        for start, end, decoded in escaped_twice(text):
            yield Edit(start, end, decoded, "escaped twice")


# ---- mojibake ---------------------------------------------------------------------------

# ftfy decodes a word again and again, until nothing changes; one such as "ÂÂÂÂ\xa0" takes as
# many rounds as it has letters. Wrong encodings do not produce such words, or very long ones.
LONGEST_WORD = 100  # characters
_CHAIN = re.compile("Â{4}")
# No ASCII sign is part of a damaged character. A word ends at each of them, so that a later change
# to the signs around it, such as a space after a full stop, does not change what a word is.
_BETWEEN_WORDS = re.compile(r"[\x00-/:-@\[-`{-\x7f]")
_READ_AS = frozenset({"latin-1", "sloppy-windows-1252"})  # what `mojibake` has found evidence of
_WRONG_ENCODING = "UTF-8 read as another encoding"
_QUOTES = "\u2018\u2019\u201c\u201d"  # after an ASCII sign, not part of a damaged letter


@attrs.frozen(weakref_slot=False)
class FixMojibake(TextStep):
    """Fix UTF-8 that was read as another encoding, as `cafÃ©` (extra `clean`, for ftfy).

    Titles, user names, headlines and bodies are cleaned, word by word. Only words with characters
    that no undamaged text has are fixed, and only by ftfy's change of encoding. A word that has
    lost a part (`â€` and U+FFFD) stays unchanged, because the fixed word would say less; so does a
    word of more than 100 characters.

    Raises:
        ImportError: ftfy is not installed; the error says how to install it.

    Example:
        >>> from reviewcorpus.cleaning import fix_mojibake
        >>> fix_mojibake("A cafÃ© in La CoruÃ±a").value
        'A café in La Coruña'
    """

    name: ClassVar[str] = "fix-mojibake"
    fields: ClassVar[tuple[str, ...]] = TEXTS
    settles: ClassVar[bool] = True
    signs: ClassVar[str] = mojibake.signs

    def edits(self, text: str, field: str | None) -> Iterable[Edit]:
        """Return the edits of a text, whichever field it is in."""
        del field
        fixed, edits = make_edits(text, _fixes(text))
        return _settled(text, fixed, edits) if edits and "@" in text else edits

    def may_change(self, text: str) -> bool:
        """Return whether a text has one of the signs; without ftfy, fail at the first text."""
        _encoding_fixer()
        return super().may_change(text)


def _fixes(text: str) -> Iterator[Edit]:
    """Yield the fixes of the words of a text.

    Addresses, and the text between them, are fixed separately, so that no fix depends on a letter
    that `redact_emails` would remove.
    """
    fix = _encoding_fixer()
    cuts = [0, *chain.from_iterable(addresses(text)), len(text)]
    for first, last in pairwise(cuts):
        piece = text[first:last]
        for start, end in _damaged_words(piece):
            new = _fixed(piece[start:end], fix)
            yield Edit(first + start, first + end, new, _WRONG_ENCODING)


def _settled(text: str, fixed: str, edits: list[Edit]) -> list[Edit]:
    """Return the edits after which nothing is left to fix.

    A fixed letter can turn the text around it into an address, and that changes what the words are.
    If this goes on and on, as in no real text, the text stays unchanged.
    """
    once = fixed
    for _ in range(MOST_ROUNDS):
        again, more = make_edits(fixed, _fixes(fixed))
        if not more:
            return edits if fixed is once else _differences(text, fixed)
        fixed = again
    return []


def _differences(text: str, fixed: str) -> list[Edit]:
    """Return the edits that turn one text into another with the same ASCII signs."""
    signs = [found.start() for found in _BETWEEN_WORDS.finditer(text)]
    starts = [0, *(sign + 1 for sign in signs)]
    words = zip(starts, [*signs, len(text)], _BETWEEN_WORDS.split(fixed), strict=True)
    return [Edit(start, end, new, _WRONG_ENCODING) for start, end, new in words]


@cache
def _encoding_fixer() -> Callable[[str], str]:
    try:
        import ftfy
    except ModuleNotFoundError as error:
        raise missing(error, "fix_mojibake", "clean") from error
    # With lossy sequences replaced, "â€" and U+FFFD would become a bare U+FFFD, and nothing would
    # show any more that a quotation mark was there.
    config = ftfy.TextFixerConfig(replace_lossy_sequences=False)

    def fix(word: str) -> str:
        fixed, steps = ftfy.fix_encoding_and_explain(word, config)
        encodings = {name for action, name in steps or () if action == "encode"}
        return word if encodings - _READ_AS or _is_worse(fixed, word) else fixed

    return fix


def _is_worse(fixed: str, word: str) -> bool:
    """Return whether a word has lost something, or is no longer one word, as with a NUL in it."""
    is_word = not (re.search(ILLEGAL, fixed) or _BETWEEN_WORDS.search(fixed))
    return not is_word or fixed.count(REPLACEMENT) > word.count(REPLACEMENT)


def _fixed(word: str, fix: Callable[[str], str]) -> str:
    """Fix a word; if quotation marks come out at its start, fix the rest as a word of its own."""
    quotes = ""
    while any(mojibake(word)):
        fixed = fix(word)
        word = fixed.lstrip(_QUOTES)
        if word == fixed:
            break
        quotes += fixed[: len(fixed) - len(word)]
    return quotes + word


def _damaged_words(text: str) -> Iterator[Span]:
    last = 0
    for found in mojibake(text):
        if found.start < last:
            continue
        start = found.start
        while start > last and not _BETWEEN_WORDS.match(text, start - 1):
            start -= 1
        while text[start] in _QUOTES:
            start += 1
        following = _BETWEEN_WORDS.search(text, found.end)
        last = following.start() if following else len(text)
        if last - start <= LONGEST_WORD and not _CHAIN.search(text, start, last):
            yield Span(start, last)


# ---- addresses ---------------------------------------------------------------------------

# What is joined to an address is redacted with it, up to the last `@`, because it would look like
# another address afterwards. So no `@` stays that touches an address and has a name before it.
_PART = re.compile(r"[\w.%+'@-]")
_JOINED = re.compile(r"(?:[\w.%+'-]*+@[\w.%+-]*+)*+")


def addresses(text: str) -> Iterator[Span]:
    """Find e-mail addresses, each with the others that are joined to it."""
    last = 0
    for start, end in emails(text):
        if start < last:
            continue
        joined = _JOINED.match(text, end)
        begin = _joined_before(text, start, last)
        last = joined.end() if joined else end
        yield Span(begin, last)


def _joined_before(text: str, start: int, least: int) -> int:
    """Return where the text that an `@` joins to an address begins; a bare `@` joins nothing."""
    begin = start
    if text[start - 1 : start] == "@":
        while begin > least and _PART.match(text, begin - 1):
            begin -= 1
        while text[begin] in "@'" and begin < start:
            begin += 1
    return begin


def _is_address(text: str) -> bool:
    return next(addresses(text), None) == (0, len(text))


# ---- addresses taken out ----------------------------------------------------------------


def _check_replacement(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    allowed = "a str that makes no e-mail address, such as '[e-mail]'"
    if not isinstance(value, str):
        refuse(TypeError, attribute.name, value, allowed)
    if "@" in value or any(emails(f"x@{value}")):
        refuse(ValueError, attribute.name, value, allowed)


@attrs.frozen(weakref_slot=False)
class RedactEmails(TextStep):
    """Remove e-mail addresses from user names, headlines and bodies.

    In text, and in a user name that is only an address, a word replaces each address. After a user
    name, the address is removed with its brackets. A `str` on its own is treated as text.

    Args:
        replacement: The word.

    Example:
        >>> from reviewcorpus import Review
        >>> from reviewcorpus.cleaning import redact_emails
        >>> redact_emails(Review(username="Jo Doe (jo@example.org)")).value.username
        'Jo Doe'
        >>> redact_emails("Write to jo@example.org.").value
        'Write to [e-mail].'
        >>> redact_emails.using("***")("Write to jo@example.org.").value
        'Write to ***.'
    """

    name: ClassVar[str] = "redact-emails"
    fields: ClassVar[tuple[str, ...]] = REVIEW_TEXTS
    settles: ClassVar[bool] = True
    signs: ClassVar[str] = emails.signs

    replacement: str = attrs.field(default=REDACTED, validator=_check_replacement)

    def using(self, replacement: str) -> RedactEmails:
        """Return the same step with another word.

        Args:
            replacement: The word; it may be empty.

        Raises:
            TypeError: It is not a `str`.
            ValueError: It contains an `@`, or would make an address after one.
        """
        return attrs.evolve(self, replacement=replacement)

    def edits(self, text: str, field: str | None) -> Iterator[Edit]:
        """Yield the edits of a text."""
        end = _end_of_name(text) if field == "username" else len(text)
        for span in addresses(text):
            if span.end <= end:
                yield Edit(*span, self.replacement, "an e-mail address")
        if end < len(text):
            word = "" if end else self.replacement
            yield Edit(end, len(text), word, "an e-mail address after the name")


def _end_of_name(username: str) -> int:
    """Return where a name ends and e-mail addresses in brackets follow."""
    end = len(username)
    while True:
        after = _without_space(username, end)
        opening = username.rfind("(", 0, after) if username.endswith(")", 0, after) else -1
        if opening < 0 or not _is_address(username[opening + 1 : after - 1]):
            return end
        end = _without_space(username, opening)


def _without_space(text: str, end: int) -> int:
    """Return where a text up to `end` ends without the whitespace at its end."""
    while end and text[end - 1].isspace():
        end -= 1
    return end


split_sentences: SplitSentences = SplitSentences()
unescape_again: UnescapeAgain = UnescapeAgain()
fix_mojibake: FixMojibake = FixMojibake()
redact_emails: RedactEmails = RedactEmails()
