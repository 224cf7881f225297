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
from qpvlib.errors import InvalidParameterError, Problem, QpvError
from qpvlib.typography import typeset

FAILURE, INTERRUPTED = 1, 130  # argparse itself exits with 2 on a malformed command

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


class _Formatter(argparse.HelpFormatter):
    """Help text headed in French, one line per command."""

    def __init__(self, prog: str):
        super().__init__(prog, max_help_position=28)

    def add_usage(self, usage, actions, groups, prefix=None):
        # An empty prefix is not an absent one: argparse composes the subcommands' names so.
        super().add_usage(
            usage, actions, groups, typeset("Utilisation : ") if prefix is None else prefix
        )


class _Parser(argparse.ArgumentParser):
    """Argument parser whose help and errors are in French."""

    def __init__(self, **options):
        super().__init__(**options, formatter_class=_Formatter, add_help=False, allow_abbrev=False)
        self.words = self.add_argument_group("arguments\u00a0")
        self.options = self.add_argument_group("options\u00a0")
        self.options.add_argument("-h", "--help", action="help", help="affiche cette aide")

    def error(self, message: str):
        said = "cette commande n'est pas comprise."
        for pattern, sentence in _ARGPARSE_MESSAGES:
            match = re.fullmatch(pattern, message, re.DOTALL)
            if match:
                said = sentence.format(*match.groups())
                break
        self.exit(2, typeset(f"Erreur : {said} Voyez {self.prog} --help.\n"))


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
    except KeyboardInterrupt:
        print("Interrompu.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has stopped
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except (OSError, MemoryError) as failure:
        return _fail([commit.problem(failure) or _record(failure)])
    except Exception as error:
        return _fail([_record(error)])


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="qpv",
        description="Observatoire ouvert des quartiers prioritaires de Marseille.",
        epilog=typeset("« qpv COMMANDE --help » détaille une commande."),
    )
    parser.options.add_argument(
        "--version", action="version", version=f"qpv {__version__}", help="affiche la version"
    )
    commands = parser.add_subparsers(title="commandes\u00a0", metavar="COMMANDE", required=True)

    command = partial(_added, commands)
    importer = command("importer", _import, "ajoute les chiffres d'un fichier officiel")
    importer.words.add_argument(
        "chemin", metavar="FICHIER|ZIP|DOSSIER", type=Path, help="ce que le producteur a publié"
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
    _add_evaluation(command("evaluation", None, "évaluation de la convention : registres"))
    _add_follow_up(command("suivi", None, typeset("suivi scientifique : protocole et cohorte")))
    return parser


def _added(commands, name: str, run, summary: str) -> _Parser:
    """Add a command, or a step of one, and return its parser."""
    added = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
    added.set_defaults(run=run)
    return added


def _add_follow_up(parser: _Parser) -> None:
    """Add the steps of ``qpv suivi``."""
    steps = parser.add_subparsers(title="étapes\u00a0", metavar="ÉTAPE", required=True)

    step = partial(_added, steps)
    freeze = step("geler", _freeze, "gèle le protocole, ou enregistre un avenant")
    freeze.options.add_argument(
        "--date", metavar="AAAA-MM-JJ", help="date du gel ou de l'avenant (aujourd'hui par défaut)"
    )
    freeze.options.add_argument(
        "--motif", metavar="TEXTE", help="pourquoi un protocole déjà gelé change"
    )
    step("lister", _list_draws, "publie les tirages possibles, numérotés, avant l'aléa public")
    hold = step("tirer", _hold, "tire les cibles au sort, une seule fois")
    hold.options.add_argument(
        "--alea",
        metavar="TEXTE",
        help="aléa public annoncé à l'avance (sans lui, tirage de démonstration)",
    )
    hold.options.add_argument(
        "--date", metavar="AAAA-MM-JJ", help="date du tirage (aujourd'hui par défaut)"
    )
    hold.options.add_argument(
        "--motif", metavar="TEXTE", help="pourquoi le sort décide à nouveau, après un avenant"
    )
    deposit = step("deposer", _deposit, "enregistre un dépôt du sceau chez un tiers")
    deposit.words.add_argument("genre", metavar="GENRE", help="HAL, OSF, horodatage…")
    deposit.words.add_argument("numero", metavar="NUMÉRO", help="numéro du dépôt")
    deposit.options.add_argument("--date", metavar="AAAA-MM-JJ", help="date du dépôt")
    choose = step("choisir", _choose, "cherche les témoins de cibles choisies par la Ville")
    choose.words.add_argument("fichier", metavar="FICHIER", type=Path, help="territoire, raison")
    choose.options.add_argument(
        "--variables", metavar="FICHIER", type=Path, help="npnru, part_logements_sociaux"
    )
    pack = step("paquet", _pack, "écrit le paquet de réplication (ZIP)")
    pack.words.add_argument(
        "fichier", metavar="FICHIER", type=Path, nargs="?", help="suivi/paquet.zip par défaut"
    )
    annexe = step("annexe", _annexe, "écrit l'annexe à la convention : HTML, PDF, texte, registre")
    annexe.words.add_argument(
        "dossier", metavar="DOSSIER", type=Path, nargs="?", help="suivi/annexe par défaut"
    )
    step("puissance", _power, "calcule l'écart à partir duquel chaque verdict est atteint")
    step("verifier", _verify_seal, "rejoue le tirage et dit ce qui a changé depuis le sceau")
    panel = step("panel", _panel, "écrit les séries suivies en CSV")
    panel.words.add_argument(
        "fichier", metavar="FICHIER", type=Path, nargs="?", help="suivi/panel.csv par défaut"
    )
    estimate = step("estimer", _estimate, "dit ce qui est détectable, puis estime")
    estimate.options.add_argument(
        "--panel", metavar="FICHIER", type=Path, help="séries à la place des observations"
    )


def _add_evaluation(parser: _Parser) -> None:
    """Add the steps of ``qpv evaluation``."""
    steps = parser.add_subparsers(title="étapes\u00a0", metavar="ÉTAPE", required=True)
    model = _added(steps, "modele", _model, "écrit le classeur vide des registres")
    model.words.add_argument(
        "fichier", metavar="FICHIER", type=Path, nargs="?", help="evaluation.xlsx par défaut"
    )

    sheet = _added(steps, "questionnaire", _questionnaire, "écrit le questionnaire des habitants")
    sheet.words.add_argument(
        "dossier", metavar="DOSSIER", type=Path, help="reçoit le XLSForm et la feuille papier"
    )
    count = _added(steps, "compter", _count_answers, "compte un fichier de réponses d'habitants")
    count.words.add_argument("fichier", metavar="CSV", type=Path, help="grille, ou export d'outil")
    for name, told in {
        "campagne": "identifiant de la campagne",
        "mode": "papier, en ligne, face à face ou mixte",
        "debut": "premier jour, AAAA-MM-JJ",
        "fin": "dernier jour, AAAA-MM-JJ",
    }.items():
        count.options.add_argument(f"--{name}", metavar="TEXTE", required=True, help=told)

    report = _added(steps, "rapport", _report, "assemble le rapport de la commission")
    report.words.add_argument("fichier", metavar="FICHIER", type=Path, help="rapport.html")
    report.options.add_argument(
        "--final", action="store_true", help="évaluation finale (intermédiaire par défaut)"
    )


def _report(options: argparse.Namespace) -> int:
    from qpvlib.presentation.evaluation import report
    from qpvlib.reading import portrait

    kind = report.KINDS[options.final]
    paths.write_atomically(options.fichier, report.report(kind, portrait.store()))
    print(typeset(f"Évaluation {kind} : {options.fichier}."))
    return 0


def _questionnaire(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import residents

    folder = options.dossier
    paths.write_atomically(folder / "questionnaire.xlsx", residents.xlsform())
    paths.write_atomically(folder / "feuille.typ", residents.sheet().encode())
    print(typeset(f"Écrits dans {folder} : questionnaire.xlsx (ODK, Kobo) et feuille.typ (Typst)."))
    return 0


def _count_answers(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import residents

    campaign = (options.campagne, options.mode, options.debut, options.fin)
    return _show(residents.count(options.fichier, *campaign))


def _model(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import workbook

    path = options.fichier or Path("evaluation.xlsx")
    if path.exists():
        raise InvalidParameterError(f"« {path} » existe déjà : donnez un autre nom.")
    paths.write_atomically(path, workbook.model())
    print(typeset(f"Classeur vide écrit : {path}. Remplissez-le, puis : qpv importer {path}."))
    return 0


def _freeze(options: argparse.Namespace) -> int:
    import datetime as dt

    from qpvlib.followup import steps

    return _show(steps.freeze(options.date or dt.date.today().isoformat(), options.motif))


def _hold(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    alea = steps.DEMONSTRATION if options.alea is None else options.alea
    return _show(steps.hold(alea, options.date, options.motif))


def _list_draws(_options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return _show(steps.publish())


def _deposit(options: argparse.Namespace) -> int:
    import datetime as dt

    from qpvlib.followup import steps

    date = options.date or dt.date.today().isoformat()
    return _show(steps.deposit(options.genre, options.numero, date))


def _choose(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return _show(steps.choose(options.fichier, options.variables))


def _pack(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return _show(steps.pack(options.fichier or paths.root() / "suivi" / "paquet.zip"))


def _annexe(options: argparse.Namespace) -> int:
    from qpvlib import followup
    from qpvlib.presentation.followup import annexe

    folder = options.dossier or paths.root() / "suivi" / "annexe"
    for path in annexe.write(followup.load(), folder):
        print(typeset(f"Écrit : {path}"))
    return 0


def _power(_options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return _show(steps.power())


def _verify_seal(_options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return _show(steps.verify())


def _panel(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return _show(steps.write_panel(options.fichier or paths.root() / "suivi" / "panel.csv"))


def _estimate(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return _show(steps.estimate(options.panel))


def _import(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import registers

    if registers.recognised(options.chemin):
        return _show(registers.import_file(options.chemin))
    from qpvlib.intake.importer import import_path

    return _show(import_path(options.chemin, options.millesime, options.retirer, options.confirmer))


def _withdraw(options: argparse.Namespace) -> int:
    from qpvlib.intake.withdraw import withdraw

    return _show(withdraw(options.source))


def _calculate(_options: argparse.Namespace) -> int:
    from qpvlib.intake.calculate import calculate

    return _show(calculate())


def _verify(_options: argparse.Namespace) -> int:
    from qpvlib.evaluation.registers import verify as verify_registers
    from qpvlib.intake.verify import verify

    _show(verify())
    return _show(verify_registers())


def _download(options: argparse.Namespace) -> int:
    from qpvlib.sources import addresses, download

    if not (options.fichiers or options.tout):
        return _show(addresses.listing())
    every = addresses.official_files() if options.tout else ()
    wanted = addresses.chosen([*options.fichiers, *every])
    download.fetch(wanted, paths.data() / "brut", print)
    return 0


def _portrait(options: argparse.Namespace) -> int:
    return _publish([options.territoire], 1)


def _edition(options: argparse.Namespace) -> int:
    return _publish(options.seulement, options.processus)


def _publish(names: list[str] | None, processes: int | None) -> int:
    codes = None if names is None else _page_codes(names)
    from qpvlib.edition.publish import publish

    report = publish(codes, processes)
    _show(report)
    return _fail(report.failures) if report.failures else 0


def _check(options: argparse.Namespace) -> int:
    from qpvlib.edition.check import check

    book = options.dossier or paths.root() / "_build" / "html"
    return _show(check(book, None, options.precedente))


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


def _show(report) -> int:
    for line in report.lines():
        print(line)
    return 0


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
