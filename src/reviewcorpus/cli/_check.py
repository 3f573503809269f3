"""`reviewcorpus check`: read everything, print what is wrong with it, count.

Each style of output is a generator of lines: what is found, as it is found, and then the summary.
SARIF 2.1.0 is a standard of OASIS. It is written result by result, because a library for it would
hold the whole document.
"""

from __future__ import annotations

import ast
import functools
import inspect
import json
import os
import re
import tempfile
from itertools import chain, pairwise, repeat, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import attrs
import click

from reviewcorpus._checks import visible
from reviewcorpus._version import __version__
from reviewcorpus.cli._output import STYLES, to_json
from reviewcorpus.cli._shared import FOUND, NOT_READ, Reading, choice, name_of, reads
from reviewcorpus.defects import Defect, DefectKind, Severity
from reviewcorpus.validation import RULES, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.validation import Rule

_MOST_IN_MEMORY = 1 << 20  # characters of problems that wait


# ---- text -------------------------------------------------------------------------------


def _text(reading: Reading) -> Iterator[str]:
    """Yield lines that editors can jump to, and the summary below them."""
    for finding in reading.findings():
        yield in_color(str(finding), finding.severity)
    yield from _summary(reading)


def in_color(line: str, severity: Severity) -> str:
    """Return the line of a finding with its severity in color, which follows its place."""
    place, _, rest = line.partition(f": {severity}: ")
    return f"{place}: {click.style(f'{severity}: ', **STYLES[severity])}{rest}"


def _summary(reading: Reading) -> Iterator[str]:
    """Yield the lines of the summary: none if nobody asks for them, or nothing was read."""
    total = sum(reading.severities.values())
    if reading.output.is_quiet or not (reading.files or total):
        return
    yield str(reading.summary())
    if reading.problems is not None:
        yield f"{'problems:':<26}{reading.problems.total():>6}"
        for code, count in sorted(reading.problems.items()):
            yield f"  {code + ':':<24}{count:>6}  {RULES[code].severity}"
    if total:
        yield f"found: {', '.join(starmap(_counted, reading.severities.items()))}"


def _counted(severity: Severity, count: int) -> str:
    """Return a count with its severity, which gets an `s` in the plural, except `info`."""
    return f"{count} {severity}{'s' if count != 1 and severity is not Severity.INFO else ''}"


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
    yield f'"severities": {json.dumps(reading.severities)},'
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
    rules = [
        _sarif_rule(kind, kind.replace("-", " "), text, kind.severity)
        for kind, text in _descriptions()
    ]
    if reading.problems is not None:
        rules += [
            _sarif_rule(rule.code, rule.summary, text_of(rule), rule.severity)
            for rule in RULES.values()
        ]
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


def _descriptions() -> Iterator[tuple[DefectKind, str]]:
    """Yield the kinds with the texts below them in the source, which Python does not keep."""
    try:
        (definition,) = ast.parse(inspect.getsource(DefectKind)).body
    except OSError:  # installed without its source
        yield from ((kind, kind.replace("-", " ")) for kind in DefectKind)
        return
    for statement, following in pairwise(vars(definition)["body"]):
        if isinstance(statement, ast.Assign):
            yield DefectKind[ast.unparse(statement.targets[0])], ast.literal_eval(following.value)


def text_of(rule: Rule) -> str:
    """Return what a rule finds, with an example: the docstring of its function."""
    return inspect.getdoc(rule.check) or rule.summary


def _sarif_rule(name: str, summary: str, text: str, severity: Severity) -> dict[str, Any]:
    description, _, _ = text.partition("\n\n>>>")
    return {
        "id": name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": description},
        "help": {"text": text},
        "defaultConfiguration": {"level": _LEVELS[severity]},
    }


def _sarif_result(finding: Defect | Problem) -> dict[str, Any]:
    message = finding.message
    related: tuple[Place, ...] = ()
    if isinstance(finding, Problem):
        # GitHub does not show a result without a line.
        region = {"startLine": finding.line or 1}
        related = finding.related
    else:
        region = {"startLine": finding.line, "startColumn": finding.column}
        message = message_of(finding)
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


def message_of(defect: Defect) -> str:
    """Return what was found, and what the reader did, unless the message says it already."""
    is_said = defect.action in defect.message
    return defect.message if is_said else f"{defect.message}; {defect.action}"


def _record(finding: Defect | Problem) -> Place | None:
    """Return the record of a finding, and for a problem its field; `None` outside of records."""
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


def _uri(source: str) -> str:
    """Return the name of a source as a URI; relative names stay relative.

    The name of a member stays below that of its archive: parts that lead elsewhere (empty, or of
    dots) are dropped. Encoded as `%2E%2E`, they would lead out as soon as a reader normalizes them.
    """
    path, parts = _split(source)
    base = Path(path).as_uri() if os.path.isabs(path) else _quoted(path.replace(os.sep, "/"))
    return "/".join([base, *map(_quoted, parts)])


@functools.lru_cache(maxsize=256)  # it looks at the disk, and many results share a source
def _split(source: str) -> tuple[str, list[str]]:
    """Return the path of a file, and the parts of the name of the member, if it is an archive."""
    for slash in re.finditer("/", source):
        if os.path.isfile(source[: slash.start()]):
            # Windows also ignores dots and blanks at the end of a name, and splits it at
            # backslashes.
            parts = _PARTS.split(source[slash.end() :])
            return source[: slash.start()], [part for part in parts if part.strip(". ")]
    return source, []


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
        path, parts = _split(finding.source or "")
        level, file = _ANNOTATIONS[finding.severity], _property("/".join([path, *parts]))
        yield f"::{level} file={file}{place},title={name_of(finding)}::{_data(message)}"
    for message in reading.not_read:
        yield f"::error title=not read::{_data(message)}"
    yield from _summary(reading)


def _data(text: str) -> str:
    # Characters that hide or reorder others would show another name.
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


# ---- the command ------------------------------------------------------------------------

FORMATS: dict[str, Callable[[Reading], Iterator[str]]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}
"""What the option `--format` chooses from."""


@click.command(
    epilog="Exit status: 0 if nothing of the severity --fail-on or higher was found, 1 if something"
    " was found, 2 if something could not be read or there was nothing to read."
)
@choice(
    "--format",
    "style",
    of=FORMATS,
    text="Lines for people and editors, one JSON object, a SARIF log, or annotations for GitHub.",
)
@choice(
    "--fail-on",
    of=[severity.value for severity in reversed(Severity)],
    text="Exit with status 1 if a defect or problem has this severity or a higher one.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with status 0 even if something is found.")
@choice(
    "--min-severity",
    of=[severity.value for severity in Severity],
    text="Print and count only what has this severity or a higher one.",
)
@reads(validates=True)
def check(*, reading: Reading, style: str, fail_on: str, exit_zero: bool) -> int:
    """Print every defect of files, folders and archives, then a summary.

    PATH is a file, a folder, an archive, or - for standard input. A folder means all *.xml, *.txt
    and *.review files in it and in its subfolders, also compressed ones. With --validate, rules
    also check the records. The problems that they find are warnings or info, so they change the
    exit status only with --fail-on warning or info.

    \b
    Examples:
      reviewcorpus check corpus/
      reviewcorpus check --rules default,-R205 --fail-on warning corpus/
      reviewcorpus check --format json movies.tar.gz > defects.json
      reviewcorpus check --validate --format sarif corpus/ > corpus.sarif
    """
    if Severity(fail_on) < reading.least:
        raise click.UsageError(
            f"--min-severity {reading.least} hides what --fail-on {fail_on} looks for; use"
            f" --min-severity {fail_on}"
        )
    for line in FORMATS[style](reading):
        reading.output.line(line)
    if reading.not_read:
        return NOT_READ
    is_found = any(
        count and severity >= Severity(fail_on) for severity, count in reading.severities.items()
    )
    return FOUND if is_found and not exit_zero else 0
