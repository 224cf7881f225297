"""Statistical secrecy: thresholds as data, complementary suppression, and the attack that tests it.

Every published count is a sum over *atoms*, the smallest pieces that territories (quartiers of
2015 and 2024, IRIS, sectors, city) and categories (women, men) cut out together. An attacker knows
these sums, knows that counts are not negative, and tries to bound each masked one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from qpvlib import declared, paths
from qpvlib.errors import EstimationError, Problem
from qpvlib.observations import SECRET, VALUE

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Threshold:
    """Smallest group a source lets appear; ``limit`` is None when it was not found."""

    label: str
    unit: str
    limit: int | None
    status: str
    reference: str


@cache
def thresholds() -> dict[str, Threshold]:
    """Return ``data/secret.yml``, by source."""
    entries = declared.read(paths.data() / "secret.yml")
    return {
        source: Threshold(
            entry["libelle"], entry["unite"], entry["seuil"], entry["statut"], entry["reference"]
        )
        for source, entry in entries.items()
    }


def states(size: pd.Series, source: str, limit: int | None = None) -> pd.Series:
    """Say which cells may be shown.

    Parameters
    ----------
    size
        Size of the group behind each cell, in the unit of the threshold.
    source
        Key of ``data/secret.yml``.
    limit
        Threshold to apply when the source's own was not read in an official text.

    Returns
    -------
    Series
        ``valeur`` or ``secret``.

    Raises
    ------
    EstimationError
        If the source is not declared, or its threshold not established and none is given.
    """
    if source not in thresholds():
        raise EstimationError(f"Source sans règle de secret déclarée\u00a0: {source}.")
    known = thresholds()[source]
    if limit is None:
        if known.status != "lu":
            raise EstimationError(
                Problem(
                    f"Le seuil de secret de « {known.label} » n'est pas établi ({known.status}).",
                    remedy="Indiquez le seuil à appliquer, ou laissez les masques du producteur.",
                )
            )
        limit = known.limit
    return pd.Series(np.where(size < limit, SECRET, VALUE), index=size.index)


def membership(
    territories: Mapping[str, Iterable[str]],
    categories: Mapping[str, Iterable[str]] | None = None,
) -> pd.DataFrame:
    """Write each cell as the set of atoms it adds up.

    Parameters
    ----------
    territories
        Base pieces of each territory (IRIS by quartier crossings, for instance).
    categories
        Base categories of each one: ``{"ensemble": ["femmes", "hommes"], "femmes": ["femmes"]}``;
        by default a single ``ensemble``.

    Returns
    -------
    DataFrame
        0 or 1; rows ``(territoire, modalite)``, columns ``(piece, categorie)``.
    """
    categories = categories or {"ensemble": ["ensemble"]}

    def indicator(sets: Mapping[str, Iterable[str]]) -> pd.DataFrame:
        long = pd.Series(sets).map(list).explode()
        return pd.crosstab(long.index, long.to_numpy()).reindex(list(sets)).clip(upper=1)

    place, kind = indicator(territories), indicator(categories)
    return pd.DataFrame(
        np.kron(place, kind),
        index=pd.MultiIndex.from_product([place.index, kind.index]),
        columns=pd.MultiIndex.from_product([place.columns, kind.columns]),
    )


def bounds(
    published: pd.Series, members: pd.DataFrame, precision: float | pd.Series = 0.0
) -> pd.DataFrame:
    """Bound every masked cell by all that is published.

    Parameters
    ----------
    published
        Counts by cell, missing where masked; cells that are not shown at all may be left out.
    members
        See :func:`membership`; its rows are the cells.
    precision
        Half the rounding step of the published counts.

    Returns
    -------
    DataFrame
        One row per masked cell: ``bas, haut``, the tightest interval that holds for any
        non-negative counts (linear programming).

    Raises
    ------
    EstimationError
        If a published cell has no known composition, or the published counts contradict
        each other.
    """
    unknown = published.index.difference(members.index)
    if len(unknown):
        raise EstimationError(f"Cellules de composition inconnue\u00a0: {list(unknown)[:5]}.")
    known = published.dropna()
    step = precision if isinstance(precision, pd.Series) else pd.Series(precision, known.index)
    step = step.reindex(known.index).to_numpy(float)
    matrix = csr_array(members.loc[known.index].to_numpy(float))
    constraints = {
        "A_ub": vstack([matrix, -matrix]),
        "b_ub": np.concatenate([known + step, step - known]),
        "bounds": (0, None),
        "method": "highs",
    }
    masked = published.index[published.isna()]
    found = []
    for cell in masked:
        weights = members.loc[cell].to_numpy(float)
        low, high = linprog(weights, **constraints), linprog(-weights, **constraints)
        if low.status == 2:
            raise EstimationError("Les effectifs publiés se contredisent entre territoires.")
        found.append((low.fun, -high.fun if high.status == 0 else np.inf))
    return pd.DataFrame(found, index=masked, columns=["bas", "haut"], dtype=float)


def attack(
    published: pd.Series,
    members: pd.DataFrame,
    precision: float | pd.Series = 0.0,
    width: float = 0.0,
) -> pd.DataFrame:
    """Return the masked cells that what is published gives away; it must be empty.

    Parameters
    ----------
    published, members, precision
        See :func:`bounds`.
    width
        Widest interval that still counts as giving the figure away.
    """
    found = bounds(published, members, precision)
    scale = max(1.0, float(published.abs().max())) if published.notna().any() else 1.0
    return found[found["haut"] - found["bas"] <= width + _TOLERANCE * scale]


def complementary(
    published: pd.Series,
    members: pd.DataFrame,
    precision: float | pd.Series = 0.0,
    width: float = 0.0,
    kept: Iterable = (),
) -> pd.Series:
    """Mask further cells until nothing masked can be rebuilt.

    Parameters
    ----------
    published, members, precision, width
        See :func:`attack`.
    kept
        Cells to spare as long as another one will do (totals, the city).

    Returns
    -------
    Series
        ``published`` with more missing values. At each step the smallest cell used to rebuild
        a masked one goes: not the smallest possible set, but a short and stable one.
    """
    published, spared = published.copy(), set(kept)
    while len(given := attack(published, members, precision, width)):
        known = published.dropna()
        matrix = members.loc[known.index].to_numpy(float)
        target = members.loc[given.index[0]].to_numpy(float)
        use, *_ = np.linalg.lstsq(matrix.T, target)
        involved = known[np.abs(use) > _TOLERANCE]
        if involved.empty:
            involved = known[(matrix @ target) > 0]
        free = involved[[cell not in spared for cell in involved.index]]
        published[(free if len(free) else involved).idxmin()] = np.nan
    return published
