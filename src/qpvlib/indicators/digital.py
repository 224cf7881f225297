"""Composite indices of the distance to online services, from shares that others publish.

An index is the weighted mean of shares in percent. The scale of each one is fixed, 0 to 100 %, and
not set by the territories at hand: a territory's index depends on its own shares only, so nothing
masked elsewhere enters it, and it is published only where every one of its shares is.

Notes
-----
OECD and JRC, *Handbook on Constructing Composite Indicators: Methodology and User Guide*, 2008
(doi 10.1787/9789264043466-en): normalisation, weighting and aggregation, robustness.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from qpvlib import catalogue, paths
from qpvlib.errors import CatalogueError, Problem
from qpvlib.estimate import interval
from qpvlib.indicators.population import POPULATION
from qpvlib.observations import ALL, NOT_APPLICABLE, SECRET, UNAVAILABLE, VALUE

_PLACE = ["geographie", "annee", "territoire"]
_BOUNDS = {"valeur": "valeur", "borne_basse": "bas", "borne_haute": "haut"}
_DIRECTIONS = ("plus", "moins")


@dataclass(frozen=True)
class Component:
    """A share that enters an index; ``file`` says, in French, which file gives it."""

    name: str
    weight: float
    rises: bool
    file: str


@dataclass(frozen=True)
class Composite:
    """One entry of ``data/indices.yml``.

    Attributes
    ----------
    name, model
        Id of the index, and of the one whose composition it takes up.
    dated_by
        The component whose year is that of the index.
    reach
        Years allowed between it and any other component.
    components
        All compulsory; the weights add up to 1.
    """

    name: str
    model: str
    dated_by: str
    reach: int
    components: tuple[Component, ...]

    @property
    def names(self) -> list[str]:
        """The ids of the components."""
        return [one.name for one in self.components]

    def oriented(self, shares: pd.DataFrame) -> np.ndarray:
        """Return the shares of :attr:`names`, counted so that the index rises with each."""
        rises = [one.rises for one in self.components]
        return np.where(rises, shares[self.names], 100 - shares[self.names])

    def value(self, shares: pd.DataFrame) -> pd.Series:
        """Return the index of each row of shares in percent; columns :attr:`names`, 0 to 100."""
        weights = [one.weight for one in self.components]
        return pd.Series(self.oriented(shares) @ weights, index=shares.index)


def composites() -> dict[str, Composite]:
    """Return the indices of ``data/indices.yml``, by id; see :func:`read`."""
    return read(paths.data() / "indices.yml")


@cache
def read(path: Path) -> dict[str, Composite]:
    """Read and check a declaration of indices.

    Raises
    ------
    CatalogueError
        With every id that the catalogue lacks, component that is not a share in percent, weight
        that is not positive, direction or year that is not allowed.
    """
    entries = yaml.safe_load(path.read_text("utf-8"))
    problems = [
        Problem(f"{name} : {fact}", path.name)
        for name, entry in entries.items()
        for fact in _faults(name, entry)
    ]
    if problems:
        raise CatalogueError(problems)
    return {
        name: Composite(name, entry["modele"], entry["annee"], entry["ecart"], _components(entry))
        for name, entry in entries.items()
    }


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


def _components(entry: dict) -> tuple[Component, ...]:
    parts = entry["composantes"]
    total = sum(part["poids"] for part in parts.values())
    return tuple(
        Component(name, part["poids"] / total, part["sens"] == "plus", part["fichier"])
        for name, part in parts.items()
    )


def _faults(name: str, entry: dict) -> list[str]:
    """Say in French all that is wrong with one index."""
    parts, known = entry["composantes"], catalogue.indicators()
    unknown = [one for one in (name, entry["modele"], *parts) if one not in known]
    facts = [f"« {one} » n'est pas dans indicateurs.yml." for one in unknown]
    facts += [
        f"la composante « {one} » doit être une part en %."
        for one in parts
        if one in known and known[one].unite != "%"
    ]
    facts += [
        f"le poids de « {one} » doit être positif."
        for one, part in parts.items()
        if not part["poids"] > 0
    ]
    facts += [
        f"le sens de « {one} » doit être « plus » ou « moins »."
        for one, part in parts.items()
        if part["sens"] not in _DIRECTIONS
    ]
    if entry["annee"] not in parts:
        facts.append(f"« {entry['annee']} », qui donne l'année, n'est pas une composante.")
    if len(parts) < 2:
        facts.append("il faut au moins deux composantes.")
    return facts
