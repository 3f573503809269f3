"""`reviewcorpus check`: read everything, print what is wrong with it, count.

Each style of output is a generator of lines: what is found, as it is found, and then the summary.
SARIF 2.1.0 is a standard of OASIS. It is written result by result: a library for it would hold the
whole document.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs
import click

from reviewcorpus._checks import visible
from reviewcorpus._version import __version__
from reviewcorpus.cli._screen import open_output
from reviewcorpus.cli._shared import FOUND, NOT_READ, Reading, choice, name_of, reads
from reviewcorpus.defects import Defect, DefectKind, Severity
from reviewcorpus.validation import RULES, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.cli._shared import Sources

    Findings = Iterable[Defect | Problem]

_MOST_IN_MEMORY = 1 << 20  # characters of problems that wait


# ---- text -------------------------------------------------------------------------------


def _text(findings: Findings, reading: Reading) -> Iterator[str]:
    """Yield lines that editors can jump to, and the summary below them."""
    problems: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        if isinstance(finding, Problem):
            problems[finding.code, finding.severity.value] += 1
        yield str(finding)
    yield from _summary(reading)
    if reading.validates:
        yield f"{'problems:':<26}{problems.total():>6}"
    for (code, severity), count in sorted(problems.items()):
        yield f"  {code + ':':<24}{count:>6}  {severity}"


def _summary(reading: Reading) -> Iterator[str]:
    """Yield the lines of the summary."""
    summary = reading.summary()
    counts = {
        "files": summary.files,
        "movies": summary.movies,
        "reviews": summary.reviews,
        "reviews without score": summary.reviews_without_score,
        "truncated files": summary.truncated_files,
        "defects": sum(summary.defects.values()),
    }
    for name, count in counts.items():
        yield f"{name + ':':<26}{count:>6}"
    for kind, count in summary.defects.items():
        is_either = kind is DefectKind.INVALID_REFERENCE
        severity = "error or warning" if is_either else kind.severity.value
        yield f"  {kind + ':':<24}{count:>6}  {severity}"


# ---- JSON -------------------------------------------------------------------------------


def _json(findings: Findings, reading: Reading) -> Iterator[str]:
    """Yield one JSON object, with one defect per line.

    Problems come between the defects, but have a list of their own; large ones wait on disk.
    """
    counts: Counter[str] = Counter()
    with tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY, "w+", encoding="utf-8") as problems:

        def defects() -> Iterator[str]:
            for finding in findings:
                text = json.dumps(attrs.asdict(finding))
                if isinstance(finding, Defect):
                    yield text
                else:
                    counts[finding.code] += 1
                    problems.write(f"{text}\n")

        yield '{"defects": ['
        yield from _with_commas(defects())
        yield "],"
        if reading.validates:
            problems.seek(0)
            yield '"problems": ['
            yield from _with_commas(line.rstrip("\n") for line in problems)
            yield "],"
            yield f'"problem_counts": {json.dumps(dict(sorted(counts.items())))},'
    yield f'"summary": {json.dumps(attrs.asdict(reading.summary()))},'
    yield f'"not_read": {json.dumps(reading.not_read)}}}'


def _with_commas(items: Iterable[str]) -> Iterator[str]:
    """Yield the items of a JSON list.

    One is always held back, because a comma must follow it if there is another one.
    """
    held = ""
    for item in items:
        if held:
            yield f"{held},"
        held = item
    if held:
        yield held


# ---- SARIF ------------------------------------------------------------------------------

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}


def _sarif(findings: Findings, reading: Reading) -> Iterator[str]:
    """Yield one SARIF log, with one result per line."""
    rules = [_sarif_rule(kind, kind.replace("-", " "), kind.severity) for kind in DefectKind]
    if reading.validates:
        rules += [_sarif_rule(rule.code, rule.summary, rule.severity) for rule in RULES.values()]
    driver = {"name": "reviewcorpus", "version": __version__, "rules": rules}
    yield f'{{"$schema": {json.dumps(_SCHEMA)}, "version": "2.1.0", "runs": [{{'
    yield f'"tool": {json.dumps({"driver": driver})},'
    yield '"columnKind": "unicodeCodePoints",'
    yield '"results": ['
    yield from _with_commas(json.dumps(_sarif_result(finding)) for finding in findings)
    notes = [{"level": "error", "message": {"text": text}} for text in reading.not_read]
    invocation = {"executionSuccessful": not notes, "toolExecutionNotifications": notes}
    yield f'], "invocations": [{json.dumps(invocation)}]}}]}}'


def _sarif_rule(name: str, description: str, severity: Severity) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": description},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _sarif_result(finding: Defect | Problem) -> dict[str, Any]:
    place = _place(finding)
    # GitHub shows no result without a line; where a record begins is not known any more.
    region = {"startLine": 1}
    message = finding.message
    if isinstance(finding, Defect):
        region = {"startLine": finding.line, "startColumn": finding.column}
        message = f"{finding.message}; {finding.action}"
    location = _sarif_location(finding.source, place)
    location["physicalLocation"]["region"] = region
    result = {
        "ruleId": name_of(finding),
        "level": _LEVELS[finding.severity],
        "message": {"text": message},
        "locations": [location],
    }
    if isinstance(finding, Problem) and finding.related:
        result["relatedLocations"] = [
            _sarif_location(other.source, attrs.evolve(other, source=None, field=None))
            for other in finding.related
        ]
    return result


def _place(finding: Defect | Problem) -> Place | None:
    """Return the record, and for a problem the field; `None` outside of records."""
    if isinstance(finding, Problem):
        return Place(None, finding.movie_index, finding.review_index, finding.field)
    if finding.movie_index is None:
        return None
    return Place(None, finding.movie_index, finding.review_index)


def _sarif_location(source: str | None, place: Place | None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(source or "<input>")}}
    }
    if place is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": str(place)}]
    return location


def _uri(source: str) -> str:
    """Return the name of a source as a URI; relative names stay relative."""
    if os.path.isabs(source):
        return Path(source).as_uri()
    return quote(source.replace(os.sep, "/"), errors="surrogateescape")


# ---- GitHub -----------------------------------------------------------------------------

_ANNOTATIONS = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


def _github(findings: Findings, reading: Reading) -> Iterator[str]:
    """Yield commands that GitHub's runner turns into annotations of files, and the summary."""
    for finding in findings:
        place: dict[str, object] = {"file": finding.source or ""}
        message = finding.message
        if isinstance(finding, Defect):
            place |= {"line": finding.line, "col": finding.column}
        else:
            message = f"{_place(finding)}: {message}"
        place["title"] = name_of(finding)
        properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
        yield f"::{_ANNOTATIONS[finding.severity]} {properties}::{_data(message)}"
    for message in reading.not_read:
        yield f"::error title=not read::{_data(message)}"
    yield from _summary(reading)


def _data(text: str) -> str:
    text = visible(text)  # characters that hide or reorder others would show another name
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# ---- the command ------------------------------------------------------------------------

STYLES: dict[str, Callable[[Findings, Reading], Iterator[str]]] = {
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
def check(*, sources: Sources, style: str, fail_on: str) -> int:
    """Print every defect of files, folders and archives, then a summary.

    A folder means all *.xml and *.txt files in it and below. A path "-" is standard input. With
    --validate, the records are checked by rules, too. No rule finds a problem of severity error:
    problems change the exit status only with --fail-on warning or info.

    \b
    Examples:
      reviewcorpus check corpus/
      reviewcorpus check --rules default,-R205 --fail-on warning corpus/
      reviewcorpus check --format json movies.tar.gz > defects.json
      reviewcorpus check --validate --format sarif corpus/ > corpus.sarif
    """
    found: set[Severity] = set()
    with open_output(sources.paths) as output:
        reading = Reading(sources, output)
        for line in STYLES[style](_findings(reading, found), reading):
            output.line(line)
    if sys.stdout is not None:
        sys.stdout.flush()
    if reading.not_read:
        return NOT_READ
    return FOUND if any(severity >= Severity(fail_on) for severity in found) else 0


def _findings(reading: Reading, found: set[Severity]) -> Iterator[Defect | Problem]:
    """Yield the defects and problems; remember their severities."""
    for item in reading:
        if isinstance(item, Defect | Problem):
            found.add(item.severity)
            yield item
