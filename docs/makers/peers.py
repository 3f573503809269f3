"""The readers that are compared: each gives what it finds in a file, by its own usual way.

    python -m makers.peers NAME

reads the sound file and the damaged ones with one reader, and prints what came out as JSON: each
reader has a process of its own, which it may crash or hang without harm to the others.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from makers.damaged import DAMAGED, FILM, REVIEW, SOUND, Fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Found(NamedTuple):
    """What a reader finds in a file.

    Attributes:
        films: The movies without their reviews.
        reviews: The reviews of all movies.
        told: What the reader tells about damage, one message each.
        refused: The exception, if one came instead.
    """

    films: list[Fields]
    reviews: list[Fields]
    told: list[str]
    refused: str = ""


_PLACE = re.compile(r"^\d+:\d+: ")


def _fields(pairs: Iterable[tuple[str, str | None]]) -> Fields:
    """Keep the fields that are compared; of several elements of one name, the first."""
    fields: Fields = {}
    for name, text in pairs:
        if text is not None and name in {*FILM, *REVIEW}:
            fields.setdefault(name, text)
    return fields


# ---- this library -----------------------------------------------------------------------


def this_library(data: bytes) -> Found:
    """Read with `iter_movies`."""
    import reviewcorpus as rc  # noqa: PLC0415 one reader, one import

    def texts(record: rc.Movie | rc.Review, names: Iterable[str]) -> Fields:
        attributes = {"shortDescription": "short_description", "fullReview": "full_review"}
        attributes["generalScore"] = "general_score"
        values = [(name, getattr(record, attributes.get(name, name))) for name in names]
        return {name: str(value) for name, value in values if value is not None}

    defects: list[rc.Defect] = []
    movies = list(rc.iter_movies(io.BytesIO(data), on_defect=defects.append))
    return Found(
        [texts(movie, FILM) for movie in movies],
        [texts(review, REVIEW) for movie in movies for review in movie.reviews],
        [f"{defect.line}:{defect.column}: {defect.kind}" for defect in defects],
    )


# ---- parsers of XML ---------------------------------------------------------------------


def lxml_recovering(data: bytes) -> Found:
    """Read with lxml, `recover=True`."""
    from lxml import etree  # noqa: PLC0415 one reader, one import

    parser = etree.XMLParser(recover=True)
    root = etree.fromstring(data, parser)

    def texts(element: Any) -> Fields:  # noqa: ANN401 an element
        return _fields((child.tag, "".join(child.itertext())) for child in element)

    told = [f"{entry.line}:{entry.column}: {entry.message}" for entry in parser.error_log]
    if root is None:
        return Found([], [], told)
    films, reviews = root.iter("movie"), root.iter("review")
    return Found(list(map(texts, films)), list(map(texts, reviews)), told)


def pandas_read_xml(data: bytes) -> Found:
    """Read with `pandas.read_xml`, the lxml parser."""
    import pandas as pd  # noqa: PLC0415 one reader, one import

    def rows(xpath: str) -> list[Fields]:
        frame = pd.read_xml(io.BytesIO(data), xpath=xpath, parser="lxml", dtype=str)
        frame = frame.astype(object).where(frame.notna(), None)
        return [_fields(row.items()) for row in frame.to_dict("records")]

    return Found(rows("//movie"), rows("//review"), [])


def spark_xml(data: bytes) -> Found:
    """Read with Spark's own reader of XML, mode PERMISSIVE."""
    rows: dict[str, list[Fields]] = {}
    told = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "movie.xml")
        path.write_bytes(data)
        for tag, names in (("movie", FILM), ("review", REVIEW)):
            reader = _spark().read.format("xml").option("mode", "PERMISSIVE").option("rowTag", tag)
            schema = ", ".join(f"{name} string" for name in (*names, "_corrupt_record"))
            frame = reader.schema(schema).load(str(path))
            found = [row.asDict() for row in frame.collect()]
            damaged = [row.pop("_corrupt_record") for row in found]
            told += [f"a {tag} in _corrupt_record" for text in damaged if text is not None]
            rows[tag] = [_fields(row.items()) for row in found]
    return Found(rows["movie"], rows["review"], told)


def _spark() -> Any:  # noqa: ANN401 the session, which there is one of in a process
    from pyspark.sql import SparkSession  # noqa: PLC0415 slow to import

    builder = SparkSession.builder.master("local[1]").appName("compared")
    builder = builder.config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.memory", "512m")
    return builder.getOrCreate()


# ---- parsers of HTML --------------------------------------------------------------------

_LOWERED = {name.lower(): name for name in (*FILM, *REVIEW)}


def _html_name(name: str) -> str:
    """Give the name that was meant: HTML has names in small letters."""
    return _LOWERED.get(name, name)


def html5lib_parse(data: bytes) -> Found:
    """Read with html5lib."""
    import html5lib  # noqa: PLC0415 one reader, one import

    builder = html5lib.getTreeBuilder("etree")
    parser = html5lib.HTMLParser(tree=builder, namespaceHTMLElements=False)
    root = parser.parse(data, transport_encoding="utf-8")

    def text(element: Any) -> str:  # noqa: ANN401 an element
        # A link of HTML has no content: the address stands behind it.
        return element.tail or "" if element.tag == "link" else "".join(element.itertext())

    def texts(element: Any) -> Fields:  # noqa: ANN401 an element
        return _fields((_html_name(child.tag), text(child)) for child in element)

    messages = html5lib.constants.E
    told = [
        f"{line}:{column}: {messages[code] % values}"
        for (line, column), code, values in parser.errors
    ]
    films, reviews = root.iter("movie"), root.iter("review")
    return Found(list(map(texts, films)), list(map(texts, reviews)), told)


def selectolax_parse(data: bytes) -> Found:
    """Read with selectolax's `LexborHTMLParser`."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 one reader, one import

    tree = LexborHTMLParser(data)

    def text(node: Any) -> str:  # noqa: ANN401 a node
        if node.tag == "link":  # as HTML has it, see above
            return node.next.text_content or "" if node.next is not None else ""
        return str(node.text())

    def texts(node: Any) -> Fields:  # noqa: ANN401 a node
        return _fields((_html_name(child.tag), text(child)) for child in node.iter())

    return Found(list(map(texts, tree.css("movie"))), list(map(texts, tree.css("review"))), [])


def soup_of_xml(data: bytes) -> Found:
    """Read with `BeautifulSoup(…, "lxml-xml")`."""
    return _soup(data, "lxml-xml")


def soup_of_html(data: bytes) -> Found:
    """Read with `BeautifulSoup(…, "html.parser")`."""
    return _soup(data, "html.parser")


def _soup(data: bytes, features: str) -> Found:
    import bs4  # noqa: PLC0415 one reader, one import

    soup = bs4.BeautifulSoup(data, features, from_encoding="utf-8")

    def text(element: Any) -> str:  # noqa: ANN401 an element
        if element.name == "link" and element.is_empty_element:  # as HTML has it, see above
            return str(element.next_sibling or "")
        return str(element.get_text())

    def texts(element: Any) -> Fields:  # noqa: ANN401 an element
        children = element.find_all(recursive=False)
        return _fields((_html_name(child.name), text(child)) for child in children)

    films, reviews = soup.find_all("movie"), soup.find_all("review")
    told = []
    if soup.original_encoding not in {None, "utf-8"}:
        told.append(f"original_encoding: {soup.original_encoding}")
    if soup.contains_replacement_characters:
        told.append("contains_replacement_characters")
    return Found(list(map(texts, films)), list(map(texts, reviews)), told)


# ---- feeds ------------------------------------------------------------------------------

_TO_RSS = {
    "<movie>": '<rss version="2.0"><channel>',
    "</movie>": "</channel></rss>",
    "review>": "item>",
    "date>": "pubDate>",
    "username>": "author>",
    "shortDescription>": "title>",
    "fullReview>": "description>",
}
_OF_FEED = {"title": "title", "link": "link", "year": "year", "generalscore": "generalScore"}
_OF_ENTRY = {
    "published": "date",
    "author": "username",
    "score": "score",
    "title": "shortDescription",
    "description": "fullReview",
}


def feedparser_parse(data: bytes) -> Found:
    """Read with feedparser, tags renamed to those of RSS."""
    import feedparser  # noqa: PLC0415 one reader, one import

    for ours, theirs in _TO_RSS.items():
        data = data.replace(ours.encode(), theirs.encode())
    feed = feedparser.parse(
        io.BytesIO(data),
        response_headers={"content-type": "application/rss+xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )

    def texts(entry: Any, names: dict[str, str]) -> Fields:  # noqa: ANN401 a dictionary
        return _fields((ours, entry.get(theirs)) for theirs, ours in names.items())

    told = [f"bozo: {feed.bozo_exception}"] if feed.bozo else []
    films = [texts(feed.feed, _OF_FEED)]
    return Found(films, [texts(entry, _OF_ENTRY) for entry in feed.entries], told)


# ---- all of them ------------------------------------------------------------------------


class Reader(NamedTuple):
    """One reader of the comparison.

    Attributes:
        name: As it stands in the tables.
        read: Gives what it finds in a file.
        packages: Distributions that it needs, whose versions are told.
    """

    name: str
    read: Callable[[bytes], Found]
    packages: tuple[str, ...]


OURS = "reviewcorpus"
READERS = {
    reader.name: reader
    for reader in (
        Reader(OURS, this_library, ()),
        Reader("lxml", lxml_recovering, ("lxml",)),
        Reader("Beautiful Soup, XML", soup_of_xml, ("beautifulsoup4", "lxml")),
        Reader("Beautiful Soup, HTML", soup_of_html, ("beautifulsoup4",)),
        Reader("html5lib", html5lib_parse, ("html5lib",)),
        Reader("selectolax", selectolax_parse, ("selectolax",)),
        Reader("feedparser", feedparser_parse, ("feedparser",)),
        Reader("pandas", pandas_read_xml, ("pandas", "lxml")),
        Reader("Spark", spark_xml, ("pyspark",)),
    )
}


def missing(reader: Reader) -> str:
    """Say why a reader cannot run here, or nothing."""
    for package in reader.packages:
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return f"{package} is not installed"
    if "pyspark" in reader.packages and java_version() < LOWEST_JAVA:
        return f"there is no Java {LOWEST_JAVA} or later"
    return ""


LOWEST_JAVA = 17  # which Spark 4 needs


def java_version() -> int:
    """Give the version of the Java that Spark would take, or 0 where there is none."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home, "bin", "java")) if home else "java"
    try:
        done = subprocess.run([command, "-version"], check=True, capture_output=True, text=True)  # noqa: S603 as Spark runs it
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r'version "(\d+)', done.stderr)
    return int(found[1]) if found else 0


def attempt(reader: Reader, data: bytes) -> Found:
    """Read a file; what the reader raises is its answer."""
    try:
        return reader.read(data)
    except Exception as error:  # noqa: BLE001 whatever it raises
        cause = getattr(error, "java_exception", None)
        while cause is not None and cause.getCause() is not None:
            cause = cause.getCause()  # Spark's own message holds nothing but where it ran
        message = str(error if cause is None else cause.toString()).partition("\n")[0]
        return Found([], [], [], f"{type(error).__name__}: {message}")


def _place_cut(message: str) -> str:
    """Give a message without the line and column that it begins with."""
    return _PLACE.sub("", message)


def news(found: Found, sound: Found) -> Found:
    """Leave out what a reader tells about the sound file too, such as that it is no HTML."""
    known = {_place_cut(message) for message in sound.told}
    return found._replace(told=[text for text in found.told if _place_cut(text) not in known])


def main() -> None:
    """Read all files with the reader that the command line names."""
    warnings.simplefilter("ignore")  # of peers, about each other
    reader = READERS[sys.argv[1]]
    sound = attempt(reader, SOUND.encode())
    if sound.refused:  # it cannot run here: a part of it is missing or does not start
        sys.exit(sound.refused)
    found = [news(attempt(reader, damaged.data), sound) for damaged in DAMAGED]
    sys.stdout.write(json.dumps([sound, *found]) + "\n")


if __name__ == "__main__":
    main()
