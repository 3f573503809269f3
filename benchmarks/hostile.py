"""Hostile input at n, 2n and 4n bytes: the time that reading takes and how it grows, and memory.

    python benchmarks/hostile.py [--size N] [--no-memory] [WORD ...]

Prints a table in Markdown of the families in `tests/support/hostile_input.py` and
`tests/support/hostile_archives.py` that have one of the words in their names, or of all without
words. N is a number of bytes, by default 65,536. Times are those of the processor. The factor is
by how much the time grows with each of the two doublings. Memory is the most that is held at one
time while 4n bytes are read, the events of one piece among it, without the input itself.

Exit status: 0 if no factor is above 3 in the best of five measurements, else 1.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from hostile_archives import PACKED
from hostile_input import FAMILIES, FORMS, most_memory, processor_time, reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hostile_input import Family, Form

MOST_GROWTH = 3
ATTEMPTS = 5
LEAST_TIME = 0.001  # seconds; in less time, growth says nothing
TITLES = ("family", "read", "ns a byte at n", "at 2n", "at 4n", "factor", "memory, KB")


def growth(times: list[float]) -> float:
    """Return by how much a time grows with a doubling, on average over the two."""
    return float((times[-1] / max(times[0], LEAST_TIME)) ** 0.5)


def measure(family: Family, form: Form, sizes: list[int], folder: Path) -> list[float]:
    """Return the seconds that reading takes at each size; more attempts if it looks slow."""
    times = [processor_time(reading(family, size, form, folder)) for size in sizes]
    for _ in range(ATTEMPTS - 1):
        if growth(times) <= MOST_GROWTH:
            break
        again = (processor_time(reading(family, size, form, folder)) for size in sizes)
        times = [min(pair) for pair in zip(times, again, strict=True)]
    return times


def forms_of(family: Family) -> list[Form]:
    """Return the ways to read a family: files are read as they stream, in pieces of their own."""
    return [form for form in FORMS if not (family.suffix and form.step)]


def rows(words: list[str], size: int, folder: Path, *, with_memory: bool) -> Iterator[list[str]]:
    """Measure; give the cells of each row, the factor last but one."""
    sizes = [size, 2 * size, 4 * size]
    for family in [*FAMILIES, *PACKED]:
        if words and not any(word in family.name for word in words):
            continue
        for form in forms_of(family):
            times = measure(family, form, sizes, folder)
            each = [f"{time / n * 1e9:,.1f}" for time, n in zip(times, sizes, strict=True)]
            held = most_memory(reading(family, sizes[-1], form, folder)) if with_memory else 0
            factor = f"{growth(times):.2f}"
            yield [family.name, str(form), *each, factor, f"{held / 1e3:,.0f}" if held else ""]


def main() -> int:
    """Print the table; give the exit status."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("words", nargs="*", metavar="WORD", help="a part of a family's name")
    arguments.add_argument("--size", type=int, default=1 << 16, metavar="N", help="bytes")
    arguments.add_argument("--no-memory", action="store_true", help="measure time only")
    given = arguments.parse_args()
    status = 0
    sys.stdout.write(f"n is {given.size:,} bytes.\n\n| {' | '.join(TITLES)} |\n")
    sys.stdout.write(f"|---|---|{'---:|' * (len(TITLES) - 2)}\n")
    with tempfile.TemporaryDirectory() as folder:
        table = rows(given.words, given.size, Path(folder), with_memory=not given.no_memory)
        for row in table:
            if float(row[-2]) > MOST_GROWTH:
                row[-2] = f"**{row[-2]}**"
                status = 1
            sys.stdout.write(f"| {' | '.join(row)} |\n")
            sys.stdout.flush()
    return status


if __name__ == "__main__":
    sys.exit(main())
