"""Compare what readers make of ten damaged files: `python benchmarks/compared.py docs/compared.md`.

It replaces the second part of that page, from `## What came out` on. Each file is the same sound
file with one piece replaced, so that only the damage can make a difference. What should be found
is written as well-formed XML, which Python's own parser reads.
"""

from __future__ import annotations

import functools
import importlib.metadata
import io
import platform
import sys
import tempfile
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import bs4
import html5lib
import pandas as pd
from lxml import etree
from pyspark.sql import SparkSession
from selectolax.lexbor import LexborHTMLParser

import reviewcorpus as rc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Fields: TypeAlias = dict[str, str]

MOVIE = ("title", "link", "year", "generalScore")
REVIEW = ("date", "username", "score", "shortDescription", "fullReview")
ATTRIBUTES = ("general_score", "short_description", "full_review")
NAMES = {name.lower(): name for name in (*MOVIE, *REVIEW)}
NAMES |= {name: NAMES[name.replace("_", "")] for name in ATTRIBUTES}
PACKAGES = "beautifulsoup4 charset-normalizer html5lib lxml pandas pyspark selectolax"
SHOWN = 60  # characters of a text: two lines of a phone
SHOWN_BEFORE = 20  # of them before the first one that differs

# ---- the files --------------------------------------------------------------------------

SOUND = """\
<movie>
	<title>Paper Boats</title>
	<link>http://www.imdb.com/title/tt9000001/</link>
	<year>2007</year>
	<generalScore>0.72</generalScore>
	<review>
		<date>2007-09-14</date>
		<username>quillfish</username>
		<score>0.8</score>
		<shortDescription>Small, wet &amp; lovely</shortDescription>
		<fullReview>Two sisters fold a phone book into boats.</fullReview>
	</review>
	<review>
		<date>2007-10-02</date>
		<username>tidewright</username>
		<score>0.4</score>
		<shortDescription>It sinks</shortDescription>
		<fullReview>The pond scene drags. Take a book along.</fullReview>
	</review>
	<review>
		<date>2008-01-20</date>
		<username>oarlock</username>
		<score>0.9</score>
		<shortDescription>Not naïve at all</shortDescription>
		<fullReview>The café by the harbour is the best actor in it.</fullReview>
	</review>
</movie>
"""
SECOND_FILE = """\
<movie>
	<title>Glass Kites</title>
	<link>http://www.imdb.com/title/tt9000002/</link>
	<year>2011</year>
	<generalScore>0.5</generalScore>
	<review>
		<date>2011-03-05</date>
		<username>windlass</username>
		<score>0.5</score>
		<shortDescription>Half a kite</shortDescription>
		<fullReview>Pretty, and then it falls.</fullReview>
	</review>
</movie>
"""


class Damaged(NamedTuple):
    """A damaged file.

    Attributes:
        about: What the damage is, and how it comes about.
        old: The piece of the sound file that is replaced.
        new: What replaces it.
        meant: The same without damage.
        encoding: Encoding of `new`.
    """

    about: str
    old: str
    new: str
    meant: str
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        """The whole file."""
        before, _, after = SOUND.partition(self.old)
        return before.encode() + self.new.encode(self.encoding) + after.encode()

    @property
    def expected(self) -> Found:
        """What should be found."""
        text = f"<movies>{SOUND.replace(self.old, self.meant)}</movies>"
        return _found(ET.fromstring(text), [])  # noqa: S314 our own text


QUERY = "tt9000001/?pf_rd_m=A2F&pf_rd_p=239&ref_=chttp_tt_34"
BODY = "The pond scene drags. Take a book along."
QUOTES = "The pond scene drags. “Déjà vu” says it all."
END = "tor in it.</fullReview>\n\t</review>\n</movie>\n"
DAMAGED = {
    "`&` in a link": Damaged(
        "The crawler did not escape the `&` between parameters.",
        *("tt9000001/", QUERY, QUERY.replace("&", "&amp;")),
    ),
    "Cut title": Damaged(
        "Titles were cut at their first `;`, which may be the end of a reference.",
        *("Paper Boats", "Boats &amp", "Boats &amp;"),
    ),
    "HTML entities": Damaged(
        "Pages are HTML, which has names for characters that XML does not know.",
        BODY,
        "The&nbsp;pond scene drags. Take a book to the caf&eacute; instead.",
        "The\xa0pond scene drags. Take a book to the café instead.",
    ),
    "Plain text": Damaged(
        "The author typed `&` and `<`. Nothing was escaped.",
        BODY,
        "I <3 boats, but AT&T paid for this. Rating < 5, R&B at the end.",
        "I &lt;3 boats, but AT&amp;T paid for this. Rating &lt; 5, R&amp;B at the end.",
    ),
    "Inline tags": Damaged(
        "The text has tags of the page, such as `<br>`, which is never closed.",
        BODY,
        "The pond scene <i>drags</i>.<br>Take a book along.",
        "The pond scene drags.\nTake a book along.",
    ),
    "No end tag": Damaged(
        "An end tag was lost.",
        *("tidewright</username>", "tidewright", "tidewright</username>"),
    ),
    "Names in text": Damaged(
        "A body mentions elements by name.",
        BODY,
        "My <score> would be lower, and the <year> is wrong.",
        "My &lt;score> would be lower, and the &lt;year> is wrong.",
    ),
    "Two encodings": Damaged(
        "One review is in Windows-1252, the others are in UTF-8.",
        *(BODY, QUOTES, QUOTES, "cp1252"),
    ),
    "Two files in one": Damaged(
        "Files were joined. The format allows this.",
        *("</movie>\n", f"</movie>\n{SECOND_FILE}", f"</movie>\n{SECOND_FILE}"),
    ),
    "Cut file": Damaged(
        "The crawler died in the middle of a word.", END, "", "</fullReview></review></movie>"
    ),
}

# ---- the readers ------------------------------------------------------------------------


class Found(NamedTuple):
    """What a reader finds: movies without their reviews, reviews, and messages about damage."""

    movies: list[Fields]
    reviews: list[Fields]
    messages: list[str]


def _fields(pairs: Iterable[tuple[Any, Any]]) -> Fields:
    """Return the first value of each field; HTML has names in small letters."""
    fields: Fields = {}
    for name, value in pairs:
        if value is not None and name in {*NAMES, *MOVIE, *REVIEW}:
            fields.setdefault(NAMES.get(name, name), str(value))
    return fields


def _found(root: Any, messages: list[str], *, is_html: bool = False) -> Found:
    """Return what a tree like that of ElementTree has. In HTML a `<link>` is before its text."""

    def find(tag: str) -> list[Fields]:
        return [_fields((child.tag, text(child)) for child in each) for each in root.iter(tag)]

    def text(child: Any) -> str:
        is_before = is_html and child.tag == "link"
        return child.tail if is_before else "".join(child.itertext())

    return Found(find("movie"), find("review"), messages)


def _own(data: bytes) -> Found:
    def fields(record: rc.Movie | rc.Review) -> Fields:
        return _fields((name, getattr(record, name)) for name in dir(record))

    defects: list[rc.Defect] = []
    movies = list(rc.iter_movies(io.BytesIO(data), on_defect=defects.append))
    reviews = [fields(review) for movie in movies for review in movie.reviews]
    return Found([*map(fields, movies)], reviews, [defect.kind.value for defect in defects])


def _lxml(data: bytes) -> Found:
    parser = etree.XMLParser(recover=True)
    root = etree.fromstring(data, parser)
    return _found(root, [entry.message for entry in parser.error_log])


def _html5lib(data: bytes) -> Found:
    builder = html5lib.getTreeBuilder("etree")
    parser = html5lib.HTMLParser(tree=builder, namespaceHTMLElements=False)
    root = parser.parse(data, transport_encoding="utf-8")
    return _found(root, [f"{code} {values}" for _, code, values in parser.errors], is_html=True)


def _soup(features: str, data: bytes) -> Found:
    soup = bs4.BeautifulSoup(data, features, from_encoding="utf-8")

    def text(child: Any) -> Any:
        is_before = child.name == "link" and child.is_empty_element
        return child.next_sibling if is_before else child.get_text()

    def find(tag: str) -> list[Fields]:
        children = (each.find_all(recursive=False) for each in soup.find_all(tag))
        return [_fields((child.name, text(child)) for child in each) for each in children]

    messages = ["replaced characters"] if soup.contains_replacement_characters else []
    messages += [f"read as {soup.original_encoding}"] if soup.original_encoding != "utf-8" else []
    return Found(find("movie"), find("review"), messages)


def _selectolax(data: bytes) -> Found:
    tree = LexborHTMLParser(data)

    def text(child: Any) -> Any:
        after = child.next if child.tag == "link" else None
        return after.text_content if after is not None else child.text()

    def find(tag: str) -> list[Fields]:
        return [
            _fields((child.tag, text(child)) for child in each.iter()) for each in tree.css(tag)
        ]

    return Found(find("movie"), find("review"), [])


def _pandas(data: bytes) -> Found:
    def find(tag: str) -> list[Fields]:
        frame = pd.read_xml(io.BytesIO(data), xpath=f"//{tag}", parser="lxml", dtype=str)
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return [_fields(row.items()) for row in rows]

    return Found(find("movie"), find("review"), [])


def _spark(data: bytes) -> Found:
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    reader = builder.getOrCreate().read.format("xml").option("mode", "PERMISSIVE")
    messages: list[str] = []

    def find(tag: str, names: Iterable[str]) -> list[Fields]:
        schema = ", ".join(f"{name} string" for name in (*names, "_corrupt_record"))
        frame = reader.option("rowTag", tag).schema(schema).load(path)
        rows = [row.asDict() for row in frame.collect()]
        messages.extend(tag for row in rows if row["_corrupt_record"] is not None)
        return [_fields(row.items()) for row in rows]

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "movie.xml"))
        Path(path).write_bytes(data)
        return Found(find("movie", MOVIE), find("review", REVIEW), messages)


READERS: dict[str, Callable[[bytes], Found]] = {
    "reviewcorpus": _own,
    "lxml": _lxml,
    "Beautiful Soup, XML": functools.partial(_soup, "lxml-xml"),
    "Beautiful Soup, HTML": functools.partial(_soup, "html.parser"),
    "html5lib": _html5lib,
    "selectolax": _selectolax,
    "pandas": _pandas,
    "Spark": _spark,
}

# ---- what came out ----------------------------------------------------------------------

VERDICTS = RIGHT, CHANGED, LOST, REFUSED = "right", "changed", "lost", "refused"


class Outcome(NamedTuple):
    """What came of a file: the worst that happened, in words, and whether it was reported."""

    verdict: str
    details: str
    is_reported: bool


def judge(read: Callable[[bytes], Found], damaged: Damaged) -> Outcome:
    """Read a file, and compare what is found with what should be found."""
    try:
        found = read(damaged.data)
    except Exception as error:
        return Outcome(REFUSED, f"`{type(error).__name__}`", is_reported=True)
    pairs = [
        ("movie", damaged.expected.movies, found.movies),
        ("review", damaged.expected.reviews, found.reviews),
    ]
    lost, changed, added = [], [], 0
    for kind, expected, given in pairs:
        left = [fields for fields in given if any(map(_plain, fields.values()))]
        for number, fields in enumerate(expected, 1):
            best = min(left, key=functools.partial(_distance, fields), default={})
            changes = _changes(fields, best)
            if len(changes) == len(fields):
                lost.append(f"{kind} {number}")
            else:
                left.remove(best)
                changed += [f"`{it}` of {kind} {number}: {text}" for it, text in changes.items()]
        added += len(left)
    parts = [f"lost: {', '.join(lost)}"] if lost else []
    parts += changed[:1] + ([f"{len(changed) - 1} more"] if len(changed) > 1 else [])
    parts += [f"{added} records too many"] if added else []
    verdict = LOST if lost else CHANGED if parts else RIGHT
    known = read(SOUND.encode()).messages
    return Outcome(verdict, "; ".join(parts), any(text not in known for text in found.messages))


def _distance(expected: Fields, found: Fields) -> int:
    return len(_changes(expected, found))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _changes(expected: Fields, found: Fields) -> Fields:
    """Return the fields that differ, each with a piece of what was found."""
    changes = {}
    for name, text in expected.items():
        came, should = _plain(found.get(name, "")), _plain(text)
        if came != should:
            pairs = enumerate(zip(came, should, strict=False))
            same = next((place for place, (one, other) in pairs if one != other), len(came))
            start = max(0, min(same - SHOWN_BEFORE, len(came) - SHOWN))
            end = start + SHOWN
            piece = "…" * (start > 0) + came[start:end] + "…" * (end < len(came))
            changes[name] = f"`{piece}`".replace("|", "\\|") if came else "nothing"
    return changes


# ---- the page ---------------------------------------------------------------------------

START = "## What came out\n"
BEFORE_FILES = """\
## The damaged files

Each table has the readers that are not right, with the first field that differs. `\\x93` is a byte
that is not UTF-8.
"""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table, of the class that makes room for many columns."""
    head = list(head)
    lines = [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(["```{table}", ":class: narrow", "", *lines, "```", ""])


def section(name: str, outcomes: dict[str, Outcome]) -> str:
    """Return what came of one file."""
    damaged = DAMAGED[name]
    new = damaged.new.encode(damaged.encoding).decode("utf-8", "backslashreplace").strip()
    kinds = ", ".join(f"`{kind}`" for kind in sorted(set(_own(damaged.data).messages)))
    rows = [[reader, it.verdict, it.details] for reader, it in outcomes.items() if it.details]
    results = table(["reader", "result", "what came out"], rows)
    return (
        f"### {name}\n\n{damaged.about}\n\n"
        f"```text\n{damaged.old.strip()}\n```\n\nis replaced by\n\n"
        f"```text\n{new or '(nothing)'}\n```\n\n"
        f"This library reports {kinds or 'nothing'}.\n\n{results}"
    )


def results() -> str:
    """Return the part of the page that is not written by hand."""
    outcomes = {
        name: {reader: judge(read, damaged) for reader, read in READERS.items()}
        for name, damaged in DAMAGED.items()
    }
    totals = []
    for reader in READERS:
        of_reader = [of_file[reader] for of_file in outcomes.values()]
        counts = [sum(it.verdict == verdict for it in of_reader) for verdict in VERDICTS]
        counts.append(sum(it.is_reported for it in of_reader))
        totals.append([reader, *map(str, counts)])
    summary = [[name, *(it.verdict for it in of.values())] for name, of in outcomes.items()]
    versions = [f"Python {platform.python_version()}", f"reviewcorpus {rc.__version__}"]
    versions += [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES.split()]
    parts = [
        START,
        f"{', '.join(versions)}.\n",
        table(["reader", *VERDICTS, "reported"], totals),
        table(["file", *READERS], summary),
        f"## The sound file\n\n```xml\n{SOUND}```\n",
        BEFORE_FILES,
        *(section(name, of_file) for name, of_file in outcomes.items()),
    ]
    return "\n".join(parts)


def main() -> None:
    """Write the page to the file that the command line names."""
    warnings.simplefilter("ignore")  # of peers, about each other
    sound = Damaged("", "Paper", "Paper", "Paper")
    for reader, read in READERS.items():
        outcome = judge(read, sound)
        if outcome.verdict != RIGHT:
            sys.exit(f"{reader} does not read the sound file: {outcome.details}")
    path = Path(sys.argv[1])
    by_hand = path.read_text(encoding="utf-8").partition(START)[0]
    path.write_text(by_hand + results(), encoding="utf-8")


if __name__ == "__main__":
    main()
