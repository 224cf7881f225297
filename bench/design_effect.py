"""Print the design effect of the census that its own successive vintages imply.

A census of the year Y is the mean of five surveys, those of Y - 2 to Y + 2, each of one rotation
group. Let V be the variance of a rate over the five: a survey alone, a fifth of the sample, has
5 V. Two vintages k years apart, k below 5, share 5 - k surveys, which cancel out; the difference is
a fifth of the sum, over the k groups surveyed again, of the new rate less the old one. With
independent samples its variance is k (5 V + 5 V) / 25 = 2 (k / 5) V: 0.4 V for adjacent vintages,
2 V from five years on. The design effect is the variance of the changes that are seen over the one
expected of a simple sample, from the median absolute deviation, which a few demolitions do not
move; the rounding of both rates is taken off. Real change is in it, so it is an upper bound. Three
pairs of adjacent vintages rest on three different surveys and add up.

Usage: python bench/design_effect.py
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from qpvlib import intervals, observations
from qpvlib.catalogue import indicators
from qpvlib.estimate import Z95, interval, ratio_interval, relative_half_width
from qpvlib.observations import ALL, COLUMNS, NUMBERS, VALUE
from qpvlib.sources import cells, dating, families, tables

SHARED = Path(os.environ.get("QPV_SHARED", Path(__file__).resolve().parents[2] / "shared"))
CYCLE = 5
"""Years after which the whole sample of a large commune has been drawn again."""
NORMAL = 1.482602218505602
"""Standard deviation of a normal law over its median absolute deviation."""
BASES = ("*DEMO_*.csv", "*IPRO_*.csv")


def national(folder: Path) -> pd.DataFrame:
    """Return what the themed bases say from the census of every QPV of France, by our readers."""
    rows: dict[tuple, float] = {}
    for file in sorted(path for form in BASES for path in folder.rglob(form)):
        (table,) = tables.read(file)
        family = families.recognise(table)
        names, year = family.column_names(table), dating.stated_year(file.name, None)
        key = names[family.key_column(names)]
        for block in family.blocks:
            for figure in block.figures:
                if figure.denominator or block.attribution or block.name == "pe":
                    continue
                column = names.get(figure.numerator[0])
                for row in table.rows if column is not None else ():
                    number = cells.number(row[column])
                    if number is not None and row[key].startswith("QP"):
                        vintage = block.vintage_of(year)[0]
                        rows[row[key], figure.indicator, figure.category, vintage] = number
    keys = ["territoire", "indicateur", "modalite", "millesime"]
    frame = pd.DataFrame([(*key, value) for key, value in rows.items()], columns=[*keys, "valeur"])
    return frame.assign(geographie="qpv2015", etat=VALUE, source="france").reindex(columns=COLUMNS)


def changes(frame: pd.DataFrame, pairs: list[tuple[int, int]]) -> pd.DataFrame:
    """Return the changes between vintages, each over what a simple sample would give.

    Parameters
    ----------
    frame
        Observations, with or without intervals.
    pairs
        First and last vintage of each change.

    Returns
    -------
    DataFrame
        Columns ``indicateur, territoire, base, z`` (less the median of its pair: what moved
        everywhere is no sampling error) and ``arrondi`` (what rounding adds to the square of z).
    """
    raw = frame[frame["modalite"].eq(ALL) & frame["geographie"].eq("qpv2015")]
    known = intervals.complete(raw[COLUMNS].astype(dict.fromkeys(NUMBERS, float)))
    known = known[known["base"].gt(0) & known["valeur"].gt(0)]
    found = []
    for first, last in pairs:
        both = known[known["millesime"].eq(first)].merge(
            known[known["millesime"].eq(last)],
            on=["territoire", "indicateur"],
            suffixes=("", "_apres"),
        )
        share = min(1.0, (last - first) / CYCLE)
        for name, group in both.groupby("indicateur"):
            if (scores := _scores(indicators()[name].unite, group, share)) is not None:
                found.append(scores)
    return pd.concat(found, ignore_index=True)


def _scores(unit: str, group: pd.DataFrame, share: float) -> pd.DataFrame | None:
    """Standardise the changes of one indicator; ratios and counts in logarithm."""
    before, after = group["valeur"], group["valeur_apres"]
    base, middle = (group["base"] + group["base_apres"]) / 2, (before + after) / 2
    step = 10.0 ** -indicators()[group["indicateur"].iloc[0]].decimales
    if unit == "%":
        low, high = interval(middle, base, deff=1.0)
        reach, change = (high - low) / 2, after - before
    elif unit == "rapport":
        low, high = ratio_interval(middle, intervals.YOUTH_INDEX_SHARE * base, deff=1.0)
        reach, change, step = np.log(high / low) / 2, np.log(after / before), step / middle
    elif unit == "habitants":
        reach, change, step = relative_half_width(base, deff=1.0), np.log(after / before), 0.0
    else:
        return None
    expected = 2 * share * (reach / Z95) ** 2
    score = change / np.sqrt(expected)
    return group[["indicateur", "territoire"]].assign(
        base=base, z=score - score.median(), arrondi=step**2 / 6 / expected
    )


def implied(found: pd.DataFrame) -> pd.DataFrame:
    """Return ``n`` and ``deff`` by indicator, from :func:`changes`."""
    by = found.groupby("indicateur")
    spread = NORMAL * by["z"].agg(lambda z: z.abs().median())
    return pd.DataFrame({"n": by.size(), "deff": spread**2 - by["arrondi"].median()})


def measured(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what adjacent vintages imply, from :func:`implied`, of observations of quartiers."""
    years = sorted(frame.loc[frame["indicateur"].eq("part_femmes"), "millesime"].unique())
    near = [(int(year), int(year) + 1) for year in years if year + 1 in years]
    return implied(changes(frame, near))


def stored() -> pd.DataFrame:
    """Return what the project holds of the quartiers of 2015."""
    frame = observations.Observations.load().frame
    return frame.loc[frame["geographie"].eq("qpv2015") & frame["etat"].eq(VALUE), COLUMNS]


def marseille(folder: Path = SHARED / "data") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the quartiers of Marseille, then those of France, empty without the national files.

    A vintage that the project does not hold yet is read in the national files.
    """
    mine = stored()
    all_of_them = national(folder) if folder.is_dir() else mine.iloc[:0]
    here = all_of_them[all_of_them["territoire"].isin(mine["territoire"])]
    keys = ["territoire", "indicateur", "modalite", "millesime"]
    return pd.concat([mine, here]).drop_duplicates(keys, ignore_index=True), all_of_them


def main() -> None:
    """Print one table, in the order of the catalogue."""
    city, country = marseille()
    apart = [(2010, 2015), (2013, 2018)]
    table = {
        "Marseille": measured(city),
        "RP 2017-2018": implied(changes(city, [(2017, 2018)])),
        "cinq ans": implied(changes(city, apart)),
    }
    if len(country):
        people = country[country["indicateur"].eq("population_qpv")].groupby("territoire")["valeur"]
        size = people.max()
        largest = size.index[size >= size.quantile(0.8)]
        table["France"] = measured(country)
        table["France, cinq ans"] = implied(changes(country, apart))
        table["France, plus grands"] = measured(country[country["territoire"].isin(largest)])
    wide = pd.concat(table, axis=1)
    entries = [name for name in indicators() if name in wide.index]
    catalogue = {name: indicators()[name].effet_plan for name in entries}
    wide["catalogue", ""] = pd.Series(catalogue, dtype=float)
    wide = wide.reindex(entries).astype({key: "Int64" for key in wide if key[1] == "n"})
    print(wide.to_string(float_format=lambda x: f"{x:.1f}", na_rep=""))


if __name__ == "__main__":
    main()
