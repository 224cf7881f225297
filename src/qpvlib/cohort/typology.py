"""Classes of territories: Ward on principal axes, k-means consolidation, stability.

Trees and classes by `scipy` and `scikit-learn`; v-tests and stability are in no library.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from qpvlib.cohort.components import Components, components
from qpvlib.cohort.contract import listed
from qpvlib.errors import EstimationError

FRAGILE = 0.6


@dataclass(frozen=True)
class Typology:
    """A partition of territories.

    Attributes
    ----------
    classes
        Class of each territory, 1 to K, numbered along the first axis.
    components
        The principal component analysis.
    axes
        Number of axes kept.
    tree
        Ward linkage matrix (scipy), shape (n-1, 4).
    heights
        Merging heights, largest first.
    stability
        Mean adjusted Rand index over bootstrap samples.
    imputed
        True where an input was masked and replaced by the median, for the typology only.
    """

    classes: pd.Series
    components: Components
    axes: int
    tree: np.ndarray
    heights: np.ndarray
    stability: float
    imputed: pd.DataFrame

    @property
    def fragile(self) -> bool:
        """Whether the partition must be printed as « typologie fragile »."""
        return self.stability < FRAGILE


def class_number(heights: np.ndarray, least: int = 3, most: int = 6) -> int:
    """Return the number of classes before the largest gap between merging heights.

    Parameters
    ----------
    heights
        Merging heights, largest first: the k-th is undone by k+1 classes.
    least, most
        Smallest and largest numbers allowed.
    """
    most = min(most, len(heights))
    gaps = {k: heights[k - 2] - heights[k - 1] for k in range(least, most + 1)}
    if not gaps:
        raise EstimationError("Trop peu de territoires pour former trois classes.")
    return max(gaps, key=lambda number: gaps[number])


def _partition(points: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels (0..K-1), centres and the Ward tree, consolidated by k-means."""
    tree = linkage(points, method="ward")
    cut = fcluster(tree, number, criterion="maxclust")
    centres = np.stack([points[cut == label].mean(axis=0) for label in np.unique(cut)])
    model = KMeans(len(centres), init=centres, n_init=1).fit(points)
    order = np.argsort(model.cluster_centers_[:, 0], kind="stable")
    return np.argsort(order)[model.labels_], model.cluster_centers_[order], tree


def typology(
    table: pd.DataFrame,
    active: Sequence[str],
    *,
    illustrative: Sequence[str] = (),
    number: int | None = None,
    share: float = 0.8,
    impute: bool = False,
    draws: int = 200,
    seed: int = 0,
) -> Typology:
    """Classify territories from active variables.

    Parameters
    ----------
    table
        One row per territory.
    active, illustrative
        As in :func:`qpvlib.cohort.components.components`.
    number
        Number of classes; by default the rule of :func:`class_number` between 3 and 6.
    share
        Share of variance of the axes that feed the classification.
    impute
        Replace masked active values by the median and say so in ``imputed``. Never for an
        outcome; run :func:`sensitivity` beside it.
    draws, seed
        Bootstrap samples for the stability, and their seed.

    Raises
    ------
    EstimationError
        With every problem found.
    """
    absent = [column for column in active if column not in table]
    if absent:
        raise EstimationError(f"Variables absentes du tableau\u00a0: {listed(absent)}.")
    table = table.sort_index()
    values = table[list(active)].apply(pd.to_numeric, errors="coerce").astype(float)
    imputed = values.isna()
    if impute:
        table = table.assign(**values.fillna(values.median()))
    analysis = components(table, active, illustrative=illustrative)
    axes = analysis.axes(share)
    points = analysis.individuals.iloc[:, :axes].to_numpy()
    heights = linkage(points, method="ward")[::-1, 2]
    number = number or class_number(heights)
    if number >= len(points):
        raise EstimationError(f"{number} classes pour {len(points)} territoires\u00a0: réduisez.")
    labels, _, tree = _partition(points, number)
    classes = pd.Series(labels + 1, index=analysis.individuals.index, name="classe")
    kept = table.loc[classes.index, list(active)].astype(float)
    return Typology(
        classes=classes,
        components=analysis,
        axes=axes,
        tree=tree,
        heights=heights,
        stability=_stability(kept, labels, number, share, draws, seed),
        imputed=imputed,
    )


def _stability(
    table: pd.DataFrame, labels: np.ndarray, number: int, share: float, draws: int, seed: int
) -> float:
    """Reclassify bootstrap samples and compare the classes they give to everyone."""
    generator = np.random.default_rng(seed)
    values = table.to_numpy()
    scores = []
    for _ in range(draws):
        rows = generator.integers(len(values), size=len(values))
        sample = values[rows]
        spread = sample.std(axis=0)
        if (spread == 0).any() or len(np.unique(rows)) <= number:
            continue
        centre = sample.mean(axis=0)
        _, singular, right = np.linalg.svd((sample - centre) / spread, full_matrices=False)
        axes = np.searchsorted(np.cumsum(singular**2) / np.sum(singular**2), share - 1e-12) + 1
        everyone = (values - centre) / spread @ right[:axes].T
        _, centres, _ = _partition(everyone[rows], number)
        nearest = ((everyone[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
        scores.append(adjusted_rand_score(labels, nearest))
    return float(np.mean(scores)) if scores else np.nan


def sensitivity(
    table: pd.DataFrame, active: Sequence[str], reference: Typology, dropped: Sequence[str]
) -> float:
    """Return the adjusted Rand index with the typology made without some variables.

    Parameters
    ----------
    table, active
        As in :func:`typology`.
    reference
        The typology to compare with.
    dropped
        Active variables left out, typically those with masked values.
    """
    kept = [column for column in active if column not in set(dropped)]
    other = typology(
        table.loc[reference.classes.index],
        kept,
        number=int(reference.classes.max()),
        impute=True,
        draws=0,
    )
    return float(adjusted_rand_score(reference.classes, other.classes.loc[reference.classes.index]))


def v_tests(table: pd.DataFrame, classes: pd.Series) -> pd.DataFrame:
    """Describe classes by the variables whose mean departs most from the whole.

    Parameters
    ----------
    table
        Numeric variables, one row per territory; blanks are skipped.
    classes
        Class of each territory.

    Returns
    -------
    pd.DataFrame
        ``classe``, ``variable``, ``in_class``, ``overall`` (means), ``v`` (about normal: beyond
        2 is notable).

    Notes
    -----
    (class mean - mean) / sqrt(s² / n_k (n - n_k) / (n - 1)), s² with divisor n (Lebart, Morineau
    and Piron 1995; FactoMineR `catdes`).
    """
    rows = []
    for name, column in table.loc[classes.index].items():
        values = column.dropna().astype(float)
        labels, total = classes[values.index], len(values)
        for label in np.unique(labels):
            members = values[labels == label]
            share = (total - len(members)) / (total - 1) / len(members)
            spread = values.std(ddof=0) * np.sqrt(share)
            v = (members.mean() - values.mean()) / spread if spread > 0 else np.nan
            rows.append((label, name, members.mean(), values.mean(), v))
    columns = ["classe", "variable", "in_class", "overall", "v"]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["classe", "v"], ascending=[True, False], ignore_index=True, kind="stable"
    )
