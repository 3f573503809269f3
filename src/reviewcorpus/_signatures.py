"""What compressed data and archives begin with."""

from __future__ import annotations

import re

_SIGNATURES = {
    "gzip": rb"\x1f\x8b",
    # "BZh" is how a text may begin too; the mark of a block, or of the end, is not.
    "bzip2": rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)",
    "xz": rb"\xfd7zXZ\0",
    "zip": rb"PK(?:\x03\x04|\x05\x06)",
    "Zstandard": rb"\x28\xb5\x2f\xfd",
}
_PACKED = re.compile(b"|".join(b"(?P<%s>%s)" % (k.encode(), v) for k, v in _SIGNATURES.items()))
_FIRST_BYTES = b"\x1fB\xfdP\x28"
LONGEST_SIGNATURE = 10  # bytes


def packed_as(head: bytes) -> str | None:
    """Return which kind of compressed data or archive begins with some bytes, if any does."""
    match = _PACKED.match(head)
    return match.lastgroup if match else None


def is_undecided(head: bytes) -> bool:
    """Return whether more bytes may make of these, which are not empty, the beginning of one."""
    return len(head) < LONGEST_SIGNATURE and head[0] in _FIRST_BYTES
