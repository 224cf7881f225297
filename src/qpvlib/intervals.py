"""The interval of every figure, computed once, when the store is loaded.

A figure carries its two bounds, the kind of its interval, the size it rests on and its grade;
nothing downstream computes a margin. The producers publish rates without their counts: the people
behind a rate of the census are found again, to an order of size, from other published figures
(the population of the territory, the share that the universe of the indicator holds, the share of
a group such as women). Without one of them the base is unknown, and so is the interval.
"""

import numpy as np
import pandas as pd

from qpvlib.catalogue import COUNTS, indicators
from qpvlib.categories import ALL, EXHAUSTIVE, GROUPS, category
from qpvlib.estimate import (
    design_effect,
    equivalent_size,
    grade,
    interval,
    mean_half_width,
    ratio_interval,
    relative_half_width,
)

PUBLISHED, SAMPLING, ROUNDING, COUNT, EXHAUSTIVE_FILE, ESTIMATE, UNKNOWN = KINDS = (
    "publié",
    "sondage",
    "arrondi",
    "comptage",
    "exhaustif",
    "estimation",
    "inconnu",
)
"""Bounds of the producer; sampling formula; rounded by the producer; count of places or events;
exhaustive file, as printed; qpvlib's estimate from the IRIS; base not published."""
ESTIMATES = "calcul-estimations-iris"
"""The source whose figures qpvlib estimates from the IRIS."""
UNKNOWN_BASE = "base inconnue"
COLUMNS = ["intervalle", "base", "fiabilite"]
"""What is added to an observation, besides its two bounds."""
# Between households, in persons; computed on the sizes that the QPV of 2024 with the largest
# households publishes (Kalliste, 2020), so an upper end.
HOUSEHOLD_DEVIATION = 1.8
# Share of the population in the two groups of the youth index, 0-19 and 60 or more, about.
YOUTH_INDEX_SHARE = 0.5
_YOUTH, _MEAN = "rapport", "personnes par ménage"
_COUNTED = ("habitants", "habitants par hectare")
_PEOPLE = "population_qpv"
# Figures of a column from which its rounding is evidence; from which odd integers are not chance.
FEW, ODD = 3, 8
_COLUMN = ["source", "indicateur", "modalite", "millesime"]
_PLACE = ["indicateur", "territoire", "modalite", "millesime"]
_STEPS = (0.001, 0.01, 0.1, 1.0, 10.0)


def complete(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the observations with the interval of each figure.

    Parameters
    ----------
    frame
        Observations, each key once; ``borne_basse`` and ``borne_haute`` hold what is published.

    Returns
    -------
    DataFrame
        The same rows and :data:`COLUMNS`. The bounds are in the indicator's unit, both missing
        where the interval is unknown and where there is no figure; ``base`` is a number of people,
        households or dwellings of the universe, for what a survey gives.
    """
    if frame.empty:
        return frame.assign(intervalle="", base=np.nan, fiabilite="")
    table = _with_facts(frame)
    table["base"] = _bases(table)
    step = _rounding(table)
    low, high, kind = _bounds(table, step)
    return frame.assign(
        borne_basse=low,
        borne_haute=high,
        intervalle=kind,
        base=table["base"],
        fiabilite=_grades(table, low, high),
    )


def _with_facts(frame: pd.DataFrame) -> pd.DataFrame:
    """Add what the catalogue says of each row: unit, nature, universe, group of inhabitants."""
    known = indicators()
    entries = {name: known.get(name) for name in frame["indicateur"].unique()}
    kinds = {name: category(name) for name in frame["modalite"].unique()}

    def fact(field: str, default: object) -> pd.Series:
        values = {name: getattr(e, field) if e else default for name, e in entries.items()}
        return frame["indicateur"].map(values)

    field = frame["modalite"].map({name: kind.field for name, kind in kinds.items()})
    published = frame["valeur"].notna()
    return frame.assign(
        unite=fact("unite", ""),
        printed=0.5 * 10.0 ** -fact("decimales", 0).astype(float),
        deff=frame["indicateur"].map({name: design_effect(name) for name in entries}),
        part_univers=fact("part_univers", None).astype(float),
        univers_de=fact("univers_de", None),
        nature=fact("nature", ""),
        group=frame["modalite"].map({name: kind.group for name, kind in kinds.items()}),
        field=field,
        published=published,
        sampled=published & fact("nature", "").eq("enquete") & field.ne(EXHAUSTIVE),
    )


def _bases(table: pd.DataFrame) -> pd.Series:
    """Return how many people, households or dwellings each figure of a survey is computed on.

    The published denominator of a rate or of a mean when there is one; otherwise the population,
    of the nearest vintage, times the share of the group (same territory, same year), times
    ``part_univers``; where ``univers_de`` names a published rate, what this rate counts (people
    in employment) replaces ``part_univers``.
    """
    rate = table["unite"].eq("%")
    size = _population(table) * _group_share(table) * table["part_univers"]
    size = size.where(table["field"].ne("") & (size > 0))
    parts = (rate | table["unite"].eq(_MEAN)) & (table["denominateur"] > 0)
    given = table["denominateur"].where(parts)
    size = given.fillna(size).where(table["sampled"])
    counted = (size * table["valeur"] / 100).where(rate)
    wholes = table["group"].where(table["group"].ne(""), ALL)
    found = _looked_up(table, counted, table["univers_de"], wholes)
    is_rate = _looked_up(table, table["valeur"], table["univers_de"], wholes).notna()
    inside = table["sampled"] & given.isna() & table["univers_de"].notna() & size.notna() & is_rate
    return size.mask(inside, found.where(found > 0))


def _population(table: pd.DataFrame) -> pd.Series:
    """The population of each row's territory, of the vintage nearest to the figure."""
    people = table[
        table["indicateur"].eq(_PEOPLE) & table["modalite"].eq(ALL) & table["valeur"].notna()
    ]
    known = people[["territoire", "millesime", "valeur"]].sort_values("millesime")
    rows = table[["territoire", "millesime"]].assign(row=range(len(table)))
    found = pd.merge_asof(
        rows.sort_values("millesime", kind="stable"),
        known.rename(columns={"valeur": "habitants"}),
        on="millesime",
        by="territoire",
        direction="nearest",
    )
    return pd.Series(found.set_index("row")["habitants"].sort_index().to_numpy(), table.index)


def _group_share(table: pd.DataFrame) -> pd.Series:
    """Share of a row's group in the population, between 0 and 1, published for the same year."""
    share = pd.Series(1.0, table.index).where(table["group"].eq(""))
    for group, (name, others) in GROUPS.items():
        rows = table["group"].eq(group)
        if rows.any():
            found = _looked_up(table, table["valeur"], name, ALL)[rows] / 100
            share[rows] = 1 - found if others else found
    return share


def _looked_up(
    table: pd.DataFrame, values: pd.Series, indicator: pd.Series | str, modality: pd.Series | str
) -> pd.Series:
    """For each row, the value of another figure of the same territory and year."""
    known = values.set_axis(pd.MultiIndex.from_frame(table[_PLACE])).dropna()
    wanted = table.assign(indicateur=indicator, modalite=modality)[_PLACE]
    return pd.Series(known.reindex(pd.MultiIndex.from_frame(wanted)).to_numpy(), table.index)


def _rounding(table: pd.DataFrame) -> pd.Series:
    """Return half the step that a producer rounds to, recognised on a whole column of a file.

    A column all of tens (euros), of odd integers, of integers, of tenths…; 0 for what is computed
    from its parts, for a count, and where every figure is 0 or 100. A lone integer is taken for a
    rounded one: the interval can only be too wide.
    """
    values = table["valeur"]
    exact = table["denominateur"].notna() | table["unite"].isin(COUNTS)
    rows = table[~exact & values.notna()]
    column = rows.groupby(_COLUMN).ngroup()
    short = column.groupby(column).transform("size") < FEW
    # A column of one or two figures is judged with the others of its file and unit.
    column = column.mask(short, -1 - rows.groupby(["source", "millesime", "unite"]).ngroup())
    sizes = column.groupby(column).transform("size")

    def whole(test: pd.Series) -> pd.Series:
        return test.groupby(column).transform("all")

    half = pd.Series(0.0, rows.index)
    for step in _STEPS:
        scaled = rows["valeur"] / step
        multiple = whole((scaled - scaled.round()).abs() < 1e-6)
        if step == 10:
            multiple &= rows["unite"].str.startswith("euros")
        half = half.mask(multiple & ((sizes >= FEW) | (step >= 1)), step / 2)
    odd = whole(rows["valeur"].mod(2).eq(1)) & (sizes >= ODD)
    half = half.mask(odd & half.eq(0.5), 1.0)
    half = half.mask(whole(rows["valeur"].isin([0, 100])), 0.0)
    return half.reindex(table.index, fill_value=0.0)


def _bounds(table: pd.DataFrame, half: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return both ends of the interval of each figure, and its kind."""
    value, printed = table["valeur"], table["printed"]
    given = table["borne_basse"].notna() & table["borne_haute"].notna()
    low, high = _sampling(table)
    coarse = half.where(half > printed * (1 + 1e-9), 0.0)
    low, high = low - coarse, high + coarse
    counted = table["nature"].eq("decompte") | table["unite"].isin(COUNTS)
    plain = table["published"] & ~table["sampled"] & ~given & table["nature"].ne("modele")
    reach = half.where(half > printed, printed).mask(counted, 0.0)
    low, high = low.mask(plain, value - reach), high.mask(plain, value + reach)
    share = table["unite"].eq("%") & value.between(0, 100)
    low, high = low.mask(share, low.clip(lower=0)), high.mask(share, high.clip(upper=100))
    low, high = low.mask(given, table["borne_basse"]), high.mask(given, table["borne_haute"])
    kind = np.select(
        [
            ~table["published"],
            low.isna(),
            table["source"].eq(ESTIMATES),
            table["sampled"],
            counted,
            given,
            coarse > 0,
        ],
        ["", UNKNOWN, ESTIMATE, SAMPLING, COUNT, PUBLISHED, ROUNDING],
        EXHAUSTIVE_FILE,
    )
    return low, high, pd.Series(kind, table.index)


def _sampling(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return the bounds that the sampling formula of each unit gives; missing elsewhere."""
    low, high = (pd.Series(np.nan, table.index) for _ in range(2))
    rows = table[table["sampled"] & table["base"].notna()]
    for unit, one in rows.groupby("unite"):
        value, size, deff = (one[name].to_numpy(float) for name in ("valeur", "base", "deff"))
        if unit == "%":
            ends = interval(value, size, deff=deff)
        elif unit == _YOUTH:
            ends = ratio_interval(value, YOUTH_INDEX_SHARE * size, deff=deff)
        elif unit == _MEAN:
            reach = mean_half_width(HOUSEHOLD_DEVIATION, size, deff=deff)
            ends = value - reach, value + reach
        elif unit in _COUNTED:
            reach = value * relative_half_width(size, deff=deff)
            ends = value - reach, value + reach
        else:
            continue
        low[one.index], high[one.index] = ends
    return low, high


def _grades(table: pd.DataFrame, low: pd.Series, high: pd.Series) -> pd.Series:
    """Return the grade of each survey figure, from the smallest count that it rests on.

    An estimate from the IRIS rests on the count whose sampling error alone would be as large as
    its interval, and is never better than ``moyenne``.
    """
    size = table["base"].copy()
    estimated = table["sampled"] & table["source"].eq(ESTIMATES) & low.notna()
    value, rate = table["valeur"], table["unite"].eq("%")
    variance = (value / 100 * (1 - value / 100)).where(rate, HOUSEHOLD_DEVIATION**2)
    reach = ((high - low) / 2).where(~rate, (high - low) / 200)
    size[estimated] = equivalent_size(variance, reach)[estimated]
    count = size.mask(rate, size * value.clip(upper=100) / 100)
    second = YOUTH_INDEX_SHARE * size / (1 + value)
    count = count.mask(table["unite"].eq(_YOUTH), second * value.clip(upper=1))
    words = pd.Series(grade(count), table.index).mask(count.isna(), UNKNOWN_BASE)
    words = words.mask(estimated & words.eq("fiable"), "moyenne")
    return words.where(table["sampled"], "")
