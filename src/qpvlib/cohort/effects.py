"""Effects of a simultaneous or common treatment: two-way fixed effects, ANCOVA, event study."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qpvlib.cohort.contract import listed
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.regression import Fit, fit
from qpvlib.cohort.variance import Estimate, Kind, covariance, estimate, tested
from qpvlib.errors import EstimationError

EFFECT = "traitement"
_DENSE = 1000


@dataclass(frozen=True)
class EventStudy:
    """Effects by time since the start, relative to one reference period.

    Attributes
    ----------
    table
        Indexed by event time (int): ``estimate``, ``error``, ``df``, ``low``, ``high``, ``p``;
        the reference is a row of zeros without inference.
    covariance
        Covariance of the estimates other than the reference, in the order of the table.
    reference
        Event time of the reference.
    method
        Estimator, for the reader.
    notes
        French sentences.
    """

    table: pd.DataFrame
    covariance: np.ndarray
    reference: int
    method: str
    notes: tuple[str, ...] = ()

    def band(self, *, level: float = 0.05, draws: int = 20_000, seed: int = 0) -> pd.DataFrame:
        """Return simultaneous confidence limits: the whole path lies inside with this confidence.

        Parameters
        ----------
        level
            Chance that the true path leaves the band somewhere.
        draws, seed
            Simulated maxima of correlated statistics and their seed (Montiel Olea and
            Plagborg-Moller 2019, sup-t).

        Returns
        -------
        pd.DataFrame
            Indexed by event time without the reference: ``low``, ``high``.
        """
        table = self.table.dropna(subset=["error"])
        errors = table["error"].to_numpy()
        correlation = self.covariance / np.outer(errors, errors)
        values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
        root = vectors * np.sqrt(np.maximum(values, 0))
        normal = np.random.default_rng(seed).normal(size=(draws, len(errors)))
        half = np.quantile(np.abs(normal @ root.T).max(axis=1), 1 - level) * errors
        return pd.DataFrame(
            {"low": table["estimate"] - half, "high": table["estimate"] + half}, index=table.index
        )


def described(panel: Panel, numbers: Iterable, method: str, notes: tuple[str, ...]) -> Estimate:
    """Return the six numbers of an estimate (value, error, df, low, high, p) with its panel."""
    sizes = len(panel.data), len(panel.units()), panel.data["cluster"].nunique()
    value, error, df, low, high, p = map(float, numbers)
    return Estimate(value, error, df, low, high, p, method, *sizes, notes)


def _dummies(values: pd.Series, prefix: str, drop_first: bool) -> pd.DataFrame:
    return pd.get_dummies(values, prefix=prefix, drop_first=drop_first, dtype=float)


def _without_singletons(panel: Panel) -> Panel:
    """Set aside the units observed once: counted as clusters, they would inflate the freedom."""
    alone = panel.data.groupby("unit")["period"].transform("size") == 1
    if not alone.any() or alone.all():
        return panel
    note = f"Unités écartées, car observées une seule fois\u00a0: {int(alone.sum())}."
    return replace(panel.where(~alone), notes=(*panel.notes, note))


def _stratum(strata: pd.Series, units: pd.Index | pd.Series) -> np.ndarray:
    """Return the stratum of each unit.

    Raises
    ------
    EstimationError
        When one has none.
    """
    labels = strata.reindex(units)
    if labels.isna().any():
        raise EstimationError(
            "Des unités n'ont pas de strate\u00a0: "
            f"{listed(labels.index[labels.isna()].unique())}. Complétez les strates."
        )
    return labels.to_numpy()


def two_way(panel: Panel, regressors: pd.DataFrame, strata: pd.Series | None = None) -> Fit:
    """Regress the outcome on regressors, unit effects and period effects.

    Parameters
    ----------
    panel
        The panel, its weights and clusters.
    regressors
        One row per row of the panel.
    strata
        Stratum of each unit, whose period effects are then its own.

    Notes
    -----
    Unit effects, nested in the clusters, are removed by centring: CR1 and the bootstrap
    are unchanged, and CR2 too without weights (Pustejovsky and Tipton 2018, theorem 2). With
    weights they are dummies, up to 1 000 units; beyond, CR2 is approximate.
    """
    data = panel.data
    periods = data["period"].astype(str)
    if strata is not None:
        periods += " " + pd.Series(_stratum(strata, data["unit"]), data.index).astype(str)
    periods = _dummies(periods, "periode", drop_first=strata is None)
    design = pd.concat([regressors, periods], axis=1)
    outcome, units = data["outcome"], data["unit"].nunique()
    centred = not panel.weighted or units > _DENSE
    if not centred:
        design = pd.concat([design, _dummies(data["unit"], "unite", drop_first=False)], axis=1)
    else:
        design = design - _unit_means(design, data)
        outcome = outcome - _unit_means(outcome.to_frame(), data)["outcome"]
    return fit(
        design,
        outcome.to_numpy(),
        weights=data["weight"].to_numpy(),
        clusters=data["cluster"].to_numpy(),
        nested=units - 1,
        absorbed=units if centred else 0,
    )


def _unit_means(columns: pd.DataFrame, data: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted mean of each column over the periods of its unit, on each row."""
    totals = columns.mul(data["weight"], axis=0).groupby(data["unit"]).transform("sum")
    return totals.div(data.groupby("unit")["weight"].transform("sum"), axis=0)


def _with_covariates(panel: Panel, regressors: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([regressors, panel.data[list(panel.covariates)]], axis=1)


def did_fit(panel: Panel, strata: pd.Series | None = None) -> Fit:
    """Return the regression behind :func:`did`, for the wild bootstrap or other contrasts."""
    panel.require(treated=1)
    return two_way(panel, _with_covariates(panel, pd.DataFrame({EFFECT: panel.dose})), strata)


def did(
    panel: Panel,
    *,
    strata: pd.Series | None = None,
    kind: Kind = "CR2",
    alpha: float = 0.05,
) -> Estimate:
    """Estimate the static difference-in-differences by two-way fixed effects.

    With one start date and a balanced panel it is the difference of collapsed means. With
    staggered dates it averages comparisons of unequal sense: read it beside
    :func:`qpvlib.cohort.staggered.bacon`.

    Parameters
    ----------
    panel
        Treated and comparison units; covariates of the panel enter linearly. Units observed
        once bring nothing and are set aside, with a note; their exposure, if any, is the dose.
    strata
        Stratum of each unit (indexed by unit): units are then compared within their stratum,
        each having its own period effects.
    kind, alpha
        Variance and level, see :func:`qpvlib.cohort.variance.estimate`.

    Raises
    ------
    EstimationError
        With too few treated or comparison clusters, or an unidentified effect.
    """
    panel = _without_singletons(panel)
    notes = panel.remarks
    if len(panel.cohorts) > 1:
        notes += (
            "Les dates de début diffèrent\u00a0: lisez cet écart avec les poids de Bacon et les "
            "effets par cohorte.",
        )
    return estimate(
        did_fit(panel, strata),
        EFFECT,
        kind=kind,
        alpha=alpha,
        method="double différence",
        units=len(panel.units()),
        notes=notes,
    )


def ancova_fit(
    panel: Panel,
    *,
    strata: pd.Series | None = None,
    baseline: pd.DataFrame | None = None,
    adjust: bool = True,
    start: pd.Series | None = None,
) -> Fit:
    """Return the regression behind :func:`ancova`, for the wild bootstrap or other contrasts."""
    panel.require(treated=1)
    means = panel.collapse(start)
    design = pd.DataFrame({EFFECT: means["treated"].astype(float), "constante": 1.0})
    if adjust:
        design["avant"] = means["pre"] - means["pre"].mean()
    if baseline is not None:
        design = design.join(baseline.astype(float) - baseline.mean())
    if strata is not None:
        labels = pd.Series(_stratum(strata, means.index), means.index)
        design = design.join(_dummies(labels, "strate", drop_first=True))
    return fit(
        design,
        means["post" if adjust else "change"].to_numpy(),
        weights=means["weight"].to_numpy(),
        clusters=means["cluster"].to_numpy(),
    )


def ancova(
    panel: Panel,
    *,
    strata: pd.Series | None = None,
    baseline: pd.DataFrame | None = None,
    adjust: bool = True,
    start: pd.Series | None = None,
    complete: bool = False,
    kind: Kind = "CR2",
    alpha: float = 0.05,
) -> Estimate:
    """Compare collapsed means after the start, given the mean before.

    Parameters
    ----------
    panel
        One start date, unless `start` is given.
    strata
        Stratum of each unit (indexed by unit), entered as fixed effects.
    baseline
        Further regressors known before the start, indexed by unit, without blanks: mandatory for
        those that matching left unbalanced. The covariates of the panel are not used.
    adjust
        True: ANCOVA, the mean before is a regressor (McKenzie 2012). False: the change is
        regressed on treatment, the collapsed difference-in-differences.
    start
        First period after, by unit, see :meth:`Panel.collapse`.
    complete
        Set aside, with a note, the units not observed in every period instead of refusing them.
    kind, alpha
        See :func:`qpvlib.cohort.variance.estimate`.

    Raises
    ------
    EstimationError
        With several start dates, units observed in different periods, too few units or a unit
        without a stratum.
    """
    panel = panel.complete() if complete else panel
    model = ancova_fit(panel, strata=strata, baseline=baseline, adjust=adjust, start=start)
    return estimate(
        model,
        EFFECT,
        kind=kind,
        alpha=alpha,
        method="ANCOVA sur moyennes" if adjust else "double différence sur moyennes",
        units=len(model.residuals),
        notes=panel.remarks,
    )


def event_study(
    panel: Panel, *, reference: int = -1, kind: Kind = "CR2", alpha: float = 0.05
) -> EventStudy:
    """Estimate the effect of each period relative to the reference before a common start.

    Parameters
    ----------
    panel
        One start date; use :func:`qpvlib.cohort.staggered.group_time` otherwise.
    reference
        Event time set to zero, -1 for the last period before the start. Event time counts
        calendar units (a biennial panel has event times -2, 0, 2).
    kind, alpha
        See :func:`qpvlib.cohort.variance.estimate`.

    Raises
    ------
    EstimationError
        With several start dates, an absent reference or too few units.
    """
    panel = _without_singletons(panel)
    panel.require()
    if len(panel.cohorts) != 1:
        raise EstimationError(
            "Les dates de début diffèrent\u00a0: une étude d'événement par effets fixes "
            "mélangerait les cohortes. Utilisez les effets par cohorte et par période (group_time)."
        )
    start = int(panel.cohorts[0])
    times = panel.periods - start
    if reference not in times:
        raise EstimationError(
            f"La période de référence {reference} n'existe pas dans le panel. Temps "
            f"présents\u00a0: {', '.join(map(str, times))}."
        )
    arm = np.isfinite(panel.data["first_treated"]) & (panel.data["first_treated"] == start)
    others = [int(time) for time in times if time != reference]
    regressors = pd.DataFrame(
        {str(time): (arm & (panel.data["period"] - start == time)).astype(float) for time in others}
    )
    model = two_way(panel, _with_covariates(panel, regressors))
    contrasts = np.stack([model.contrast(str(time)) for time in others])
    sandwich = contrasts @ covariance(model, kind) @ contrasts.T
    rows = {
        time: tested(model, contrast, kind, alpha)
        for time, contrast in zip(others, contrasts, strict=True)
    }
    rows[reference] = (0.0, np.nan, np.nan, np.nan, np.nan, np.nan)
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["estimate", "error", "df", "low", "high", "p"]
    ).sort_index()
    table.index.name = "event_time"
    return EventStudy(table, sandwich, reference, f"étude d'événement, {kind}", panel.remarks)
