"""The whole way of the bytes of one input: decode, scan, build. Push bytes, pull items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict

import attrs

from reviewcorpus._checks import check_type, refuse
from reviewcorpus.defects import CorpusError, Defect, DefectKind
from reviewcorpus.formats import DIALECT
from reviewcorpus.limits import Limits
from reviewcorpus.parser._buffer import Window
from reviewcorpus.parser._builder import RecordBuilder
from reviewcorpus.parser._encoding import InputDecoder, check_encoding
from reviewcorpus.parser._reporter import OpenRecord
from reviewcorpus.parser._scanner import Scanner
from reviewcorpus.parser._text import TextReader

if TYPE_CHECKING:
    from reviewcorpus.parser._buffer import Place
    from reviewcorpus.parser._reporter import Item
    from reviewcorpus.parser._strict import StrictScanner

Errors = Literal["recover", "drop", "strict"]
_POLICIES = ("recover", "drop", "strict")


def _check_errors(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in _POLICIES:
        refuse(ValueError, attribute.name, value, "'recover', 'drop' or 'strict'")


def _check_callable(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        refuse(TypeError, attribute.name, value, "a function of one Defect, or None")


def _to_codec(value: Any, field: attrs.Attribute[Any]) -> str | None:  # noqa: ANN401 anything
    return check_encoding(field.name, value, eight_bit=field.name == "fallback_encoding")


class ReadOptions(TypedDict, total=False):
    r"""The options that all readers share, for annotations of functions that pass them on.

    Attributes:
        errors: `"recover"`, `"drop"` or `"strict"`.
        on_defect: A function that is called with each `Defect` as it is met, or `None`.
        limits: The most that one field or record may take.
        encoding: Forces an encoding; `None` for byte order mark, XML declaration, UTF-8.
        fallback_encoding: An 8-bit encoding for a field that does not fit.

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
    limits: Limits
    encoding: str | None
    fallback_encoding: str


@attrs.frozen(kw_only=True)
class Options:
    """The options that all readers share."""

    errors: Errors = attrs.field(default="recover", validator=_check_errors)
    on_defect: Callable[[Defect], object] | None = attrs.field(
        default=None, validator=_check_callable
    )
    limits: Limits = attrs.field(factory=Limits, validator=check_type(Limits, "a Limits"))
    encoding: str | None = attrs.field(
        default=None,
        converter=attrs.Converter(_to_codec, takes_field=True),  # type: ignore[misc]
    )
    fallback_encoding: str = attrs.field(
        default="windows-1252",
        converter=attrs.Converter(_to_codec, takes_field=True),  # type: ignore[misc]
    )

    @classmethod
    def of(cls, options: ReadOptions) -> Options:
        """Check the options that a user has given."""
        names = [field.name for field in attrs.fields(cls)]
        for name in options:
            if name not in names:
                raise TypeError(f"there is no option {name!r}; the options are {', '.join(names)}")
        return cls(**options)


class OpenMovie(NamedTuple):
    """A movie that has begun, as far as it has been read."""

    values: dict[str, Any]
    extra: dict[str, str]
    extra_bytes: int
    has_error: bool

    @classmethod
    def of(cls, movie: OpenRecord) -> OpenMovie:
        """Give how far a movie has been read by now."""
        return cls(dict(movie.values), dict(movie.extra), movie.extra_bytes, movie.has_error)

    def go_on(self, index: int) -> OpenRecord:
        """Give the movie, to be read on."""
        movie = OpenRecord(DIALECT.movie, index)
        movie.values, movie.extra = dict(self.values), dict(self.extra)
        movie.extra_bytes, movie.has_error = self.extra_bytes, self.has_error
        return movie


class Checkpoint(NamedTuple):
    """A place between two records, and all that reading from there on depends on.

    Attributes:
        place: Where in the input.
        encoding: Encoding of the input; UTF-8 or an 8-bit one.
        movie_index: Which movie was the last to begin, from 0.
        review_index: Which review of that movie was the last to begin, from 0; -1 for none.
        movie: The movie that is open, if any.
    """

    place: Place
    encoding: str
    movie_index: int
    review_index: int
    movie: OpenMovie | None


class Engine:
    """Reads one input.

    Attributes:
        is_over: Whether the input was closed, or an error has ended the reading.
        error: What has ended the reading, if anything has. It is for the caller to raise, after
            everything that was given before it has been used, so that what a caller gets does
            not depend on how the input is cut.
    """

    def __init__(self, options: Options, source: str | None, *, careful: bool = False) -> None:
        self._options = options
        self._source = source
        self._careful = careful
        self._decoder = InputDecoder(options.encoding)
        self._scanner: Scanner | StrictScanner | None = None
        self._builder: RecordBuilder | None = None
        self.is_over = False
        self.error: CorpusError | None = None

    @classmethod
    def resume(cls, options: Options, source: str | None, checkpoint: Checkpoint) -> Engine:
        """Make an engine that reads what stands behind a checkpoint, as if it had read all before.

        Args:
            options: Those with which the checkpoint was reached; `errors` is not `"strict"`.
            source: Name of the input.
            checkpoint: Where the bytes that are fed begin.
        """
        engine = cls(options, source)
        place, opened = checkpoint.place, checkpoint.movie
        engine._decoder.pass_on(checkpoint.encoding, place.offset)
        engine._scanner = engine._start()
        builder = engine._builder
        assert builder is not None  # noqa: S101 it was just made
        builder.window.go_on_at(place)
        builder.has_movie = True
        builder.movie_index = checkpoint.movie_index
        builder.review_index = checkpoint.review_index
        if opened is not None:
            builder.reporter.movie = opened.go_on(checkpoint.movie_index)
        return engine

    @property
    def can_be_cut(self) -> bool:
        """Whether there may be checkpoints: bytes are scanned as they are, and tolerantly."""
        return self._decoder.passes and self._options.errors != "strict"

    def checkpoint(self) -> Checkpoint | None:
        """Give where reading stands, if that is between two records and a movie has begun.

        What was fed must have been taken. The items so far are those of the bytes before it;
        the bytes behind it give the rest, whatever of them was fed.
        """
        builder, scanner = self._builder, self._scanner
        if builder is None or not isinstance(scanner, Scanner) or not self.can_be_cut:
            return None
        reporter = builder.reporter
        is_between = reporter.review is None and not reporter.has_words
        if self.is_over or scanner.is_in_field or not (is_between and builder.has_movie):
            return None
        return Checkpoint(
            builder.window.place,
            self._decoder.encoding,
            builder.movie_index,
            builder.review_index,
            None if reporter.movie is None else OpenMovie.of(reporter.movie),
        )

    def feed(self, data: bytes) -> Iterator[list[Item]]:
        """Take bytes; give what they complete, in portions that are made as they are asked for.

        All portions must have been taken before more is fed.
        """
        return self._run(data)

    def close(self, *, broken: str | None = None) -> Iterator[list[Item]]:
        """Take the end of the input; give what is left, in portions likewise.

        Args:
            broken: Why nothing more can come, if that is not for the end of the data.
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
        return self._builder.take_items() if self._builder is not None else []

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
        options, decoder = self._options, self._decoder
        window = Window(decoder.start, per_byte=decoder.encoding != "utf-8")
        reader = TextReader(decoder.encoding, options.fallback_encoding, options.limits)
        self._builder = RecordBuilder(
            window, reader, options.limits, errors=options.errors, source=self._source
        )
        if options.errors == "strict":
            from reviewcorpus.parser._strict import StrictScanner  # noqa: PLC0415 needs defusedxml

            if decoder.false_declaration:
                self._refuse_declaration(self._builder)
            return StrictScanner(self._builder, options.limits)
        return Scanner(self._builder, options.limits, careful=self._careful)

    def _refuse_declaration(self, builder: RecordBuilder) -> None:
        """Raise the error for an XML declaration that names no encoding the input can be in."""
        start = builder.window.start
        name = self._decoder.false_declaration
        message = f"the XML declaration names the encoding {name!r}, which this cannot be"
        builder.reporter.report(
            DefectKind.NOT_WELL_FORMED, start, start, message, "reading stopped here"
        )
