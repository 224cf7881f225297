"""The steps of « qpv evaluation » and « qpv suivi »; each imports what it needs as it runs."""

import argparse
from functools import partial
from pathlib import Path

from qpvlib import commit, paths
from qpvlib.arguments import Parser, added, given, show
from qpvlib.errors import InvalidParameterError
from qpvlib.typography import typeset


def add_follow_up(parser: Parser) -> None:
    """Add the steps of ``qpv suivi``."""
    steps = parser.add_subparsers(title="étapes\u00a0", metavar="ÉTAPE", required=True)

    step = partial(added, steps)
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
    choose.words.add_argument(
        "fichier",
        metavar="FICHIER",
        type=given,
        help="territoire, raison ; debut, intensite si connus",
    )
    choose.options.add_argument(
        "--variables", metavar="FICHIER", type=given, help="npnru, part_logements_sociaux"
    )
    choose.options.add_argument("--enregistrer", action="store_true", help="met ce choix au sceau")
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
        "--panel", metavar="FICHIER", type=given, help="séries à la place des observations"
    )


def add_evaluation(parser: Parser) -> None:
    """Add the steps of ``qpv evaluation``."""
    steps = parser.add_subparsers(title="étapes\u00a0", metavar="ÉTAPE", required=True)
    model = added(steps, "modele", _model, "écrit le classeur vide des registres")
    model.words.add_argument(
        "fichier", metavar="FICHIER", type=Path, nargs="?", help="evaluation.xlsx par défaut"
    )

    sheet = added(steps, "questionnaire", _questionnaire, "écrit le questionnaire des habitants")
    sheet.words.add_argument(
        "dossier", metavar="DOSSIER", type=Path, help="reçoit le XLSForm et la feuille papier"
    )
    count = added(steps, "compter", _count_answers, "compte un fichier de réponses d'habitants")
    count.words.add_argument("fichier", metavar="CSV", type=given, help="grille, ou export d'outil")
    for name, told in {
        "campagne": "identifiant de la campagne",
        "mode": "papier, en ligne, face à face ou mixte",
        "debut": "premier jour, AAAA-MM-JJ",
        "fin": "dernier jour, AAAA-MM-JJ",
    }.items():
        count.options.add_argument(f"--{name}", metavar="TEXTE", required=True, help=told)

    report = added(steps, "rapport", _report, "assemble le rapport de la commission")
    report.words.add_argument(
        "fichier", metavar="FICHIER", type=Path, help="rapport : .html et .pdf"
    )
    report.options.add_argument(
        "--final", action="store_true", help="évaluation finale (intermédiaire par défaut)"
    )


@commit.working("qpv evaluation rapport")
def _report(options: argparse.Namespace) -> int:
    from qpvlib.presentation.evaluation import report
    from qpvlib.reading import portrait

    kind = report.KINDS[options.final]
    made = report.report(kind, portrait.store())
    contents = {options.fichier.with_suffix(suffix): content for suffix, content in made.items()}
    commit.write(contents)
    for path in contents:
        print(typeset(f"Évaluation {kind} : {path}."))
    return 0


@commit.working("qpv evaluation questionnaire")
def _questionnaire(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import residents
    from qpvlib.presentation import printed

    folder = options.dossier
    sheet = printed.compiled(residents.TITLE, residents.sheet())
    form = residents.xlsform()
    commit.write({folder / "questionnaire.xlsx": form, folder / "feuille.pdf": sheet})
    print(typeset(f"Écrits dans {folder} : questionnaire.xlsx (ODK, Kobo) et feuille.pdf."))
    return 0


def _count_answers(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import residents

    campaign = (options.campagne, options.mode, options.debut, options.fin)
    return show(residents.count(options.fichier, *campaign))


@commit.working("qpv evaluation modele")
def _model(options: argparse.Namespace) -> int:
    from qpvlib.evaluation import workbook

    path = options.fichier or Path("evaluation.xlsx")
    if path.exists():
        raise InvalidParameterError(f"« {path} » existe déjà : donnez un autre nom.")
    commit.write({path: workbook.model()})
    print(typeset(f"Classeur vide écrit : {path}. Remplissez-le, puis : qpv importer {path}."))
    return 0


def _freeze(options: argparse.Namespace) -> int:
    import datetime as dt

    from qpvlib.followup import steps

    return show(steps.freeze(options.date or dt.date.today().isoformat(), options.motif))


def _hold(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    alea = steps.DEMONSTRATION if options.alea is None else options.alea
    return show(steps.hold(alea, options.date, options.motif))


def _list_draws(_options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return show(steps.publish())


def _deposit(options: argparse.Namespace) -> int:
    import datetime as dt

    from qpvlib.followup import steps

    date = options.date or dt.date.today().isoformat()
    return show(steps.deposit(options.genre, options.numero, date))


def _choose(options: argparse.Namespace) -> int:
    from qpvlib.followup import choosing

    return show(choosing.choose(options.fichier, options.variables, options.enregistrer))


def _pack(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return show(steps.pack(options.fichier or paths.root() / "suivi" / "paquet.zip"))


@commit.working("qpv suivi annexe")
def _annexe(options: argparse.Namespace) -> int:
    from qpvlib import followup
    from qpvlib.presentation.followup import annexe

    folder = options.dossier or paths.root() / "suivi" / "annexe"
    contents = annexe.written(followup.load(), folder)
    commit.write(contents)
    for path in contents:
        print(typeset(f"Écrit : {path}"))
    return 0


def _power(_options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return show(steps.power())


def _verify_seal(_options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return show(steps.verify())


def _panel(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return show(steps.write_panel(options.fichier or paths.root() / "suivi" / "panel.csv"))


def _estimate(options: argparse.Namespace) -> int:
    from qpvlib.followup import steps

    return show(steps.estimate(options.panel))
