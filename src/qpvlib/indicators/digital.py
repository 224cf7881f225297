"""Composite indices of the distance to online services, from shares that others publish.

An index is the weighted mean of shares in percent. The scale of each one is fixed, 0 to 100 %, and
not set by the territories at hand: a territory's index depends on its own shares only, so nothing
masked elsewhere enters it, and it is published only where every one of its shares is.

Notes
-----
OECD and JRC, *Handbook on Constructing Composite Indicators: Methodology and User Guide*, 2008
(doi 10.1787/9789264043466-en): normalisation, weighting and aggregation, robustness.
"""

import numpy as np
import pandas as pd

from qpvlib import catalogue
from qpvlib.estimate import interval
from qpvlib.indicators.composites import Composite, composites
from qpvlib.indicators.population import POPULATION
from qpvlib.observations import ALL, NOT_APPLICABLE, SECRET, UNAVAILABLE, VALUE

_PLACE = ["geographie", "annee", "territoire"]
_BOUNDS = {"valeur": "valeur", "borne_basse": "bas", "borne_haute": "haut"}


def shares(frame: pd.DataFrame, composite: Composite) -> pd.DataFrame:
    """Return the component behind each index, present or not.

    In a geography, every component is taken in one year for all territories: the closest to the
    year of the index among those it has values for, the latest of two. An index year exists where
    every component has such a year within reach.

    Parameters
    ----------
    frame
        Observations, one row per figure (see :class:`qpvlib.observations.Observations`).
    composite
        The index.

    Returns
    -------
    DataFrame
        One row per geography, year of the index, territory and component: ``geographie, annee,
        territoire, indicateur, millesime, etat, valeur, bas, haut``. The bounds are missing where
        the sampling error is not known.
    """
    kept = frame[frame["indicateur"].isin(composite.names) & (frame["modalite"] == ALL)]
    bounded = kept.assign(**_bounds(kept, frame))
    found = []
    for geography, rows in bounded.groupby("geographie"):
        for year, picked in _years(rows, composite).items():
            chosen = rows[rows["millesime"] == rows["indicateur"].map(picked)]
            grid = pd.MultiIndex.from_product(
                [sorted(chosen["territoire"].unique()), composite.names],
                names=["territoire", "indicateur"],
            )
            full = chosen.set_index(grid.names).reindex(grid).reset_index()
            full["millesime"] = full["indicateur"].map(picked)
            full["etat"] = full["etat"].fillna(UNAVAILABLE)
            found.append(full.assign(geographie=geography, annee=year))
    columns = [*_PLACE, "indicateur", "millesime", "etat", *_BOUNDS.values()]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def inputs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the observations that :func:`indices` reads: components, and inhabitants."""
    names = {name for one in composites().values() for name in one.names} | {POPULATION}
    return frame[frame["indicateur"].isin(names) & (frame["modalite"] == ALL)]


def indices(frame: pd.DataFrame) -> pd.DataFrame:
    """Return every index, wherever all its components are published.

    Parameters
    ----------
    frame
        See :func:`shares`.

    Returns
    -------
    DataFrame
        Columns of an observation but ``source``. Bounds: the index of the lowest and of the
        highest values of its components, the widest interval that errors of any correlation
        allow. An index with a secret component is secret, otherwise one with a missing component
        is missing; a year without any index is left out.
    """
    found = []
    for composite in composites().values():
        falling = [one.name for one in composite.components if not one.rises]
        for (geography, year), rows in shares(frame, composite).groupby(_PLACE[:2]):
            turned = rows["indicateur"].isin(falling)
            rows.loc[turned, ["bas", "haut"]] = rows.loc[turned, ["haut", "bas"]].to_numpy()
            wide = rows.pivot(index="territoire", columns="indicateur")
            state = _state(wide["etat"])
            numbers = {name: composite.value(wide[part]) for name, part in _BOUNDS.items()}
            table = pd.DataFrame(numbers).where(state == VALUE).round(2)
            table = table.assign(etat=state, geographie=geography, millesime=year)
            found.append(table.assign(indicateur=composite.name, modalite=ALL).reset_index())
    # A year without a single index says nothing of any territory.
    told = [table for table in found if (table["etat"] == VALUE).any()]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame()


def ranks(values: pd.DataFrame, composite: Composite) -> pd.DataFrame:
    """Return the best and the worst rank of each territory under other weights.

    The weights are the declared ones, then those with one component left out, then with one
    counted twice, each in turn; last, the declared ones on shares divided by their dispersion
    between these territories. Nothing is drawn at random.

    Parameters
    ----------
    values
        Shares in percent, one row per territory, columns :attr:`Composite.names`, none missing.
    composite
        The index.

    Returns
    -------
    DataFrame
        ``premier, dernier`` by territory: 1 is the highest index.
    """
    declared = np.array([one.weight for one in composite.components])
    one_by_one = np.eye(len(declared))
    trials = np.vstack([declared, declared * (1 - one_by_one), declared * (1 + one_by_one)])
    trials /= trials.sum(axis=1, keepdims=True)
    scaled = composite.oriented(values)
    spread = scaled.std(axis=0)
    reduced = scaled / np.where(spread > 0, spread, 1) @ declared
    scores = pd.DataFrame(np.column_stack([scaled @ trials.T, reduced]), index=values.index)
    # Equal indices must stay equal whatever the order of the sums.
    found = scores.round(9).rank(ascending=False, method="min").astype(int)
    return pd.DataFrame({"premier": found.min(axis=1), "dernier": found.max(axis=1)})


def _years(rows: pd.DataFrame, composite: Composite) -> dict[int, dict[str, int]]:
    """Return, for each year of the index, the year of each component; only complete ones."""
    told = rows[rows["etat"] == VALUE].groupby("indicateur")["millesime"].unique().to_dict()
    found = {}
    for year in sorted(told.get(composite.dated_by, ())):
        near = {
            name: max(years, key=lambda known: (-abs(known - year), known))
            for name, years in told.items()
        }
        if all(abs(near.get(name, np.inf) - year) <= composite.reach for name in composite.names):
            found[int(year)] = near
    return found


def _bounds(kept: pd.DataFrame, frame: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the 95 % bounds of shares: published, or of their sample, or the share itself.

    The size of a sample is that of the denominator, otherwise the inhabitants in the universe;
    without either, a survey's bounds are missing.
    """
    entries = kept["indicateur"].map(catalogue.indicator)
    sampled = entries.map(lambda entry: entry.nature == "enquete").astype(bool)
    part = entries.map(lambda entry: entry.part_univers).astype(float)
    size = kept["denominateur"].fillna(_inhabitants(kept, frame) * part)
    low, high = kept["valeur"].mask(sampled), kept["valeur"].mask(sampled)
    known = sampled & kept["valeur"].notna() & (size > 0)
    low[known], high[known] = interval(kept.loc[known, "valeur"], size[known])
    published = kept["borne_basse"].notna() & kept["borne_haute"].notna()
    return {
        "bas": kept["borne_basse"].where(published, low),
        "haut": kept["borne_haute"].where(published, high),
    }


def _inhabitants(kept: pd.DataFrame, frame: pd.DataFrame) -> pd.Series:
    """Return the population of each row's territory, of the year nearest to the row's."""
    people = frame[(frame["indicateur"] == POPULATION) & (frame["modalite"] == ALL)]
    people = people.loc[people["etat"] == VALUE, ["territoire", "millesime", "valeur"]]
    rows = kept[["territoire", "millesime"]].rename_axis("rang").reset_index()
    both = rows.merge(people, on="territoire", suffixes=("", "_population"))
    both["ecart"] = (both["millesime"] - both["millesime_population"]).abs()
    nearest = both.sort_values(["rang", "ecart", "millesime_population"]).drop_duplicates("rang")
    return nearest.set_index("rang")["valeur"].reindex(kept.index)


def _state(states: pd.DataFrame) -> pd.Series:
    """Return the state of the index of each row: that of its components, a secret first."""
    found = pd.Series(VALUE, index=states.index)
    for state in (NOT_APPLICABLE, UNAVAILABLE, SECRET):
        found = found.mask((states == state).any(axis=1), state)
    return found
