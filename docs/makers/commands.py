"""What each command of `reviewcorpus` says of itself."""

from __future__ import annotations

import click

from reviewcorpus.cli import cli

_WIDTH = 90  # columns, as a line of code on these pages


def commands() -> str:
    """Give the help of each command, as `--help` prints it."""
    parent = click.Context(cli, info_name="reviewcorpus")
    parts = []
    for name in cli.list_commands(parent):
        command = cli.get_command(parent, name)
        assert command is not None  # noqa: S101 it is one of those that are listed
        context = click.Context(
            command, parent, name, max_content_width=_WIDTH, terminal_width=_WIDTH
        )
        parts.append(f"### `reviewcorpus {name}`\n\n```text\n{context.get_help()}\n```\n")
    return "\n".join(parts)
