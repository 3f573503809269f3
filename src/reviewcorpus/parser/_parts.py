"""The parts that read one input. Each is imported when an input first needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.formats import Format
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._builder import RecordBuilder
    from reviewcorpus.parser._options import Options
    from reviewcorpus.parser._reporter import Reporter
    from reviewcorpus.parser._text import TextReader


T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 a decorator, like the one that it replaces
    """An attribute that is computed when it is first asked for.

    `functools.cached_property` has one lock for all objects on Python 3.11. A process that forks
    while another thread holds it could never read again.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, instance: Any, owner: object) -> T:
        value = instance.__dict__[self._compute.__name__] = self._compute(instance)
        return value


class Parts:
    """The parts that read one input.

    Args:
        options: How to read.
        format: The format of the input.
        source: Name of the input.
        buffer: Its bytes.
        listens: Whether defects are wanted. If the options need them, they are made anyway.

    Attributes:
        listens: Whether defects are made.
        drops: Whether records with an error are dropped.
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

    @lazy
    def texts(self) -> TextReader:
        """Reads the text of fields."""
        from reviewcorpus.parser._text import TextReader

        return TextReader(self.buffer, self.options, self.format)

    @lazy
    def reporter(self) -> Reporter:
        """Makes the defects."""
        from reviewcorpus.parser._reporter import Reporter

        options = self.options
        is_strict = options.errors == "strict"
        return Reporter(self.buffer, options.limits, source=self._source, strict=is_strict)

    @lazy
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
