"""The residents' point of view: closed questions out, counts in; never a row about a person."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from qpvlib import commit, declared, disclosure
from qpvlib.errors import CellError, Problem, SourceError
from qpvlib.evaluation import registers, workbook
from qpvlib.evaluation.cells import convert, private
from qpvlib.evaluation.package import ANSWERS, choices, folder, tables
from qpvlib.evaluation.rules import Row
from qpvlib.numerals import counted
from qpvlib.territories import slugify as _slugify
from qpvlib.typography import Report, apostrophes, typeset, typst_string

RESPONDENTS, CELL = 11, 5
"""Fewest respondents of a territory to a question, fewest answers of a cell: our own choices."""
WHOLE, TITLE = "ensemble", "Votre avis sur votre quartier"
WHERE = "Dans quel quartier habitez-vous ?"
_GRID = ("question", "reponse", "effectif")
_IDENTITY = re.compile(
    r"(^|[^a-z])(nom|prenom|name|e?-?mail|courriel|tel|telephone|phone|adresse|address|naissance|"
    r"birth|age|ip(?:addr\w*)?|username|deviceid|submitte[rd]\w*|auteur|commentaires?|remarques?|"
    r"autre|other|precisez)([^a-z]|$)"
)


slugify = cache(_slugify)
"""An answer is read once, whoever gives it."""


@cache
def questions() -> dict[str, dict]:
    """Return the question base: identifier -> ``objectif, texte, falc, reponses``."""
    base = declared.read(folder() / "questions.yml")
    return {
        name: one | {"reponses": base["echelles"][one["reponses"]]}
        for name, one in base["questions"].items()
    }


def xlsform() -> bytes:
    """Return the questionnaire as an XLSForm (ODK, Kobo): same questions, same bytes."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    survey, listed, settings = map(book.create_sheet, ("survey", "choices", "settings"))
    survey.append(["type", "name", "label", "hint"])
    survey.append(["select_one territoires", "territoire", WHERE, ""])
    listed.append(["list_name", "name", "label"])
    for code, name in choices("quartiers").items():
        listed.append(["territoires", code, name])
    for name, one in questions().items():
        survey.append([f"select_one {name}", name, one["texte"], one["falc"]])
        for answer in one["reponses"]:
            listed.append([name, slugify(answer), answer])
    settings.append(["form_title", "form_id", "default_language", "version"])
    settings.append([TITLE, "avis_quartier", "fr", "1"])
    return workbook.stable(book)


def sheet() -> str:
    """Return the paper sheet as Typst source: boxes to tick, no name asked."""
    box = "#box(width: 0.9em, height: 0.9em, stroke: 0.7pt, baseline: 0.1em)"
    lines = [
        "#set text(size: 11pt)",
        "Cette feuille est anonyme\u00a0: n’écrivez ni nom, ni adresse, ni téléphone.",
        "Quartier\u00a0: #box(width: 60%, height: 1em, stroke: (bottom: 0.7pt))",
    ]
    for name, one in questions().items():
        boxes = (f"#box[{box}#h(0.4em)#{typst_string(answer)}]" for answer in one["reponses"])
        told = f"*#{typst_string(apostrophes(typeset(one['falc'])))}* #text(size: 0.7em)[{name}]"
        lines.append(f"#block(breakable: false)[{told}\n\n{' #h(1em) '.join(boxes)}]")
    return "\n\n".join(lines) + "\n"


@commit.working("qpv evaluation compter")
def count(path: Path, campaign: str, mode: str, start: str, end: str) -> Report:
    """Count a file of answers, or a counting grid, as one campaign; it replaces the same one.

    Parameters
    ----------
    path
        CSV: a grid ``territoire, question, reponse, effectif``, or one line per answer, whose
        columns ``questionnaires.yml`` tells apart. Lines are counted and forgotten.
    campaign, mode, start, end
        Identifier, way of collecting and dates of the campaign.

    Raises
    ------
    SourceError
        If a column may identify someone, or an answer is not one of those proposed.
    """
    meta = {"campagne": campaign, "mode": mode, "debut": start, "fin": end}
    told = {name: convert(tables()[ANSWERS].field(name), text) for name, text in meta.items()}
    heads, *lines = registers.read_csv(path) or [[]]
    tool = next((one for one in _tools() if {*one["reconnu_a"]} & {*heads}), {"ote": "^.*[/.]"})
    columns, aside = _columns(heads, tool)
    problems = [
        Problem(f"la colonne « {heads[i]} » {why}.", path.name, 1,
                remedy="Supprimez-la du fichier avant de l'importer.")
        for i in aside if (why := _personal(heads[i], (line[i] for line in lines if line[i:])))
    ]  # fmt: skip
    if "territoire" not in columns:
        problems.append(Problem("la colonne « territoire » manque.", path.name, 1))
    if problems:
        raise SourceError(problems)
    asked = {
        name: {slugify(code.format(rank)): answer for rank, answer in enumerate(one["reponses"], 1)
               for code in (answer, *tool.get("codes", ()))}
        for name, one in questions().items()
    }  # fmt: skip
    found: Counter[tuple[str, str, str]] = Counter()
    for number, line in enumerate(lines, 2):
        row = {name: line[i].strip() for name, i in columns.items() if line[i:]}
        given = [(name, row[name], "1") for name in asked if row.get(name)]
        if {*_GRID} <= columns.keys():
            name, answer, size = (row.get(one, "") for one in _GRID)
            given = [(name.upper(), answer, size)]
        try:
            where = str(convert(tables()[ANSWERS].field("territoire"), row.get("territoire")))
        except CellError:
            # What was typed is never repeated: it may be about someone.
            fact = "ce n'est ni un quartier de 2024, ni un secteur, ni Marseille."
            problems.append(Problem(fact, path.name, number, "territoire"))
            continue
        for name, answer, size in given:
            kept = asked.get(name, {}).get(slugify(answer))
            if kept is None or not size.isdigit():
                fact = "cette réponse n'est pas une de la question, ou son effectif manque."
                problems.append(Problem(fact, path.name, number, name, "Texte libre refusé."))
                continue
            found[where, name, kept] += int(size)
    if problems or not found:
        raise SourceError(problems or Problem("aucune question reconnue.", path.name))
    return _store(found, told, [heads[i] for i in aside])


def _tools() -> Iterable[dict]:
    return declared.read(folder() / "questionnaires.yml").values()


def _columns(heads: list[str], tool: dict) -> tuple[dict[str, int], list[int]]:
    """Return what is read -> its index, and the columns that nothing declares."""
    known = {slugify(form): name for name, one in questions().items()
             for form in (name, one["texte"])}  # fmt: skip
    known |= {slugify(WHERE): "territoire"} | {one: one for one in ("territoire", *_GRID)}
    columns: dict[str, int] = {}
    aside = []
    for i, head in enumerate(heads):
        name = known.get(slugify(re.sub(tool["ote"], "", head.strip())))
        if name and name not in columns:
            columns[name] = i
        elif head not in tool.get("techniques", ()):
            aside.append(i)
    return columns, aside


def _personal(head: str, cells: Iterable[str]) -> str:
    """Return why a column that nothing declares may be about someone; empty when it may not."""
    if _IDENTITY.search(slugify(head).replace("-", " ")):
        return "peut désigner une personne"
    if any(private(cell) or len(cell.split()) > 2 for cell in cells):
        return "contient du texte libre ou des coordonnées"
    return ""


def published(found: Counter[tuple[str, str, str]]) -> dict[tuple[str, str, str], int | None]:
    """Return the counts that may be shown, ``None`` for those that may not.

    Nothing below :data:`RESPONDENTS` for a territory and question; no cell below :data:`CELL`, and
    a second one with it, so that the total gives nothing away.
    """
    shown: dict[tuple[str, str, str], int | None] = {}
    for place, name in dict.fromkeys((where, name) for where, name, _ in found):
        answers = questions()[name]["reponses"]
        kept = _kept(tuple(found[place, name, answer] for answer in answers))
        shown |= {(place, name, a): n for a, n in zip((*answers, WHOLE), kept, strict=True)}
    return shown


@cache
def _kept(sizes: tuple[int, ...]) -> tuple[int | None, ...]:
    """Return the counts of one question and their total, ``None`` for what is not shown."""
    total = sum(sizes)
    if total < RESPONDENTS:
        return (None,) * (len(sizes) + 1)
    if min(sizes) >= CELL:
        return (*sizes, total)
    answers = [*map(str, range(len(sizes)))]
    members = disclosure.membership(
        {WHOLE: [WHOLE]}, {one: [one] for one in answers} | {WHOLE: answers}
    )
    values = [size if size >= CELL else np.nan for size in sizes]
    cells = pd.Series([*values, total], index=members.index, dtype=float)
    cells = disclosure.complementary(cells, members, kept=[(WHOLE, WHOLE)])
    return tuple(None if np.isnan(value) else int(value) for value in cells)


def _store(found: Counter[tuple[str, str, str]], told: Row, aside: list[str]) -> Report:
    shown, name = published(found), told["campagne"]
    rows: list[Row] = [row for row in registers.load()[ANSWERS] if row["campagne"] != name]
    for (place, question, answer), size in shown.items():
        total = None if size is None else shown[place, question, WHOLE]
        state = "secret" if size is None else "valeur"
        if answer != WHOLE:
            rows.append(told | {"territoire": place, "question": question, "modalite": answer,
                                "etat": state, "effectif": size, "repondants": total})  # fmt: skip
    registers.write({ANSWERS: rows})
    hidden = sum(size is None for size in shown.values())
    said = f"{counted(len(shown), 'décompte(s)')}, dont {counted(hidden, 'masqué(s)')}."
    left = [f"Colonnes non lues : {', '.join(aside)}."] if aside else []
    return Report((f"{name} : {said}", *left))
