"""A document in the making: as it is, as it should be, and every fault that was put into it."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import attrs

from reviewcorpus.defects import DefectKind

if TYPE_CHECKING:
    from reviewcorpus.defects import Defect

_LINE_END = re.compile("\r\n|\r|\n")


@attrs.frozen
class Fault:
    """Something that was put into a document, or left out of it, and where.

    It has those parts of a `Defect` that do not depend on how a reader words it.

    Attributes:
        kind: What is wrong.
        offset: Where the fault begins, in bytes from 0.
        line: Line of the fault, from 1.
        column: Column of the fault, in characters, from 1.
        movie_index: Which movie of the document, from 0; `None` outside all movies.
        review_index: Which review of its movie, from 0; `None` outside all reviews.
        element: Name of the element concerned, as the format spells it, or `None`.
    """

    kind: DefectKind
    offset: int
    line: int
    column: int
    movie_index: int | None = None
    review_index: int | None = None
    element: str | None = None

    @classmethod
    def of(cls, defect: Defect) -> Fault:
        """Give what a reported defect says about the fault, to compare it with what was put in.

        Args:
            defect: A defect, as a reader reports it.

        Example:
            >>> import io
            >>> import reviewcorpus as rc
            >>> from reviewcorpus.strategies import Fault
            >>> (defect,) = rc.Corpus(io.BytesIO(b"no movie")).defects()
            >>> Fault.of(defect) == Fault(rc.DefectKind.NO_MOVIE, offset=0, line=1, column=1)
            True
        """
        return cls(**{field.name: getattr(defect, field.name) for field in attrs.fields(cls)})


@attrs.frozen
class Damaged:
    """A damaged document, and what was done to it.

    Attributes:
        data: The document, damaged.
        clean: The same document without any of its faults: well-formed, and free of defects.
        faults: What was done, in the order in which a reader has to report it.
    """

    data: bytes
    clean: bytes
    faults: tuple[Fault, ...]


class Page:
    """A document that is written from its start to its end, damaged and clean at once.

    It knows where it stands, and counts lines and columns the plain way.

    Attributes:
        movie: Which movie is open, from 0, if any.
        review: Which review is open, from 0, if any.
        is_cut: Whether the damaged document has ended; the clean one goes on.
        is_clean_only: Whether what is written now is lost from the damaged document.
        is_damage_only: Whether what is written now is not in the clean document.
    """

    def __init__(self, newline: str, *, has_mark: bool) -> None:
        self.movie: int | None = None
        self.review: int | None = None
        self.is_cut = False
        self.is_clean_only = False
        self.is_damage_only = False
        self._newline = newline
        self._data = bytearray(codecs.BOM_UTF8 if has_mark else b"")
        self._clean = bytearray(self._data)
        self._faults: list[Fault] = []
        self._line = 1
        self._column = 1

    @property
    def is_written(self) -> bool:
        """Whether what is written now stands in the damaged document."""
        return not self.is_cut and not self.is_clean_only

    def write(self, text: str, *, clean: str | None = None, data: bytes | None = None) -> None:
        """Write characters.

        Args:
            text: What stands in the damaged document, line feeds for line ends.
            clean: What stands in the clean one, where that is something else.
            data: The bytes of `text`, where they are not those of UTF-8.
        """
        right = text if clean is None else clean
        if not self.is_damage_only:
            self._clean += right.replace("\n", self._newline).encode()
        if not self.is_written:
            return
        text = text.replace("\n", self._newline)
        self._data += text.encode("utf-8", "surrogatepass") if data is None else data
        *before, last = _LINE_END.split(text)
        self._line += len(before)
        self._column = len(last) + (1 if before else self._column)

    def fault(self, kind: DefectKind, element: str | None = None) -> None:
        """Note that a fault begins where the damaged document ends now."""
        if self.is_written:
            place = (len(self._data), self._line, self._column)
            self._faults.append(Fault(kind, *place, self.movie, self.review, element))

    def cut(self, kind: DefectKind, element: str | None, rest: bytes) -> None:
        """End the damaged document here, but for a rest that is no whole character or tag."""
        self.fault(kind, element)
        self._data += rest
        self.is_cut = True

    def finish(self) -> Damaged:
        """Give what was written."""
        return Damaged(bytes(self._data), bytes(self._clean), tuple(self._faults))
