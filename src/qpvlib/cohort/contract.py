"""What a panel must satisfy before anything is estimated from it.

The refusals are ours: in French, all at once, each with its remedy.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from qpvlib.errors import Problem

NBSP = "\u00a0"
STATES = ("secret", "non_disponible", "sans_objet")


def listed(items: Iterable, most: int = 5) -> str:
    """Join the first items for a message: ``a, b, c et 12 autres``."""
    items = [str(item) for item in items]
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} et {len(items) - most} autres"


def decimal(value: float) -> str:
    """Write a number for a message, with a decimal comma."""
    return f"{value:g}".replace(".", ",")


def absent_columns(table: pd.DataFrame, needed: Iterable[str]) -> list[Problem]:
    """Return one problem per column that the table does not have."""
    return [
        Problem(
            f"la colonne {name} est absente du panel.",
            remedy=f"Colonnes présentes{NBSP}: {listed(table.columns, 12)}.",
        )
        for name in needed
        if name not in table.columns
    ]


def calendar_problems(table: pd.DataFrame, *columns: str | None) -> list[Problem]:
    """Return the columns of periods that hold dates instead of whole numbers."""
    return [
        Problem(
            "les périodes sont des dates.",
            column=column,
            remedy="Donnez des nombres entiers\u00a0: l'année, par exemple avec .dt.year.",
        )
        for column in columns
        if column
        and (
            isinstance(table[column].dtype, (pd.PeriodDtype, pd.DatetimeTZDtype))
            or pd.api.types.is_datetime64_dtype(table[column])
            or table[column].map(lambda value: isinstance(value, (date, pd.Period))).any()
        )
    ]


def numbers(table: pd.DataFrame, columns: Mapping[str, str]) -> tuple[pd.DataFrame, list[Problem]]:
    """Return columns as floats under their new names, and those that hold something else."""
    data, problems = pd.DataFrame(index=range(len(table))), []
    for name, column in columns.items():
        parsed = pd.to_numeric(table[column], errors="coerce").astype(float)
        wrong = parsed.isna() & table[column].notna()
        if wrong.any():
            examples = listed(table.loc[wrong, column].unique())
            problems.append(
                Problem(
                    f"des valeurs ne sont pas des nombres ({examples}).",
                    column=column,
                    remedy="Laissez la case vide quand la valeur manque.",
                )
            )
        data[name] = parsed.to_numpy()
    return data, problems


def geography_problems(perimeters: pd.Series) -> list[Problem]:
    """Return the perimeters that would meet in one series."""
    if perimeters.nunique(dropna=False) <= 1:
        return []
    names = listed(sorted(perimeters.astype(str).unique()))
    return [
        Problem(
            f"plusieurs géographies se mêlent{NBSP}: {names}.",
            column=str(perimeters.name),
            remedy="Gardez-en une, ou raccordez les séries avant d'estimer.",
        )
    ]


def key_problems(data: pd.DataFrame, unit: str, period: str) -> list[Problem]:
    """Return what is wrong with the keys: blank, fractional or repeated."""
    problems = []
    if data["unit"].isna().any():
        problems.append(Problem("des lignes n'ont pas d'unité.", column=unit))
    elif len({isinstance(value, str) for value in data["unit"].unique()}) > 1:
        problems.append(
            Problem(
                "des identifiants d'unité sont du texte et d'autres des nombres.",
                column=unit,
                remedy="Donnez-leur un seul type, par exemple avec .astype(str).",
            )
        )
    if data["period"].isna().any() or (data["period"] % 1 != 0).any():
        problems.append(
            Problem(
                "des périodes ne sont pas des nombres entiers.",
                column=period,
                remedy="Numérotez les périodes dans l'ordre.",
            )
        )
    twice = data.duplicated(["unit", "period"])
    if twice.any():
        pairs = [f"{row.unit} en {row.period:g}" for row in data[twice].itertuples()]
        problems.append(
            Problem(
                f"des couples unité-période figurent plusieurs fois{NBSP}: {listed(pairs)}.",
                remedy="Gardez une seule ligne par unité et par période.",
            )
        )
    return problems


def outcome_problems(data: pd.DataFrame, outcome: str) -> list[Problem]:
    """Return what is wrong with the outcome: masked, infinite, constant, of unknown state."""
    values = data["outcome"]
    known = values.dropna()
    problems = []
    if known.empty:
        problems.append(
            Problem(
                "toutes les valeurs du résultat sont masquées ou absentes.",
                column=outcome,
                remedy="Aucune estimation n'est possible avec cet indicateur.",
            )
        )
    elif np.isinf(known).any():
        problems.append(Problem("le résultat contient des valeurs infinies.", column=outcome))
    elif known.nunique() == 1:
        problems.append(
            Problem(
                f"le résultat est constant (toujours {decimal(known.iloc[0])}).",
                column=outcome,
                remedy="Il n'y a rien à estimer.",
            )
        )
    contradictory = known.index[data.loc[known.index, "state"].isin(STATES)]
    if len(contradictory):
        problems.append(
            Problem(
                "des valeurs sont données alors que leur état les dit absentes "
                f"({listed(data.loc[contradictory, 'unit'].unique())}).",
                column=outcome,
                remedy="Une valeur masquée ne doit pas figurer dans le panel.",
            )
        )
    unknown = set(data.loc[values.isna(), "state"]) - set(STATES)
    if unknown:
        problems.append(
            Problem(
                "des valeurs absentes n'ont pas d'état reconnu"
                f"{NBSP}: {listed(sorted(map(str, unknown)))}.",
                remedy=f"États admis{NBSP}: {', '.join(STATES)}.",
            )
        )
    return problems


def first_treated_periods(data: pd.DataFrame, start: int | None) -> tuple[pd.Series, list[Problem]]:
    """Return the first treated period per row, infinite when never, and the problems."""
    if "exposure" in data and not data["exposure"].dropna().between(0, 1).all():
        return pd.Series(np.inf, index=data.index), [
            Problem("la part de période sous traitement doit aller de 0 à 1.", column="exposure")
        ]
    if "first_treated" in data:
        dates = data["first_treated"].fillna(np.inf)
        if (dates[np.isfinite(dates)] % 1 != 0).any():
            return dates, [
                Problem(
                    "des premières périodes traitées ne sont pas des nombres entiers.",
                    remedy="Pour une part de période, donnez-la en plus (exposure).",
                )
            ]
        # Zero means never, as in most published tables, unless periods run from before zero.
        return (dates if data["period"].min() < 0 else dates.replace(0, np.inf)), []
    never = pd.Series(np.inf, index=data.index)
    if "treatment" not in data:
        return never, []
    on = data["treatment"]
    if not on.isin([0, 1]).all():
        return never, [Problem("l'indicatrice de traitement doit valoir 0 ou 1 sur chaque ligne.")]
    if start is not None:
        ever = on.groupby(data["unit"]).transform("max") == 1
        return never.mask(ever, float(start)), []
    first = data["period"].where(on == 1).groupby(data["unit"]).transform("min").fillna(np.inf)
    off = data.loc[(data["period"] > first) & (on == 0), "unit"].unique()
    if len(off):
        return first, [
            Problem(
                f"le traitement s'interrompt dans certaines unités{NBSP}: {listed(off)}.",
                remedy="Les estimateurs supposent un traitement qui dure une fois commencé.",
            )
        ]
    return first, []


def constancy_problems(data: pd.DataFrame) -> list[Problem]:
    """Return what varies within units but must not, and the weights that are not positive."""
    if data["cluster"].isna().any():
        names = data.loc[data["cluster"].isna(), "unit"].unique()
        return [Problem(f"des unités n'ont pas de grappe{NBSP}: {listed(names)}.")]
    labels = {
        "first_treated": "plusieurs premières périodes traitées",
        "cluster": "plusieurs grappes",
    }
    problems = []
    for column, label in labels.items():
        varying = data.groupby("unit")[column].nunique(dropna=False)
        names = varying[varying > 1].index
        if len(names):
            problems.append(
                Problem(f"des unités ont {label}{NBSP}: {listed(names)}.", remedy="Gardez-en une.")
            )
    if "weight" in data:
        wrong = ~(data["weight"] > 0) & data["outcome"].notna()
        if wrong.any():
            problems.append(
                Problem(
                    "des poids sont absents, nuls ou négatifs, pour "
                    f"{listed(data.loc[wrong, 'unit'].unique())}.",
                    remedy="Donnez un poids positif à chaque ligne observée.",
                )
            )
    return problems
