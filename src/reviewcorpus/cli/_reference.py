"""The commands that read nothing: `rules`, `formats` and `sample`."""

from __future__ import annotations

import os
import shlex
from contextlib import ExitStack
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from reviewcorpus._atomic import open_whole
from reviewcorpus._checks import visible
from reviewcorpus.cli._check import text_of
from reviewcorpus.cli._output import STYLES, check_empty, echo
from reviewcorpus.formats import known
from reviewcorpus.validation import RULES
from reviewcorpus.validation._model import select

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from reviewcorpus.formats import Record
    from reviewcorpus.validation import Rule

# ---- rules ------------------------------------------------------------------------------


@click.command()
@click.argument("codes", nargs=-1, metavar="[CODE...]")
def rules(codes: tuple[str, ...]) -> None:
    """Print the rules that --validate uses, or explain some of them.

    \b
    Examples:
      reviewcorpus rules
      reviewcorpus rules R207
      reviewcorpus rules M1 C
    """
    try:
        chosen = select(codes, RULES)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    for rule in chosen:
        echo(_explanation_of(rule))
    if not codes:
        for rule in RULES.values():
            mark = " " if rule.is_default else "-"
            severity = click.style(f"{rule.severity:<8}", **STYLES[rule.severity])
            echo(f"{rule.code} {mark} {severity} {rule.summary}")
        echo("(-: not in the default; `reviewcorpus rules CODE` explains a rule)")


def _explanation_of(rule: Rule) -> str:
    """Return a title, and what the rule finds, with an example that keeps its lines."""
    severity = click.style(rule.severity, **STYLES[rule.severity])
    note = "" if rule.is_default else ", not in the default"
    title = f"{click.style(rule.code, **STYLES['title'])} ({severity}{note})"
    text, mark, example = text_of(rule).partition("\n\n>>>")
    return f"{title}\n\n{click.wrap_text(text, preserve_paragraphs=True)}{mark}{example}\n"


# ---- formats ----------------------------------------------------------------------------


@click.command()
def formats() -> None:
    """Print the formats that can be read: what each is, and its elements.

    Each file is read in the format of its first record, unless --input-format names another.
    """
    for each in known():
        click.echo(f"{each.name:<13} {each.description}")
        for record in each.records:
            click.echo(f"{'':<13} {_line_of(record)}")


def _line_of(record: Record) -> str:
    """Return the start tag of a record, with its attributes, and its child elements."""
    names = [record.element]
    for field in record.attributes:
        names += filter(None, [field.element, field.scale_attribute])
    return f"<{' '.join(names)}>: {', '.join(field.element for field in record.children)}"


# ---- samples ----------------------------------------------------------------------------

_NEXT = (
    "cd {folder}",
    "reviewcorpus show damaged/bare-ampersands.xml",
    "reviewcorpus check .",
    "reviewcorpus rules",
    "reviewcorpus check --validate worn",
    "reviewcorpus stats .",
)


@click.command()
@click.argument("folder")
def sample(folder: str) -> None:
    """Write invented corpora, clean and damaged, into a new or empty folder.

    \b
    Example:
      reviewcorpus sample samples
    """
    if os.path.isdir(folder):
        check_empty(os.listdir(folder), folder)
    with ExitStack() as undo:  # some of them would look like all
        _copy(files("reviewcorpus") / "samples", folder, undo)
        undo.pop_all()
    echo(visible(f"Wrote the samples to {folder}. Next, try:"))
    for command in _NEXT:
        echo(visible(f"  {command.format(folder=shlex.quote(folder))}"))


def _copy(source: Traversable, target: str, undo: ExitStack) -> None:
    """Copy a folder without its permissions, because the installed one may be read-only."""
    if not os.path.isdir(target):
        os.makedirs(target)
        undo.callback(os.rmdir, target)
    for each in source.iterdir():
        path = os.path.join(target, each.name)
        if each.is_dir():
            _copy(each, path, undo)
        else:
            with open_whole(path, replaces=False) as file:
                file.write(each.read_bytes())
            undo.callback(os.unlink, path)
