"""The smallest effect the design can see, printed before any result.

No library adds effects to placebo groups drawn in real series.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from qpvlib.errors import EstimationError

_STEPS = 40


@dataclass(frozen=True)
class Detectable:
    """Minimum detectable effects and the sizes of the tests, for one design.

    Attributes
    ----------
    ri
        With randomisation inference on the difference of mean changes.
    cr2
        With CR2 errors and Welch degrees of freedom.
    cr1
        With CR1 errors and the normal law (never to be used alone).
    size_ri, size_cr2, size_cr1
        Real frequency of rejection without any effect.
    """

    ri: float
    cr2: float
    cr1: float
    size_ri: float
    size_cr2: float
    size_cr1: float


def observed_changes(
    series: pd.DataFrame,
    units: int,
    before: int,
    after: int,
    *,
    repetitions: int = 1500,
    seed: int = 0,
) -> np.ndarray:
    """Return changes of units drawn at random from real series, over random windows.

    Parameters
    ----------
    series
        One row per unit, one column per consecutive period, without blanks and without any
        treatment.
    units, before, after
        Numbers of units drawn and of periods on each side.
    repetitions, seed
        Number of placebo samples and seed.

    Raises
    ------
    EstimationError
        When the series are too short, too few or incomplete.
    """
    problems = []
    if series.isna().any(axis=None):
        problems.append("Des séries sont incomplètes\u00a0: gardez les unités observées partout.")
    if len(series) < units:
        problems.append(f"{len(series)} séries pour {units} unités à tirer.")
    if series.shape[1] < before + after:
        problems.append(f"{series.shape[1]} périodes pour une fenêtre de {before + after}.")
    if problems:
        raise EstimationError(problems)
    values = series.to_numpy(float)
    starts = range(values.shape[1] - before - after + 1)
    windows = np.stack(
        [
            values[:, s + before : s + before + after].mean(axis=1)
            - values[:, s : s + before].mean(axis=1)
            for s in starts
        ]
    )
    generator = np.random.default_rng(seed)
    window = generator.integers(len(windows), size=repetitions)
    order = np.argsort(generator.random((repetitions, len(values))), axis=1)[:, :units]
    return windows[window[:, None], order]


def detectable(
    changes: np.ndarray,
    targets: int,
    *,
    power: float = 0.8,
    level: float = 0.05,
    permutations: int = 999,
    seed: int = 0,
) -> Detectable:
    """Return the smallest constant effect detected with a given power.

    Parameters
    ----------
    changes
        Shape (repetitions, units): untreated changes; the first `targets` columns are treated.
    targets
        Number of treated units, at least one.
    power, level
        Probability of detection wanted, level of the two-sided tests.
    permutations, seed
        Reference assignments of the randomisation test, and their seed.

    Raises
    ------
    EstimationError
        With fewer than two controls.
    """
    units = changes.shape[1]
    controls = units - targets
    if targets < 1 or controls < 2:
        raise EstimationError(
            f"Cibles\u00a0: {targets}, témoins\u00a0: {controls}. Le plan est trop petit."
        )
    generator = np.random.default_rng(seed)
    chosen = np.argsort(generator.random((permutations, units)), axis=1)[:, :targets]
    contrast = np.full((permutations, units), -1 / controls)
    np.put_along_axis(contrast, chosen, 1 / targets, axis=1)
    reference = changes @ contrast.T
    shift = contrast[:, :targets].sum(axis=1)
    estimates = changes[:, :targets].mean(axis=1) - changes[:, targets:].mean(axis=1)

    def rejected_ri(effect: float) -> np.ndarray:
        beyond = np.abs(reference + effect * shift) >= np.abs(estimates + effect)[:, None] - 1e-12
        return (1 + beyond.sum(axis=1)) / (1 + permutations) <= level

    sizes, effects = {}, {}
    tests = {"ri": rejected_ri}
    tests |= _parametric(changes, targets, estimates, level)
    scale = 20 * float(changes.std()) * np.sqrt(1 / targets + 1 / controls)
    for name, rejected in tests.items():
        sizes[f"size_{name}"] = float(rejected(0.0).mean())
        effects[name] = _smallest(rejected, power, scale)
    return Detectable(**effects, **sizes)


def _parametric(changes: np.ndarray, targets: int, estimates: np.ndarray, level: float) -> dict:
    """Return the CR2 and CR1 tests; with a single target they have no error and never reject."""
    units = changes.shape[1]
    controls = units - targets
    if targets < 2:
        return dict.fromkeys(("cr2", "cr1"), lambda effect: np.zeros(len(changes), bool))
    treated, untreated = changes[:, :targets].var(axis=1), changes[:, targets:].var(axis=1)
    own, other = treated / (targets - 1), untreated / (controls - 1)
    df = (own + other) ** 2 / (own**2 / (targets - 1) + other**2 / (controls - 1))
    cr2 = stats.t.ppf(1 - level / 2, df) * np.sqrt(own + other)
    robust = units / (units - 2) * (treated / targets + untreated / controls)
    cr1 = stats.norm.ppf(1 - level / 2) * np.sqrt(robust)
    return {
        "cr2": lambda effect: np.abs(estimates + effect) > cr2,
        "cr1": lambda effect: np.abs(estimates + effect) > cr1,
    }


def _smallest(rejected, power: float, scale: float) -> float:
    """Return by bisection the effect rejected with the power wanted, infinite beyond `scale`."""
    if rejected(scale).mean() < power:
        return np.inf
    low, high = 0.0, scale
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if rejected(middle).mean() < power:
            low = middle
        else:
            high = middle
        if high - low < 1e-4 * scale:
            break
    return float(high)
