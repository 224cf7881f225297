"""Randomisation inference: exact p-values under the assignment that was really used.

No library does it for a list of accepted draws, with an interval by inversion.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq

from qpvlib.cohort.assignment import Design
from qpvlib.errors import EstimationError

_TIE = 1e-9
_ROWS = 20_000


@dataclass(frozen=True)
class RandomisationTest:
    """Result of a randomisation test on one or several outcomes.

    Attributes
    ----------
    table
        Indexed by outcome: ``estimate`` (of the regression), ``centre`` (its mean over the
        possible draws when there is no effect), ``centred`` (the constant effect that leaves
        nothing but this mean), ``error`` (HC2), ``statistic``, ``p`` (studentised),
        ``p_unstudentised``, ``low``, ``high`` (by inversion), ``low_equal``,
        ``high_equal`` (by inversion of both one-sided tests at `alpha`), ``n``. Everything but
        ``estimate`` is centred.
    statistics
        Studentised statistics of the reference assignments, shape (R, outcomes).
    exhaustive
        True when every possible assignment was computed: the p-values are exact.
    """

    table: pd.DataFrame
    statistics: np.ndarray
    exhaustive: bool

    @property
    def smallest_p(self) -> float:
        """Smallest p-value this design can produce."""
        return 1.0 / len(self.statistics)


@dataclass(frozen=True)
class _Regressions:
    """Least squares of one outcome on each assignment: every array has one entry per assignment.

    The squared error is quadratic in a constant shift of the treated units, so that a
    confidence interval needs no further regression.
    """

    estimates: np.ndarray
    squares: list[np.ndarray]
    slopes: np.ndarray

    def centred(self, reference: "_Regressions") -> "_Regressions":
        """Remove from the estimates, at every shift, their mean over the reference draws.

        An acceptance rule makes some units likelier targets than others: the mean is then not
        zero, and an estimate that is not centred would be wrong on one side.
        """
        return _Regressions(
            self.estimates - np.nanmean(reference.estimates),
            self.squares,
            self.slopes - np.nanmean(reference.slopes),
        )

    def at(self, shift: float) -> tuple[np.ndarray, np.ndarray]:
        """Return estimates and errors once `shift` is removed from the observed targets."""
        constant, linear, quadratic = self.squares
        variance = constant - 2 * shift * linear + shift**2 * quadratic
        return self.estimates - shift * self.slopes, np.sqrt(np.maximum(variance, 0))


def _regress(
    outcome: np.ndarray,
    assignments: np.ndarray,
    observed: np.ndarray,
    controls: np.ndarray,
    weights: np.ndarray,
) -> _Regressions:
    """Regress the outcome on each assignment and the controls, with HC2 errors.

    Shapes: outcome, observed, weights (n,); assignments (R, n); controls (n, k). The error of
    the free design is Welch's.
    """
    root = np.sqrt(weights)
    basis, triangle = np.linalg.qr(controls * root[:, None])
    basis = basis[:, np.abs(np.diag(triangle)) > 1e-9 * np.abs(triangle).max()]
    fixed = (basis**2).sum(axis=1)
    projected = [v - basis @ (basis.T @ v) for v in (outcome * root, observed * root)]
    parts = []
    for start in range(0, len(assignments), _ROWS):
        block = assignments[start : start + _ROWS] * root
        block -= (block @ basis) @ basis.T
        total = (block**2).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = [block @ v / total for v in projected]
            leverage = fixed + block**2 / total[:, None]
            spread = np.where(1 - leverage > _TIE, block**2 / (1 - leverage), 0.0)
            left = [v - slope[:, None] * block for v, slope in zip(projected, slopes, strict=True)]
            mixed = [
                np.einsum("rn,rn,rn->r", spread, left[i], left[j]) / total**2
                for i, j in ((0, 0), (0, 1), (1, 1))
            ]
        parts.append([*slopes, *mixed])
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return _Regressions(columns[0], columns[2:], columns[1])


def _statistic(estimates: np.ndarray, errors: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(errors > 0, estimates / errors, np.inf * np.sign(estimates))
    return np.nan_to_num(ratio, nan=0.0, posinf=np.inf, neginf=-np.inf)


def _share(reference: np.ndarray, observed: float, exhaustive: bool, side: int = 0) -> float:
    """Return the share of the reference at least as far from zero as the observed value.

    `side`: 1 or -1 for values at least as high or as low. Ties are counted, even around zero.
    """
    if side:
        reference, observed = side * reference, side * observed
    else:
        reference, observed = np.abs(reference), np.abs(observed)
    finite = reference[np.isfinite(reference)]
    slack = _TIE * float(np.abs(finite).max(initial=0.0)) if np.isfinite(observed) else 0.0
    extreme = reference >= observed - slack
    if exhaustive:
        return float(extreme.mean())
    return float((1 + extreme.sum()) / (1 + len(reference)))


def _interval(
    reference: _Regressions,
    actual: _Regressions,
    exhaustive: bool,
    alpha: float,
    one_sided: bool = False,
) -> tuple[float, float]:
    """Return the constant effects that the test does not reject, by bisection on each side."""
    estimate = float(actual.estimates[0] / actual.slopes[0])
    error = float(np.sqrt(actual.squares[0][0]))
    # Targets and controls may each be constant: the step is then that of the other draws.
    spread = float(np.nanstd(reference.estimates))
    step = error if error > _TIE * spread else spread
    bounds = []
    for side in (-1, 1):

        def excess(shift: float, tail: int = -side if one_sided else 0) -> float:
            value = float(_statistic(*actual.at(shift))[0])
            return _share(_statistic(*reference.at(shift)), value, exhaustive, tail) - alpha

        reach = 4.0
        while excess(estimate + side * reach * step) > 0 and reach < 500:
            reach *= 2
        if reach >= 500 or not step > 0:
            bounds.append(side * np.inf)
        elif excess(estimate) <= 0:
            bounds.append(estimate)
        else:
            end = estimate + side * reach * step
            bounds.append(float(brentq(excess, estimate, end, xtol=1e-6 * step)))
    return bounds[0], bounds[1]


def romano_wolf(tests: Sequence[RandomisationTest]) -> pd.Series:
    """Return the step-down max-t p-values of tests made on the same draws, by outcome.

    Romano and Wolf 2005, algorithm 4.1.
    """
    observed = pd.concat([test.table["statistic"] for test in tests])
    reference = np.column_stack([test.statistics for test in tests])
    order = np.argsort(-observed.abs().to_numpy())
    adjusted, floor = np.empty(len(observed)), 0.0
    for rank, column in enumerate(order):
        largest = np.abs(reference[:, order[rank:]]).max(axis=1)
        floor = max(floor, _share(largest, observed.iloc[column], tests[0].exhaustive))
        adjusted[column] = floor
    return pd.Series(adjusted, observed.index)


def randomisation_test(
    outcomes: pd.DataFrame,
    design: Design,
    targets: list,
    *,
    covariates: pd.DataFrame | None = None,
    weights: pd.Series | None = None,
    alpha: float = 0.05,
    interval: bool = True,
    draws: int = 9999,
    seed: int = 0,
) -> RandomisationTest:
    """Test the absence of any effect on each outcome under the true assignment mechanism.

    Parameters
    ----------
    outcomes
        One row per unit, one column per outcome: changes from
        :meth:`qpvlib.cohort.panel.Panel.collapse`, or means after the start with the means before
        in `covariates` (ANCOVA). A blank removes the unit from that outcome only.
    design
        The assignments that were possible, acceptance rule included.
    targets
        The units drawn.
    covariates
        Regressors known before the draw, indexed by unit.
    weights
        Positive weights by unit: the statistic is then the weighted estimate.
    alpha, interval
        Level of the confidence interval by inversion, and whether to compute it.
    draws, seed
        Reference draws and seed when the assignments are too many to enumerate.

    Returns
    -------
    RandomisationTest
        The p-values refer to the statistic t of the regression on treatment and strata, with
        HC2 errors: Welch's t for a free draw (MacKinnon and Webb 2020 on studentising).

    Raises
    ------
    EstimationError
        With every reason found: units without data, constant outcome, impossible draw.
    """
    actual = design.vector(targets)
    problems = []
    rows = outcomes.reindex(list(design.units)).astype(float)
    usable = np.ones(len(rows), bool)
    controls = pd.get_dummies(design.labels, dtype=float).to_numpy()
    if covariates is not None:
        extra = covariates.reindex(list(design.units)).to_numpy(float)
        usable &= np.isfinite(extra).all(axis=1)
        controls = np.column_stack([controls, np.nan_to_num(extra)])
    mass = np.ones(len(rows))
    if weights is not None:
        mass = weights.reindex(list(design.units)).to_numpy(float)
        if not (mass > 0).all():
            problems.append("Des unités du tirage n'ont pas de poids positif.")
    for name in rows:
        known = usable & rows[name].notna().to_numpy()
        if not known.any():
            problems.append(f"Toutes les valeurs de {name} sont masquées ou absentes.")
        elif (known & actual).sum() < 1 or (known & ~actual).sum() < 2:
            problems.append(
                f"{name}\u00a0: il faut au moins une cible et deux témoins observés, il y en a "
                f"{(known & actual).sum()} et {(known & ~actual).sum()}."
            )
        elif not np.isfinite(rows.loc[known, name]).all():
            problems.append(f"{name} contient des valeurs infinies.")
        elif rows.loc[known, name].nunique() == 1:
            problems.append(f"{name} est constant\u00a0: il n'y a rien à tester.")
    if problems:
        raise EstimationError(problems)
    reference, exhaustive = design.support(draws, seed)
    table, statistics = {}, []
    for name in rows:
        known = usable & rows[name].notna().to_numpy()
        parts = (controls[known], mass[known])
        value, chosen = rows[name].to_numpy()[known], actual[known].astype(float)
        raw = _regress(value, reference[:, known].astype(float), chosen, *parts)
        own = _regress(value, chosen[None], chosen, *parts)
        drawn, centred = raw.centred(raw), own.centred(raw)
        zero, t = _statistic(*drawn.at(0.0)), float(_statistic(*centred.at(0.0))[0])
        statistics.append(zero)
        both = [(np.nan, np.nan)] * 2
        if interval:
            both = [_interval(drawn, centred, exhaustive, alpha, tail) for tail in (False, True)]
        table[name] = {
            "estimate": own.estimates[0],
            "centre": float(np.nanmean(raw.estimates)),
            "centred": centred.estimates[0] / centred.slopes[0],
            "error": own.at(0.0)[1][0],
            "statistic": t,
            "p": _share(zero, t, exhaustive),
            "p_unstudentised": _share(
                np.nan_to_num(drawn.estimates), centred.estimates[0], exhaustive
            ),
            **dict(zip(("low", "high"), both[0], strict=True)),
            **dict(zip(("low_equal", "high_equal"), both[1], strict=True)),
            "n": int(known.sum()),
        }
    result = pd.DataFrame.from_dict(table, orient="index")
    return RandomisationTest(result, np.column_stack(statistics), exhaustive)


def rejected(
    outcome: pd.Series,
    design: Design,
    chosen: np.ndarray,
    shifts: np.ndarray,
    *,
    covariates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the p-values of constant effects, were `chosen` the draw and nothing happened.

    Parameters
    ----------
    outcome
        By unit of the design, without blanks.
    design, chosen
        The lottery, and an assignment of it, shape (units,).
    shifts
        Effects tested, shape (k,). A test of no effect when the effect is e is that of -e here.
    covariates
        Regressors known before the draw, by unit.

    Returns
    -------
    pd.DataFrame
        Indexed by shift: ``p``, and ``above`` and ``below`` of the one-sided tests.
    """
    units = list(design.units)
    controls = pd.get_dummies(design.labels, dtype=float).to_numpy()
    if covariates is not None:
        controls = np.column_stack([controls, covariates.reindex(units).to_numpy(float)])
    values, mass = outcome.reindex(units).to_numpy(float), np.ones(len(units))
    reference, exhaustive = design.support(9999, 0)
    actual = chosen.astype(float)
    raw = _regress(values, reference.astype(float), actual, controls, mass)
    own = _regress(values, actual[None], actual, controls, mass).centred(raw)
    drawn, rows = raw.centred(raw), {}
    for shift in shifts:
        every, value = _statistic(*drawn.at(shift)), float(_statistic(*own.at(shift))[0])
        rows[shift] = [_share(every, value, exhaustive, side) for side in (0, 1, -1)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["p", "above", "below"])


def null_rejections(
    outcome: pd.Series,
    design: Design,
    *,
    repetitions: int | None = None,
    covariates: pd.DataFrame | None = None,
    df: float = np.inf,
    level: float = 0.05,
    seed: int = 0,
) -> tuple[float, float]:
    """Measure two tests when targets are drawn by the design and do nothing.

    Parameters
    ----------
    outcome, covariates
        As in :func:`randomisation_test`, one outcome.
    design
        The assignment mechanism.
    repetitions
        Number of placebo draws; by default every possible one, when they can be listed.
    df
        Degrees of freedom of the second test.
    level, seed
        Level of the tests and seed of the placebo draws.

    Returns
    -------
    tuple
        How often each rejects: by drawing; by Student's law on the HC2 error (CR2 when each
        unit is its own cluster), not centred.
    """
    values = outcome.reindex(list(design.units)).to_numpy(float)
    controls = pd.get_dummies(design.labels, dtype=float).to_numpy()
    if covariates is not None:
        controls = np.column_stack([controls, covariates.reindex(list(design.units))])
    known = np.isfinite(values) & np.isfinite(controls).all(axis=1)
    values, controls, mass = values[known], controls[known], np.ones(int(known.sum()))
    reference, exhaustive = design.support(9999, seed + 1)
    every = repetitions is None and exhaustive
    placebos = reference if every else design.draw(repetitions or 9999, seed)
    drawn, found = (
        _regress(values, rows[:, known].astype(float), values, controls, mass)
        for rows in (reference, placebos)
    )
    ordered = np.sort(np.abs(_statistic(*drawn.centred(drawn).at(0.0))))
    own = np.abs(_statistic(*found.centred(drawn).at(0.0)))
    beyond = len(ordered) - np.searchsorted(ordered, own * (1 - _TIE))
    p = beyond / len(ordered) if exhaustive else (1 + beyond) / (1 + len(ordered))
    plain = np.abs(_statistic(*found.at(0.0))) > stats.t.isf(level / 2, df)
    return float((p <= level).mean()), float(plain.mean())
