"""The replication package: data, protocol, seal, tables and one command that rebuilds them."""

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from qpvlib import __version__, paths
from qpvlib.followup import draw, plan, results, seal
from qpvlib.followup.study import Study

# Plain CSV: commas, decimal points, ASCII names, as fixest and did (R) or Stata read them.
_COLUMNS = {
    "indicator": ("string", "Identifiant de l'indicateur dans le catalogue"),
    "unit": ("string", "QPV de 2015 qui porte la série"),
    "unit_id": ("integer", "Numéro de l'unité, pour les logiciels qui veulent un nombre"),
    "territory": ("string", "QPV de 2024 suivi"),
    "year": ("integer", "Millésime"),
    "value": ("number", "Valeur publiée ; vide si elle ne l'est pas"),
    "outcome": ("number", "Valeur sur l'échelle comparée (niveau, ou 100 fois le logarithme)"),
    "state": ("string", "valeur, secret, non_disponible ou sans_objet"),
    "role": ("string", "cible, témoin ou hors tirage"),
    "group": ("string", "Groupe du tirage, vide hors tirage"),
    "weight": ("number", "Population de 2013"),
    "first_treated": ("integer", "Première année après pour une cible, 0 pour les autres"),
    "group_start": ("integer", "Première année après du groupe ; vide hors tirage"),
}
_REPLAY = '''"""Rebuild the numbers of resultats.csv and indice.json from panel.csv and the draws.

    pip install -r requirements.lock && pip install qpvlib   # at the commit of LISEZMOI.md
    python rejouer.py

Estimates, both intervals, p-values by drawing, CR2, wild bootstrap, their corrections (Holm,
Benjamini-Hochberg, Romano-Wolf) and the measured size of the tests.
"""
import json, sys
import numpy as np, pandas as pd
from qpvlib.cohort import Design, Panel
from qpvlib.followup.estimation import Draw, standardised, table

panel = pd.read_csv("panel.csv", dtype={"group": str})
printed = pd.read_csv("resultats.csv", index_col="indicator")
known = json.load(open("reglages.json", encoding="utf-8"))
rule = json.load(open("tirage/regle.json", encoding="utf-8"))["unites"]
drawn = [line.split(",")[1] for line in open("tirage/acceptes.csv").read().splitlines()[1:]]
groups = list(dict.fromkeys(row["groupe"] for row in rule))
letters = np.array([list(one) for one in drawn])
listed = letters[:, [groups.index(row["groupe"]) for row in rule]] == np.array(
    [row["lettre"] for row in rule])
units, strata = [row["serie"] for row in rule], [row["groupe"] for row in rule]
first = panel.groupby("unit")[["weight", "group", "group_start", "role"]].first()
draw = Draw(
    design=Design(tuple(units), tuple(strata), dict.fromkeys(groups, 1), listed=listed),
    targets=tuple(sorted(set(first.index[first["role"] == "cible"]) & set(units))),
    strata=first["group"].dropna(), starts=first["group_start"].dropna(),
    population=first["weight"], alpha=known["alpha"])
panels = {}
for name, one in known["indicateurs"].items():
    own = panel[(panel["indicator"] == name) & panel["year"].isin(one["annees"])
                & panel["group_start"].notna()]
    full = own.groupby("unit")["outcome"].transform("count") == len(one["annees"])
    panels[name] = Panel.read(own[full], unit="unit", period="year", outcome="outcome",
                              first_treated="first_treated")
found = table(draw, panels, {name: one["principal"] for name, one in known["indicateurs"].items()})
gaps = (found[printed.columns] - printed).abs().max(axis=1)
for name, gap in gaps.items():
    print(f"{name}: {found.loc[name, 'value']:.4f} [{found.loc[name, 'low']:.4f} ; "
          f"{found.loc[name, 'high']:.4f}], p = {found.loc[name, 'p']:.4f}, corrige "
          f"{found.loc[name, 'adjusted']:.4f}, ecart au tableau {gap:.1e}")
senses = {name: one["sens"] for name, one in known["indicateurs"].items() if one["principal"]}
index = standardised(draw, {name: panels[name] for name in senses}, senses).table.iloc[0]
expected = json.load(open("indice.json"))
gap = max(abs(index[key] - expected[key]) for key in expected)
print(f"indice: {index['centred']:.4f}, p = {index['p']:.4f}, ecart {gap:.1e}")
sys.exit(int(not max(gap, gaps.max()) < 1e-6))
'''


def panel(study: Study) -> pd.DataFrame:
    """Return the series in the columns of :data:`_COLUMNS`, every state kept."""
    known = study.units
    rows = study.series[study.series["territoire"].isin(known.index)]
    unit = rows["territoire"]
    outcomes = {one.indicator.id: one for one in study.plan.outcomes}
    target = unit.map(known["cible"]) & unit.isin(study.drawn.index)
    start = unit.map(study.drawn["debut"])
    table = pd.DataFrame(
        {
            "indicator": rows["indicateur"],
            "unit": unit,
            "unit_id": unit.map({code: place for place, code in enumerate(known.index, 1)}),
            "territory": unit.map(known["territoire"]),
            "year": rows["millesime"],
            "value": rows["valeur"],
            "outcome": [
                outcomes[name].measure(value) if value == value else np.nan
                for name, value in zip(rows["indicateur"], rows["valeur"], strict=True)
            ],
            "state": rows["etat"],
            "role": unit.map(known["role"]),
            "group": unit.map(known["groupe"]),
            "weight": unit.map(known["population"]),
            "first_treated": start.where(target, 0),
            "group_start": start,
        }
    )
    whole = {name: "Int64" for name, (kind, _) in _COLUMNS.items() if kind == "integer"}
    return table.astype(whole).sort_values(["indicator", "unit", "year"], ignore_index=True)


def schema(study: Study) -> dict:
    """Return the Frictionless description of the package."""
    fields = [
        {"name": name, "type": kind, "description": told} for name, (kind, told) in _COLUMNS.items()
    ]
    key = ["indicator", "unit", "year"]
    return {
        "name": "suivi-scientifique-qpv-marseille",
        "version": __version__,
        "resources": [
            {
                "name": "panel", "path": "panel.csv", "format": "csv", "encoding": "utf-8",
                "schema": {"fields": fields, "primaryKey": key, "missingValues": [""]},
            }
        ],
        "seal": study.chain[-1]["empreinte"],
    }  # fmt: skip


def tables(estimates: pd.DataFrame) -> dict[str, str]:
    """Return the regression table in Markdown and in LaTeX."""
    heads = ["indicateur", "n", "écart", "intervalle", "p tirage", "p corrigé", "p CR2"]
    rows = [
        [str(name), str(int(row["units"])), f"{row['value']:.2f}",
         f"[{row['low']:.2f} ; {row['high']:.2f}]", f"{row['p']:.3f}", f"{row['adjusted']:.3f}",
         f"{row['p_cr2']:.3f}"]
        for name, row in estimates.iterrows()
    ]  # fmt: skip
    lines = [heads, ["---"] * len(heads), *rows]
    markdown = "\n".join(f"| {' | '.join(row)} |" for row in lines) + "\n"
    body = " \\\\\n".join(" & ".join(row).replace("_", "\\_") for row in [heads, *rows])
    latex = f"\\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}\n\\hline\n{body} \\\\\n\\hline\n"
    return {"tableau.md": markdown, "tableau.tex": latex + "\\end{tabular}\n"}


def contents(study: Study) -> Mapping[str, bytes]:
    """Return the files of the package by name; same study, same bytes."""
    estimates = results.estimates(study)
    printed = estimates.rename_axis("indicator")
    codebook = "\n".join(
        ["# Dictionnaire de panel.csv", "",
         *(f"- `{name}` ({kind}) : {told}." for name, (kind, told) in _COLUMNS.items())]
    )  # fmt: skip
    act = seal.in_force(study.chain)
    readme = (
        f"# Suivi scientifique : paquet de réplication\n\n{study.nature}\n\nCode : commit "
        f"{act['commit']}, qpvlib {__version__}. Sceau : {study.chain[-1]['empreinte']}.\n\n"
        "    pip install -r requirements.lock\n    python rejouer.py\n\nLa commande refait chaque "
        "écart, intervalle, p et p corrigé de resultats.csv, et l'indice, et s'arrête en erreur si "
        "l'un diffère. Elle ne refait ni les études d'événement, ni les spécifications, ni les "
        "contrôles synthétiques : `qpv suivi estimer` et le livre les refont.\n"
    )
    index = results.index_test(study).table.iloc[0]
    settings = {
        "alpha": study.plan.rule.equivalence,
        "indicateurs": {
            one.indicator.id: {"annees": one.years, "principal": one.primary, "sens": one.direction}
            for one in study.plan.outcomes
        },
    }
    texts = {
        "LISEZMOI.md": readme,
        "panel.csv": panel(study).to_csv(index=False, lineterminator="\n"),
        "dictionnaire.md": codebook + "\n",
        "datapackage.json": json.dumps(schema(study), ensure_ascii=False, indent=1) + "\n",
        "reglages.json": json.dumps(settings, indent=1) + "\n",
        "indice.json": json.dumps({name: round(index[name], 10) for name in ("centred", "p")})
        + "\n",
        "resultats.csv": printed.to_csv(lineterminator="\n", float_format="%.10g"),
        "rejouer.py": _REPLAY,
        **tables(estimates),
    }
    found = {name: text.encode() for name, text in texts.items()}
    for name in (plan.PROTOCOL, plan.SEAL, plan.COHORT, draw.RULE, draw.ACCEPTED):
        found[name] = (plan.folder() / name).read_bytes()
    lock = paths.root() / "requirements.lock"
    return found | ({lock.name: lock.read_bytes()} if lock.is_file() else {})
