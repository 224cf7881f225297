"""Pockets of poverty: the IRIS outside the priority neighbourhoods that are as poor as them."""

from dataclasses import dataclass

import pandas as pd

from qpvlib import paths
from qpvlib.observations import Observation, Observations
from qpvlib.territories import qpv

INDICATOR = "taux_pauvrete_60"
OUTSIDE = 0.5
"""Largest share of an IRIS's inhabitants who live in a quartier for it to be called outside."""
CONVENTION = 30.0
"""Poverty rate from which the convention (line 156) counts the poor neighbourhoods."""
_WEIGHTS = "poids_iris_qpv2024.csv"
# The population behind the weights: an IRIS without it is absent from them for want of a figure.
_COUNTED = "part_0_14"


@dataclass(frozen=True)
class Pocket:
    """One IRIS: its rate, and the share of its inhabitants who live in a quartier (0 to 1)."""

    observation: Observation
    share: float


@dataclass(frozen=True)
class Pockets:
    """What is known of the IRIS outside the quartiers.

    Attributes
    ----------
    threshold
        The least poor of the quartiers of 2024 that are published, same year.
    poor
        IRIS at the convention's rate or above, the poorest first.
    read, masked
        IRIS outside that have a rate, and those that have none.
    """

    threshold: Observation
    poor: tuple[Pocket, ...]
    read: int
    masked: int

    def alike(self, pocket: Pocket) -> bool:
        """Whether an IRIS is at least as poor as the least poor quartier."""
        return pocket.observation.amount >= self.threshold.amount


def shares(observations: Observations) -> pd.Series:
    """Return the share of each IRIS that lives in a QPV of 2024, zero included.

    The weights leave out both the IRIS that no QPV touches and those without a census
    population; only the former are at zero, the latter are unknown and left out here.
    """
    weights = pd.read_csv(paths.data() / "territoires" / _WEIGHTS, dtype={"iris": str})
    frame = observations.frame
    counted = (frame["geographie"] == "iris") & (frame["indicateur"] == _COUNTED)
    known = frame.loc[counted & (frame["denominateur"] > 0), "territoire"].unique()
    return weights.groupby("iris")["part"].sum().reindex(sorted(known), fill_value=0.0)


def pockets(observations: Observations) -> Pockets | None:
    """Return the pockets of the latest year known for both; ``None`` without such a year."""
    years = set(observations.vintages(INDICATOR, "iris"))
    years &= set(observations.vintages(INDICATOR, "qpv2024"))
    if not years:
        return None
    year = max(years)
    quartiers = observations.across(INDICATOR, [place.code for place in qpv()], year)
    threshold = min((o for o in quartiers if o.is_value), key=lambda o: o.amount)
    found = shares(observations)
    outside = found[found <= OUTSIDE]
    rows = [Pocket(observations.get(INDICATOR, i, vintage=year), s) for i, s in outside.items()]
    read = [row for row in rows if row.observation.is_value]
    poor = [row for row in read if row.observation.amount >= CONVENTION]
    poor.sort(key=lambda row: (-row.observation.amount, row.observation.territory))
    return Pockets(threshold, tuple(poor), len(read), len(rows) - len(read))


def places() -> pd.DataFrame:
    """Return the name and a point of each IRIS: index ``iris``; ``nom, lon, lat`` (EPSG:4326)."""
    path = paths.data() / "territoires" / "iris.csv"
    return pd.read_csv(path, dtype={"iris": str}).set_index("iris")
