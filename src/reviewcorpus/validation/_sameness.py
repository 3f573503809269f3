"""What makes two reviews the same: said once, for rules and cleaning steps alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from reviewcorpus.validation._prose import is_blank, same_text

if TYPE_CHECKING:
    import datetime

    from reviewcorpus.models import Review

REDACTED = "[e-mail]"
"""What stands for an e-mail address that was taken out, unless another word is asked for."""

SHORT_TEXT = 20
"""Length, in characters, below which two people may well have written the same: "Great movie!"."""

Key: TypeAlias = "tuple[str | None, datetime.date | None, str]"


def sameness(review: Review, short_text: int = SHORT_TEXT) -> Key | None:
    """Give what reviews that are the same share: user, date, and body but for white space.

    `None` where nobody could tell: there is no body, or a short one of a user who is not known,
    whose name is missing or was nothing but an e-mail address.
    """
    text = same_text(review.full_review or "")
    user = None if is_blank(review.username) or review.username == REDACTED else review.username
    if is_blank(text) or (user is None and len(text) < short_text):
        return None
    return user, review.date, text
