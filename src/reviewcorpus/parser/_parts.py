"""What reading one input is made of, each part imported when an input needs it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewcorpus.formats import Format
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._builder import RecordBuilder
    from reviewcorpus.parser._options import Options
    from reviewcorpus.parser._reporter import Reporter
    from reviewcorpus.parser._text import TextReader


class Parts:
    """What reading one input is made of.

    Args:
        options: How to read.
        format: The format of the input.
        source: Name of the input.
        buffer: Its bytes.
        listens: Whether defects are wanted; where the options need them, they are made anyway.

    Attributes:
        listens: Whether defects are made.
        drops: Whether records with an error are left out.
        most: The largest record that the fast path takes, in bytes.
    """

    def __init__(
        self,
        options: Options,
        format: Format,
        source: str | None,
        buffer: Buffer,
        listens: bool,
    ) -> None:
        self.options = options
        self.format = format
        self.buffer = buffer
        self.listens = listens or options.on_defect is not None or options.errors != "recover"
        self.drops = options.errors == "drop"
        self.most = options.limits.max_field_bytes
        self._source = source

    @functools.cached_property
    def texts(self) -> TextReader:
        """Reads the text of fields."""
        from reviewcorpus.parser._text import TextReader

        return TextReader(self.buffer, self.options, self.format)

    @functools.cached_property
    def reporter(self) -> Reporter:
        """Makes the defects."""
        from reviewcorpus.parser._reporter import Reporter

        options = self.options
        is_strict = options.errors == "strict"
        return Reporter(self.buffer, options.limits, source=self._source, strict=is_strict)

    @functools.cached_property
    def builder(self) -> RecordBuilder:
        """Makes the records of the slow path."""
        from reviewcorpus.parser._builder import RecordBuilder
        from reviewcorpus.parser._grammar import compiled

        options = self.options
        return RecordBuilder(
            compiled(self.format),
            self.buffer,
            self.texts,
            self.reporter,
            options.limits,
            drop=self.drops,
            listens=self.listens,
        )
