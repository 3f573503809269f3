"""One input: decode its bytes, scan them, build records. And the options of reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_args

import attrs

from reviewcorpus._checks import check_type, refuse
from reviewcorpus.defects import RAW_BYTES, CorpusError, Defect
from reviewcorpus.formats import Format, find
from reviewcorpus.limits import Limits
from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import Buffer
from reviewcorpus.parser._builder import RecordBuilder
from reviewcorpus.parser._encoding import InputDecoder, check_encoding, shown_name
from reviewcorpus.parser._grammar import compiled
from reviewcorpus.parser._reporter import Known, Reporter
from reviewcorpus.parser._scanner import Scanner
from reviewcorpus.parser._text import TextReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.events import Item
    from reviewcorpus.parser._strict import StrictScanner

Errors = Literal["recover", "drop", "strict"]


def _check_errors(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in get_args(Errors):
        refuse(ValueError, attribute.name, value, "'recover', 'drop' or 'strict'")


def _check_callable(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        refuse(TypeError, attribute.name, value, "a function of one Defect, or None")


def _to_codec(value: Any, field: attrs.Attribute[Any]) -> str | None:
    return check_encoding(field.name, value, eight_bit=field.name == "fallback_encoding")


class ReadOptions(TypedDict, total=False):
    r"""The options that all readers share, for annotations of functions that pass them on.

    Attributes:
        errors: `"recover"`, `"drop"` or `"strict"`.
        on_defect: A function that is called with each `Defect` as it is found, or `None`.
        format: A `Format`, the name of a known one, or `None` for the default.
        limits: The most that one field or record may take.
        encoding: Forces an encoding; `None` for byte order mark, XML declaration, UTF-8.
        fallback_encoding: An 8-bit encoding for bytes, or a field, that are not in that.

    Example:
        >>> import io
        >>> from typing import Unpack
        >>> import reviewcorpus as rc
        >>> def titles(*sources: rc.Source, **options: Unpack[rc.ReadOptions]) -> list[str | None]:
        ...     return [movie.title for movie in rc.iter_movies(*sources, **options)]
        ...
        >>> titles(io.BytesIO(b"<movie><title>Caf\xe9</title></movie>"), encoding="latin-1")
        ['Café']
    """

    errors: Errors
    on_defect: Callable[[Defect], object] | None
    format: Format | str | None
    limits: Limits
    encoding: str | None
    fallback_encoding: str


@attrs.frozen
class Options:
    """The options that all readers share."""

    errors: Errors = attrs.field(default="recover", validator=_check_errors)
    on_defect: Callable[[Defect], object] | None = attrs.field(
        default=None, validator=_check_callable
    )
    format: Format = attrs.field(default=None, converter=find)
    limits: Limits = attrs.field(factory=Limits, validator=check_type(Limits, "a Limits"))
    encoding: str | None = attrs.field(
        default=None,
        converter=attrs.Converter(_to_codec, takes_field=True),  # type: ignore[misc]
    )
    fallback_encoding: str = attrs.field(
        default="windows-1252",
        converter=attrs.Converter(_to_codec, takes_field=True),  # type: ignore[misc]
    )


class Reader:
    """Reads one input: bytes are pushed in, items are pulled out.

    Everything that reads goes through here: `Parser`, the iterators, Arrow, Spark, the command.

    Args:
        options: How to read.
        source: Name of the input, for the defects.
        use_fast_path: Whether clean records go through the fast path.

    Attributes:
        is_over: Whether the input was closed, or an error has ended the reading.
        error: What has ended the reading, if anything has. The caller raises it, after everything
            that came before it has been used, so that what a caller gets does not depend on how
            the input is cut.
    """

    def __init__(self, options: Options, source: str | None, *, use_fast_path: bool = True) -> None:
        self._options = options
        self._source = source
        self._use_fast_path = use_fast_path
        self._decoder = InputDecoder(options.encoding)
        self._scanner: Scanner | StrictScanner | None = None
        self._builder: RecordBuilder | None = None
        self.is_over = False
        self.error: CorpusError | None = None

    def feed(self, data: bytes) -> Iterator[list[Item]]:
        """Yield the items that some bytes complete, in portions that are made on demand.

        All portions must have been taken before more is fed.
        """
        return self._run(data)

    def close(self, *, broken: str | None = None) -> Iterator[list[Item]]:
        """Yield the items that are left at the end of the input, in portions likewise.

        Args:
            broken: Why nothing more can come, if the data has not simply ended.
        """
        return self._run(b"", final=True, broken=broken)

    def _run(
        self, data: bytes, *, final: bool = False, broken: str | None = None
    ) -> Iterator[list[Item]]:
        if self.is_over:
            return
        self.is_over = final
        try:
            for _ in self._read(data, final, broken):
                yield self._take_items()
        except CorpusError as error:
            self.error = error
            self.is_over = True
        yield self._take_items()

    def _take_items(self) -> list[Item]:
        builder = self._builder
        if builder is None:
            return []
        items, builder.items = builder.items, []
        return items

    def _read(self, data: bytes, final: bool, broken: str | None) -> Iterator[None]:
        decoder = self._decoder
        data = decoder.decode(data, final=final)
        if not decoder.decided:
            return
        if self._scanner is None:
            self._scanner = self._start()
        if data:
            yield from self._scanner.feed(data)
        if final:
            yield from self._scanner.close(broken=broken, cut=decoder.ends_inside_character)

    def _start(self) -> Scanner | StrictScanner:
        """Build what reads an input whose encoding is known."""
        options, decoder = self._options, self._decoder
        limits, is_strict = options.limits, options.errors == "strict"
        grammar = compiled(options.format)
        buffer = Buffer(decoder.start, decoder.charset)
        builder = self._builder = RecordBuilder(
            grammar,
            buffer,
            TextReader(
                buffer,
                options.fallback_encoding,
                limits,
                None if is_strict else grammar.record_start,
            ),
            Reporter(buffer, limits, source=self._source, strict=is_strict),
            limits,
            drop=options.errors == "drop",
        )
        # Without a mark the input is read as UTF-8, and that is certain or has defects of its own.
        if decoder.has_conflict and (decoder.is_marked or is_strict):
            self._report_conflict(builder)
        if not is_strict:
            declared_until = decoder.start + len(decoder.declaration)
            return Scanner(builder, declared_until, use_fast_path=self._use_fast_path)
        from reviewcorpus.parser._strict import StrictScanner

        return StrictScanner(builder)

    def _report_conflict(self, builder: RecordBuilder) -> None:
        """Report that the first document's declaration cannot be followed."""
        decoder = self._decoder
        declaration = decoder.declaration.lstrip()
        before = decoder.declaration[: -len(declaration)].decode()
        *lines, last = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        start = decoder.start + len(before)
        charset = decoder.charset
        fault = faults.encoding_conflict(
            start,
            start + len(declaration),
            charset.declared,
            shown_name(charset.stream or charset.name),
            is_mark=decoder.is_marked,
        )
        known = Known(len(lines) + 1, len(last) + 1, declaration[:RAW_BYTES])
        builder.report(fault, known=known)
