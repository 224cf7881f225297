"""The ``qpv`` command.

Each subcommand imports what it needs when it runs, so that the help appears at once.
"""

import argparse
import io
import os
import platform
import re
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from qpvlib import __version__, commit, paths
from qpvlib.arguments import Parser, added, given, show
from qpvlib.commands import add_evaluation, add_follow_up
from qpvlib.errors import InvalidParameterError, Problem, QpvError
from qpvlib.typography import typeset

FAILURE, INTERRUPTED = 1, 130  # argparse itself exits with 2 on a malformed command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``qpv``; those of the command line by default.

    Returns
    -------
    int
        0, 1 on an error (told on stderr, one French sentence each), 130 on an interruption. A
        malformed command exits with 2. The traceback of an unexpected error goes to
        ``.qpv/erreur.log``, never to the screen.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without our no-break spaces
    options = _parser().parse_args(arguments)
    try:
        commit.recover()
        return options.run(options)
    except QpvError as error:
        return _fail(error.problems)
    except BrokenPipeError:  # « qpv verifier | head »: who reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Interrompu.", file=sys.stderr)
        return INTERRUPTED
    except (OSError, MemoryError) as failure:
        return _fail([commit.problem(failure) or _record(failure)])
    except Exception as error:
        return _fail([_record(error)])


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="qpv",
        description="Observatoire ouvert des quartiers prioritaires de Marseille.",
        epilog=typeset("« qpv COMMANDE --help » détaille une commande."),
    )
    parser.options.add_argument(
        "--version", action="version", version=f"qpv {__version__}", help="affiche la version"
    )
    commands = parser.add_subparsers(title="commandes\u00a0", metavar="COMMANDE", required=True)

    command = partial(added, commands)
    importer = command("importer", _import, "ajoute les chiffres d'un fichier officiel")
    importer.words.add_argument(
        "chemin", metavar="FICHIER|ZIP|DOSSIER", type=given, help="ce que le producteur a publié"
    )
    importer.options.add_argument(
        "--millesime",
        metavar="AAAA",
        type=_year,
        help="année des données, quand le fichier ne la dit pas",
    )
    importer.options.add_argument(
        "--retirer", action="store_true", help="accepte que des chiffres déjà là disparaissent"
    )
    importer.options.add_argument(
        "--confirmer",
        metavar="RAISON",
        type=_reason,
        help="pourquoi des mouvements improbables sont vrais (gardé au registre)",
    )
    withdraw = command("retirer", _withdraw, "retire une source et ses chiffres : défait un import")
    withdraw.words.add_argument("source", metavar="SOURCE", help="son identifiant dans le registre")
    command("calculer", _calculate, "recalcule les chiffres que qpvlib établit lui-même")
    command("verifier", _verify, "vérifie la cohérence du dossier data")
    download = command("telecharger", _download, "énumère ou télécharge des fichiers officiels")
    download.words.add_argument(
        "fichiers", metavar="ID", nargs="*", help="ce qu'il faut télécharger (rien : la liste)"
    )
    download.options.add_argument(
        "--tout", action="store_true", help="télécharge tout ce qui a une adresse"
    )
    portrait = command("portrait", _portrait, "produit la page d'un territoire")
    portrait.words.add_argument(
        "territoire", metavar="CODE|NOM", help=typeset("QN01303I, « La Viste », nord-est, 13055…")
    )
    edition = command("edition", _edition, "produit toutes les pages de territoires")
    edition.options.add_argument(
        "--processus",
        metavar="N",
        type=_count,
        help="nombre de pages produites à la fois (tous les cœurs par défaut)",
    )
    edition.options.add_argument(
        "--seulement", metavar="CODE", nargs="+", help="territoires ou indicateurs à produire"
    )
    edition.options.add_argument(
        "--tout", action="store_true", help="refait aussi les pages dont rien n'a changé"
    )
    files = command("fichiers", _files, "écrit les fichiers qui accompagnent le livre construit")
    files.words.add_argument(
        "dossier", metavar="DOSSIER", type=Path, nargs="?", help="_build/html par défaut"
    )
    command("langues", _languages, "énumère ce qui manque à chaque langue des pages faciles à lire")
    check = command("controle", _check, "contrôle le livre construit")
    check.words.add_argument(
        "dossier", metavar="DOSSIER", type=Path, nargs="?", help="_build/html par défaut"
    )
    check.options.add_argument(
        "--precedente",
        metavar="DOSSIER",
        type=Path,
        help="livre d'une édition d'avant, à confronter",
    )
    compare = command("comparer", _compare, "dit ce qui change entre deux états des données")
    state = "dossier data, édition gardée ou révision de git"
    compare.words.add_argument(
        "avant", metavar="AVANT", nargs="?", default="", help=f"{state} (la dernière gardée)"
    )
    compare.words.add_argument(
        "apres", metavar="APRES", nargs="?", default="", help=f"{state} (les données d'ici)"
    )
    compare.options.add_argument(
        "--garder", action="store_true", help="garde cette édition : la suivante s'y comparera"
    )
    command("millesimes", _vintages, "dit ce qui a vieilli, et ce qui est annoncé")
    add_evaluation(command("evaluation", None, "évaluation de la convention : registres"))
    add_follow_up(command("suivi", None, typeset("suivi scientifique : protocole et cohorte")))
    return parser


def _import(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import registers

    if registers.recognised(options.chemin):
        return show(registers.import_file(options.chemin))
    from qpvlib.intake.importer import import_path

    return show(import_path(options.chemin, options.millesime, options.retirer, options.confirmer))


def _withdraw(options: argparse.Namespace) -> int:
    from qpvlib.intake.withdraw import withdraw

    return show(withdraw(options.source))


def _calculate(_options: argparse.Namespace) -> int:
    from qpvlib.intake.calculate import calculate

    return show(calculate())


def _verify(_options: argparse.Namespace) -> int:
    from qpvlib.evaluation.registers import verify as verify_registers
    from qpvlib.intake.verify import verify

    show(verify())
    return show(verify_registers())


def _download(options: argparse.Namespace) -> int:
    from qpvlib.sources import addresses, download

    if not (options.fichiers or options.tout):
        return show(addresses.listing())
    every = addresses.official_files() if options.tout else ()
    wanted = addresses.chosen([*options.fichiers, *every])
    download.fetch(wanted, paths.data() / "brut", print)
    return 0


def _portrait(options: argparse.Namespace) -> int:
    return _publish([options.territoire], 1, whole=True)


def _edition(options: argparse.Namespace) -> int:
    return _publish(options.seulement, options.processus, options.tout)


def _publish(names: list[str] | None, processes: int | None, whole: bool) -> int:
    codes = None if names is None else _page_codes(names)
    from qpvlib.edition.publish import publish

    report = publish(codes, processes, whole)
    show(report)
    return _fail(report.failures) if report.failures else 0


def _files(options: argparse.Namespace) -> int:
    from qpvlib.files.build import build

    return show(build(options.dossier or paths.root() / "_build" / "html"))


def _languages(_options: argparse.Namespace) -> int:
    from qpvlib.files import languages

    return show(languages.report())


def _check(options: argparse.Namespace) -> int:
    from qpvlib.edition.check import check

    book = options.dossier or paths.root() / "_build" / "html"
    return show(check(book, None, options.precedente))


def _compare(options: argparse.Namespace) -> int:
    if options.garder:
        from qpvlib.intake.changes import keep

        print(typeset(f"Édition gardée : {keep().relative_to(paths.root())}."))
        return 0
    from qpvlib.intake.changes import between

    return show(between(options.avant, options.apres))


def _vintages(_options: argparse.Namespace) -> int:
    from qpvlib.reading import portrait, vintages

    return show(vintages.report(portrait.store()))


def _page_codes(names: list[str]) -> list[str]:
    """Return the codes of the pages so named: territories, indicators, subjects."""
    from qpvlib import territories
    from qpvlib.edition import pages

    subjects = {page.code for page in pages.subjects()}
    codes: list[str] = []
    problems: list[Problem] = []
    for name in names:
        if name in subjects:
            codes.append(name)
            continue
        try:
            territory = territories.resolve(name)
        except QpvError as error:
            problems += error.problems
            continue
        if territory.geography in ("qpv2024", "secteur") or territory.code == territories.CITY:
            codes.append(territory.code)
            continue
        fact = f"« {territory.name} » ({territory.code}) n'a pas de page."
        heirs = [territories.get(p.code_2024) for p in territories.successors(territory.code)]
        found = ", ".join(f"{heir.name} ({heir.code})" for heir in heirs)
        remedy = f"Quartiers de 2024 qui lui succèdent : {found}." if heirs else ""
        problems.append(Problem(fact, remedy=remedy))
    if problems:
        raise InvalidParameterError(problems)
    return list(dict.fromkeys(codes))


def _year(text: str) -> int:
    if not re.fullmatch(r"(199|20\d)\d", text):
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas une année.")
    return int(text)


def _reason(text: str) -> str:
    if len(" ".join(text.split())) < 10:
        raise argparse.ArgumentTypeError("« --confirmer » attend une raison, en quelques mots.")
    return " ".join(text.split())


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise argparse.ArgumentTypeError(f"« {text} » n'est pas un nombre de processus.")
    return int(text)


def _fail(problems: Sequence[object]) -> int:
    sys.stdout.flush()
    for problem in problems:
        print(typeset(f"Erreur : {problem}"), file=sys.stderr)
    return FAILURE


def _record(error: Exception) -> Problem:
    """Write an unexpected error to its file and return what to tell the user."""
    try:
        folder = paths.root()
    except QpvError:
        folder = Path.cwd()
    log = folder / ".qpv" / "erreur.log"
    heading = f"qpv {__version__}, Python {platform.python_version()}, {sys.argv[1:]}\n"
    fact = f"erreur imprévue du programme ({type(error).__name__})."
    try:
        paths.write_atomically(log, (heading + "".join(traceback.format_exception(error))).encode())
    except OSError:
        return Problem(fact, remedy=f"Le détail n'a pas pu être écrit dans {log}.")
    return Problem(fact, remedy=f"Signalez-la en joignant le fichier {log}.")


if __name__ == "__main__":
    sys.exit(main())
