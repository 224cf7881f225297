"""Around a quartier whose own figure is not published: the IRIS that hold its inhabitants.

A second reading, never a reconstruction: each IRIS keeps its published figure, its state and its
year; nothing is added up, averaged or carried over to the quartier.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pandas as pd

from qpvlib import paths
from qpvlib.catalogue import Indicator
from qpvlib.observations import Observation, Observations
from qpvlib.reading.indicator import Reading

INDICATORS = ("taux_pauvrete_60", "revenu_median", "part_allocataires_rsa")
"""Filosofi and CAF figures, published both by quartier and by IRIS."""
SMALLEST = 0.05
"""Share of the quartier's inhabitants under which an IRIS is left out: the shares are estimates."""


@dataclass(frozen=True)
class Neighbour:
    """One figure of one IRIS that holds a part of a quartier.

    Attributes
    ----------
    indicator, observation
        The latest published figure of the IRIS; when there is none, the latest row.
    masked
        A more recent row without a value, if any.
    share
        Part of the quartier's inhabitants who live in the IRIS, from 0 to 1.
    inside
        Part of the IRIS's inhabitants who live in the quartier, from 0 to 1.
    """

    indicator: Indicator
    observation: Observation
    masked: Observation | None
    share: float
    inside: float


def unpublished(reading: Reading, observations: Observations) -> bool:
    """Return whether the latest figure of the quartier's own perimeter is masked or lacking.

    A figure of the former perimeter answers only where the perimeter did not change.
    """
    if reading.masked or not reading.observation.is_value:
        return True
    own = observations.series(reading.indicator.id, reading.territory.code)
    return bool(own) and not own[-1].is_value and not reading.same_perimeter


def around(readings: Iterable[Reading], observations: Observations) -> tuple[Neighbour, ...]:
    """Return the figures of the IRIS of a quartier, for what is not published about itself.

    Parameters
    ----------
    readings
        Those of one quartier; only :data:`INDICATORS` are looked at.
    observations
        The store.

    Returns
    -------
    tuple
        By indicator, then IRIS by decreasing share; IRIS under :data:`SMALLEST` are left out.
    """
    chosen = [r for r in readings if r.indicator.id in INDICATORS and unpublished(r, observations)]
    return tuple(
        neighbour for reading in chosen for neighbour in _neighbours(reading, observations)
    )


def _neighbours(reading: Reading, observations: Observations) -> Iterator[Neighbour]:
    for row in _shares(reading.territory.code).itertuples():
        rows = observations.series(reading.indicator.id, row.iris)
        shown = max(
            rows,
            key=lambda o: (o.is_value, o.vintage),
            default=observations.get(reading.indicator.id, row.iris),
        )
        later = [o for o in rows if not o.is_value and o.year > shown.year]
        yield Neighbour(reading.indicator, shown, later[-1] if later else None, row.share, row.part)


def _shares(code: str) -> pd.DataFrame:
    """Return ``iris, share, part`` of the IRIS that hold a quartier, the largest share first."""
    rows = _weights()
    rows = rows[rows["territoire"] == code]
    rows = rows.assign(share=rows["population"] / rows["population"].sum())
    kept = rows[rows["share"] >= SMALLEST]
    return kept.sort_values(["share", "iris"], ascending=[False, True])


@cache
def _weights() -> pd.DataFrame:
    return pd.read_csv(paths.data() / "territoires" / "poids_iris_qpv2024.csv", dtype={"iris": str})
