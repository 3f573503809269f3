"""What each command of `reviewcorpus` says of itself."""

from __future__ import annotations

from click.testing import CliRunner

from reviewcorpus.cli import cli

_WIDTH = 90  # columns, as a line of code on these pages


def help_of(name: str) -> str:
    """Give what `--help` prints.

    The command is run for it. Contexts that are made by hand know nothing of the group's settings.
    """
    given = CliRunner().invoke(
        cli,
        [name, "--help"],
        prog_name="reviewcorpus",
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
    )
    return given.output


def commands() -> str:
    """Give the help of each command."""
    return "\n".join(
        f"### `reviewcorpus {name}`\n\n```text\n{help_of(name)}```\n"
        for name in sorted(cli.commands)
    )
