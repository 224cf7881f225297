"""Print how often each test rejects a true null at 5 %, on fictitious panels of our size.

Usage: OMP_NUM_THREADS=1 python bench/sizes.py [PANELS]

Noise is AR(1) (0.5) with unit slopes, as in the real series; 1 000 panels take some minutes and
carry a Monte-Carlo error of 0.7 point.
"""

import sys

import numpy as np
import pandas as pd

from qpvlib.cohort import Panel, ancova, did, group_time, imputation

PERIODS, CONTROLS = 6, 16
PLANS = {
    "8 cibles, une date": [4] * 8,
    "quatre cohortes de deux": [3, 3, 4, 4, 5, 5, 6, 6],
    "quatre cohortes d'une": [3, 4, 5, 6],
}


def null_panel(starts: list[int], generator: np.random.Generator) -> Panel:
    """Return a panel without any effect."""
    units = len(starts) + CONTROLS
    noise = generator.normal(size=(units, PERIODS))
    for period in range(1, PERIODS):
        noise[:, period] = 0.5 * noise[:, period - 1] + np.sqrt(0.75) * noise[:, period]
    slopes = 0.2 * generator.normal(size=(units, 1)) * np.arange(PERIODS)
    table = pd.DataFrame(noise + slopes + 5 * generator.normal(size=(units, 1)))
    table = table.rename_axis("unit").melt(ignore_index=False, var_name="period").reset_index()
    first = dict(enumerate(starts))
    table["first"] = table["unit"].map(first).fillna(np.inf)
    table["period"] = table["period"].astype(int) + 1
    return Panel.read(table, unit="unit", period="period", outcome="value", first_treated="first")


def rejections(starts: list[int], panels: int) -> dict[str, tuple[int, int]]:
    """Return, by test, how many p-values are known and how many are below 5 %."""
    generator = np.random.default_rng(20261128)
    found: dict[str, list[float]] = {}
    for _ in range(panels):
        panel = null_panel(starts, generator)
        callaway, imputed = group_time(panel), imputation(panel)
        tests = {
            "did CR2": [did(panel).p],
            "group_time": [callaway.overall.p],
            "group_time, avant": [callaway.pre_test[1]],
            "group_time, cohortes": list(callaway.cohorts["p"]),
            "group_time, temps": list(callaway.event.table["p"]),
            "imputation": [imputed.overall.p],
            "imputation, cohortes": list(imputed.cohorts["p"]),
            "imputation, temps": list(imputed.event.table["p"]),
        }
        if len(panel.cohorts) == 1:
            tests["ancova CR2"] = [ancova(panel).p]
        for name, values in tests.items():
            found.setdefault(name, []).extend(p for p in values if p == p)
    return {name: (len(ps), sum(p < 0.05 for p in ps)) for name, ps in found.items()}


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    for plan, dates in PLANS.items():
        print(plan)
        for test, (known, rejected) in rejections(dates, wanted).items():
            share = f"{100 * rejected / known:.1f} %" if known else "refusé"
            print(f"  {test:<24} {share:>8}  ({known} tests)")
