"""Looking ahead: what begins at a place in the buffer, and where does a field end?

Nothing here changes the parse state. Places are counted from the first byte in the buffer. If more
bytes could change an answer, `NeedMore` is raised, so no answer depends on how the input is cut.

A *section* is a comment, a CDATA section or a processing instruction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus.parser._builder import FieldEnd
from reviewcorpus.parser._encoding import DECLARATION
from reviewcorpus.parser._grammar import (
    BROKEN_INLINE_TAG,
    BROKEN_TAG,
    DOCTYPE_PART,
    DOCUMENT,
    FIELD_MARK,
    MARK,
    PROLOG,
    SECTION_ENDS,
    SPACE_BYTES,
    TAG,
    WHOLE_DOCTYPE,
    Tag,
    fold_case,
    read_tag,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._builder import OpenField
    from reviewcorpus.parser._grammar import Grammar

# Openings that may be cut at the end of the buffer.
_OPENINGS = (b"<!--", b"<![CDATA[", b"<!DOCTYPE")
_DOCTYPE_CLOSINGS = {b"<!--": b"-->", b'"': b'"', b"'": b"'"}
_CLOSINGS = {sign: re.compile(re.escape(sign)) for sign in (*SECTION_ENDS.values(), b'"', b"'")}
_DECLARATION = re.compile(DECLARATION)
_CUT_TAG = re.compile(rb"<(/?)([^ \t\r\n/<>]*+)([ \t\r\n/][^<>]*+)?")
_MOST_STUMPS = 8  # in a row, from as many files that were each cut in their first tag
_WHITE_SPACE = re.compile(rb"[ \t\r\n]*+")


class NeedMore(Exception):
    """More bytes could change what begins here."""


class Lookahead:
    """What can be seen in the buffer at one moment.

    Args:
        buffer: The bytes being looked at; later changes to them are not seen.
        grammar: The format.
        limits: How long tags and sections may be.
        final: Whether no more bytes will come.
    """

    def __init__(self, buffer: Buffer, grammar: Grammar, limits: Limits, *, final: bool) -> None:
        self.data = buffer.data
        self.base = buffer.base
        self._buffer = buffer
        self.grammar = grammar
        self.limits = limits
        self.final = final
        self._known = (-1, False)
        self._found: dict[re.Pattern[bytes], tuple[int, int]] = {}

    @property
    def encoding(self) -> str:
        """Encoding of the document that is being read."""
        return self._buffer.charset.name

    def match_tag(self, at: int) -> re.Match[bytes] | None:
        """Match the tag that begins at a `<`, if it is whole and no longer than allowed."""
        found = TAG.match(self.data, at)
        if found is None and self.grammar.loose_tags:
            found = self._match_loose(at)
        if found is not None and found.end() - at > self.limits.max_tag_bytes:
            return None
        return found

    def _match_loose(self, at: int) -> re.Match[bytes] | None:
        """Match a tag with quotes inside quotes."""
        data, most = self.data, self.limits.max_tag_bytes
        if not (self.final or len(data) - at > most or data.find(b"<", at + 1) >= 0):
            return None  # more bytes could complete a usual tag, which holds no other `<`
        found = (loose.match(data, at, at + most) for loose in self.grammar.loose_tags)
        return next(filter(None, found), None)

    def section_at(self, at: int) -> bytes:
        """Return the opening of the section that begins at a place, or `b""`."""
        found = FIELD_MARK.match(self.data, at)
        opening = found[0] if found else b""
        if opening.startswith(b"<?"):
            return b"<?"
        return opening if opening in SECTION_ENDS else b""

    def section_end(self, at: int, latest: int) -> int | None:
        """Return where a section ends; `None` if it does not end in time and so is text.

        It must end before the next document or the next tag that begins a record, and its closing
        must not begin after `latest`.
        """
        data = self.data
        opening = self.section_at(at)
        closing = SECTION_ENDS[opening]
        end = self._next(_CLOSINGS[closing], at + len(opening))
        record = self._next(self.grammar.record_start, at + len(opening))
        declaration = self._next(_DECLARATION, at + len(opening))
        if declaration is not None and (end is None or declaration < end):
            record = declaration if self._is_document(declaration) else record
        if end is not None and end <= latest and (record is None or end < record):
            self._check_no_tag_reaches(end)
            return end + len(closing)
        if end is None and record is None and not self.final and len(data) - len(closing) < latest:
            raise NeedMore
        return None

    def _check_no_tag_reaches(self, end: int) -> None:
        """Raise `NeedMore` if the tag of a record may begin before a place and end after it.

        The end of a section or a document type there would then be in an attribute of that tag.
        """
        last = self.data.rfind(b"<", 0, end)  # such a tag holds no other `<`
        if self.grammar.mark.match(self.data, last) and self.may_become_markup(last):
            raise NeedMore

    def _next(self, pattern: re.Pattern[bytes], position: int) -> int | None:
        """Return where the next match at or after a position begins, if there is one.

        A tag or declaration that is longer than allowed is text, as elsewhere.
        The last match is remembered, so each byte is searched once as long as positions increase.
        After looking for the end of a body, the scan goes back and searches again, at most once for
        each body.
        """
        asked, known = self._found.get(pattern, (0, -1))
        if not asked <= position <= known:
            limits = self.limits
            is_declaration = pattern is _DECLARATION
            most = limits.max_field_bytes if is_declaration else limits.max_tag_bytes
            found = pattern.search(self.data, position)
            while found and found.end() - found.start() > most:
                found = pattern.search(self.data, found.start() + 1)
            known = found.start() if found else len(self.data)
            self._found[pattern] = position, known
        return known if known < len(self.data) else None

    def may_become_markup(self, at: int) -> bool:
        """Check whether more bytes could turn what begins at a `<` into a tag or a section."""
        data = self.data
        if self.final or len(data) - at > self.limits.max_tag_bytes:
            return False
        rest = data[at : at + len(_OPENINGS[-1])]
        if at + len(rest) == len(data) and any(
            opening.startswith(rest.upper()) for opening in _OPENINGS
        ):
            return True
        if len(rest) == 1 or rest in {b"</", b"<?"}:
            return True
        if FIELD_MARK.match(data, at) is None:
            return False
        if data.find(b"<", at + 1) < 0:
            return True
        # The value of an attribute may hold a `<`, but not one that begins a tag of the format.
        records = self.grammar.records_with_attributes
        found = records.match(data, at) if records is not None else None
        return found is not None and self._next(self.grammar.mark, found.end()) is None

    def broken_tag(self, at: int, *, has_inline: bool = False) -> Tag | None:
        """Return the tag of the format that begins at a `<` and has broken attributes or no end.

        Args:
            at: Where the `<` is; `match_tag` has found no tag there.
            has_inline: Whether the inline tags of HTML count too.
        """
        found = BROKEN_TAG.match(self.data, at)
        if found is None or found.end() - at > self.limits.max_tag_bytes:
            return None
        tag = read_tag(found, self.base, self.encoding, is_broken=True)
        if tag.key in self.grammar.spelling:
            return tag
        return tag if has_inline and BROKEN_INLINE_TAG.match(self.data, at) else None

    def is_followed_by(self, keys: Collection[str], at: int) -> bool:
        """Check whether the next tag of the format is a start tag with one of the keys."""
        latest = at + self.limits.max_field_bytes
        place = self._next(self.grammar.mark, at)
        found = None if place is None else self.grammar.mark.match(self.data, place)
        is_cut = found is None or found.end() == len(self.data)  # the name may be longer
        if is_cut and not self.final and len(self.data) <= latest:
            raise NeedMore
        if found is None or found.end() > latest:
            return False
        return not found[1] and self._key(found[2]) in keys

    def begins_record(self, keys: Collection[str], at: int) -> bool:
        """Check whether what follows the tag of a record shows that it begins one."""
        return not self.has_text(at) and self.is_followed_by(keys, at)

    def _key(self, raw_name: bytes) -> str:
        return fold_case(raw_name.decode(self.encoding, "replace"))

    def has_text(self, at: int) -> bool:
        """Check whether text follows at a place, apart from whitespace."""
        end = self.after_blanks(at)
        return self.data[end : end + 1] not in {b"", b"<"}

    def after_blanks(self, at: int) -> int:
        """Return where the whitespace at a place ends."""
        latest = at + self.limits.max_field_bytes
        found = _WHITE_SPACE.match(self.data, at, latest)
        end = found.end() if found else at
        if end == len(self.data) < latest and not self.final:
            raise NeedMore
        return end

    def match_declaration(self, at: int) -> re.Match[bytes] | None:
        """Match the declaration that begins at a `<`, if it is no longer than allowed."""
        found = _DECLARATION.match(self.data, at)
        if found is not None and found.end() - at > self.limits.max_field_bytes:
            return None
        return found

    def document_at(self, at: int) -> re.Match[bytes] | None:
        """Match the declaration that begins a document at a `<`; a record must follow it.

        Byte order marks, comments, instructions, a document type declaration and tags that the
        format does not name can come between.
        """
        found = self.match_declaration(at)
        if found is None:
            return None
        latest = at + self.limits.max_field_bytes
        end = found.end()
        while True:
            prolog = PROLOG.match(self.data, end, latest)
            if prolog is None or prolog.end() == latest:
                return None
            end = prolog.end()
            if not self.final and MARK.startswith(self.data[end : end + len(MARK)]):
                raise NeedMore  # the prolog may go on
            if self.may_become_markup(end):
                raise NeedMore
            tag = self.match_tag(end)
            if tag is None:
                broken = self.broken_tag(end)
                is_record = broken is not None and broken.key in self.grammar.record_keys
                return found if is_record else None
            key = self._key(tag[2])
            if key == self.grammar.top.key and not tag[1]:
                return found
            if key == self.grammar.review.key and not tag[1]:
                return found if self.begins_record(self.grammar.field_keys, tag.end()) else None
            if tag[1] or key in self.grammar.spelling:
                return None
            end = tag.end()

    def _is_document(self, at: int) -> bool:
        # Many document type declarations in a row all ask about the same place.
        if self._known[0] != at:
            self._known = at, self.document_at(at) is not None
        return self._known[1]

    # ---- where joined files were cut ----------------------------------------------------

    def begins_part(self, at: int) -> bool:
        """Check whether a document or a movie begins at a `<`, as at the start of a file."""
        return self.document_at(at) is not None or self.begins_movie(at)

    def begins_movie(self, at: int) -> bool:
        """Check whether a movie begins at a `<`, with a whole tag."""
        tag = self.match_tag(at)
        if tag is not None:
            return not tag[1] and self._key(tag[2]) == self.grammar.top.key
        if self.may_become_markup(at):
            raise NeedMore
        return False

    def is_cut_tag(self, at: int, names: Collection[str], end: int) -> bool:
        """Check whether a tag with one of the names begins at `at` and is cut off at `end`."""
        found = _CUT_TAG.fullmatch(self.data, at, end)
        if found is None or end - at > self.limits.max_tag_bytes:
            return False
        name, rest = self._key(found[2]), found[3] or b""
        if name and not rest.strip(SPACE_BYTES):  # a line feed may have been added
            return any(known.startswith(name) for known in names)
        return name in names or not (name or rest)

    def stumps_end(self, at: int, names: Collection[str]) -> int | None:
        """Return where the next of joined files begins, or the input ends, after cut-off tags.

        Args:
            at: Where the first of these tags begins.
            names: Names that they may have.

        Returns:
            The place; `None` if anything else follows.
        """
        for _ in range(_MOST_STUMPS):
            following = self.data.find(b"<", at + 1)
            if following < 0:
                end = len(self.data)
                return end if self.final and self.is_cut_tag(at, names, end) else None
            end = self.before_marks(at, following)
            if not self.is_cut_tag(at, names, end):
                return None
            if self.begins_part(following):
                return end
            if following == at + 1:
                break
            at = following
        return None

    def before_marks(self, start: int, at: int) -> int:
        """Return where the byte order marks before a place begin; `at` itself if there are none."""
        end = at
        if not self._buffer.charset.has_marks:
            return at
        while True:
            while end > start and self.data[end - 1] in SPACE_BYTES:
                end -= 1
            if not self.data.endswith(MARK, start, end):
                return at
            at = end = end - len(MARK)

    def first_stump(self, start: int, at: int, names: Collection[str]) -> int:
        """Return where the cut-off tags before a place begin; `at` itself if there are none.

        Args:
            start: Where to look from.
            at: The place where the next part of joined files begins, or the input ends.
            names: Names of the tags.
        """
        for number in range(_MOST_STUMPS):
            before = self.data.rfind(b"<", start, at)
            is_alone = number > 0 and before == at - 1  # a lone `<` before a stump is text
            if before < 0 or is_alone or not self.is_cut_tag(before, names, at):
                break
            at = before
        return at

    def doctype_end(self, at: int, *, has_movie: bool) -> int:
        """Return where a document type declaration ends, at the latest before the next record.

        Args:
            at: Where it begins.
            has_movie: Whether there has been a movie, after which a review is a record too.
        """
        data = self.data
        grammar = self.grammar
        start = grammar.record_start if has_movie else grammar.top_start
        record = self._next(start, at)
        declaration = self._next(_DECLARATION, at)
        if declaration is not None and self._is_document(declaration):
            record = declaration if record is None else min(record, declaration)
        most = at + self.limits.max_field_bytes
        latest = min(len(data) if record is None else record, most)
        # A tag that begins in time must be in the buffer as a whole.
        is_decided = record is not None or len(data) > most + self.limits.max_tag_bytes
        if not is_decided and not self.final:
            # A single match, because it starts over each time more bytes come.
            found = WHOLE_DOCTYPE.match(data, at, latest)
            if found is None:
                raise NeedMore
            self._check_no_tag_reaches(found.end() - 1)
            return found.end()
        in_subset = False
        position = at + 1
        while part := DOCTYPE_PART.search(data, position, latest):
            position = part.end()
            if part[0] == b">":
                if not in_subset:
                    return position
            elif part[0] in b"[]":
                in_subset = part[0] == b"["
            else:
                closing = _DOCTYPE_CLOSINGS[part[0]]
                end = self._next(_CLOSINGS[closing], position)
                if end is not None and end < latest:
                    position = end + len(closing)
        return latest

    def tags_in_field(
        self, start: int, mark: re.Pattern[bytes], own: str, *, is_plain: bool = False
    ) -> Iterator[Tag]:
        """Yield the tags in a field, except those in sections, as far as the limits allow.

        A declaration that begins a document is yielded as a tag with the name `DOCUMENT`.

        Args:
            start: Where the field begins.
            mark: Pattern of the places where a tag or a section may begin.
            own: The key of its element.
            is_plain: Whether sections are only characters.
        """
        data = self.data
        latest = start + self.limits.max_field_bytes
        position = start
        while found := mark.search(data, position):
            at = found.start()
            if at > latest:
                return
            if self.section_at(at):
                document = self.document_at(at)
                if document is not None:  # callers stop here
                    yield self._declaration(document)
                end = None if is_plain else self.section_end(at, latest)
                position = end or at + 1
                continue
            tag = self._field_tag(at, own)
            if tag is not None:
                yield tag
                position = tag.end - self.base
            else:
                position = at + 1

    def _field_tag(self, at: int, own: str) -> Tag | None:
        """Return the tag at a `<` in a field; of broken tags, only the field's end tag is one."""
        found = self.match_tag(at)
        if found is not None:
            return read_tag(found, self.base, self.encoding)
        if self.may_become_markup(at):
            raise NeedMore
        tag = self.broken_tag(at)
        is_own = tag is not None and tag.closes and tag.key == own
        return tag if is_own and self.stumps_end(at, {own}) is None else None

    def _declaration(self, found: re.Match[bytes]) -> Tag:
        """Return a declaration as a tag."""
        start, end = (at + self.base for at in found.span())
        return Tag(start, end, DOCUMENT, False, False, end, b"", False)  # noqa: FBT003 a named tuple


# ---- the end of a field -----------------------------------------------------------------


def find_field_end(ahead: Lookahead, opened: OpenField) -> FieldEnd | None:
    """Find the end of the open field.

    Returns:
        The end, or `None` if the field is longer than the limits allow.

    Raises:
        NeedMore: The end is not in the buffer yet.
    """
    start = opened.tag.end - ahead.base
    find = _find_body_end if opened.field.is_body else _find_plain_end
    found = find(ahead, opened, start)
    if found is None:
        if _may_go_on(ahead, start):
            raise NeedMore
        if not ahead.final:
            return None
        end = ahead.first_stump(start, len(ahead.data), _names_in(ahead.grammar, opened))
        cut = ahead.base + end
        found = FieldEnd(cut, ahead.base + len(ahead.data), cut=cut)
    return found if found.end - opened.tag.end <= ahead.limits.max_field_bytes else None


def _names_in(grammar: Grammar, opened: OpenField) -> Collection[str]:
    """Return the names of tags that can be cut off in a field; in a body, others are words."""
    if opened.field.is_body:
        return grammar.record_keys | {grammar.body_key}
    return {*grammar.spelling, opened.tag.key}


def _may_go_on(ahead: Lookahead, start: int) -> bool:
    """Check whether an end tag could still come, up to the longest field and tag allowed."""
    most = ahead.limits.max_field_bytes + ahead.limits.max_tag_bytes
    return not ahead.final and len(ahead.data) - start <= most


def _end_at_own(tag: Tag, second: Tag | None = None) -> FieldEnd:
    return FieldEnd(tag.start, tag.end, own_tag=tag, second=second)


def _end_before(ahead: Lookahead, opened: OpenField, start: int, tag: Tag) -> FieldEnd:
    """End a field at another tag; the whitespace before that tag is layout.

    If a new document or a new file begins there, the field was cut off.
    """
    base, end = ahead.base, tag.start - ahead.base
    is_document = tag.key == DOCUMENT
    is_part = tag.key == ahead.grammar.part_key and not tag.closes
    if not (is_document or is_part):
        text = ahead.data[start:end].rstrip(SPACE_BYTES)
        return FieldEnd(base + start + len(text), tag.start, other_tag=tag)
    end = ahead.before_marks(start, end)
    cut = ahead.first_stump(start, end, _names_in(ahead.grammar, opened))
    text = ahead.data[start:cut] if cut < end else ahead.data[start:end].rstrip(SPACE_BYTES)
    return FieldEnd(base + start + len(text), base + end, cut=base + cut)


def _find_plain_end(ahead: Lookahead, opened: OpenField, start: int) -> FieldEnd | None:
    """Find the next tag that belongs to the format, or the element's own end tag."""
    own = opened.tag.key
    depth = 0  # of elements of the same name inside one that the format does not name
    for tag in ahead.tags_in_field(start, FIELD_MARK, own, is_plain=opened.field.is_plain):
        if tag.key == own and tag.closes and depth == 0:
            return _end_at_own(tag)
        if tag.key in ahead.grammar.spelling or tag.key == DOCUMENT:
            return _end_before(ahead, opened, start, tag)
        if tag.key == own and not tag.is_empty:
            depth += -1 if tag.closes else 1
    return None


def _find_body_end(ahead: Lookahead, opened: OpenField, start: int) -> FieldEnd | None:
    """Find the body's own end tag, or what ends a body that has none.

    A body that has no end tag before the next body or document ends at the first tag of a record.
    If no record has begun before a second start tag of a body, that tag cannot be the next body: it
    is a word of this one, which then ends at the last end tag before a record begins.
    """
    record: Tag | None = None
    own: Tag | None = None
    second: Tag | None = None
    has_next_begun = False
    grammar, is_plain = ahead.grammar, opened.field.is_plain
    tags = ahead.tags_in_field(start, grammar.body_mark, grammar.body_key, is_plain=is_plain)
    for tag in tags:
        if tag.key in ahead.grammar.record_keys or tag.key == DOCUMENT:
            record = record or tag
            if not tag.closes:
                if second is not None or tag.key == DOCUMENT:
                    break
                has_next_begun = True
        elif not tag.closes:
            if has_next_begun:
                break
            second = second or tag
        elif second is None:
            return _end_at_own(tag)
        else:
            own = tag
    else:
        if _may_go_on(ahead, start):
            raise NeedMore
    if own is not None:
        return _end_at_own(own, second)
    return _end_before(ahead, opened, start, record) if record is not None else None
