"""The residents' point of view: closed questions out, counts in; never a row about a person."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from qpvlib import commit, declared, disclosure
from qpvlib.errors import CellError, Problem, SourceError
from qpvlib.evaluation import registers, workbook
from qpvlib.evaluation.cells import convert
from qpvlib.evaluation.package import ANSWERS, choices, folder, tables
from qpvlib.evaluation.rules import Row
from qpvlib.territories import slugify as _slugify
from qpvlib.typography import apostrophes, typeset, typst_string

RESPONDENTS, CELL = 11, 5
"""Fewest respondents of a territory to a question, fewest answers of a cell: our own choices."""
WHOLE, TITLE = "ensemble", "Votre avis sur votre quartier"
_IDENTITY = re.compile(
    r"(^|[^a-z])(nom|prenom|name|e?-?mail|courriel|tel|telephone|phone|adresse|address|naissance|"
    r"birth|age|ip|username|deviceid|submitte[rd]\w*|auteur|commentaires?|remarques?)([^a-z]|$)"
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
    survey.append(["select_one territoires", "territoire", "Dans quel quartier habitez-vous ?", ""])
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
def count(path: Path, campaign: str, mode: str, start: str, end: str) -> registers.Report:
    """Count a file of answers, or a counting grid, as one campaign; it replaces the same one.

    Parameters
    ----------
    path
        CSV: a grid ``territoire, question, reponse, effectif``, or one line per answer with a
        column ``territoire`` and one by question, named by its identifier or its words (ODK, Kobo,
        LimeSurvey, Decidim). Lines are counted and forgotten; other columns are not read.
    campaign, mode, start, end
        Identifier, way of collecting and dates of the campaign.

    Raises
    ------
    SourceError
        If a column may identify someone, or an answer is not one of those proposed.
    """
    meta = {"campagne": campaign, "mode": mode, "debut": start, "fin": end}
    told = {name: convert(tables()[ANSWERS].field(name), text) for name, text in meta.items()}
    lines = registers.read_csv(path)
    heads = [slugify(re.split(r"[/.]", head)[-1]) for head in lines[0]]
    problems = [
        Problem(f"la colonne « {head} » peut désigner une personne.", path.name, 1,
                remedy="Supprimez-la du fichier avant de l'importer.")
        for head in lines[0] if _IDENTITY.search(slugify(head).replace("-", " "))
    ]  # fmt: skip
    if "territoire" not in heads:
        problems.append(Problem("la colonne « territoire » manque.", path.name, 1))
    if problems:
        raise SourceError(problems)
    place = tables()[ANSWERS].field("territoire")
    found: Counter[tuple[str, str, str]] = Counter()
    grid = {"question", "reponse", "effectif"} <= set(heads)
    columns = {
        name: heads.index(key)
        for name, one in questions().items()
        for key in (slugify(name), slugify(one["texte"]))
        if key in heads
    }
    asked = {name: {slugify(a): a for a in one["reponses"]} for name, one in questions().items()}
    for number, line in enumerate(lines[1:], 2):
        row = dict(zip(heads, line, strict=False))
        given = [(name, line[i], "1") for name, i in columns.items() if line[i].strip()]
        if grid:
            given = [(row["question"].strip().upper(), row["reponse"], row["effectif"])]
        try:
            where = str(convert(place, row.get("territoire")))
        except CellError as error:
            problems.append(replace(error.problems[0], file=path.name, line=number))
            continue
        for name, answer, size in given:
            kept = asked.get(name, {}).get(slugify(answer))
            if kept is None or not size.strip().isdigit():
                # The text is not repeated: it may be about someone.
                fact = (
                    "cette réponse n'est pas une de celles de la question, ou son effectif manque."
                )
                problems.append(Problem(fact, path.name, number, name, "Texte libre refusé."))
                continue
            found[where, name, kept] += int(size)
    if problems or not found:
        raise SourceError(problems or Problem("aucune question reconnue.", path.name))
    return _store(found, told)


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


def _store(found: Counter[tuple[str, str, str]], told: Row) -> registers.Report:
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
    return registers.Report((f"{name} : {len(shown)} décomptes, dont {hidden} masqués.",))
