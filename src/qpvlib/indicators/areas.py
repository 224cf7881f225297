"""From cells by IRIS to territories: arrondissements, the city, and quartiers by weights."""

import pandas as pd

from qpvlib.errors import EstimationError, Problem
from qpvlib.estimate import Form
from qpvlib.territories import CITY

_CASE = ["territoire", "indicateur", "modalite"]
_SUMS = ["numerateur", "denominateur", "n", "carres"]
CELL = ["arrondissement", "iris", "indicateur", "modalite", *_SUMS]
RESULT = [*_CASE, "valeur", "numerateur", "denominateur", "n"]
# Official files write ZZZZZZZZZ, or end the code with letters, where an IRIS is masked or absent.
MASKED_IRIS = r"[A-Z]{3}$"
SMALLEST_SHOWN = 200
"""Inhabitants under which the detail file hides the IRIS."""


def by_iris(cells: pd.DataFrame, forms: dict[str, Form]) -> pd.DataFrame:
    """Return the indicators of each IRIS that is not masked; see :func:`by_arrondissement`."""
    return _values(cells.dropna(subset="iris").assign(territoire=cells["iris"]), forms)


def by_arrondissement(cells: pd.DataFrame, forms: dict[str, Form]) -> pd.DataFrame:
    """Return the indicators of each arrondissement, masked IRIS included.

    Parameters
    ----------
    cells
        Columns :data:`CELL`.
    forms
        Form of each indicator.

    Returns
    -------
    DataFrame
        Columns :data:`RESULT` and ``carres``, the weighted sum of squares; shares in percent,
        no value where nobody is concerned.
    """
    return _values(cells.assign(territoire=cells["arrondissement"]), forms)


def for_city(cells: pd.DataFrame, forms: dict[str, Form], city: str = CITY) -> pd.DataFrame:
    """Return the indicators of all the cells together, under the code ``city``."""
    return _values(cells.assign(territoire=city), forms)


def by_weights(cells: pd.DataFrame, weights: pd.DataFrame, forms: dict[str, Form]) -> pd.DataFrame:
    """Estimate territories that IRIS do not follow.

    Parameters
    ----------
    cells
        Columns :data:`CELL`.
    weights
        Columns ``iris, territoire, part`` (share of the IRIS inhabitants living there, above 0,
        at most 1 in all for an IRIS) and ``population`` (inhabitants of that piece).
    forms
        Form of each indicator.

    Returns
    -------
    DataFrame
        As :func:`by_arrondissement`.

    Raises
    ------
    EstimationError
        If a weight is missing, negative or repeated, the parts of an IRIS exceed 1, a territory
        has no inhabitant, or an IRIS large enough to be shown is not in the file.
    """
    check_weights(weights)
    known = set(cells["iris"].dropna())
    absent = weights[~weights["iris"].isin(known)]
    shown = absent[absent["population"] / absent["part"] >= SMALLEST_SHOWN]
    if len(shown):
        raise EstimationError(
            Problem(
                f"IRIS inconnus du fichier\u00a0: {', '.join(sorted(set(shown['iris'])))}.",
                remedy="Le découpage des poids et le millésime du fichier doivent être les mêmes.",
            )
        )
    pieces = cells.merge(weights[["iris", "territoire", "part"]], on="iris")
    pieces[_SUMS] = pieces[_SUMS].mul(pieces["part"], axis=0)
    return _values(pieces, forms)


def check_weights(weights: pd.DataFrame) -> None:
    """Raise one error naming everything wrong in a table of weights (see :func:`by_weights`)."""
    part = weights["part"]
    problems = []
    for fact, wrong in {
        "Poids manquants": part.isna() | weights["population"].isna(),
        "Poids nuls ou négatifs": (part <= 0) | (weights["population"] < 0),
        "Couples IRIS-territoire répétés": weights.duplicated(["iris", "territoire"]),
    }.items():
        if wrong.any():
            places = sorted(set(weights.loc[wrong, "iris"].astype(str)))
            problems.append(f"{fact}\u00a0: IRIS {', '.join(places[:10])}.")
    totals = part.groupby(weights["iris"]).sum()
    beyond = totals.index[totals > 1 + 1e-6]
    if len(beyond):
        problems.append(f"Parts dont la somme dépasse 1\u00a0: IRIS {', '.join(beyond[:10])}.")
    people = weights.groupby("territoire")["population"].sum()
    empty = people.index[people <= 0]
    if len(empty):
        problems.append(f"Territoires sans habitant\u00a0: {', '.join(empty)}.")
    if problems:
        raise EstimationError(problems)


def _values(pieces: pd.DataFrame, forms: dict[str, Form]) -> pd.DataFrame:
    # An unknown square makes an unknown sum: the spread of a mean is then not known.
    table = pieces.groupby(_CASE, sort=True)[_SUMS].sum(skipna=False).reset_index()
    scale = table["indicateur"].map(forms).map({"part": 100.0, "rapport": 1.0, "moyenne": 1.0})
    people = table["denominateur"].where(table["denominateur"] > 0)
    return table.assign(valeur=scale * table["numerateur"] / people)[[*RESULT, "carres"]]
