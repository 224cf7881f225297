"""The annexe to the convention: one content, written as HTML, PDF, Markdown and registry fields.

The words are those of ``suivi/annexe.yml`` and of the sealed protocol; nothing is filled in here.
"""

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from qpvlib import __version__, clock
from qpvlib.followup import Study, draw, improvements, plan, results, seal, verdict, verdict_power
from qpvlib.followup.study import deviations
from qpvlib.numerals import number
from qpvlib.presentation import printed
from qpvlib.presentation.formats import years
from qpvlib.presentation.origins import named
from qpvlib.territories import get
from qpvlib.typography import typeset

NAME = "annexe"
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A titled part: paragraphs, lists and tables, the first row of a table being its heads."""

    title: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...]
    tables: tuple[Rows, ...]


def fields(study: Study, told: Mapping) -> dict[str, str]:
    """Return what the sentences of the annexe take from the protocol and the seal."""
    content = study.plan.content
    chosen, random = content["selection"], content["graine"]
    inference, estimands = content["inference"], content["estimandes"]
    return {
        "gel": clock.told(study.chain[0]["date"]),
        "alea": f"{random['source']}, {random['date']}",
        "objet": content["nature"]["objet"],
        "attendu": study.plan.wording(content["nature"]["attendu"]),
        "pistes": content["nature"]["pistes"],
        "regle_unites": content["unites"]["regle"],
        "temoins_par_cible": str(chosen["temoins_par_cible"]),
        "distance": str(chosen["distance_metres"]),
        "procedure": random["procedure"],
        "source_alea": random["source"],
        "date_alea": str(random["date"]),
        "nature": study.nature,
        "estimateur": content["estimateurs"]["principal"],
        "inference": inference["principale"],
        "second": estimands["second"],
        **{name: inference[name] for name in ("centrage", "a_cote", "multiplicite", "sensibilite")},
        **{name: str(told[name]) for name in ("financement", "conflits", "consultation")},
    }


def _power(study: Study) -> Rows:
    curves = verdict_power.recorded(study)
    wanted, rows = study.plan.content["puissance"]["seuil"], []
    found = results.detectable(study)
    for outcome in study.plan.primary:
        own = found[found["indicateur"] == outcome.indicator.id]
        least = {f"{row.cibles} et {row.temoins}": row.ri for row in own.itertuples()}
        least[verdict_power.chosen_name(study)] = float("nan")
        for name, ri in least.items():
            ends = "à calculer (qpv suivi puissance)"
            if curves is not None:
                kept = curves["indicateur"].eq(outcome.indicator.id) & curves["plan"].eq(name)
                low, high = verdict_power.reached(curves[kept], verdict.ESTABLISHED, wanted)
                ends = f"{_end(low)} ou {_end(high)} {outcome.unit}"
            rows.append((outcome.indicator.libelle_court, name,
                         f"{number(ri, 1)} {outcome.unit}" if ri == ri else "sans tirage", ends,
                         f"{number(outcome.smallest)} {outcome.unit}"))  # fmt: skip
    head = ("Indicateur", "Cibles et témoins", "Test à 5 %", "« Effet établi »", "Plus petit effet")
    return (head, *rows)


def _improvements(study: Study) -> Rows:
    primary = study.plan.primary
    found = [improvements.table(study, one) for one in primary]
    head = ("Changement", *(f"{one.indicator.libelle_court} (CR2)" for one in primary))
    return (head, *(
        (str(name), *(f"{number(table.loc[name, 'cr2'], 1)} {one.unit}"
                      for table, one in zip(found, primary, strict=True)))
        for name in found[0].index
        if all(name in table.index for table in found)
    ))  # fmt: skip


def _end(value: float) -> str:
    return number(value, 1) if abs(value) < float("inf") else "plus grand que les effets essayés"


def tables(study: Study, told: Mapping) -> dict[str, Rows]:
    """Return the tables that a section may ask for, by name."""
    drawn = study.cohort[study.cohort["role"] != draw.OUTSIDE].sort_values(["groupe", "role"])
    rows = study.series.dropna(subset=["valeur"])
    outcomes = [
        (one.indicator.libelle, "principal" if one.primary else "secondaire",
         " ; ".join(named((row.source, row.millesime) for row in rows.itertuples()
                          if row.indicateur == one.indicator.id and row.millesime in one.years)),
         years(one.years),
         f"{number(one.smallest)} {one.unit}" if one.smallest else "—")
        for one in study.plan.outcomes
    ]  # fmt: skip
    known = fields(study, told)
    return {
        "parties": (("Partie", "Représentant"), *told["parties"].items()),
        "cohorte": (
            ("Quartier", "Secteur", "Groupe", "Rôle", "Chance d'être cible"),
            *((get(code).name, get(row["secteur"]).name, row["groupe"], row["role"],
               f"{number(100 * study.chances[code])} %") for code, row in drawn.iterrows()),
        ),
        "indicateurs": (
            ("Indicateur", "Famille", "Source", "Années", "Plus petit effet d'intérêt"), *outcomes
        ),
        "calendrier": (
            ("Étape", "Date"), *((step, date.format(**known)) for step, date in told["calendrier"])
        ),
        "puissance": _power(study),
        "ameliorations": _improvements(study),
        "verdicts": (("Verdict", "Condition"), *study.plan.verdicts().items()),
        "sceau": (
            ("Acte", "Date", "Empreinte"),
            *((f"{act['numero']}. {act['acte']}", clock.told(act["date"]), act["empreinte"][:32])
              for act in study.chain),
        ),
        "signatures": (
            ("Partie", "Nom et qualité", "Date et signature"),
            *((name, "", "") for name in told["parties"]),
        ),
    }  # fmt: skip


def sections(study: Study) -> tuple[str, tuple[Section, ...]]:
    """Return the title and the parts of the annexe."""
    told = plan.parse(plan.folder() / "annexe.yml")
    known, every = fields(study, told), tables(study, told)
    lists = {"ecarts": deviations(study)}
    parts = tuple(
        Section(
            one["titre"],
            tuple(typeset(text.format(**known)) for text in one.get("textes", ())),
            tuple(typeset(item) for name in one.get("listes", ()) for item in lists[name]),
            tuple(
                tuple(tuple(typeset(str(cell)) for cell in row) for row in every[name])
                for name in one.get("tableaux", ())
            ),
        )
        for one in told["sections"]
    )
    return typeset(told["titre"]), parts


def to_html(parts: Iterable[Section], dated: str) -> str:
    """Return the body of the page, and of the PDF."""
    body = [f"<p>{html.escape(dated)}</p>"]
    for place, part in enumerate(parts, 1):
        body.append(f"<h2>{place}. {html.escape(part.title)}</h2>")
        body += [f"<p>{html.escape(text)}</p>" for text in part.paragraphs]
        if part.items:
            items = "".join(f"<li>{html.escape(item)}</li>" for item in part.items)
            body.append(f"<ul>{items}</ul>")
        for head, *rows in part.tables:
            lines = [f"<tr>{''.join(f'<th>{html.escape(cell)}</th>' for cell in head)}</tr>"]
            lines += [
                f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>"
                for row in rows
            ]
            body.append(f"<table>{''.join(lines)}</table>")
    return "\n".join(body)


def to_markdown(title: str, parts: Iterable[Section], dated: str) -> str:
    """Return the same content for a registry that takes text."""
    lines = [f"# {title}", "", dated, ""]
    for place, part in enumerate(parts, 1):
        lines += [f"## {place}. {part.title}", ""]
        for text in part.paragraphs:
            lines += [text, ""]
        lines += [*(f"- {item}" for item in part.items), ""]
        for head, *rows in part.tables:
            cells = [head, tuple("---" for _ in head), *rows]
            lines += [*(f"| {' | '.join(row)} |" for row in cells), ""]
    return "\n".join(lines)


# The questions of a pre-registration (OSF, AEA), and the sections that answer them.
_REGISTRY = {
    "title": (), "description": ("Objet",), "hypotheses": ("Questions",),
    "design_plan": ("Territoires",), "randomization": ("Désignation des cibles",),
    "variables": ("Indicateurs",), "sampling_plan": ("Puissance",), "timeline": ("Calendrier",),
    "analysis_plan": ("Méthode", "Règle des verdicts"), "irb_and_privacy":
    ("Données et secret statistique",), "partners": ("Parties et rôles",),
    "other": ("Avenants et gouvernance", "Limites", "Place des habitants"),
}  # fmt: skip


def to_registry(title: str, parts: Iterable[Section], study: Study) -> str:
    """Return the fields of an OSF or AEA registration, as JSON."""
    texts = {
        part.title: "\n\n".join([*part.paragraphs, *part.items,
                                 *("\n".join(" | ".join(row) for row in table)
                                   for table in part.tables)])
        for part in parts
    }  # fmt: skip
    found = {name: "\n\n".join(texts[one] for one in names) for name, names in _REGISTRY.items()}
    found |= {"title": title, "protocol_sha256": seal.in_force(study.chain)["texte"],
              "seal_sha256": study.chain[-1]["empreinte"]}  # fmt: skip
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def written(study: Study, folder: Path) -> dict[Path, bytes]:
    """Return the files of the annexe, in its four forms, dated by the last act of the seal.

    Returns
    -------
    dict
        File in that folder -> its bytes: HTML, PDF, Markdown, registry fields.
    """
    title, parts = sections(study)
    dated = typeset(
        f"État du sceau au {clock.told(study.chain[-1]['date'])}, empreinte "
        f"{study.chain[-1]['empreinte'][:16]}… ; qpvlib {__version__}. {study.nature}"
    )
    body = to_html(parts, dated)
    contents = {
        "html": printed.page(title, body).encode(),
        "pdf": printed.pdf(title, body),
        "md": to_markdown(title, parts, dated).encode(),
        "json": to_registry(title, parts, study).encode(),
    }
    return {folder / f"{NAME}.{suffix}": content for suffix, content in contents.items()}
