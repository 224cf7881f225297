"""Command lines in French: the help and the errors of argparse."""

import argparse
import re
from pathlib import Path

from qpvlib.typography import typeset

# argparse speaks English: what it may say of our options, and how we say it.
_ARGPARSE_MESSAGES = (
    (r"the following arguments are required: (.+)", "il manque {0}."),
    (r"unrecognized arguments: (.+)", "« {0} » n'a pas de sens ici."),
    (
        r"argument COMMANDE: invalid choice: '(.*?)'.*",
        "« {0} » n'est pas une commande.",
    ),
    (r"argument ÉTAPE: invalid choice: '(.*?)'.*", "« {0} » n'est pas une étape."),
    (r"argument (\S+): expected .*", "{0} attend une valeur."),
    (r"argument (\S+): («.*)", "{0} : {1}"),
)


def given(text: str) -> Path:
    """Return the path of what is to be read: a pipe would wait for ever, a device has no end."""
    path = Path(text)
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas un fichier ordinaire.")
    return path


class _Formatter(argparse.HelpFormatter):
    """Help text headed in French, one line per command."""

    def __init__(self, prog: str):
        super().__init__(prog, max_help_position=28)

    def add_usage(self, usage, actions, groups, prefix=None):
        # An empty prefix is not an absent one: argparse composes the subcommands' names so.
        super().add_usage(
            usage, actions, groups, typeset("Utilisation : ") if prefix is None else prefix
        )


class Parser(argparse.ArgumentParser):
    """Argument parser whose help and errors are in French."""

    def __init__(self, **options):
        super().__init__(**options, formatter_class=_Formatter, add_help=False, allow_abbrev=False)
        self.words = self.add_argument_group("arguments\u00a0")
        self.options = self.add_argument_group("options\u00a0")
        self.options.add_argument("-h", "--help", action="help", help="affiche cette aide")

    def error(self, message: str):
        """Say in French what is not understood, and exit with 2."""
        said = "cette commande n'est pas comprise."
        for pattern, sentence in _ARGPARSE_MESSAGES:
            match = re.fullmatch(pattern, message, re.DOTALL)
            if match:
                said = sentence.format(*match.groups())
                break
        self.exit(2, typeset(f"Erreur : {said} Voyez {self.prog} --help.\n"))


def added(commands, name: str, run, summary: str) -> Parser:
    """Add a command, or a step of one, and return its parser."""
    parser = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
    parser.set_defaults(run=run)
    return parser


def show(report) -> int:
    """Print the lines of a report, and return the status of a success."""
    for line in report.lines():
        print(line)
    return 0
