"""Selection of targets and controls: allocation, triplets, public lottery, fallback.

No library forms triplets under a distance and holds a lottery that a notary can redo.
"""

import hashlib
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from qpvlib.cohort.assignment import Design
from qpvlib.cohort.contract import listed
from qpvlib.cohort.matching import FORBIDDEN, distances
from qpvlib.errors import EstimationError

_EXHAUSTIVE = 5000


@dataclass(frozen=True)
class Groups:
    """Groups of alike territories, in each of which one target will be drawn.

    Attributes
    ----------
    members
        Indexed by unit: ``group``, ``classe``, ``distance`` to the centre of the group.
    incomplete
        Groups with fewer controls than planned: no other territory within the rules.
    unmatched
        Centres without any companion within the rules, left out and reported.
    caliper
        Largest distance allowed in each class.
    """

    members: pd.DataFrame
    incomplete: tuple
    unmatched: tuple
    caliper: pd.Series


def allocate(classes: pd.Series, total: int, *, group_size: int = 3) -> pd.Series:
    """Share targets between classes: proportional, largest remainders, at least one each.

    Parameters
    ----------
    classes
        Class of each eligible unit.
    total
        Number of targets.
    group_size
        A class of n units can host at most n // group_size targets.

    Raises
    ------
    EstimationError
        When the classes cannot host the targets.
    """
    sizes = classes.value_counts().sort_index()
    room = sizes // group_size
    if total < len(sizes) or total > room.sum() or (room == 0).any():
        raise EstimationError(
            f"{total} cibles ne se répartissent pas entre {len(sizes)} classes de "
            f"{listed(sizes.tolist())} territoires, une au moins par classe et {group_size} "
            "territoires par cible. Changez le nombre de cibles ou de classes."
        )
    quota = total * sizes / sizes.sum()
    seats = np.floor(quota).clip(lower=1).astype(int).clip(upper=room)
    while seats.sum() != total:
        step = 1 if seats.sum() < total else -1
        free = seats < room if step > 0 else seats > 1
        remainder = (quota - seats).where(free, -np.inf * step)
        seats[remainder.idxmax() if step > 0 else remainder.idxmin()] += step
    return seats


def groups(
    covariates: pd.DataFrame,
    classes: pd.Series,
    allocation: pd.Series,
    *,
    controls: int = 2,
    forbidden: pd.DataFrame | None = None,
    caliper_quantile: float = 0.75,
) -> Groups:
    """Form, in each class, groups of one future target and its controls.

    Parameters
    ----------
    covariates
        One row per eligible unit, without blanks; distances are Mahalanobis in their covariance.
    classes
        Typological class of each unit.
    allocation
        Number of groups per class, see :func:`allocate`.
    controls
        Controls per target: 2 gives triplets.
    forbidden
        Square table, true for two units that may not be in the same group (neighbours: as any
        member may become the target, no control may touch it).
    caliper_quantile
        Quantile of the within-class distances beyond which two units are not alike.

    Notes
    -----
    For given centres the companions of least total distance solve a linear sum assignment;
    centres are enumerated when there are few combinations, improved by exchange otherwise.
    """
    if covariates.isna().any(axis=None):
        raise EstimationError(
            "Valeurs absentes dans les variables d'appariement\u00a0: "
            f"{listed(covariates.columns[covariates.isna().any()])}."
        )
    covariates = covariates.sort_index()
    gaps = distances(covariates, covariates, np.cov(covariates.to_numpy(float), rowvar=False))
    rows, incomplete, unmatched, calipers = [], [], [], {}
    for label, number in allocation.items():
        units = covariates.index[classes.reindex(covariates.index) == label]
        inside = gaps.loc[units, units]
        upper = inside.to_numpy()[np.triu_indices(len(units), 1)]
        calipers[label] = float(np.quantile(upper, caliper_quantile))
        cost = inside.mask(inside > calipers[label], FORBIDDEN).to_numpy().copy()
        if forbidden is not None:
            cost[forbidden.loc[units, units].to_numpy(bool)] = FORBIDDEN
        for rank, (centre, companions) in enumerate(_class_groups(cost, int(number), controls), 1):
            name = f"{label}-{rank}"
            if not companions:
                unmatched.append(units[centre])
                continue
            if len(companions) < controls:
                incomplete.append(name)
            members = [centre, *companions]
            rows += [(units[m], name, label, inside.iloc[centre, m]) for m in members]
    members = pd.DataFrame(rows, columns=["unit", "group", "classe", "distance"]).set_index("unit")
    return Groups(members, tuple(incomplete), tuple(unmatched), pd.Series(calipers))


def _companions(cost: np.ndarray, centres: tuple, controls: int) -> tuple[float, list]:
    """Return the total cost and the companions of each centre."""
    others = np.setdiff1d(np.arange(len(cost)), centres)
    table = np.repeat(cost[np.ix_(centres, others)], controls, axis=0)
    rows, columns = linear_sum_assignment(table)
    chosen: list[list[int]] = [[] for _ in centres]
    total = 0.0
    for row, column in zip(rows, columns, strict=True):
        companion, group = int(others[column]), chosen[row // controls]
        alike = all(cost[companion, other] < FORBIDDEN for other in group)
        if table[row, column] < FORBIDDEN and alike:
            group.append(companion)
            total += table[row, column]
        else:
            total += FORBIDDEN
    return total, chosen


def _class_groups(cost: np.ndarray, number: int, controls: int) -> list[tuple[int, list[int]]]:
    size = len(cost)
    if comb(size, number) <= _EXHAUSTIVE:
        candidates = list(combinations(range(size), number))
        best = min(candidates, key=lambda centres: _companions(cost, centres, controls)[0])
    else:
        best = _exchange(cost, number, controls)
    return list(zip(best, _companions(cost, best, controls)[1], strict=True))


def _exchange(cost: np.ndarray, number: int, controls: int) -> tuple[int, ...]:
    """Improve the most central units by exchanging one centre at a time."""
    current = tuple(sorted(np.argsort(cost.sum(axis=1), kind="stable")[:number].tolist()))
    value = _companions(cost, current, controls)[0]
    while True:
        swaps = [
            tuple(sorted({*current} - {out} | {new}))
            for out in current
            for new in range(len(cost))
            if new not in current
        ]
        scores = [_companions(cost, swap, controls)[0] for swap in swaps]
        if min(scores) >= value - 1e-12:
            return current
        value, current = min(scores), swaps[int(np.argmin(scores))]


def lottery_design(
    formed: Groups,
    *,
    balance: pd.DataFrame | None = None,
    sectors: pd.Series | None = None,
    acceptance: float = 0.10,
    candidates: int = 1000,
    seed: int = 0,
) -> Design:
    """Return the draw of one target per group, with its acceptance rule.

    Parameters
    ----------
    formed
        The groups.
    balance
        Covariates of re-randomisation, indexed by unit.
    sectors
        Sector of each unit; every sector present among the groups gets a target.
    acceptance
        Share of the draws that is kept: those with the smallest Mahalanobis distance.
    candidates, seed
        Draws used to find the threshold when there are too many to enumerate.

    Raises
    ------
    EstimationError
        When no draw can meet the sector rule.
    """
    units = formed.members.index
    design = Design.stratified(formed.members["group"])
    if sectors is not None:
        design = replace(design, cover=tuple(sectors.reindex(units)))
    if balance is not None:
        design = replace(design, balance=balance.reindex(units).to_numpy(float))
    rows, _ = design.support(candidates, seed)
    if not len(rows):
        raise EstimationError(
            "Aucun tirage ne donne une cible à chaque secteur. Relâchez la contrainte de secteur "
            "ou ajoutez des groupes."
        )
    if balance is None:
        return design
    return replace(design, threshold=float(np.quantile(design.distances(rows), acceptance)))


def lottery(design: Design, seed: str) -> tuple[int, np.ndarray]:
    """Draw one accepted assignment, as a notary can do by hand.

    Parameters
    ----------
    design
        The draw that is possible; its accepted assignments are numbered from 1.
    seed
        Any text fixed in advance; see :func:`qpvlib.followup.seal.seed`.

    Returns
    -------
    tuple
        The number drawn, the one whose sha256 of « SEED NUMBER » is the smallest, and its
        assignment, shape (units,).

    Raises
    ------
    EstimationError
        When the assignments are too many to be listed.
    """
    rows, exhaustive = design.support(1, 0)
    if not exhaustive:
        raise EstimationError(
            f"{design.count()} tirages possibles\u00a0: c'est trop pour en publier la liste. "
            "Réduisez le nombre de groupes."
        )
    number = min(
        range(1, len(rows) + 1),
        key=lambda one: hashlib.sha256(f"{seed} {one}".encode()).hexdigest(),
    )
    return number, rows[number - 1]


def representatives(
    covariates: pd.DataFrame, classes: pd.Series, allocation: pd.Series
) -> dict[object, list]:
    """Return the fallback targets: the medoid of each class, then the farthest of those taken.

    Parameters
    ----------
    covariates, classes, allocation
        As in :func:`groups`.
    """
    covariates = covariates.sort_index()
    gaps = distances(covariates, covariates, np.cov(covariates.to_numpy(float), rowvar=False))
    chosen = {}
    for label, number in allocation.items():
        units = covariates.index[classes.reindex(covariates.index) == label]
        inside = gaps.loc[units, units]
        taken = [inside.sum().idxmin()]
        while len(taken) < number:
            taken.append(inside[taken].min(axis=1).idxmax())
        chosen[label] = taken
    return chosen
