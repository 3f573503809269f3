"""User names, and e-mail addresses in them and in text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import attrs

from reviewcorpus._checks import refuse
from reviewcorpus.cleaning._edits import Edit, TextStep
from reviewcorpus.validation._prose import Span, emails
from reviewcorpus.validation._sameness import REDACTED
from reviewcorpus.validation._text_fields import REVIEW_TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# What is joined to an address so that it would read as another one, once the first is gone.
_JOINED = re.compile(r"(?:[\w.%+-]*+@[\w.%+-]*+)*+")


def addresses(text: str) -> Iterator[Span]:
    """Find e-mail addresses, each with the others that are joined to it."""
    last = 0
    for start, end in emails(text):
        if start < last:
            continue
        joined = _JOINED.match(text, end)
        last = joined.end() if joined else end
        yield Span(start, last)


def _is_address(text: str) -> bool:
    return next(addresses(text), None) == (0, len(text))


# ---- names ------------------------------------------------------------------------------


class Username(NamedTuple):
    """The parts of a user name.

    Attributes:
        name: The name without what stands in brackets behind it; `None` where nothing is left.
        contact: What stands in the brackets: an e-mail address, or a name on the site; `None`
            where there is nothing.

    Example:
        >>> from reviewcorpus.cleaning import split_username
        >>> name, contact = split_username("Jo Doe (jodoe_42)")
        >>> name, contact
        ('Jo Doe', 'jodoe_42')
    """

    name: str | None
    contact: str | None

    @property
    def email(self) -> str | None:
        """The contact, where it is an e-mail address."""
        return self.contact if self.contact and _is_address(self.contact) else None

    @property
    def handle(self) -> str | None:
        """The contact, where it is no e-mail address."""
        return self.contact if self.email is None else None


def _without_space(text: str, end: int) -> int:
    """Give where a text up to `end` ends without the white space behind it."""
    while end and text[end - 1].isspace():
        end -= 1
    return end


def _last_brackets(text: str, end: int) -> Span | None:
    """Give where the last brackets stand in a text up to `end`, if what they hold is a contact."""
    end = _without_space(text, end)
    if not text.endswith(")", 0, end):
        return None
    start = text.rfind("(", 0, end)
    contact = text[start + 1 : end - 1]
    if start < 0 or ")" in contact or len(contact.split()) != 1 or contact != contact.strip():
        return None
    return Span(start, end) if any(map(str.isalnum, contact)) else None


def split_username(username: str | None) -> Username:
    """Take a user name apart: the name, and the contact in brackets behind it.

    Brackets that hold white space, or neither letter nor digit, are part of the name. A name that
    is nothing but an e-mail address is a contact.

    Args:
        username: The user name as shown on the site; of `None` there are no parts.

    Raises:
        TypeError: It is neither a `str` nor `None`.

    Example:
        >>> from reviewcorpus.cleaning import split_username
        >>> split_username("Jo Doe (jo@example.org)").email
        'jo@example.org'
        >>> split_username("Jo Doe (jodoe_42)").handle
        'jodoe_42'
        >>> split_username("Jo (from the attic)")
        Username(name='Jo (from the attic)', contact=None)
    """
    if username is not None and not isinstance(username, str):
        refuse(TypeError, "username", username, "a str or None")
    if not username or not username.strip():
        return Username(None, None)
    brackets = _last_brackets(username, len(username))
    if brackets is None and _is_address(username.strip()):
        return Username(None, username.strip())
    if brackets is None:
        return Username(username, None)
    name = username[: brackets.start].rstrip()
    return Username(name or None, username[brackets.start + 1 : brackets.end - 1])


# ---- addresses taken out ----------------------------------------------------------------


def _check_replacement(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    allowed = "a str that makes no e-mail address, such as '[e-mail]'"
    if not isinstance(value, str):
        refuse(TypeError, attribute.name, value, allowed)
    if "@" in value or any(emails(f"x@{value}")):
        refuse(ValueError, attribute.name, value, allowed)


@attrs.frozen(weakref_slot=False)
class RedactEmails(TextStep):
    """Take e-mail addresses out of user names, headlines and bodies.

    In text, and in a user name that is nothing else, a word stands in the place of each address.
    Behind a user name the address goes with its brackets. A `str` on its own is a text.

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

    replacement: str = attrs.field(default=REDACTED, validator=_check_replacement)

    def using(self, replacement: str) -> RedactEmails:
        """Give the same step with another word.

        Args:
            replacement: The word; it may be empty.

        Raises:
            TypeError: It is no `str`.
            ValueError: It holds an `@`, or would make an address behind one.
        """
        return attrs.evolve(self, replacement=replacement)

    def edits(self, text: str, field: str | None) -> Iterator[Edit]:
        """Give the edits of a text."""
        end = _end_of_name(text) if field == "username" else len(text)
        for span in addresses(text):
            if span.end <= end:
                yield Edit(*span, self.replacement, "an e-mail address")
        if end < len(text):
            word = "" if end else self.replacement
            yield Edit(end, len(text), word, "an e-mail address behind the name")


def _end_of_name(username: str) -> int:
    """Give where a name ends and e-mail addresses in brackets follow."""
    end = len(username)
    brackets = _last_brackets(username, end)
    while brackets and _is_address(username[brackets.start + 1 : brackets.end - 1]):
        end = _without_space(username, brackets.start)
        brackets = _last_brackets(username, end)
    return end


redact_emails: RedactEmails = RedactEmails()
