"""All commands at once."""

from operations.cli.command import command_line

app = command_line()
