"""Invented corpora in the other formats, built as the real ones are, and what must be read of them.

How often each oddity occurs was measured on the real files; here it occurs as often, for any number
of files or reviews.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

import reviewcorpus as rc
from reviewcorpus import DefectKind as Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


class Known(NamedTuple):
    """What must be read of a corpus: its movies in the order of its files, and its defects."""

    movies: list[rc.Movie]
    defects: Counter[Kind]


class Sign(NamedTuple):
    """Something odd in a text: how it is written, what it is read as, and what is reported."""

    written: str
    read: str
    kinds: tuple[Kind, ...] = ()


class Text(NamedTuple):
    """A text as it is in the file, and as it must be read."""

    written: str
    read: str


def _is_text(sign: str, *kinds: Kind) -> Sign:
    return Sign(sign, sign, kinds)


LEFT_QUOTE = Sign("&ldquo;", "“", (Kind.UNDECLARED_ENTITY,))
RIGHT_QUOTE = Sign("&rdquo;", "”", (Kind.UNDECLARED_ENTITY,))
ELLIPSIS = Sign("&hellip;", "…", (Kind.UNDECLARED_ENTITY,))
QUOTE, HYPHEN = Sign("&quot;", '"'), Sign("&#45;", "-")
SUBSTITUTE = Sign("\x1a", "\ufffd", (Kind.ILLEGAL_CHARACTER,))
REPLACED = _is_text("\ufffd")
AMPERSAND = _is_text("&", Kind.BARE_AMPERSAND)
LESS_THAN = [_is_text(sign, Kind.BARE_LESS_THAN) for sign in ("<>", "<- ", "<Nadie", "<3")]
# In plain text.
BOLD = _is_text("<b>beau</b>", Kind.BARE_LESS_THAN, Kind.BARE_LESS_THAN)
COMMENT = _is_text("<!-- idée", Kind.BARE_LESS_THAN)
PLAIN = [*LESS_THAN[1:], BOLD, COMMENT, *map(_is_text, ("r&b", "&eacute;", "&amp;"))]


def _texts(
    chance: random.Random, words: Sequence[str], count: int, signs: Mapping[int, list[Sign]]
) -> Iterator[Text]:
    """Yield texts, each with its signs somewhere between its words."""
    for index in range(count):
        own = signs.get(index, [])
        size = chance.randrange(4, 40) + len(own)
        parts = [_is_text(chance.choice(words)) for _ in range(size)]
        parts.append(_is_text(f"{index}."))  # no two are equal
        for sign in own:
            parts.insert(chance.randrange(1, len(parts)), sign)
        yield Text(*(" ".join(each) for each in zip(*(part[:2] for part in parts), strict=True)))


def _deal(
    chance: random.Random, signs: Iterable[tuple[Sign, int]], places: Sequence[int], scale: float
) -> dict[int, list[Sign]]:
    """Give each place one of the signs, and the rest of them to any."""
    dealt: dict[int, list[Sign]] = {}
    given = [sign for sign, count in signs for _ in range(max(1, round(count * scale)))]
    chance.shuffle(given)
    first = cycle(places)
    for number, sign in enumerate(given):
        place = next(first) if number < len(places) else chance.choice(places)
        dealt.setdefault(place, []).append(sign)
    return dealt


def _count(signs: Iterable[Sign]) -> Counter[Kind]:
    return Counter(kind for sign in signs for kind in sign.kinds)


# ---- muchocine ---------------------------------------------------------------------------

_SPANISH = "la película se deja ver, el guion camina despacio, señala un corazón ¿quién".split()
_RANKS = {1: 351, 2: 923, 3: 1253, 4: 890, 5: 461}
_FILES = sum(_RANKS.values())  # of the real corpus
_ENTITIES = ((LEFT_QUOTE, 1303), (RIGHT_QUOTE, 1192), (ELLIPSIS, 156))
_MUCHOCINE = """\
<review author="{}" title="{}" rank="{}" maxRank="5" source="muchocine">
	<summary>{}</summary>
	<body>{}</body>
</review>
"""


def write_muchocine(folder: Path, files: int) -> Known:
    """Write files of one review each, beside others that are not markup."""
    chance = random.Random(2008)
    scale = files / _FILES
    numbers = sorted(chance.sample(range(2, 2 + files * 5 // 4), files), key="{}.xml".format)
    order = list(range(1, files - 1))
    chance.shuffle(order)
    signs: dict[int, list[Sign]] = {}
    for kinds, count in (
        (_ENTITIES, 476),
        ([(AMPERSAND, 90)], 45),
        ([(sign, 2) for sign in LESS_THAN[:3]], 6),
    ):
        size = max(1, round(count * scale))
        places, order = order[:size], order[size:]
        signs |= _deal(chance, kinds, places, scale)
    defects = _count(sign for own in signs.values() for sign in own) + Counter(AMPERSAND.kinds)
    movies = []
    bodies = _texts(chance, _SPANISH, files, signs)
    for index, (number, body) in enumerate(zip(numbers, bodies, strict=True)):
        title = f"Barcos {'&' if index == 0 else 'y'} faros {number}"  # in one attribute of all
        author = f"Inés {chance.randrange(files)}"
        (rank,) = chance.choices(list(_RANKS), list(_RANKS.values()))
        summary = " ".join(chance.choices(_SPANISH, k=5))
        own = body if index < files - 1 else Text("", "")  # of all, one is empty
        text = _MUCHOCINE.format(author, title, rank, summary, own.written)
        (folder / f"{number}.xml").write_bytes(text.encode("windows-1252"))
        (folder / f"{number}.review.pos").write_text("la el d 1 <review>\n", encoding="utf-8")
        review = rc.Review(
            username=author,
            score=rank / 5,
            short_description=summary,
            full_review=own.read,
            extra={"source": "muchocine"},
        )
        movies.append(rc.Movie(title=title, reviews=[review]))
    return Known(movies, defects)


# ---- the Multi-Domain Sentiment Dataset --------------------------------------------------

_ENGLISH = "it works as I hoped and the sound is calm, my lamp (a gift) 'still' reads well".split()
_REVIEWS = 8000
_DOMAINS = ("books", "dvd", "electronics", "kitchen_&_housewares")
_RUNS = (1, 1, 1, 1, 2, 3)
_SIGNS = ((QUOTE, 538), (HYPHEN, 52), (REPLACED, 1052))
_ODD_SIGNS = ((SUBSTITUTE, 44), (AMPERSAND, 4723))
_ODD_REVIEWS = 2418
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def write_mdsd(folder: Path, reviews: int) -> Known:
    """Write files of reviews without an element around them."""
    chance = random.Random(2007)
    scale = reviews / _REVIEWS
    places = chance.sample(range(reviews), round(_ODD_REVIEWS * scale))
    signs = _deal(chance, _SIGNS, range(reviews), scale)
    for place, odd in _deal(chance, _ODD_SIGNS, places, scale).items():
        signs.setdefault(place, []).extend(odd)
    texts = _texts(chance, _ENGLISH, reviews, signs)
    movies: list[rc.Movie] = []
    each = reviews // (2 * len(_DOMAINS))
    for domain in _DOMAINS:
        (folder / domain).mkdir()
        for name, ratings in (("negative", (1, 2)), ("positive", (4, 5))):
            written = []
            left = each
            while left:
                run = min(left, chance.choice(_RUNS))
                left -= run
                product = _product(domain, len(movies))
                pairs = [_review(chance, product, next(texts), ratings) for _ in range(run)]
                written += [text for text, _ in pairs]
                movies.append(
                    rc.Movie(
                        title=product["product_name"],
                        reviews=[review for _, review in pairs],
                        extra={key: product[key] for key in ("asin", "product_type")},
                    )
                )
            text = "".join(written).encode()
            (folder / domain / f"{name}.review").write_bytes(text)
    return Known(movies, _count(sign for own in signs.values() for sign in own))


def _product(domain: str, number: int) -> dict[str, str]:
    return {
        "asin": f"B{number:09}",
        "product_name": f"Paper Lamp {number // 2}",  # two have one name
        "product_type": domain.partition("_")[0],
    }


def _review(
    chance: random.Random, product: dict[str, str], text: Text, ratings: tuple[int, ...]
) -> tuple[str, rc.Review]:
    day = datetime.date(1998, 1, 1) + datetime.timedelta(chance.randrange(3200))
    rating = chance.choice(ratings)
    user = chance.choice(["", f"J. Harrow {chance.randrange(500)}"])
    title = " ".join(chance.choices(_ENGLISH, k=3))
    own = {
        "unique_id": f"{product['asin']}:{title}:{user}".lower().replace(" ", "_"),
        "helpful": chance.choice(["", f"{chance.randrange(9)} of 9"]),
        "reviewer_location": chance.choice(["", "Leeds, UK", "Portland, OR"]),
    }
    values = {
        "unique_id": own["unique_id"],
        **product,
        "helpful": own["helpful"],
        "rating": f"{rating:.1f}",
        "title": title,
        "date": f"{_MONTHS[day.month - 1]} {day.day}, {day.year}",
        "reviewer": user,
        "reviewer_location": own["reviewer_location"],
        "review_text": text.written,
    }
    lines = "".join(f"<{name}>\n{value}\n</{name}>\n" for name, value in values.items())
    review = rc.Review(
        date=day,
        username=user,
        score=rating / 5,
        short_description=title,
        full_review=text.read,
        extra=own,
    )
    return f"<review>\n{lines}</review>\n", review


# ---- SensCritique ------------------------------------------------------------------------

_FRENCH = "le film coule comme l’eau froide, on n’en sort plus rêveur ; ça émeut très fort".split()
_MEDIA = [pair.split() for pair in ("Movie Film", "Series Série", "Comics BD", "Book Livre")]
_NAMES = (("null", "Les Barques"), ("The Boats", "Les Barques"), ("The Boats", "null"))
_COUNTS = 10


def write_senscritique(folder: Path, files: int) -> Known:
    """Write files of a work each; its first page of reviews may be there several times."""
    chance = random.Random(1900)
    movies, defects = [], Counter[Kind]()
    for number in range(files):
        english, french = chance.choice(_MEDIA)
        size = chance.randrange(6)
        signs = {place: chance.sample(PLAIN, 2) for place in range(0, size, 2)}
        page = [_opinion(chance, text) for text in _texts(chance, _FRENCH, size, signs)]
        pages = chance.choice((1, 1, 1, 2, 7))
        defects += _count([sign for own in signs.values() for sign in own] * pages)
        votes = [str(chance.randrange(99)) for _ in range(chance.choice((0, _COUNTS)))]
        year = chance.choice((0, 1958, 1998))
        score = chance.choice(("null", "8.2", "0.0", "10.0"))
        names = chance.choice(_NAMES)
        fields = {
            "nameEn": names[0],
            "nameFr": names[1],
            "typeEn": english,
            "typeFr": french,
            "year": year,
            "link": f"http://www.senscritique.com/film/Les_Barques/{number}",
            "generalScore": score,
            "scoreDistribution": "\n"
            + "".join(f"\t\t<numberOfVoters>{count}</numberOfVoters>\n" for count in votes)
            + "\t",
        }
        written = _lines(fields, "\t") + "".join(text for text, _ in page) * pages
        text = f"<sensCritiqueEntity>\n{written}</sensCritiqueEntity>\n"
        (folder / f"SensCritique{number:04}.txt").write_text(text, encoding="utf-8")
        extra = {"typeEn": english, "typeFr": french}
        extra |= {"nameEn": names[0]} if names[0] != "null" else {}
        extra |= {"scoreDistribution": " ".join(votes)} if votes else {}
        movies.append(
            rc.Movie(
                title=names[1] if names[1] != "null" else names[0],
                link=f"http://www.senscritique.com/film/Les_Barques/{number}",
                year=year or None,
                general_score=None if score == "null" else float(score) / 10,
                reviews=[review for _, review in page] * pages,
                extra=extra,
            )
        )
    return Known(movies, defects)


def _lines(fields: Mapping[str, object], indent: str) -> str:
    return "".join(f"{indent}<{name}>{value}</{name}>\n" for name, value in fields.items())


def _opinion(chance: random.Random, text: Text) -> tuple[str, rc.Review]:
    review = rc.Review(
        date=chance.choice((None, datetime.date(2011, 7, 26))),
        username=f"voilier_{chance.randrange(99)}",
        score=chance.choice((None, 0.1, 0.9, 1.0)),
        short_description=" ".join(chance.choices(_FRENCH, k=3)),
        full_review=text.read,
    )
    fields = {
        "title": review.short_description,
        "author": review.username,
        "date": review.date or "null",
        "score": "null" if review.score is None else review.score,
        "content": text.written,
    }
    lines = _lines(fields, "\t\t")
    return f"\t<review>\n{lines}\t</review>\n", review
