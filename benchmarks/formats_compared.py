"""Compare what readers make of the other formats: `python benchmarks/formats_compared.py docs`.

It replaces the end of the page of each format, from `## What others make of it` on. The files are
invented. They have the form of the real ones, and the kinds of damage that were found there.
"""

from __future__ import annotations

import functools
import importlib.metadata
import io
import platform
import sys
import warnings
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import bs4
from lxml import etree

import reviewcorpus as rc
from reviewcorpus.formats import MDSD, MUCHOCINE, SENSCRITIQUE, Field, Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Fields: TypeAlias = dict[str, str]  # by the names in small letters, for HTML has no others

SHOWN = 50  # characters of a text
SHOWN_BEFORE = 15  # of them before the first one that differs
# What is written in these files, and means something else.
MEANT = {
    "&ldquo;": "“",
    "&rdquo;": "”",
    "&hellip;": "…",
    "&quot;": '"',
    "&#45;": "-",
}

# ---- the files --------------------------------------------------------------------------


class Sample(NamedTuple):
    """Files of a format, and the records in them as they are written.

    Attributes:
        table: The format.
        key: Names of elements or attributes that tell records apart, and are sound in all.
        records: The texts of each record, by the names of their elements and attributes.
        files: The files.
    """

    table: Format
    key: tuple[str, ...]
    records: list[Fields]
    files: list[bytes]

    def by_key(self, records: Iterable[Fields]) -> dict[str, Fields]:
        """Return the first record with each key."""
        found: dict[str, Fields] = {}
        for fields in records:
            name = next((each for each in self.key if each in fields), "")
            found.setdefault(fields.get(name, "").strip(), fields)
        return found


def _records(names: str, *rows: tuple[str, ...]) -> list[Fields]:
    return [dict(zip(names.split(), row, strict=True)) for row in rows]


def _elements(fields: Fields, pattern: str) -> str:
    return "".join(pattern.format(*pair) for pair in fields.items())


def _muchocine() -> Sample:
    records = _records(
        "author title summary body",
        ("Inés Quiroga", "El faro de papel", "Crece al recordarla", "Vi esta cinta sin prisa."),
        ("Tomás Riel", "La barca", "Aburrida", "Dos horas de silencio."),
        ("Ada Lobo", "La barca", "Vaya", "Todos hablan de &ldquo;la barca&rdquo;&hellip;"),
        ("R. Peña", "Nueve gansos", "Correcta", "Poca historia & mucha niebla, sin más."),
        ("Noa Vidal", "Nueve gansos", "Un ocho", "Nota final: 8 <- ni más ni menos."),
        ("Leo Marín", "La barca", "Recuerdos", "Me ayudó; <Nadie recuerda el final."),
        ("Eva Sanz", "Llaves & Candados", "Con clave", "El guion encaja."),
        ("Gil Prado", 'La "otra" orilla', "Breve", "Se acaba pronto."),
    )
    text = (
        '<review author="{author}" title="{title}" rank="4" maxRank="5" source="muchocine">\n'
        "\t<summary>{summary}</summary>\n\t<body>{body}</body>\n</review>\n"
    )
    files = [text.format_map(each).encode("cp1252") for each in records]
    return Sample(MUCHOCINE, ("author",), records, files)


def _senscritique() -> Sample:
    votes = "".join(f"\n\t\t<numberOfVoters>{n}</numberOfVoters>" for n in range(10))
    movies = _records(
        "nameEn nameFr typeEn typeFr link scoreDistribution",
        ("null", "Brume & vent", "Movie", "Film", "http://www.senscritique.com/film/a/1", votes),
        ("Ferry", "Le Bac", "Movie", "Film", "http://www.senscritique.com/film/b/2", votes),
    )
    reviews = _records(
        "title author content",
        ("Rêver", "voilier_7", "On y entre comme dans l’eau froide."),
        ("Partir & rester", "quai-des-notes", "Pas fini."),
        ("Brume", "lanterne", "<3 pour la bande-son, que j'écoute encore."),
        ("Encore", "m.sel", "Du r&b et du hip-hop mêlés."),
        ("Beau", "canal12", "C’est <b>beau</b>, tout simplement."),
        ("Froid", "anse", "Une idée (<-- la seule) en deux heures."),
        ("Hiver", "glace", "Le port, la nuit. Rien ne manque."),
        ("Notes", "rive", "Son < image < jeu, sauf à la fin."),
    )
    files = []
    for number, movie in enumerate(movies):
        text = _elements(movie, "\t<{0}>{1}</{0}>\n")
        for review in reviews[number::2]:
            inside = _elements(review, "\t\t<{0}>{1}</{0}>\n")
            text += f"\t<review>\n{inside}\t</review>\n"
        files.append(f"<sensCritiqueEntity>\n{text}</sensCritiqueEntity>\n".encode())
        movie["scoreDistribution"] = " ".join(map(str, range(10)))
    return Sample(SENSCRITIQUE, ("link", "author"), movies + reviews, files)


def _mdsd() -> Sample:
    lighthouse = ("B00000XX01", "The Paper Lighthouse: DVD")
    who = ("J. Harrow", "Portland, OR")
    records = _records(
        "unique_id asin product_name title reviewer reviewer_location review_text",
        ("XX01:a", *lighthouse, "A keeper", *who, "I rented it, then bought it."),
        ("XX01:b", *lighthouse, "Nice", *who, "I &quot;rented&quot; it. It is fine&#45;tuned."),
        ("XX01:c", *lighthouse, "Sound & picture", *who, "Both are good."),
        ("XX01:d", *lighthouse, "Bright", "", "", "The R&B score alone is worth it."),
        ("XX01:e", *lighthouse, "Late", *who, "AT&T; should sponsor this."),
        ("XX01:f", *lighthouse, "Again", *who, "Watch it at night.\n\nThen again."),
        ("XX03:g", "B00000XX03", "Keys & Locks: DVD", "No", "K. Vale", "", "It freezes."),
        ("XX03:h", "B00000XX03", "Keys & Locks: DVD", "Yes", *who, "Good\x1astuff, all in all."),
    )
    inside = [_elements(each, "<{0}>\n{1}\n</{0}>\n") for each in records]
    file = "".join(f"<review>\n{each}</review>\n" for each in inside)
    return Sample(MDSD, ("unique_id",), records, [file.encode()])


SAMPLES = {"muchocine.md": _muchocine(), "senscritique.md": _senscritique(), "mdsd.md": _mdsd()}

# ---- the readers ------------------------------------------------------------------------


def _own(data: bytes, table: Format) -> Iterator[Fields]:
    def value(field: Field, item: rc.Movie | rc.Review) -> str:
        there = item.extra.get if field.in_extra else functools.partial(getattr, item)
        found = there(field.target, None)
        return "null" if found is None else str(found)

    for movie in rc.iter_movies(io.BytesIO(data)):
        if table.movie is not None:
            yield {each.element.lower(): value(each, movie) for each in table.movie.fields}
        for review in movie.reviews:
            yield {
                each.element.lower(): value(each, movie if each.of_movie else review)
                for each in table.review.fields
            }


def _of_tree(root: Any, table: Format) -> Iterator[Fields]:
    names = {record.element for record in table.records}
    for each in root.iter():
        if each.tag in names:
            children = [child for child in each if isinstance(child.tag, str)]
            pairs = [*each.attrib.items(), *((it.tag, "".join(it.itertext())) for it in children)]
            yield _first_of_each(pairs)


def _first_of_each(pairs: Iterable[tuple[str, Any]]) -> Fields:
    fields: Fields = {}
    for name, text in pairs:
        fields.setdefault(name.lower(), text)
    return fields


def _wrapped(data: bytes, table: Format) -> bytes:
    """Put a root around the reviews of a file that has none."""
    return b"<reviews>%b</reviews>" % data if table.is_grouped else data


def _etree(data: bytes, table: Format) -> Iterator[Fields]:
    parser = ET.XMLParser(encoding=table.encoding)  # noqa: S314 our own text
    parser.feed(_wrapped(data, table))
    return _of_tree(parser.close(), table)


def _lxml(data: bytes, table: Format) -> Iterator[Fields]:
    parser = etree.XMLParser(recover=True, encoding=table.encoding)
    return _of_tree(etree.fromstring(_wrapped(data, table), parser), table)


def _soup(features: str, data: bytes, table: Format) -> Iterator[Fields]:
    soup = bs4.BeautifulSoup(data, features, from_encoding=table.encoding)

    def text(child: Any) -> str:
        is_before = child.name == "link" and child.is_empty_element
        return str(child.next_sibling) if is_before else child.get_text()

    for each in soup.find_all([record.element.lower() for record in table.records]):
        children = each.find_all(recursive=False)
        pairs = [*each.attrs.items(), *((child.name, text(child)) for child in children)]
        yield _first_of_each(pairs)


READERS: dict[str, Callable[[bytes, Format], Iterator[Fields]]] = {
    "reviewcorpus": _own,
    "xml.etree": _etree,
    "lxml, recover": _lxml,
    'Beautiful Soup, "lxml"': functools.partial(_soup, "lxml"),
    'Beautiful Soup, "html.parser"': functools.partial(_soup, "html.parser"),
}

# ---- what came out ----------------------------------------------------------------------


def _plain(text: str) -> str:
    return " ".join(text.replace("\x1a", "\ufffd").split())  # what XML forbids may stay


def _meant(text: str) -> str:
    return _plain(functools.reduce(lambda done, pair: done.replace(*pair), MEANT.items(), text))


def judge(read: Callable[[bytes, Format], Iterator[Fields]], sample: Sample) -> list[str]:
    """Return how many records are right, changed and lost, and the first change or error."""
    found: list[Fields] = []
    notes: list[str] = []
    for data in sample.files:
        try:
            found += read(data, sample.table)
        except (ET.ParseError, etree.XMLSyntaxError) as error:
            notes.append(f"`{type(error).__name__}`")
    there = sample.by_key(found)
    right = changed = 0
    for key, fields in sample.by_key(sample.records).items():
        if key not in there:
            continue
        pairs = [(n, _plain(there[key].get(n.lower(), "")), _meant(it)) for n, it in fields.items()]
        wrong = [f"`{name}`: {_shown(*pair)}" for name, *pair in pairs if pair[0] != pair[1]]
        right, changed = right + (not wrong), changed + bool(wrong)
        notes += wrong
    lost = len(sample.records) - right - changed
    return [*map(str, (right, changed, lost)), notes[0] if notes else ""]


def _shown(came: str, meant: str) -> str:
    """Return a piece of a text, from just before the first character that differs."""
    pairs = enumerate(zip(came, meant, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), len(came))
    start = max(0, same - SHOWN_BEFORE)
    piece = came[start : start + SHOWN]
    more = "…" * (start + SHOWN < len(came))
    return f"`{'…' * (start > 0)}{piece}{more}`" if came else "nothing"


# ---- the pages --------------------------------------------------------------------------

START = "## What others make of it\n"
ABOUT = """\
This table shows how other readers read {count} invented records in this format. Some records are
sound, and each of the others has one of the kinds of damage above. A record is *right* if all its
texts are found, *changed* if one of them differs, and *lost* if no record has its `{key}`. White
space does not count, and a character that XML forbids may stay or become U+FFFD. All readers are
told the encoding{root}.

`python benchmarks/formats_compared.py docs` wrote the table, in the source of this library.
"""


def result(sample: Sample) -> str:
    """Return the part of a page that is not written by hand."""
    root = ", and get a root element around the reviews, since the file has none"
    about = ABOUT.format(
        count=len(sample.records),
        key="` or `".join(sample.key),
        root=root if sample.table.is_grouped else "",
    )
    versions = f"Python {platform.python_version()}, reviewcorpus {rc.__version__}"
    for name in ("beautifulsoup4", "lxml"):
        versions += f", {name} {importlib.metadata.version(name)}"
    rows = [["reader", "right", "changed", "lost", "first change or error"], ["---"] * 5]
    rows += [[name, *judge(read, sample)] for name, read in READERS.items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{START}\n{about}\n{table}\n\n{versions}.\n"


def main() -> None:
    """Write the ends of the pages in the folder that the command line names."""
    warnings.simplefilter("ignore")  # that XML is read as HTML, which is what is compared
    for name, sample in SAMPLES.items():
        path = Path(sys.argv[1], name)
        by_hand = path.read_text(encoding="utf-8").partition(START)[0]
        path.write_text(by_hand + result(sample), encoding="utf-8")


if __name__ == "__main__":
    main()
