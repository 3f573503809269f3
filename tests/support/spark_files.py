"""Files for the tests of the Spark data source, and how the plain reader reads them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewcorpus import Corpus, Movie, Review, arrow, dumps

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = {"reviews": arrow.reviews, "movies": arrow.movies, "defects": arrow.defects}


def plain_table(path: object, table: str, **options: Any) -> pa.Table:
    """Return a table as the plain reader reads it."""
    return TABLES[table](Corpus(path, **options)).read_all()  # type: ignore[arg-type]


def small_file(number: int) -> bytes:
    """Return a file of one movie, some of them damaged."""
    reviews = [
        Review(
            username=f"user {number} {index}",
            score=(number + index) % 11 / 10,
            short_description=f"Æ {number}",
            full_review=f"Body {index} of {number}. " * (1 + (number * 7 + index) % 20),
        )
        for index in range(number % 7)
    ]
    movie = Movie(title=f"Film {number}", year=1950 + number % 70, reviews=reviews)
    data = dumps(movie).encode()
    return data.replace(b" of ", b" & <br> caf&eacute;", 1) if number % 5 == 0 else data


def write_small_files(folder: Path, count: int) -> None:
    """Write files into a folder, some of them into one below it."""
    (folder / "more").mkdir()
    for number in range(count):
        place = folder / "more" if number % 3 else folder
        (place / f"{number:04}.xml").write_bytes(small_file(number))


def write_large_file(path: Path, size: int) -> None:
    """Write a file of at least `size` bytes: long movies and short ones, clean and damaged."""
    review = (
        "\t<review>\n\t\t<date>20{year:02}-0{month}-11</date>\n"
        "\t\t<username>user {number}</username>\n"
        "\t\t<score>0.{month}</score>\n\t\t<shortDescription>Headline {number}</shortDescription>\n"
        "\t\t<fullReview>{body} {odd}</fullReview>\n\t</review>\n"
    )
    odds = ["", "caf&eacute;", "a <review> in words", "<!-- <x> -->", "R & B", "née", "<br/>"]
    body = "The sea is wide and the boat is small, and nobody in it can swim. " * 30
    written = number = 0
    with path.open("wb") as file:
        while written < size:
            reviews = 5000 if number % 2 == 0 else 3
            parts = [f"<movie>\n\t<title>Film {number}</title>\n\t<year>{1950 + number}</year>\n"]
            for index in range(reviews):
                odd = odds[index // 50 % len(odds)] if index % 50 == 0 else ""
                parts.append(
                    review.format(
                        year=index % 30,
                        month=1 + index % 9,
                        number=index,
                        odd=odd,
                        body=body[: 900 + index * 37 % 1000],
                    )
                )
            written += file.write("".join([*parts, "</movie>\n"]).encode())
            number += 1


LOWEST_JAVA = 17  # which Spark 4 needs


def java_version() -> int:
    """Return the version of the Java that Spark would run, or 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home, "bin", "java")) if home else "java"
    try:
        done = subprocess.run([command, "-version"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0
