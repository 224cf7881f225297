"""Print how long the heavy parts of the cohort take, against their aims.

Usage: OMP_NUM_THREADS=1 python bench/cohort.py
"""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd

from qpvlib.cohort import (
    Design,
    Panel,
    Predictor,
    placebos_in_space,
    randomisation_test,
    synthetic_control,
)

SHARED = Path(os.environ.get("QPV_SHARED", Path(__file__).resolve().parents[2] / "shared"))
EIGHTIES = tuple(range(1980, 1989))
PREDICTORS = (
    Predictor("lnincome", EIGHTIES),
    Predictor("age15to24", EIGHTIES),
    Predictor("retprice", EIGHTIES),
    Predictor("beer", EIGHTIES[4:]),
    Predictor("outcome", (1988,)),
    Predictor("outcome", (1980,)),
    Predictor("outcome", (1975,)),
)


def enumeration(targets: int) -> int:
    """Test 5 fictitious outcomes over every assignment of one target per triplet."""
    units = [f"T{number:02d}" for number in range(3 * targets)]
    strata = pd.Series(np.repeat(np.arange(targets), 3), index=units)
    outcomes = pd.DataFrame(
        np.random.default_rng(0).normal(size=(len(units), 5)), index=units, columns=list("abcde")
    )
    return len(randomisation_test(outcomes, Design.stratified(strata), units[::3]).statistics)


def proposition_99() -> int:
    """Estimate California and its 38 placebos."""
    table = pd.read_csv(SHARED / "data/cases/prop99_smoking.csv")
    table["treated"] = (table["state"] == "California").astype(int)
    panel = Panel.read(
        table,
        unit="state",
        period="year",
        outcome="cigsale",
        treatment="treated",
        start=1989,
        covariates=["lnincome", "beer", "age15to24", "retprice"],
    )
    control = synthetic_control(panel, predictors=PREDICTORS)
    return len(placebos_in_space(panel, control).table)


def timed(label: str, aim: float, work, *arguments) -> None:
    """Print the time of a piece of work, and its ratio to the aim."""
    clock, processor = time.perf_counter(), time.process_time()
    size = work(*arguments)
    spent, used = time.perf_counter() - clock, time.process_time() - processor
    print(
        f"{label}: {size} runs, {spent:.2f} s on the clock, {used:.2f} s of processor, "
        f"{used / aim:.2f} of the aim ({aim:g} s)"
    )


if __name__ == "__main__":
    timed("exact inference, 8 triplets, 5 outcomes", 2, enumeration, 8)
    timed("exact inference, 10 triplets, 5 outcomes", 2, enumeration, 10)
    if (SHARED / "data/cases/prop99_smoking.csv").is_file():
        timed("Proposition 99 and its placebos", 6, proposition_99)
    else:
        print(f"Proposition 99: skipped, no {SHARED}")
