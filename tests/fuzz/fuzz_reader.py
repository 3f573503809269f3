"""A fuzz target: whatever the bytes are, reading keeps the promises of `tests/promises.py`.

python fuzz/fuzz_reader.py fuzz/seeds -max_total_time=600    fuzz (needs atheris)
python fuzz/fuzz_reader.py FILE...                           check files (does not)
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import random
import sys
import zlib
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GROWN = HERE / "corpus"  # what the fuzzer keeps; git ignores it
CRASHES = HERE / "crashes"  # likewise
MADE = HERE / "made"  # likewise; inputs to start from that are no files yet
PREFIX = "-artifact_prefix"
DEFAULTS = {
    "-dict": str(HERE / "reviewcorpus.dict"),
    PREFIX: f"{CRASHES}/",
    "-max_len": "4096",
    "-timeout": "20",  # seconds for one input: a hundredth of a second is what most take
}
MOST_CUTS = 12
ENCODINGS = (
    "utf-8 latin-1 windows-1250 windows-1251 windows-1252 koi8-r us-ascii gb2312 gb18030 big5"
    " shift_jis euc-jp euc-kr iso2022_jp hz utf-16 utf-16-le utf-32-be"
).split()


@cache
def load(name: str) -> Any:
    """Import a module of the tests, late, so that it comes to the fuzzer with its probes in it."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def promises_of(data: bytes) -> list[partial[None]]:
    """Return the promises to check; what they need besides the bytes follows from them."""
    promises, archives, reading = map(load, ("promises", "archive_promises", "reading"))
    chance = random.Random(zlib.crc32(data))
    places = [chance.randint(0, len(data)) for _ in range(chance.randint(1, MOST_CUTS))]
    parts = reading.pieces(data, places)
    table, sample = chance.choice(samples())
    encoding = chance.choice(ENCODINGS)
    declared = f'<?xml version="1.0" encoding="{encoding}"?>\n'.encode() + data
    return [
        *(partial(promise, data) for promise in promises.ABOUT_ANY_BYTES),
        *(partial(promise, data, format=table) for promise in promises.ABOUT_ANY_FORMAT),
        *(partial(promise, data) for promise in archives.ABOUT_ARCHIVES),
        partial(promises.the_pieces_do_not_matter, data, parts),
        partial(promises.the_pieces_do_not_matter, data, parts, format=table),
        partial(promises.the_pieces_do_not_matter, data, parts, encoding=encoding),
        partial(promises.the_pieces_do_not_matter, declared, reading.pieces(declared, places)),
        partial(promises.the_fast_path_and_the_slow_path_give_the_same, declared),
        partial(promises.no_byte_is_lost, data, places),
        partial(promises.damage_in_a_body_stays_in_it, sample, table, places[0], data),
        partial(promises.a_file_after_anything_is_read, data, sample, table, encoding="utf-8"),
    ]


@cache
def samples() -> list[tuple[Any, bytes]]:
    """Return each known format with a file without damage in it."""
    known = importlib.import_module("reviewcorpus.formats").known
    clean = load("format_samples").CLEAN
    return [(table, clean[table.name].read_bytes()) for table in known()]


def check(data: bytes) -> None:
    """Check all promises.

    Raises:
        AssertionError: One of them is broken; any other exception breaks the first of them.
    """
    for promise in promises_of(data):
        promise()


def check_one(data: bytes, prefix: str = DEFAULTS[PREFIX]) -> None:
    """Check one promise, which the bytes choose, so that many inputs a second can be tried."""
    promises = promises_of(data)
    promise = promises[zlib.crc32(data) % len(promises)]
    try:
        promise()
    except BaseException:
        file = f"{prefix}crash-{hashlib.sha1(data).hexdigest()}"  # noqa: S324 libFuzzer's name
        sys.stderr.write(
            f"\nbroken promise: {promise.func.__name__}\ninput: {data!r}\n"
            f"to check it again: python {Path(sys.argv[0])} {file}\n"
        )
        raise


# ---- seeds ------------------------------------------------------------------------------


def seeds() -> Iterator[bytes]:
    """Yield inputs to start from: those of cases, samples, files that were drawn, archives."""
    cases = ROOT / "tests" / "cases"
    for path in sorted([*cases.glob("*.json"), *cases.glob("formats/*.json")]):
        for case in json.loads(path.read_text(encoding="utf-8")):
            if "input" in case:
                yield case["input"].encode()
            else:
                yield base64.b64decode(case["input_base64"])
    samples = ROOT / "src" / "reviewcorpus" / "samples"
    for path in sorted([*samples.rglob("*.[xtr][mxe]*"), *HERE.glob("seeds/*.xml")]):
        yield path.read_bytes()
    packed = (HERE / "seeds" / "crawled.xml").read_bytes()
    for pack in load("archive_promises").PACKERS.values():
        yield pack(packed)


def write_seeds(folder: Path) -> None:
    """Write the inputs to start from into a folder, a file each."""
    for data in seeds():
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


# ---- ways to run ------------------------------------------------------------------------


def check_files(paths: list[Path]) -> None:
    """Check all promises for the bytes of files."""
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            sys.stderr.write(f"cannot read {path}: {error.strerror}\n")
            sys.exit(2)
        check(data)
        sys.stdout.write(f"{path}: all promises hold\n")


def fuzz(folders: list[str], options: list[str]) -> None:
    """Look for inputs that break a promise; does not return."""
    try:
        atheris: Any = importlib.import_module("atheris")
    except ModuleNotFoundError:
        sys.exit(
            "fuzzing needs atheris, which there is for Linux and some versions of Python;"
            " install it with: pip install --group fuzz\n"
            "files can be checked without it: python fuzz/fuzz_reader.py FILE..."
        )
    with atheris.instrument_imports(include=["reviewcorpus"]):
        promises_of(b"")
    for folder in (GROWN, CRASHES, MADE):
        folder.mkdir(exist_ok=True)
    write_seeds(MADE)
    given = {name: value for name, _, value in (option.partition("=") for option in options)}
    options += [f"{name}={value}" for name, value in DEFAULTS.items() if name not in given]
    check_and_name = partial(check_one, prefix=given.get(PREFIX, DEFAULTS[PREFIX]))
    # New inputs go to the first folder; the others are only read.
    atheris.Setup([sys.argv[0], str(GROWN), str(MADE), *folders, *options], check_and_name)
    atheris.Fuzz()


def main(arguments: list[str]) -> None:
    """Check files, or fuzz."""
    options = [argument for argument in arguments if argument.startswith("-")]
    paths = [Path(argument) for argument in arguments if not argument.startswith("-")]
    if files := [path for path in paths if not path.is_dir()]:
        check_files(files)
    else:
        fuzz([str(path) for path in paths], options)


if __name__ == "__main__":
    main(sys.argv[1:])
