"""The names of text encodings, and which of them read each byte as a character."""

from __future__ import annotations

import codecs
import functools

from reviewcorpus._checks import refuse

# Encodings that an XML declaration may name and that are not 8-bit supersets of ASCII. Codecs with
# an escape language of their own (unicode_escape, idna, utf-7 …) are never taken from a file.
MULTIBYTE = frozenset(
    "big5 big5hkscs cp932 cp949 cp950 euc-jis-2004 euc-jisx0213 euc-jp euc-kr gb18030 gb2312 gbk hz"
    " iso2022-jp iso2022-jp-1 iso2022-jp-2 iso2022-jp-2004 iso2022-jp-3 iso2022-jp-ext iso2022-kr"
    " johab shift-jis shift-jis-2004 shift-jisx0213".split()
)
WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"}
)


@functools.lru_cache(maxsize=64)
def codec_name(encoding: str) -> str | None:
    """Return Python's name of a text encoding; `None` if it has none."""
    try:
        codec = codecs.lookup(encoding)
    except (LookupError, ValueError):
        return None
    is_text = getattr(codec, "_is_text_encoding", True)
    name = codec.name.replace("_", "-").removesuffix("-sig")
    return name if is_text and name not in _NO_CHARSETS else None


@functools.lru_cache(maxsize=64)
def is_eight_bit(name: str) -> bool:
    """Check whether each byte is a character, and the bytes below 0x80 are ASCII."""
    if name == "utf-8" or name in MULTIBYTE or name in WIDE:
        return False
    text = bytes(range(256)).decode(name, "replace")
    low, high = text[:128], text[128:]
    # In two encodings of old Macs some high bytes are a second "<" or "&".
    return low == bytes(range(128)).decode() and len(high) == 128 and min(high) > "\x7f"


def check_encoding(option: str, encoding: str | None, *, eight_bit: bool = False) -> str | None:
    """Return Python's name of the encoding that an option names.

    Raises:
        TypeError: It is not a `str`.
        ValueError: There is no such text encoding, or an 8-bit one is needed and it is not one.
    """
    if encoding is None and not eight_bit:
        return None
    if not isinstance(encoding, str):
        refuse(TypeError, option, encoding, "the name of an encoding")
    name = codec_name(encoding)
    if name is None:
        refuse(ValueError, option, encoding, "the name of a text encoding")
    if eight_bit and not is_eight_bit(name):
        refuse(ValueError, option, encoding, "an 8-bit encoding such as 'windows-1252'")
    return name
