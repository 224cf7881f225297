"""How far conclusions resist: trends that diverge, other specifications."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
import pandas as pd
from diff_diff import HonestDiD
from diff_diff.results import MultiPeriodDiDResults, PeriodEffect
from scipy.stats import chi2, f, ncf, ncx2

from qpvlib.cohort.borrowing import borrowed
from qpvlib.cohort.effects import EventStudy
from qpvlib.cohort.variance import Estimate, joint
from qpvlib.errors import EstimationError


def dressed(estimates: np.ndarray, covariance: np.ndarray, before: int) -> MultiPeriodDiDResults:
    """Dress coefficients and their covariance as the result type `diff-diff` reads."""
    times = [*range(-before, 0), *range(1, len(estimates) - before + 1)]
    errors = np.sqrt(np.diag(covariance))
    effects = {
        time: PeriodEffect(time, float(value), float(error), np.nan, np.nan, (np.nan, np.nan))
        for time, value, error in zip(times, estimates, errors, strict=True)
    }
    return MultiPeriodDiDResults(
        period_effects=effects,
        avg_att=np.nan,
        avg_se=np.nan,
        avg_t_stat=np.nan,
        avg_p_value=np.nan,
        avg_conf_int=(np.nan, np.nan),
        n_obs=0,
        n_treated=0,
        n_control=0,
        pre_periods=[time for time in times if time < 0],
        post_periods=[time for time in times if time > 0],
        vcov=np.asarray(covariance, float),
        interaction_indices={time: position for position, time in enumerate(times)},
    )


def checked(
    estimates: np.ndarray, covariance: np.ndarray, before: int, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the coefficients, their covariance and the weights of the post-start effects.

    Raises
    ------
    EstimationError
        Without a coefficient on each side of the start, or with shapes that disagree.
    """
    estimates, covariance = np.asarray(estimates, float), np.asarray(covariance, float)
    after = len(estimates) - before
    target = np.full(max(after, 1), 1 / max(after, 1)) if weights is None else weights
    target = np.asarray(target, float)
    shapes = covariance.shape == (len(estimates),) * 2 and len(target) == after
    if before < 1 or after < 1 or not shapes:
        raise EstimationError(
            "L'analyse de sensibilité demande au moins un coefficient avant et un après le début, "
            "leur matrice de covariance et un poids par coefficient d'après."
        )
    return estimates, covariance, target


def smoothness(
    estimates: np.ndarray,
    covariance: np.ndarray,
    before: int,
    bounds: Sequence[float],
    *,
    weights: np.ndarray | None = None,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Return robust intervals when the slope of the trend gap may change by at most M a period.

    Parameters
    ----------
    estimates, covariance
        Event-study coefficients in time order without the reference, which is the last period
        before the start; shapes (k,), (k, k).
    before
        Number of coefficients before the start.
    bounds
        Values of M, in the unit of the outcome per period; 0 allows a linear gap only.
    weights
        Weights of the post-start effects; by default their mean. ``[1, 0, …]`` is the first.
    alpha
        Level of the intervals.

    Returns
    -------
    pd.DataFrame
        Indexed by ``M``: ``low``, ``high``.

    Raises
    ------
    EstimationError
        Without a coefficient on each side of the start.

    Notes
    -----
    Optimal fixed-length intervals of Rambachan and Roth 2023, section 4.1, by `diff-diff`.
    """
    estimates, covariance, target = checked(estimates, covariance, before, weights)
    model = HonestDiD(method="smoothness", alpha=alpha, l_vec=target)
    container = dressed(estimates, covariance, before)
    rows = {}
    for bound in bounds:
        result, _ = borrowed(partial(model.fit, container, M=float(bound)))
        rows[float(bound)] = (result.ci_lb, result.ci_ub)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["low", "high"])
    return table.rename_axis("M")


def coefficients(event: EventStudy) -> tuple[np.ndarray, np.ndarray, int]:
    """Return what :func:`smoothness` reads in an event study: estimates, covariance, before.

    Raises
    ------
    EstimationError
        When the periods do not share the reference -1 (ask for the universal base), when one has
        no error, or when they do not follow one another: M is a change per period.
    """
    table = event.table
    if -1 not in table.index or table.loc[-1, "estimate"] != 0 or pd.notna(table.loc[-1, "error"]):
        raise EstimationError(
            "L'analyse de sensibilité demande que tous les coefficients se rapportent à la "
            "dernière période avant le début\u00a0: utilisez la base «\u00a0universal\u00a0» et la "
            "référence -1."
        )
    kept = table.drop(index=-1)
    if (np.diff(table.index) != 1).any() or kept["error"].isna().any():
        raise EstimationError(
            "Des périodes manquent autour du début, ou n'ont pas d'erreur-type (connues\u00a0: "
            f"{', '.join(map(str, kept.index[kept['error'].notna()]))}). Un changement de pente se "
            "mesure entre périodes consécutives\u00a0: restreignez le panel à celles-ci."
        )
    return kept["estimate"].to_numpy(), event.covariance, int((kept.index < 0).sum())


def largest_kink(estimates: np.ndarray, before: int) -> float:
    """Return the largest second difference before the start, reference (zero) included."""
    path = np.append(np.asarray(estimates, float)[:before], 0.0)
    if len(path) < 3:
        raise EstimationError(
            "Il faut au moins trois périodes avant le début pour mesurer un changement de pente."
        )
    return float(np.abs(np.diff(path, 2)).max())


@dataclass(frozen=True)
class PreTrend:
    """Joint test of the coefficients before the start, with its power.

    Attributes
    ----------
    statistic, p
        Wald statistic and p-value.
    slope
        Linear gap, per period, whose detection is assessed.
    power
        Probability that the test detects this gap. Low: not rejecting says nothing, and a
        conclusion conditional on it is distorted (Roth 2022); it never decides publication.
    """

    statistic: float
    p: float
    slope: float
    power: float


def pre_trend(
    estimates: np.ndarray,
    covariance: np.ndarray,
    before: int,
    slope: float,
    *,
    df: float = np.inf,
    level: float = 0.05,
) -> PreTrend:
    """Test the coefficients before the start and say which trend the test would have seen.

    Parameters
    ----------
    estimates, covariance, before
        As in :func:`smoothness`.
    slope
        Gap per period that would matter, in the unit of the outcome.
    df
        Degrees of freedom of the errors, see :func:`qpvlib.cohort.variance.joint`.
    level
        Level of the test.
    """
    path, spread = np.asarray(estimates)[:before], np.asarray(covariance)[:before, :before]
    # Periods before the reference: -before, ..., -1 steps away from it.
    drift = slope * np.arange(-before, 0)
    statistic, p = joint(path, spread, df)
    moved = float(drift @ np.linalg.pinv(spread, hermitian=True) @ drift)
    if np.isinf(df):
        power = ncx2.sf(chi2.isf(level, before), before, moved)
    else:
        laws = before, df - before + 1
        power = 1 - ncf.cdf(f.isf(level, *laws), *laws, moved)  # its sf is wrong at zero
    return PreTrend(statistic=statistic, p=p, slope=slope, power=float(power))


@dataclass(frozen=True)
class SpecificationCurve:
    """Every estimate of a list fixed in advance.

    Attributes
    ----------
    table
        One row per specification, smallest value first: its options, ``value``, ``low``,
        ``high``, ``p``, and ``refused`` (why no estimate, blank otherwise).
    """

    table: pd.DataFrame

    @property
    def run(self) -> int:
        """Number of specifications tried, refused ones included."""
        return len(self.table)

    def same_sign(self, value: float) -> float:
        """Return the share of the estimates that have the sign of a value."""
        known = self.table["value"].dropna()
        return float((np.sign(known) == np.sign(value)).mean()) if len(known) else np.nan


def specification_curve(
    options: Mapping[str, Sequence], estimator: Callable[..., Estimate]
) -> SpecificationCurve:
    """Estimate every combination of options.

    Parameters
    ----------
    options
        Values of each option; the estimator receives one of each by keyword.
    estimator
        Returns an estimate, or raises EstimationError: the refusal is then kept in the table.
    """
    rows = []
    for values in product(*options.values()):
        chosen = dict(zip(options, values, strict=True))
        try:
            found = estimator(**chosen)
            numbers = {name: getattr(found, name) for name in ("value", "low", "high", "p")}
            rows.append({**chosen, **numbers, "refused": ""})
        except EstimationError as error:
            numbers = dict.fromkeys(("value", "low", "high", "p"), np.nan)
            rows.append({**chosen, **numbers, "refused": str(error)})
    table = pd.DataFrame(rows).sort_values("value", ignore_index=True, kind="stable")
    return SpecificationCurve(table)
