"""The entries of the reference pages: one for each kind of defect, one for each rule.

What is written by hand stands in `docs/entries/*.toml`; the rest is asked of the library.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from makers.examples import (
    Entry,
    EntryError,
    KindEntry,
    RuleEntry,
    check_kind,
    check_rule,
    corpus_of,
    read,
    repaired_by,
    thresholds_used,
)
from reviewcorpus.defects import SEVERITIES, DefectKind
from reviewcorpus.validation import RULES, Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FOLDER = Path(__file__).parents[1] / "entries"
_SCOPES = {
    Scope.REVIEW: "one review",
    Scope.MOVIE: "one movie with its reviews",
    Scope.CORPUS: "all movies",
}

_MARK = re.compile(r"\[(?:U\+[0-9A-F]+|byte [0-9A-F]+)\]")  # what `_visible` and `_shown` put in

AnyEntry = TypeVar("AnyEntry", bound=Entry)


# ---- loading ----------------------------------------------------------------------------


def load_kinds() -> dict[str, KindEntry]:
    """Give the entries of the kinds of defect, in the order of the enum; each is right."""
    entries = entries_of(tables("defects.toml"), [kind.value for kind in DefectKind], KindEntry)
    for entry in entries.values():
        check_kind(entry)
    return entries


def load_rules() -> dict[str, RuleEntry]:
    """Give the entries of the rules, in the order of the registry; each is right."""
    entries = entries_of(tables("rules.toml"), RULES, RuleEntry)
    for entry in entries.values():
        check_rule(entry)
    return entries


def tables(name: str) -> dict[str, Any]:
    """Give what a file of `docs/entries` holds."""
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def entries_of(
    tables: Mapping[str, Any], names: Iterable[str], make: type[AnyEntry]
) -> dict[str, AnyEntry]:
    """Make the entries of what was written by hand.

    Raises:
        EntryError: One is missing, one is about nothing, or one has a field that there is not.
    """
    missing, unknown = [n for n in names if n not in tables], sorted({*tables} - {*names})
    if missing or unknown:
        raise EntryError(f"missing entries: {missing}; entries about nothing: {unknown}")
    entries = {}
    for name in names:
        try:
            entries[name] = make(name=name, **tables[name])
        except TypeError as error:
            raise EntryError(f"{name}: {error}") from error
    return entries


def summaries() -> dict[str, str]:
    """Give what the source says about each kind of defect, in one line.

    The texts behind the members of an enum are not there at run time.
    """
    (definition,) = ast.parse(inspect.getsource(DefectKind)).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 it is the source of a class
    texts = {}
    for member, behind in zip(definition.body, definition.body[1:], strict=False):
        match member, behind:
            case (
                ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                texts[DefectKind[name].value] = " ".join(text.split())
    return texts


# ---- pages ------------------------------------------------------------------------------


def defect_entries() -> str:
    """Give the table of all kinds of defect, and their entries."""
    entries, about = load_kinds(), summaries()
    rows = [
        f"| [`{name}`](#{name}) | {', '.join(severities_of(entry))} | {about[name]} |"
        for name, entry in entries.items()
    ]
    head = ["| kind | severity | what it is |", "|---|---|---|"]
    return _joined("\n".join(head + rows), *(_kind(entry, about) for entry in entries.values()))


def rule_entries() -> str:
    """Give the table of all rules, and their entries."""
    entries = load_rules()
    rows = [
        f"| [`{name}`](#{anchor(name)}) | {RULES[name].severity} | {RULES[name].summary} |"
        for name in entries
    ]
    head = ["| rule | severity | what it finds |", "|---|---|---|"]
    return _joined("\n".join(head + rows), *map(_rule, entries.values()))


def severities_of(entry: KindEntry) -> list[str]:
    """Give the severity of a kind, and others that its example shows."""
    severities = [SEVERITIES[DefectKind(entry.name)].value]
    for defect in read(entry.files, entry.options).defects:
        if defect.kind == entry.name and defect.severity.value not in severities:
            severities.append(defect.severity.value)
    return severities


def anchor(name: str) -> str:
    """Give where the entry of a kind or of a rule stands."""
    return f"rule-{name.lower()}" if name in RULES else name


def _kind(entry: KindEntry, about: Mapping[str, str]) -> str:
    return _joined(
        _heading(entry.name),
        f"*{' or '.join(severities_of(entry))}*: {about[entry.name]}",
        entry.about,
        "**Example**",
        _stored(entry),
        _blocks("xml", {name: _shown(data) for name, data in entry.contents.items()}),
        "**What you get**",
        fenced("pycon", _kind_session(entry)),
        _others(entry),
        "**How to mend it**",
        entry.mend,
        fenced("pycon", _mended_session(entry)) if entry.mended_options else "",
        _diff(entry),
    )


def _rule(entry: RuleEntry) -> str:
    rule = RULES[entry.name]
    used = [f"`{name}` ({default})" for name, default in thresholds_used(entry).items()]
    default = "in the default" if rule.is_default else "only when asked for"
    facts = [f"*{rule.severity}*", default, f"looks at {_SCOPES[rule.scope]}"]
    facts += [f"compares with {' and '.join(used)}"] if used else []
    return _joined(
        _heading(entry.name),
        "; ".join(facts) + ".",
        entry.about,
        _silent(entry),
        "**Example**",
        _blocks("xml", {name: _visible(text) for name, text in entry.example.items()}),
        "**What you get**",
        fenced("pycon", _rule_session(entry)),
        _others(entry),
        "**How to mend it**",
        entry.mend,
        fenced("pycon", _repair_session(entry)) if entry.action else "",
        _diff(entry),
    )


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part)


def _heading(name: str) -> str:
    title = f": {RULES[name].summary}" if name in RULES else ""
    return f"({anchor(name)})=\n\n## `{name}`{title}"


def _others(entry: Entry) -> str:
    links = [f"[`{name}`](#{anchor(name)})" for name in entry.also]
    return f"The example shows {', '.join(links)} too." if links else ""


def _silent(entry: RuleEntry) -> str:
    values = [value for values in entry.silent.values() for value in values]
    shown = ", ".join(f"`{value}`" for value in values)
    return f"It says nothing, on purpose, about {shown}." if values else ""


# ---- blocks -----------------------------------------------------------------------------


def fenced(language: str, text: str) -> str:
    """Give a block of code. What is no proper XML is shown as XML all the same."""
    return f"```{{code-block}} {language}\n:force:\n\n{text.strip()}\n```"


def _blocks(language: str, texts: Mapping[str, str]) -> str:
    """Give a block for each text that is not empty, with its name where there are several."""
    return _joined(
        *(
            _joined(f"`{name}`:" if len(texts) > 1 else "", fenced(language, text))
            for name, text in texts.items()
            if text
        )
    )


def _stored(entry: KindEntry) -> str:
    """Say what a text does not show of its bytes."""
    shown = "".join(map(_shown, entry.contents.values()))
    said = [
        f"Here `{mark}` is one {'byte' if 'byte' in mark else 'character'}."
        for mark in sorted(set(_MARK.findall(shown)))
    ]
    if entry.gzip_cut:
        names = ", ".join(f"`{name}`" for name in entry.files)
        said.append(f"{names}, compressed with gzip; its last {entry.gzip_cut} bytes are lost:")
    return " ".join(said)


def _shown(data: bytes) -> str:
    """Give bytes as text, and those that are no UTF-8 in words."""
    text = data.decode("utf-8", "surrogateescape")
    return _visible(
        "".join(
            f"[byte {ord(char) - 0xDC00:02X}]" if "\ud800" <= char <= "\udfff" else char
            for char in text
        )
    )


def _visible(text: str) -> str:
    """Put words in the place of characters that nobody sees."""
    return "".join(
        char if char.isprintable() or char in "\n\t" else f"[U+{ord(char):04X}]" for char in text
    )


def _kind_session(entry: KindEntry) -> str:
    reading = read(entry.files, entry.options)
    lines = []
    for expression in entry.shows:
        value = eval(expression, {"movies": reading.movies})  # noqa: S307 our own entries
        lines += [f">>> {expression}", repr(value)]
    if reading.error is None:
        lines += ['>>> print(*defects, sep="\\n")', *map(str, reading.defects)]
        actions = [defect.action for defect in reading.defects]
        lines += [">>> [defect.action for defect in defects]", repr(actions)]
    else:
        kind = type(reading.error)
        lines += [f">>> list({_corpus(entry, entry.options)})"]
        lines += ["Traceback (most recent call last):", "    ..."]
        lines += [f"{kind.__module__}.{kind.__qualname__}: {reading.error}"]
    return "\n".join(lines)


def _mended_session(entry: KindEntry) -> str:
    options = {**entry.options, **entry.mended_options}
    left = read(entry.files, options).defects
    return f">>> list({_corpus(entry, options)}.defects())\n{left!r}"


def _corpus(entry: KindEntry, options: Mapping[str, Any]) -> str:
    names = [f'"{name}"' for name in entry.files]
    return f"rc.Corpus({', '.join([*names, _arguments(options)])})"


def _rule_session(entry: RuleEntry) -> str:
    thresholds = entry.all_thresholds
    problems = corpus_of(entry.example, {}).problems(rules=entry.name, thresholds=thresholds)
    arguments = f'rules="{entry.name}"'
    lines = []
    if entry.thresholds:
        lines.append(f">>> thresholds = Thresholds({_arguments(entry.thresholds)})")
        arguments += ", thresholds=thresholds"
    lines.append(f'>>> print(*corpus.problems({arguments}), sep="\\n")')
    return "\n".join([*lines, *map(str, problems)])


def _repair_session(entry: RuleEntry) -> str:
    corpus = corpus_of(entry.example, {})
    changes = [
        change for recovered in repaired_by(entry.action, corpus) for change in recovered.changes
    ]
    is_merging = entry.action == "merge_corpus"
    call = "merge_corpus(corpus)" if is_merging else f"Pipeline({entry.action}).run(corpus)"
    lines = [f">>> for recovered in {call}:", '...     print(*recovered.changes, sep="\\n")']
    return "\n".join([*lines, *map(str, changes)])


def _arguments(options: Mapping[str, Any]) -> str:
    return ", ".join(
        f'{name}="{value}"' if isinstance(value, str) else f"{name}={value!r}"
        for name, value in options.items()
    )


def _diff(entry: Entry) -> str:
    """Give the lines that differ between the example and what is mended."""
    differences = {}
    for name, text in entry.mended.items():
        old, new = entry.example.get(name, "").splitlines(), text.splitlines()
        if isinstance(entry, KindEntry) and entry.gzip_cut:
            old = entry.contents[f"{name}.gz"].decode(entry.encoding).splitlines()
        lines = [*difflib.unified_diff(old, new, n=0, lineterm="")][2:]
        shown = "\n".join(line for line in lines if not line.startswith("@@"))
        differences[name] = _visible(shown)
    return _blocks("diff", differences)
