"""Which encoding the input is in, and its bytes in a form that the scanner can read.

The scanner reads bytes in which every ASCII byte means itself. UTF-8 and the 8-bit encodings are
like that and pass untouched, so that offsets count the bytes of the file. All others (UTF-16,
UTF-32, the East Asian ones) are turned into UTF-8 as they stream in.
"""

from __future__ import annotations

import codecs
import functools
import re
from typing import Any

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
_DECLARATION = re.compile(
    rb"""<\?xml[ \t\r\n][^<>]*?\bencoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][-A-Za-z0-9._]*)["']"""
)
_DECLARATION_CAP = 1024  # a declaration of any length would have to be held before it is read

# Names that an XML declaration may use for text that is not an 8-bit superset of ASCII. Codecs that
# run a language of their own (unicode_escape, idna, utf-7 …) are never taken from a file.
_MULTIBYTE = frozenset(
    "big5 big5hkscs cp932 cp949 cp950 euc-jis-2004 euc-jisx0213 euc-jp euc-kr gb18030 gb2312 gbk hz"
    " iso2022-jp iso2022-kr johab shift-jis shift-jis-2004 shift-jisx0213".split()
)
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_WITHOUT_ORDER = frozenset({"utf-16", "utf-32"})  # the bytes tell, or else it is Windows' order
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)
UNMAPPED = "\udcff"  # stands for bytes that mean nothing; the text stage reports it


def _mark_undecodable(error: Any) -> tuple[str, int]:
    """Keep a lone surrogate, and put a sign for bytes that mean nothing: an error handler."""
    try:
        return codecs.lookup_error("surrogatepass")(error)  # type: ignore[return-value]
    except UnicodeDecodeError:
        error.__traceback__ = None  # a codec calls with one error again and again, and it grows
        return UNMAPPED, error.end


codecs.register_error("reviewcorpus.mark", _mark_undecodable)


@functools.lru_cache(maxsize=64)
def codec_name(encoding: str) -> str | None:
    """Return Python's name of a text encoding; `None` for a name that has none."""
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError):
        return None
    is_text = getattr(codec, "_is_text_encoding", True)
    name = codec.name.replace("_", "-").removesuffix("-sig")
    return name if is_text and name not in _NO_CHARSETS else None


@functools.lru_cache(maxsize=64)
def is_eight_bit(name: str) -> bool:
    """Check whether each byte is a character, and those below 0x80 are ASCII."""
    if name == "utf-8" or name in _MULTIBYTE or name in _WIDE:
        return False
    text = bytes(range(256)).decode(name, "replace")
    low, high = text[:128], text[128:]
    # In two encodings of old Macs some high bytes are a second "<" or "&".
    return low == bytes(range(128)).decode() and len(high) == 128 and min(high) > "\x7f"


def check_encoding(option: str, encoding: str | None, *, eight_bit: bool = False) -> str | None:
    """Return Python's name of the encoding that an option names.

    Raises:
        TypeError: It is not a `str`.
        ValueError: There is no such text encoding, or it is not an 8-bit one where one is needed.
    """
    if encoding is None and not eight_bit:
        return None
    if not isinstance(encoding, str):
        raise TypeError(f"{option} must be the name of an encoding, not {encoding!r}")
    name = codec_name(encoding)
    if name is None:
        raise ValueError(f"{option} must be the name of a text encoding, not {encoding!r}")
    if eight_bit and not is_eight_bit(name):
        raise ValueError(
            f"{option} must be an 8-bit encoding such as 'windows-1252', not {encoding!r}"
        )
    return name


def shown_name(codec: str) -> str:
    """Return the name by which people know an encoding: Python calls Windows' own by a number."""
    return re.sub(r"^cp(125\d)$", r"windows-\1", codec)


def _at_start(head: bytes, names: dict[bytes, str]) -> str | None:
    """Return the name of the first mark that the head starts with."""
    return next((name for mark, name in names.items() if head.startswith(mark)), None)


class InputDecoder:
    """Bytes of the input in, bytes for the scanner out.

    Attributes:
        encoding: Encoding of the bytes that come out; known once `decided`.
        start: Offset of the first byte that comes out: 3 after a UTF-8 byte order mark, else 0.
        false_declaration: The encoding that the XML declaration names, if it cannot be true.
        ends_inside_character: Whether the input stopped inside a character; known at the end.
    """

    def __init__(self, forced: str | None) -> None:
        self.encoding = "utf-8"
        self.start = 0
        self.decided = False
        self.false_declaration = ""
        self.ends_inside_character = False
        self._forced = forced
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = None

    def decode(self, data: bytes, *, final: bool = False) -> bytes:
        """Return the bytes that the scanner can have by now."""
        if not self.decided:
            self._head += data
            if not final and not self._can_decide():
                return b""
            data = self._decide()
        if self._decoder is None:
            return data
        text = self._decoder.decode(data)
        self.ends_inside_character = final and self._decoder.getstate()[0] != b""
        return text.encode("utf-8", "surrogatepass")

    def _can_decide(self) -> bool:
        """Check whether the head holds a whole mark and a whole XML declaration."""
        head = self._head
        if self._forced is not None:
            return len(head) >= len(codecs.BOM_UTF32_LE)
        if b"<?xml".startswith(head[:5]):
            return b">" in head or len(head) >= _DECLARATION_CAP
        return len(head) >= len(codecs.BOM_UTF32_LE)

    def _decide(self) -> bytes:
        """Settle the encoding; return the head without its mark."""
        self.decided = True
        head, self._head = self._head, b""
        marked = _at_start(head, _BYTE_ORDER_MARKS)
        guessed = marked or _at_start(head, _WIDE_STARTS)
        name = self._forced or guessed or self._declared(head) or "utf-8"
        if name in _WITHOUT_ORDER:
            name = guessed if guessed and guessed.startswith(name) else f"{name}-le"
        if name == marked:
            head = head.removeprefix("\ufeff".encode(name))
            self.start = len(codecs.BOM_UTF8) if name == "utf-8" else 0
        if name == "utf-8" or is_eight_bit(name):
            self.encoding = name
        else:
            self._decoder = codecs.getincrementaldecoder(name)("reviewcorpus.mark")
        return head

    def _declared(self, head: bytes) -> str | None:
        """Return the encoding that the XML declaration names, if it can be true."""
        found = _DECLARATION.match(head[:_DECLARATION_CAP])
        if found is None:
            return None
        name = codec_name(found[1].decode())
        if name is not None and (name == "utf-8" or name in _MULTIBYTE or is_eight_bit(name)):
            return name
        # Unknown; or UTF-16, which a declaration that was read as ASCII cannot be.
        self.false_declaration = found[1].decode()
        return None
