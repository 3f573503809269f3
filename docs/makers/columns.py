"""The columns of the tables: names and types from the schemas, and what they hold."""

from __future__ import annotations

from reviewcorpus import arrow

_HOLDS = {
    "source": "name of the file or stream that the record was read from",
    "movie_index": "which movie of its source, from 0",
    "review_index": "which review of its movie, from 0",
    "imdb_id": "`tt` and digits, from the link",
    "title": "title of the movie",
    "link": "the page that the record was taken from",
    "year": "year of release",
    "general_score": "mean rating of the site, 0.0 to 1.0",
    "reviews": "how many reviews the movie has",
    "date": "day of the review",
    "username": "as shown on the site",
    "score": "0.0 to 1.0",
    "short_description": "headline",
    "full_review": "body",
    "extra": "a JSON object of the elements that the format does not name, or null",
    "kind": "kind of the defect",
    "severity": "`info`, `warning` or `error`",
    "message": "what was found, in words",
    "action": "what the reader did, in words",
    "offset": "where the fault begins, in bytes from 0",
    "line": "its line, from 1",
    "column": "its column in characters, from 1",
    "element": "name of the element concerned",
    "raw": "the text as it stood, at most 80 characters",
}


def columns() -> str:
    """Give a table of the columns of each schema."""
    return "\n".join(
        line
        for name in ("REVIEW_SCHEMA", "MOVIE_SCHEMA", "DEFECT_SCHEMA")
        for line in (
            f"### `{name}`\n",
            "| column | type | what it holds |",
            "|---|---|---|",
            *(
                f"| `{field.name}` | `{field.type}` | {_HOLDS[field.name]} |"
                for field in getattr(arrow, name)
            ),
            "",
        )
    )
