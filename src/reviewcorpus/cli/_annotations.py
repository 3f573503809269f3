"""Defects and problems for other programs: SARIF for editors and CI systems, and GitHub's own way.

SARIF 2.1.0 is a standard of OASIS. It is written as it comes, result by result: a library for it
would hold the whole document.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from reviewcorpus._checks import visible
from reviewcorpus._version import __version__
from reviewcorpus.cli._printers import summary_lines
from reviewcorpus.defects import Defect, DefectKind, Severity
from reviewcorpus.validation import RULES, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewcorpus.cli._screen import Output
    from reviewcorpus.summary import Summary
    from reviewcorpus.validation import Problem

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.INFO: "note", Severity.WARNING: "warning", Severity.ERROR: "error"}
_COMMANDS = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


# ---- SARIF ------------------------------------------------------------------------------


class SarifPrinter:
    """Prints one SARIF log, a result a line."""

    def __init__(self, output: Output, *, validates: bool) -> None:
        self._output = output
        self._held = ""
        driver = {
            "name": "reviewcorpus",
            "version": __version__,
            "rules": _kinds() + (_rules() if validates else []),
        }
        output.line(f'{{"$schema": {json.dumps(_SCHEMA)}, "version": "2.1.0", "runs": [{{')
        output.line(f'"tool": {json.dumps({"driver": driver})},')
        output.line('"columnKind": "unicodeCodePoints",')
        output.line('"results": [')

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        region = {"startLine": defect.line, "startColumn": defect.column}
        place = Place(None, defect.movie_index, defect.review_index)
        location = _location(defect.source, place if defect.movie_index is not None else None)
        location["physicalLocation"]["region"] = region
        message = f"{defect.message}; {defect.action}"
        self._result(defect.kind.value, defect.severity, message, [location], [])

    def problem(self, problem: Problem) -> None:
        """Print a problem; it stands in a record, and has no line."""
        place = Place(None, problem.movie_index, problem.review_index, problem.field)
        related = [
            _location(other.source, Place(None, other.movie_index, other.review_index))
            for other in problem.related
        ]
        location = _location(problem.source, place)
        # GitHub shows no result without a line; where the record begins is not known any more.
        location["physicalLocation"]["region"] = {"startLine": 1}
        locations = [location]
        self._result(problem.code, problem.severity, problem.message, locations, related)

    def _result(
        self,
        rule: str,
        severity: Severity,
        message: str,
        locations: list[dict[str, Any]],
        related: list[dict[str, Any]],
    ) -> None:
        result: dict[str, Any] = {
            "ruleId": rule,
            "level": _LEVELS[severity],
            "message": {"text": message},
            "locations": locations,
        }
        if related:
            result["relatedLocations"] = related
        if self._held:
            self._output.line(f"{self._held},")
        self._held = json.dumps(result)

    def finish(self, _: Summary, not_read: list[str]) -> None:
        """Print what was not read, and end the log."""
        if self._held:
            self._output.line(self._held)
        notes = [{"level": "error", "message": {"text": text}} for text in not_read]
        invocation = {"executionSuccessful": not not_read, "toolExecutionNotifications": notes}
        self._output.line(f'], "invocations": [{json.dumps(invocation)}]}}]}}')

    def close(self) -> None:
        """Let go of everything: there is nothing."""


def _kinds() -> list[dict[str, Any]]:
    return [
        {
            "id": kind.value,
            "shortDescription": {"text": kind.value.replace("-", " ")},
            "defaultConfiguration": {"level": _LEVELS[kind.severity]},
        }
        for kind in DefectKind
    ]


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.summary},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in RULES.values()
    ]


def _location(source: str | None, place: Place | None) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(source or "<input>")}}
    }
    if place is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": str(place)}]
    return location


def _uri(source: str) -> str:
    """Give the name of a source as a URI; names that are relative stay so."""
    if os.path.isabs(source):  # noqa: PTH117 members of archives are no paths
        return Path(source).as_uri()
    return quote(source.replace(os.sep, "/"), errors="surrogateescape")


# ---- GitHub -----------------------------------------------------------------------------


class GithubPrinter:
    """Prints commands that GitHub's runner turns into annotations of files."""

    def __init__(self, output: Output, *, validates: bool) -> None:
        self._output = output
        self._validates = validates

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        place = {"file": defect.source or "", "line": defect.line, "col": defect.column}
        self._annotate(defect.severity, defect.kind.value, place, defect.message)

    def problem(self, problem: Problem) -> None:
        """Print a problem."""
        place = Place(None, problem.movie_index, problem.review_index, problem.field)
        message = f"{place}: {problem.message}"
        self._annotate(problem.severity, problem.code, {"file": problem.source or ""}, message)

    def _annotate(
        self, severity: Severity, title: str, place: Mapping[str, object], message: str
    ) -> None:
        given = {**place, "title": title}
        parts = ",".join(f"{name}={_property(str(value))}" for name, value in given.items())
        self._output.line(f"::{_COMMANDS[severity]} {parts}::{_data(message)}")

    def finish(self, summary: Summary, not_read: list[str]) -> None:
        """Print what was not read, and the summary, which GitHub shows as it is."""
        for message in not_read:
            self._output.line(f"::error title=not read::{_data(message)}")
        for line in summary_lines(summary):
            self._output.line(line)

    def close(self) -> None:
        """Let go of everything: there is nothing."""


def _data(text: str) -> str:
    text = visible(text)  # signs that hide or turn others would show another name
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
