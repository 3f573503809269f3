"""The encoding of each document, and the input's bytes in a form that the scanner can read.

For the scanner, every ASCII byte must mean itself. UTF-8 and the 8-bit encodings are like that and
pass unchanged, so offsets count the bytes of the file, and joined documents can be in different
encodings. All others (UTF-16, UTF-32, the East Asian ones) are turned into UTF-8 as they stream in;
such an encoding is that of the whole input.

In order of authority: the option, a byte order mark, the XML declaration, the format.
"""

from __future__ import annotations

import codecs
import functools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewcorpus._codecs import MULTIBYTE, WIDE, codec_name, is_eight_bit
from reviewcorpus.defects import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

# Longest first: UTF-32's little-endian mark begins with UTF-16's.
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF8: "utf-8",
}
# No mark, but "<" in a wider character: XML 1.0, appendix F.
_WIDE_STARTS = {
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
DECLARATION = (
    rb"<\?xml(?=[ \t\r\n])(?=[^<>]*?[ \t\r\n](?:version|encoding)[ \t\r\n]*+=)[^<>]*+(?<=\?)>"
)
"""An XML declaration."""
_ENCODING = rb"""[ \t\r\n]encoding[ \t\r\n]*+=[ \t\r\n]*+["']([A-Za-z][-A-Za-z0-9._]*)["']"""
_WHITE_SPACE = b" \t\r\n"
_DECLARATION_CAP = 1024  # bytes; a longer declaration is not waited for

_WITHOUT_ORDER = frozenset({"utf-16", "utf-32"})  # the bytes show the order, or it is Windows'
# The Encoding Standard maps these labels to supersets: a file is labeled with the standard's name,
# but Windows wrote it. (Python's "big5hkscs" is not a superset of "big5".)
_SUPERSETS: dict[str | None, str] = {
    "ascii": "utf-8",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift-jis": "cp932",
    "euc-kr": "cp949",
    "windows-31j": "cp932",  # Python has no codec of this name, nor of those below
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
}
_CONTROLS = bytes(range(0x80, 0xA0))  # of ISO 8859, where Windows has quotes and dashes
# An escape sequence of ISO 2022 ends with a capital letter or `@`; none has 16 bytes.
_ENDLESS_ESCAPE = rb"(?s)\x1b(?=(?:&@|[^A-Z@]){15})"
_CUT_ESCAPE = rb"(?s)\x1b(?:&@|[^A-Z@]){0,14}&?\Z"
UNMAPPED = "\udcff"  # replaces bytes that mean nothing; the text stage reports it

# The Unicode Standard, table 3-7: well-formed UTF-8 of more than one byte.
MULTI = (
    rb"(?:[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2})"
)
LONE = rb"\xed[\xa0-\xbf][\x80-\xbf]"  # half of a pair of surrogates
PAIR = rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]"
UNIT = rb"[\x00-\x7f]|%b|%b|%b|[\x80-\xff]" % (MULTI, PAIR, LONE)
"""A character of UTF-8, a pair of surrogates or half of one, or a bad byte."""
_WIDE_TEXT = rb"(?:[\x00-\x7f]++|%b|%b)++" % (MULTI, PAIR)


def _mark_undecodable(error: Any) -> tuple[str, int]:
    """Keep a lone surrogate, and replace bytes that mean nothing: an error handler."""
    try:
        return codecs.lookup_error("surrogatepass")(error)  # type: ignore[return-value]
    except UnicodeDecodeError:
        error.__traceback__ = None  # a codec reuses one error, and its traceback would grow
        return UNMAPPED, error.end


def _keep_control(error: Any) -> tuple[str, int]:
    """Read a byte that Windows' encoding lacks as the control character of ISO's."""
    byte = error.object[error.start]
    if byte not in _CONTROLS:
        raise error
    return chr(byte), error.start + 1


codecs.register_error("reviewcorpus.mark", _mark_undecodable)
codecs.register_error("reviewcorpus.control", _keep_control)


@functools.lru_cache(maxsize=64)
def _codec_declared(declared: str) -> str | None:
    """Return Python's name of a declared encoding, as `codec_name` does.

    `codecs.lookup` would keep every name that it does not know, so a file could fill the memory.
    """
    from encodings import aliases, normalize_encoding
    from importlib.util import find_spec

    name = normalize_encoding(declared).lower().replace(".", "_")
    is_known = name in aliases.aliases or find_spec(f"encodings.{name}") is not None
    return codec_name(declared) if is_known else None


def shown_name(codec: str) -> str:
    """Return the usual name of an encoding, which may differ from Python's."""
    name = re.sub(r"^cp(125\d|874)$", r"windows-\1", codec)
    return re.sub(r"^(?:utf|iso).*", lambda found: found[0].upper(), name)


_AS_IN_LATIN_1 = bytes(byte for byte in range(256) if not 0x80 <= byte < 0xA0)


@functools.cache
def _may_be_utf8() -> Callable[[bytes], re.Match[bytes] | None]:
    """Return a function that matches bytes whose first ones beyond ASCII may be UTF-8."""
    return re.compile(rb"[\x00-\x7f]*+[\xc2-\xf4][\x80-\xbf]").match


class Charset(NamedTuple):
    """How the bytes of one document become text.

    Attributes:
        name: Codec of the bytes in the buffer: that of UTF-8, or an 8-bit one.
        label: Codec that the declaration names, if a superset of it is used instead.
        is_claimed: Whether only a declaration, or the format, says that the text is 8-bit.
        is_fixed: Whether declarations are ignored: for a `str`, or with the option `encoding`.
        stream: Codec of the input, if it is turned into UTF-8 before it is read.
        declared: The encoding that the declaration names.
        told: Severities of the defects that were reported about the label.
        default: The encoding of documents that do not name theirs.
    """

    name: str = "utf-8"
    label: str = ""
    is_claimed: bool = False
    is_fixed: bool = False
    stream: str = ""
    declared: str = ""
    told: frozenset[Severity] = frozenset()
    default: str = "utf-8"

    @property
    def per_byte(self) -> bool:
        """Whether each byte is a character; otherwise the bytes are UTF-8."""
        return self.name != "utf-8"

    @property
    def has_marks(self) -> bool:
        """Whether the bytes of UTF-8's byte order mark can be a mark, and not three characters."""
        return not (self.per_byte and self.is_fixed)

    @property
    def is_plain(self) -> bool:
        """Whether `name` alone says how a clean field is read."""
        return not (self.label or self.is_claimed)

    @property
    def clean_decoder(self) -> Callable[[bytes], str]:
        """A function that returns the text of a clean field, as `decode` does."""
        is_simple = self.is_plain and self.name != "cp1252"
        return functools.partial(str, encoding=self.name) if is_simple else self.decode

    def decode(self, raw: bytes) -> str:
        """Return the text of a clean field.

        Raises:
            ValueError: A defect has to be reported about its encoding.
        """
        if raw.isascii():
            return raw.decode()
        # In most languages an accented letter of an 8-bit encoding is followed by ASCII.
        if self.is_plain or not (self.label or _may_be_utf8()(raw)):
            # Latin-1 is decoded faster; it differs only in some bytes.
            if self.name == "cp1252" and not raw.translate(None, _AS_IN_LATIN_1):
                return raw.decode("latin-1")
            return raw.decode(self.name)
        text = raw.decode(self.name)
        if self.is_claimed and is_utf8(raw):
            raise ValueError("UTF-8 in a document that claims to be 8-bit")
        if self.label and Severity.INFO not in self.told and self.first_changed(raw, text) >= 0:
            raise ValueError("not what the label of the encoding means")
        return text

    def decode_claimed(self, raw: bytes) -> str:
        """Return the text of a field in an 8-bit encoding; raise UnicodeDecodeError if it is not.

        As in the Encoding Standard, bytes that Windows' encoding lacks are read as in ISO's.
        """
        return raw.decode(self.name, "reviewcorpus.control" if self.label else "strict")

    def first_changed(self, raw: bytes, text: str) -> int:
        """Return the index of the first character that differs in the labeled encoding, or -1."""
        text = text.replace(UNMAPPED, "?")
        written = text.encode(self.stream, "replace") if self.stream else raw
        meant = written.decode(self.label, "replace")
        if text == meant:
            return -1
        pairs = enumerate(zip(text, meant, strict=False))
        return next((at for at, (sign, other) in pairs if sign != other), -1)

    def of_next(self, declared: str, *, has_mark: bool) -> tuple[Charset, bool]:
        """Return the charset of the next document, and whether it contradicts the declaration.

        Args:
            declared: The encoding that its declaration names, or "".
            has_mark: Whether UTF-8's byte order mark is before its declaration.
        """
        if self.is_fixed:
            return self, False
        if not (declared or has_mark or self.stream):
            return charset_without_label(self.default), False
        charset = charset_of(declared)
        if self.stream:
            # What could be read as UTF-16 is in UTF-16, whether it says so or not.
            is_same = is_of(declared, self.stream) if declared else self.stream in WIDE
            label = charset.label if charset and is_same else ""
            is_conflict = not is_same and declared.lower() != self.declared.lower()
            return self._replace(label=label, declared=declared, told=frozenset()), is_conflict
        if has_mark:
            is_conflict = contradicts(declared, "utf-8")
            return Charset(declared=declared, default=self.default), is_conflict
        if charset is None or charset.stream:
            is_conflict = declared.lower() != self.declared.lower()
            return self._replace(told=frozenset()), is_conflict
        return charset._replace(default=self.default), False


def is_utf8(raw: bytes) -> bool:
    """Check whether some bytes are valid UTF-8; pairs of surrogates are allowed."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return b"\xed" in raw and re.fullmatch(_WIDE_TEXT, raw) is not None
    return True


def count_mixed(data: bytes) -> int:
    """Count characters of UTF-8; each bad byte counts as one, and each pair of surrogates."""
    return len(re.findall(UNIT, data))


def charset_of(declared: str) -> Charset | None:
    """Return the charset that a declaration asks for; `None` if it is unknown or cannot be true.

    A declaration that was read as ASCII cannot be in UTF-16, for example.

    Args:
        declared: The encoding that it names; "" if it names none, which means UTF-8.
    """
    codec, name = _codec_declared(declared or "utf-8"), _superset_of(declared or "utf-8")
    if name is None or name in WIDE:
        return None
    label = codec if codec and name != codec else ""
    if name in MULTIBYTE:
        return Charset(label=label, stream=name, declared=declared)
    if name == "utf-8" or is_eight_bit(name):
        return Charset(name, label, is_claimed=name != "utf-8", declared=declared)
    return None


def charset_without_label(encoding: str) -> Charset:
    """Return the charset of an input without a label: the encoding of its format."""
    name = codec_name(encoding) or "utf-8"
    return UTF8 if name == "utf-8" else Charset(name, is_claimed=True, default=encoding)


def with_default(charset: Charset | None, encoding: str) -> Charset:
    """Return the charset of an input: from its label, or else from its format."""
    if charset is None:
        return charset_without_label(encoding)
    return charset if encoding == charset.default else charset._replace(default=encoding)


def _superset_of(declared: str) -> str | None:
    codec = _codec_declared(declared)
    return _SUPERSETS.get(codec or declared.lower(), codec)


def is_of(declared: str, name: str) -> bool:
    """Check whether a declaration names the encoding that is used."""
    codec = _superset_of(declared)
    return codec == name or (codec in _WITHOUT_ORDER and name.startswith(codec))


def contradicts(declared: str, name: str) -> bool:
    """Check whether a declaration names a known encoding other than the one that is used."""
    return _superset_of(declared) is not None and not is_of(declared, name)


def encoding_in(declaration: bytes) -> str:
    """Return the encoding that an XML declaration names, or ""."""
    found = re.search(_ENCODING, declaration)
    return found[1].decode() if found else ""


def marked_as(data: bytes) -> str | None:
    """Return the encoding of the byte order mark that some bytes begin with, if they do."""
    return _at_start(data, _BYTE_ORDER_MARKS)


def _at_start(head: bytes, names: dict[bytes, str]) -> str | None:
    """Return the name of the first mark that the head starts with."""
    return next((name for mark, name in names.items() if head.startswith(mark)), None)


UTF8 = Charset()
FIXED_UTF8 = Charset(is_fixed=True)


def is_plain_start(head: bytes) -> bool:
    """Check whether an input begins with a tag in ASCII: no mark, and no declaration.

    `True` is certain; `False` is not.
    """
    return head[:1] == b"<" and head[1:2].isalpha()


class InputDecoder:
    """Bytes of the input in, bytes for the scanner out.

    Attributes:
        charset: The charset of the first document; known once `decided`.
        start: Offset of the first byte that comes out: 3 after a UTF-8 byte order mark, else 0.
        declaration: The first document's declaration and the white space before it, if it has one.
        is_marked: Whether the option, a mark, or the width of the characters shows the encoding.
        has_conflict: Whether the declaration cannot be followed.
        decided: Whether the encoding of the first document is known.
        ends_inside_character: Whether the input stopped inside a character; known at the end.
    """

    charset = UTF8
    start = 0
    declaration = b""
    is_marked = False
    has_conflict = False
    decided = False
    ends_inside_character = False
    _head = b""
    _decoder: codecs.IncrementalDecoder | None = None
    _escape = b""  # the start of an escape sequence that may go on

    def __init__(self, forced: str | None) -> None:
        self._forced = forced

    def decode(self, data: bytes, *, final: bool = False) -> bytes:
        """Return the bytes that are ready for the scanner."""
        if not self.decided:
            self._head += data
            if self._forced is None and is_plain_start(self._head):
                self.decided = True
                data, self._head = self._head, b""
                return data
            if not final and not self._can_decide():
                return b""
            data = self._decide()
        if self._decoder is None:
            return data
        if self.charset.stream.startswith("iso2022"):
            data = self._whole_escapes(data, final=final)
        text = self._decoder.decode(data)
        self.ends_inside_character = final and self._decoder.getstate()[0] != b""
        return text.encode("utf-8", "surrogatepass")

    @property
    def has_label(self) -> bool:
        """Whether anything names the encoding of the first document."""
        charset = self.charset
        return self.is_marked or charset.is_fixed or bool(charset.declared or charset.label)

    def _can_decide(self) -> bool:
        """Check whether the head holds a whole mark and a whole XML declaration."""
        if self._forced is not None or len(self._head) < len(codecs.BOM_UTF32_LE):
            return len(self._head) >= len(codecs.BOM_UTF32_LE)
        text = self._shown_head(self._guess())
        if b"<?xml".startswith(text.lstrip(_WHITE_SPACE)[:5]):
            return b">" in text or len(text) >= _DECLARATION_CAP
        return True

    def _guess(self) -> str | None:
        """Return the encoding that the first bytes show, with or without a mark."""
        return marked_as(self._head) or _at_start(self._head, _WIDE_STARTS)

    def _shown_head(self, guessed: str | None) -> bytes:
        """Return the beginning as the scanner will see it."""
        head = self._head[: 4 * _DECLARATION_CAP]
        if guessed == "utf-8":
            head = head.removeprefix(codecs.BOM_UTF8)
        elif guessed is not None:
            text = codecs.getincrementaldecoder(guessed)("replace").decode(head)
            head = text.removeprefix("\ufeff").encode()
        return head[:_DECLARATION_CAP]

    def _decide(self) -> bytes:
        """Settle the encoding; return the head without its mark."""
        self.decided = True
        guessed = self._guess()
        declared = "" if self._forced else self._read_declaration(guessed)
        name = self._forced or guessed
        if name is not None:
            self._settle(name, guessed, declared)
        else:
            charset = charset_of(declared)
            self.has_conflict = charset is None
            self.charset = charset or Charset(declared=declared)
        head, self._head = self._head, b""
        stream = self.charset.stream
        marked = marked_as(head)
        if marked is not None and marked == (stream or self.charset.name):
            mark = "\ufeff".encode(marked)
            head = head.removeprefix(mark)
            self.start = 0 if stream else len(mark)
        if stream:
            self._decoder = codecs.getincrementaldecoder(stream)("reviewcorpus.mark")
        return head

    def _settle(self, name: str, guessed: str | None, declared: str) -> None:
        """Keep the encoding that the option names, or that the first bytes show."""
        if name in _WITHOUT_ORDER:
            name = guessed if guessed and guessed.startswith(name) else f"{name}-le"
        is_direct = name == "utf-8" or is_eight_bit(name)
        self.charset = Charset(
            name if is_direct else "utf-8",
            is_fixed=self._forced is not None,
            stream="" if is_direct else name,
            declared=declared,
        )
        self.is_marked = True
        self.has_conflict = contradicts(declared, name)

    def _read_declaration(self, guessed: str | None) -> str:
        """Keep the XML declaration, if there is one; return the encoding that it names, or ""."""
        text = self._shown_head(guessed)
        found = re.compile(DECLARATION).match(text, len(text) - len(text.lstrip(_WHITE_SPACE)))
        self.declaration = text[: found.end()] if found else b""
        return encoding_in(self.declaration)

    def declaration_end(self, data: bytes) -> int:
        """Return where the first document's declaration ends in the decoded bytes; 0 without one.

        It can be longer than before decoding: a byte that means nothing has become three.
        """
        found = self.declaration and re.match(rb"[ \t\r\n]*+" + DECLARATION, data)
        return found.end() if found else 0

    def _whole_escapes(self, data: bytes, *, final: bool) -> bytes:
        """Keep the start of an escape sequence for the next call.

        The codecs of ISO 2022 hold eight bytes at most, and fail on a longer sequence. A sequence
        that does not end in time is passed on as a byte that means nothing.
        """
        data = re.sub(_ENDLESS_ESCAPE, b"\xff", self._escape + data)
        found = re.compile(_CUT_ESCAPE).search(data, max(len(data) - 32, 0))
        end = found.start() if found else len(data)
        self._escape = data[end:]
        return data[:end] + (self._escape.replace(b"\x1b", b"\xff") if final else b"")
