"""Where the raw text of a field ends, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._values import SPACE_BYTES
from reviewcorpus.formats import DIALECT
from reviewcorpus.parser._grammar import BODY_MARK, FIELD_MARK, Tag
from reviewcorpus.parser._lookahead import NeedMore, View

if TYPE_CHECKING:
    from reviewcorpus.parser._builder import OpenField

_SPELLING = DIALECT.spelling
_BODY = DIALECT.body.element.lower()
_RECORDS = frozenset({DIALECT.movie.element.lower(), DIALECT.review.element.lower()})


class FieldEnd(NamedTuple):
    """Where the raw text of a field ends, and what ends it: a tag, or the end of the input."""

    end: int
    own_tag: Tag | None = None
    other_tag: Tag | None = None
    second: Tag | None = None
    """A second start tag of a body inside the body, where one stands."""
    is_cut: bool = False


def find_field_end(view: View, opened: OpenField, start: int) -> FieldEnd | None:
    """Find the end of a field whose text begins at a place in hand.

    Returns:
        The end, or `None` where the field is longer than the limits allow.

    Raises:
        NeedMore: The end is not among the bytes in hand.
    """
    found = (
        _find_body_end(view, start)
        if opened.field.is_body
        else _find_plain_end(view, opened, start)
    )
    if found is None:
        if _may_go_on(view, start):
            raise NeedMore
        if not view.final:
            return None
        found = _end_of_input(view, opened, start)
    return found if found.end - start <= view.limits.max_field_bytes else None


def _may_go_on(view: View, start: int) -> bool:
    """Tell whether an end tag could still come; one that begins in time is then in hand whole."""
    most = view.limits.max_field_bytes + view.limits.max_tag_bytes
    return not view.final and len(view.data) - start <= most


def _end_before(view: View, start: int, tag: Tag) -> FieldEnd:
    """End a field that another element's tag ends; the white space before that is layout."""
    text = view.data[start : tag.start - view.base].rstrip(SPACE_BYTES)
    return FieldEnd(start + len(text), other_tag=tag)


def _find_plain_end(view: View, opened: OpenField, start: int) -> FieldEnd | None:
    """Find the next tag that belongs to the format, or the element's own end tag."""
    base = view.base
    own = opened.tag.key
    depth = 0  # of elements of the same name inside one that the format does not name
    for tag in view.tags_in_field(start, FIELD_MARK):
        if tag.key == own and tag.closes and depth == 0:
            return FieldEnd(tag.start - base, own_tag=tag)
        if tag.key in _SPELLING:
            return _end_before(view, start, tag)
        if tag.key == own and not tag.is_empty:
            depth += -1 if tag.closes else 1
    return None


def _find_body_end(view: View, start: int) -> FieldEnd | None:
    """Find the body's own end tag, or what ends a body that has none.

    A body that has no end tag before the next body begins ends at the first tag of a record. A
    start tag of a body with no record begun before it cannot be the next body: it is a word of
    this one, which then ends at the last end tag before a record begins.
    """
    base = view.base
    record: Tag | None = None
    own: Tag | None = None
    second: Tag | None = None
    has_next_begun = False
    for tag in view.tags_in_field(start, BODY_MARK):
        if tag.key in _RECORDS:
            record = record or tag
            if not tag.closes:
                if second is not None:
                    break
                has_next_begun = True
        elif not tag.closes:
            if has_next_begun:
                break
            second = second or tag
        elif second is None:
            return FieldEnd(tag.start - base, own_tag=tag)
        else:
            own = tag
    else:
        if _may_go_on(view, start):
            raise NeedMore
    if own is not None:
        return FieldEnd(own.start - base, own_tag=own, second=second)
    return _end_before(view, start, record) if record is not None else None


def _end_of_input(view: View, opened: OpenField, start: int) -> FieldEnd:
    """End a field where the input ends, or where a tag begins that the end has cut off."""
    names = _RECORDS | {_BODY} if opened.field.is_body else {*_SPELLING, opened.tag.key}
    at = view.data.rfind(b"<", start)
    is_cut_tag = at >= 0 and view.is_cut_tag(at, names)
    return FieldEnd(at if is_cut_tag else len(view.data), is_cut=True)
