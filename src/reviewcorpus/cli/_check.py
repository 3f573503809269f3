"""`reviewcorpus check`: read everything, print what is wrong with it, count.

Each style of output is a generator of lines: what is found, as it is found, and then the summary.
SARIF 2.1.0 is a standard of OASIS. It is written result by result: a library for it would hold the
whole document.
"""

from __future__ import annotations

import functools
import json
import os
import re
import tempfile
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs
import click

from reviewcorpus._checks import visible
from reviewcorpus._version import __version__
from reviewcorpus.cli._output import to_json
from reviewcorpus.cli._shared import FOUND, NOT_READ, Reading, choice, name_of, reads
from reviewcorpus.defects import Defect, DefectKind, Severity
from reviewcorpus.validation import RULES, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MOST_IN_MEMORY = 1 << 20  # characters of problems that wait


# ---- text -------------------------------------------------------------------------------


def _text(reading: Reading) -> Iterator[str]:
    """Yield lines that editors can jump to, and the summary below them."""
    yield from map(str, reading.findings())
    yield str(reading.summary())
    if reading.problems is not None:
        yield f"{'problems:':<26}{reading.problems.total():>6}"
        for code, count in sorted(reading.problems.items()):
            yield f"  {code + ':':<24}{count:>6}  {RULES[code].severity}"


# ---- JSON -------------------------------------------------------------------------------


def _json(reading: Reading) -> Iterator[str]:
    """Yield one JSON object, with one defect per line.

    Problems come between the defects, but have a list of their own; large ones wait on disk.
    """
    with tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY, "w+", encoding="utf-8") as problems:

        def defects() -> Iterator[str]:
            for finding in reading.findings():
                text = to_json(attrs.asdict(finding))
                if isinstance(finding, Defect):
                    yield text
                else:
                    problems.write(f"{text}\n")

        yield from _list('{"defects"', defects())
        if reading.problems is not None:
            problems.seek(0)
            yield from _list('"problems"', (line.rstrip("\n") for line in problems))
            yield f'"problem_counts": {json.dumps(dict(sorted(reading.problems.items())))},'
    yield f'"summary": {json.dumps(attrs.asdict(reading.summary()))},'
    yield f'"not_read": {to_json(reading.not_read)}}}'


def _list(name: str, items: Iterable[str]) -> Iterator[str]:
    """Yield a JSON list with its name, one item per line; a comma begins all but the first."""
    yield f"{name}: ["
    for comma, item in zip(chain([""], repeat(",")), items, strict=False):
        yield f"{comma}{item}"
    yield "],"


# ---- SARIF ------------------------------------------------------------------------------

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_PARTS = re.compile(r"[/\\]")
_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def _sarif(reading: Reading) -> Iterator[str]:
    """Yield one SARIF log, with one result per line."""
    rules = [_sarif_rule(kind, kind.replace("-", " "), kind.severity) for kind in DefectKind]
    if reading.problems is not None:
        rules += [_sarif_rule(rule.code, rule.summary, rule.severity) for rule in RULES.values()]
    driver = {"name": "reviewcorpus", "version": __version__, "rules": rules}
    yield f'{{"$schema": {json.dumps(_SCHEMA)}, "version": "2.1.0", "runs": [{{'
    yield f'"tool": {json.dumps({"driver": driver})},'
    yield '"columnKind": "unicodeCodePoints",'
    yield from _list(
        '"results"', (to_json(_sarif_result(finding)) for finding in reading.findings())
    )
    notes = [{"level": "error", "message": {"text": text}} for text in reading.not_read]
    invocation = {"executionSuccessful": not notes, "toolExecutionNotifications": notes}
    yield f'"invocations": [{to_json(invocation)}]}}]}}'


def _sarif_rule(name: str, description: str, severity: Severity) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": description},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _sarif_result(finding: Defect | Problem) -> dict[str, Any]:
    message = finding.message
    related: tuple[Place, ...] = ()
    if isinstance(finding, Problem):
        # GitHub shows no result without a line.
        region = {"startLine": finding.line or 1}
        related = finding.related
    else:
        region = {"startLine": finding.line, "startColumn": finding.column}
        message = f"{finding.message}; {finding.action}"
    result: dict[str, Any] = {
        "ruleId": name_of(finding),
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [_sarif_location(finding.source, _record(finding), region=region)],
    }
    if related:
        result["relatedLocations"] = [
            _sarif_location(
                each.source,
                Place(None, each.movie_index, each.review_index),
                **({} if each.line is None else {"region": {"startLine": each.line}}),
            )
            for each in related
        ]
    return result


def _record(finding: Defect | Problem) -> Place | None:
    """Return the record, and for a problem the field; `None` outside of records."""
    if isinstance(finding, Problem):
        return Place(None, finding.movie_index, finding.review_index, finding.field)
    if finding.movie_index is None:
        return None
    return Place(None, finding.movie_index, finding.review_index)


def _sarif_location(source: str | None, record: Place | None, **region: Any) -> dict[str, Any]:
    physical = {"artifactLocation": {"uri": _uri(source or "<input>")}, **region}
    if record is None:
        return {"physicalLocation": physical}
    names = [{"fullyQualifiedName": str(record)}]
    return {"physicalLocation": physical, "logicalLocations": names}


@functools.lru_cache(maxsize=256)  # it looks at the disk, and many results have one source
def _uri(source: str) -> str:
    """Return the name of a source as a URI; relative names stay relative.

    The name of a member stays below that of its archive: parts that lead elsewhere (empty, or of
    dots) are dropped. Encoded as `%2E%2E`, they would lead out as soon as a reader normalises them.
    """
    path, member = _split(source)
    base = Path(path).as_uri() if os.path.isabs(path) else _quoted(path.replace(os.sep, "/"))
    # Windows also ignores dots and blanks at the end of a name, and parts it at backslashes.
    return "/".join([base, *(_quoted(part) for part in _PARTS.split(member) if part.strip(". "))])


def _split(source: str) -> tuple[str, str]:
    """Return the path of a file, and the name of the member in it, if it is an archive."""
    for slash in re.finditer("/", source):
        if os.path.isfile(source[: slash.start()]):
            return source[: slash.start()], source[slash.end() :]
    return source, ""


def _quoted(name: str) -> str:
    return quote(name, errors="surrogateescape")


# ---- GitHub -----------------------------------------------------------------------------

_ANNOTATIONS = {**_LEVELS, Severity.INFO: "notice"}


def _github(reading: Reading) -> Iterator[str]:
    """Yield commands that GitHub's runner turns into annotations of files, and the summary."""
    for finding in reading.findings():
        if isinstance(finding, Defect):
            place, message = f",line={finding.line},col={finding.column}", finding.message
        else:
            place = "" if finding.line is None else f",line={finding.line}"
            message = f"{_record(finding)}: {finding.message}"
        level, file = _ANNOTATIONS[finding.severity], _property(finding.source or "")
        yield f"::{level} file={file}{place},title={name_of(finding)}::{_data(message)}"
    for message in reading.not_read:
        yield f"::error title=not read::{_data(message)}"
    yield str(reading.summary())


def _data(text: str) -> str:
    # Characters that hide or reorder others would show another name.
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# ---- the command ------------------------------------------------------------------------

STYLES: dict[str, Callable[[Reading], Iterator[str]]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}
"""What the option `--format` chooses from."""


@click.command(
    epilog="Exit status: 0 no finding as severe as --fail-on says, 1 at least one, 2 something"
    " could not be read, or there was nothing to read."
)
@choice(
    "--format",
    "style",
    of=STYLES,
    text="Lines for people and editors; one JSON object; a SARIF log; annotations for GitHub.",
)
@choice(
    "--fail-on",
    of=[severity.value for severity in reversed(Severity)],
    text="Exit with status 1 for a defect or a problem of this severity, or of a higher one.",
)
@reads(validates=True)
def check(*, reading: Reading, style: str, fail_on: str) -> int:
    """Print every defect of files, folders and archives, then a summary.

    A folder means all *.xml, *.txt and *.review files in it and below, also compressed ones. A path
    "-" is standard input. With --validate, the records are checked by rules, too. No rule finds a
    problem of severity error: problems change the exit status only with --fail-on warning or info.

    \b
    Examples:
      reviewcorpus check corpus/
      reviewcorpus check --rules default,-R205 --fail-on warning corpus/
      reviewcorpus check --format json movies.tar.gz > defects.json
      reviewcorpus check --validate --format sarif corpus/ > corpus.sarif
    """
    for line in STYLES[style](reading):
        reading.output.line(line)
    if reading.not_read:
        return NOT_READ
    return FOUND if any(severity >= Severity(fail_on) for severity in reading.severities) else 0
