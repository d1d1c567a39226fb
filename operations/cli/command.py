"""The command `triptych`. What starts the platform begins at once: the libraries of the other commands are imported for those only."""

import sys

from operations.cli.stack import app as stack

OF_THE_PLATFORM = {command.callback.__name__ for command in stack.registered_commands if command.callback}


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in OF_THE_PLATFORM:
        stack()
    else:
        from operations.cli.main import app

        app()
