"""`reviewcorpus formats`: which formats are read, and what each holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reviewcorpus.formats import known

if TYPE_CHECKING:
    from reviewcorpus.formats import Record


@click.command()
def formats() -> None:
    """Print the formats that --input-format knows: what each is, and its elements.

    Without that option, each file is read in the format of its first record.
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
