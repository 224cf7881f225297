"""The random assignment of targets: the same rule serves the lottery and the inference.

No library keeps the rule of acceptance of a lottery for its inference.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod

import numpy as np
import pandas as pd

from qpvlib.errors import EstimationError, InvalidParameterError

ENUMERABLE = 200_000


@dataclass(frozen=True)
class Design:
    """Which assignments were possible, all of them equally likely.

    Attributes
    ----------
    units
        The units of the experiment, in a fixed order.
    strata
        Stratum of each unit; one stratum for a free draw.
    targets
        Number of targets drawn in each stratum.
    balance
        Shape (units, covariates): re-randomisation on these columns, or None.
    threshold
        Largest Mahalanobis distance between target and control means that is accepted.
    cover
        Group of each unit (a sector); every group must receive a target. None: no constraint.
    listed
        Shape (R, units): the accepted assignments as they were published, which replace every
        rule. None: they follow from the rules.
    """

    units: tuple[Hashable, ...]
    strata: tuple[Hashable, ...]
    targets: Mapping[Hashable, int]
    balance: np.ndarray | None = None
    threshold: float = np.inf
    cover: tuple[Hashable, ...] | None = None
    listed: np.ndarray | None = None

    def __post_init__(self):
        problems = []
        if len(self.units) != len(self.strata) or len(set(self.units)) != len(self.units):
            problems.append("Chaque unité doit figurer une fois, avec sa strate.")
        sizes = pd.Series(self.strata).value_counts()
        for stratum, size in sizes.items():
            drawn = self.targets.get(stratum, 0)
            if not 0 <= drawn < size:
                problems.append(
                    f"La strate {stratum} compte {size} unités\u00a0: on ne peut pas y tirer "
                    f"{drawn} cibles et garder un témoin."
                )
        if sum(self.targets.values()) < 1:
            problems.append("Le plan ne prévoit aucune cible.")
        if problems:
            raise InvalidParameterError(problems)

    @classmethod
    def free(cls, units: list, targets: int) -> "Design":
        """Return the free draw of a number of targets among the units."""
        return cls(tuple(units), ("ensemble",) * len(units), {"ensemble": targets})

    @classmethod
    def stratified(cls, strata: pd.Series, targets: Mapping | int = 1) -> "Design":
        """Return the draw of a number of targets in each stratum (series indexed by unit)."""
        if isinstance(targets, int):
            targets = dict.fromkeys(strata.unique(), targets)
        return cls(tuple(strata.index), tuple(strata), targets)

    @property
    def labels(self) -> np.ndarray:
        """Stratum number of each unit."""
        return pd.factorize(np.asarray(self.strata, dtype=object))[0]

    def count(self) -> int:
        """Return the number of assignments before any acceptance rule."""
        sizes = pd.Series(self.strata).value_counts()
        return prod(comb(int(size), self.targets.get(s, 0)) for s, size in sizes.items())

    def vector(self, targets: list) -> np.ndarray:
        """Return an assignment as a boolean vector.

        Raises
        ------
        EstimationError
            When this assignment could not have been drawn.
        """
        unknown = sorted(map(str, set(targets) - set(self.units)))
        if unknown:
            raise EstimationError(f"Cibles absentes du plan de tirage\u00a0: {', '.join(unknown)}.")
        chosen = np.isin(np.asarray(self.units, dtype=object), list(targets))
        drawn = pd.Series(chosen).groupby(self.labels).sum().to_numpy()
        planned = [self.targets.get(s, 0) for s in dict.fromkeys(self.strata)]
        if not np.array_equal(drawn, planned) or not self.accepted(chosen[None]).all():
            raise EstimationError(
                "Cette liste de cibles ne pouvait pas sortir du tirage prévu\u00a0: le nombre de "
                "cibles par strate ou la règle d'équilibre n'est pas respecté."
            )
        return chosen

    def distances(self, assignments: np.ndarray) -> np.ndarray:
        """Return the Mahalanobis distance between target and control means.

        Parameters
        ----------
        assignments
            Shape (R, units), boolean.

        Notes
        -----
        n1 n0 / n times the squared distance in the covariance of all units (Morgan and Rubin
        2012, eq. 4).
        """
        assert self.balance is not None
        weights = assignments.astype(float)
        treated = weights.sum(axis=1, keepdims=True)
        controls = weights.shape[1] - treated
        gaps = weights @ self.balance / treated - (1 - weights) @ self.balance / controls
        covariance = np.atleast_2d(np.cov(self.balance, rowvar=False))
        scale = (treated * controls / weights.shape[1]).ravel()
        return scale * np.einsum("ri,ij,rj->r", gaps, np.linalg.pinv(covariance), gaps)

    def accepted(self, assignments: np.ndarray) -> np.ndarray:
        """Tell which assignments meet the balance and coverage rules."""
        if self.listed is not None:
            known = {row.tobytes() for row in self.listed}
            return np.array([row.tobytes() in known for row in assignments])
        kept = np.ones(len(assignments), bool)
        if self.cover is not None:
            groups = np.asarray(self.cover, dtype=object)
            for group in dict.fromkeys(self.cover):
                kept &= assignments[:, groups == group].any(axis=1)
        if self.balance is not None and np.isfinite(self.threshold):
            kept &= self.distances(assignments) <= self.threshold * (1 + 1e-12)
        return kept

    def enumerate(self) -> np.ndarray:
        """Return every accepted assignment, shape (R, units), boolean."""
        if self.listed is not None:
            return self.listed
        labels = self.labels
        rows = np.zeros((1, len(self.units)), bool)
        for number, stratum in enumerate(dict.fromkeys(self.strata)):
            members = np.flatnonzero(labels == number)
            picks = list(combinations(members, self.targets.get(stratum, 0)))
            block = np.zeros((len(picks), len(self.units)), bool)
            for row, pick in enumerate(picks):
                block[row, list(pick)] = True
            rows = (rows[:, None, :] | block[None, :, :]).reshape(-1, len(self.units))
        return rows[self.accepted(rows)]

    def draw(self, number: int, seed: int, attempts: int = 1000) -> np.ndarray:
        """Draw accepted assignments, shape (number, units), boolean.

        Parameters
        ----------
        number
            Assignments wanted.
        seed
            Seed of the generator.
        attempts
            Largest number of candidates per assignment wanted.

        Raises
        ------
        EstimationError
            When the acceptance rule refuses too often.
        """
        generator = np.random.default_rng(seed)
        if self.listed is not None:
            return self.listed[generator.integers(len(self.listed), size=number)]
        labels = self.labels
        strata = list(dict.fromkeys(self.strata))
        kept, found = [], 0
        batch = max(number, attempts)
        for _ in range(int(np.ceil(number * attempts / batch))):
            rows = np.zeros((batch, len(self.units)), bool)
            for code, stratum in enumerate(strata):
                members = np.flatnonzero(labels == code)
                order = np.argsort(generator.random((batch, len(members))), axis=1)
                picks = members[order[:, : self.targets.get(stratum, 0)]]
                np.put_along_axis(rows, picks, True, axis=1)
            kept.append(rows[self.accepted(rows)])
            found += len(kept[-1])
            if found >= number:
                return np.concatenate(kept)[:number]
        raise EstimationError(
            f"La règle d'équilibre n'a accepté que {found} tirages sur {number} demandés. "
            "Relevez le seuil d'acceptation."
        )

    def support(self, draws: int, seed: int) -> tuple[np.ndarray, bool]:
        """Return the reference assignments and whether they are all of them."""
        if self.listed is not None or self.count() <= ENUMERABLE:
            return self.enumerate(), True
        return self.draw(draws, seed), False
