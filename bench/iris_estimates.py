"""Print how far the estimates from the IRIS are from what is published for the same quartiers.

First the census: what is published both ways for the same perimeter, within two years (social
housing: dwellings of the landlords over households, from a third party's compilation, where it is
beside). Then what is no sample, incomes and benefits known by IRIS and by quartier, one pair of
years each: how far a quartier is from its IRIS, where an estimate has nothing of its own to be
checked against. Last, the estimates that are printed and that nothing checks.

``biais``: estimate less published figure. ``couverture``: published figures inside the interval of
the estimate. Only the quartiers that are estimated.

Usage: python bench/iris_estimates.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from qpvlib import observations, paths
from qpvlib.catalogue import indicators
from qpvlib.estimate import SAMPLING_RATE, Z95, design_effect, effective_size, wilson
from qpvlib.indicators import quartiers, weights
from qpvlib.intervals import ESTIMATES
from qpvlib.observations import ALL, NEAR_YEARS, VALUE
from qpvlib.sources import registry
from qpvlib.territories import predecessors, qpv

SHARED = Path(os.environ.get("QPV_SHARED", Path(__file__).resolve().parents[2] / "shared"))
COMPILATION = "data/insee/qpv2024/analyse_qpv.csv"
DATED = ["indicateur", "millesime"]


def read() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return every published figure, and the weights of the quartiers that are estimated."""
    table = pd.read_csv(paths.data() / "territoires/poids_iris_qpv2024.csv", dtype={"iris": str})
    pure = weights.purity(table)
    table = table[table["territoire"].isin(pure.index[pure >= quartiers.MINIMAL_PURITY])]
    frame = observations.Observations.load(rank=registry.ranks()).frame
    mine = frame["etat"].eq(VALUE) & frame["modalite"].eq(ALL) & frame["source"].ne(ESTIMATES)
    return frame[mine], table


def estimated(frame: pd.DataFrame, table: pd.DataFrame, ratio: float) -> pd.DataFrame:
    """Estimate every indicator given by IRIS: sums of the parts, else the mean over inhabitants.

    Parameters
    ----------
    frame, table
        See :func:`read`.
    ratio
        Error between IRIS and quartier, over the standard deviation between IRIS.

    Returns
    -------
    DataFrame
        Columns ``indicateur, millesime, territoire, estime, bas, haut``; a quartier is left out
        where the IRIS that are known hold less than nine tenths of its inhabitants.
    """
    iris = frame[frame["geographie"].eq("iris")].rename(columns={"territoire": "iris"})
    pieces = table.merge(iris[[*DATED, "iris", "valeur", "numerateur", "denominateur"]], on="iris")
    parts = pieces["denominateur"].notna()
    scale = pieces["indicateur"].map(lambda name: 100.0 if indicators()[name].unite == "%" else 1.0)
    over = (scale * pieces["part"] * pieces["numerateur"]).where(
        parts, pieces["population"] * pieces["valeur"]
    )
    under = (pieces["part"] * pieces["denominateur"]).where(parts, pieces["population"])
    keys = [*DATED, "territoire"]
    sums = (
        pieces.assign(over=over, under=under).groupby(keys)[["over", "under", "population"]].sum()
    )
    people = table.groupby("territoire")["population"].sum()
    known = (
        sums["population"] / people.reindex(sums.index.get_level_values("territoire")).to_numpy()
    )
    found = sums[known > 0.9].reset_index().assign(estime=lambda t: t["over"] / t["under"])
    spread = iris.groupby(DATED)["valeur"].std(ddof=0)
    reach = Z95 * ratio * spread.reindex(pd.MultiIndex.from_frame(found[DATED])).to_numpy()
    survey = found["indicateur"].map(lambda name: indicators()[name].nature == "enquete")
    survey &= found["indicateur"].map(lambda name: indicators()[name].unite == "%")
    size = effective_size(
        SAMPLING_RATE * found["under"], SAMPLING_RATE, found["indicateur"].map(design_effect)
    )
    ends = [100 * end for end in wilson((found["estime"] / 100).where(survey), size)]
    low, high = (np.hypot(np.nan_to_num(end - found["estime"]), reach) for end in ends)
    return found.assign(bas=found["estime"] - low, haut=found["estime"] + high)


def published(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what is published of each quartier of 2024, or of the same one of 2015."""
    codes = {member.code: member.code for member in qpv()}
    for member in qpv():
        for old in predecessors(member.code):
            if old.same:
                codes[old.code_2015] = member.code
    told = frame[frame["territoire"].isin(codes)]
    told = told.assign(territoire=told["territoire"].map(codes), publie=told["valeur"])
    return told.rename(columns={"millesime": "annee"})[
        ["indicateur", "territoire", "annee", "publie"]
    ]


def compared(found: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Return one row by indicator and pair of years, with at least three quartiers."""
    both = found.merge(told, on=["indicateur", "territoire"])
    both = both[(both["annee"] - both["millesime"]).between(0, NEAR_YEARS)]
    gap = both["estime"] - both["publie"]
    both = both.assign(
        biais=gap, absolu=gap.abs(), couverture=both["publie"].between(both["bas"], both["haut"])
    )
    groups = both.groupby([*DATED, "annee"])
    table = groups[["biais", "absolu", "couverture"]].mean()
    table.insert(0, "quartiers", groups.size())
    return table[table["quartiers"] >= quartiers.FEWEST_PAIRS].reset_index()


def social_housing(told: pd.DataFrame) -> pd.DataFrame:
    """Add the dwellings of social landlords over households, which is not the census' figure."""
    file = SHARED / COMPILATION
    if not file.is_file():
        return told
    raw = pd.read_csv(file).dropna(subset="nombre_logements_sociaux").drop_duplicates("codeQPV")
    direct = (
        raw[["codeQPV"]]
        .rename(columns={"codeQPV": "territoire"})
        .assign(
            indicateur="part_logements_sociaux",
            annee=2020,
            publie=100 * raw["nombre_logements_sociaux"] / raw["nombre_menages"],
        )
    )
    return pd.concat([told[told["indicateur"].ne("part_logements_sociaux")], direct])


def validation() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table of the census, then that of what is no sample."""
    frame, table = read()
    ratio = quartiers.estimates(frame, table).errors["rapport"].max()
    rows = compared(estimated(frame, table, ratio), social_housing(published(frame)))
    survey = rows["indicateur"].map(lambda name: indicators()[name].nature == "enquete")
    # The most quartiers, then the same year, then the latest.
    others = rows[~survey].assign(delai=lambda t: t["millesime"] - t["annee"])
    best = others.sort_values(["indicateur", "quartiers", "delai", "annee"], kind="stable")
    kept = best.drop_duplicates("indicateur", keep="last").drop(columns="delai")
    return rows[survey].reset_index(drop=True), kept.reset_index(drop=True)


def main() -> None:
    """Print both tables, and what nothing checks."""
    census, others = validation()
    print(census.round(2).to_string(), others.round(2).to_string(), sep="\n\n")
    frame = observations.Observations.load(rank=registry.ranks()).frame
    mine = frame.loc[frame["source"].eq(ESTIMATES) & frame["etat"].eq(VALUE), "indicateur"]
    print("\nNon validées :", ", ".join(sorted(set(mine) - set(census["indicateur"]))))


if __name__ == "__main__":
    main()
