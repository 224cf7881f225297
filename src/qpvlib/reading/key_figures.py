"""« En 5 chiffres »: the same figures for every quartier, each beside the median and the city.

A figure of another territory, the quartier of 2015 that was larger, is never shown as this one's:
it is kept apart, in :attr:`KeyFigure.former`.
"""

from dataclasses import dataclass
from functools import cache

import yaml

from qpvlib import paths
from qpvlib.catalogue import Indicator, indicator
from qpvlib.errors import CatalogueError
from qpvlib.observations import Observation, Observations
from qpvlib.reading import compare
from qpvlib.reading.aggregate import Spread
from qpvlib.reading.indicator import Reading, group, nearest, read
from qpvlib.territories import CITY, get

MOST_ROWS = 6
"""Rows of the drawing of a theme."""


@dataclass(frozen=True)
class Theme:
    """One folded chapter: its name, the orientations it gathers, the rows of its drawing."""

    name: str
    orientations: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """What a portrait shows and in what order, from ``data/portrait.yml``: ids of indicators.

    Attributes
    ----------
    five, compared
        « En 5 chiffres », and the twelve of the table that compares.
    themes
        The folded chapters.
    left_out, never_told
        Absent from the page; absent from « Ce qui ressort ».
    """

    five: tuple[str, ...]
    compared: tuple[str, ...]
    themes: tuple[Theme, ...]
    left_out: frozenset[str]
    never_told: frozenset[str]


@dataclass(frozen=True)
class KeyFigure:
    """One of the figures that every portrait shows.

    Attributes
    ----------
    reading
        The indicator on the page of this quartier.
    observation
        The figure of the quartier itself, with its interval; or the row that says why there is
        none.
    former
        The figure of the larger quartier of 2015, where it is the only one published.
    median
        The median quartier, of :attr:`observation`'s year; ``None`` when fewer than half of the
        quartiers have a value, or when it is 0.
    city
        The city's figure, within two years; ``None`` without one.
    verdict
        A word of :mod:`qpvlib.reading.compare`, beside the median quartier; never for a count.
    rank, among
        For a count only: its place from the highest, 1 when no quartier has more, and how many
        quartiers have a value.
    """

    reading: Reading
    observation: Observation
    former: Observation | None
    median: Observation | None
    city: Observation | None
    verdict: str
    rank: int | None
    among: int

    @property
    def indicator(self) -> Indicator:
        """The indicator it is about."""
        return self.reading.indicator


@cache
def outline() -> Outline:
    """Return what a portrait shows.

    Raises
    ------
    UnknownIndicatorError
        If a name is not in the catalogue.
    CatalogueError
        If a drawing has more than :data:`MOST_ROWS` rows, or a row of another theme.
    """
    path = paths.data() / "portrait.yml"
    said = yaml.safe_load(path.read_text("utf-8"))
    themes = tuple(
        Theme(one["nom"], tuple(one["orientations"]), tuple(one["lignes"]))
        for one in said["themes"]
    )
    found = Outline(
        tuple(said["chiffres"]),
        tuple(said["comparer"]),
        themes,
        frozenset(said["hors_page"]),
        frozenset(said["jamais_releves"]),
    )
    for name in (*found.five, *found.compared, *found.left_out, *found.never_told):
        indicator(name)
    for theme in themes:
        strays = [n for n in theme.rows if indicator(n).orientation not in theme.orientations]
        if strays or len(theme.rows) > MOST_ROWS:
            raise CatalogueError(
                f"data/portrait.yml, thème « {theme.name} » : {MOST_ROWS} lignes au plus, de ses "
                f"seules orientations. À retirer : {', '.join(strays or theme.rows[MOST_ROWS:])}."
            )
    return found


def five(code: str, observations: Observations) -> tuple[KeyFigure, ...]:
    """Return « En 5 chiffres » of a QPV of 2024, in the order of ``data/portrait.yml``."""
    return tuple(key_figure(name, code, observations) for name in outline().five)


def compared(code: str, observations: Observations) -> tuple[KeyFigure, ...]:
    """Return the twelve figures that compare a QPV of 2024 with others."""
    return tuple(key_figure(name, code, observations) for name in outline().compared)


def key_figure(name: str, code: str, observations: Observations) -> KeyFigure:
    """Return one figure of a QPV of 2024 beside the median quartier and the city."""
    entry = indicator(name)
    found = read(entry, code, observations)
    own = found.observation
    if not found.same_perimeter:
        own = observations.get(name, code)
    spread = _group(found, own, observations)
    median = city = rank = None
    if spread:
        year = spread.observations[0].geography.removeprefix("qpv")
        if spread.middle:
            median = spread.figure(get(f"QPV{year}-MARSEILLE"), spread.middle)
        city = nearest(observations, entry, CITY, spread.observations[0].year)
        if counts(entry) and own.is_value:
            rank = 1 + sum(other.amount > own.amount for other in spread.published)
    return KeyFigure(
        found,
        own,
        found.observation if found.observation.is_value and not found.same_perimeter else None,
        median,
        city if city and city.is_value and not entry.additif else None,
        compare.UNKNOWN if counts(entry) or not own.is_value else _verdict(found),
        rank,
        len(spread.published) if spread else 0,
    )


def counts(entry: Indicator) -> bool:
    """Whether an indicator counts places or people: its size is not a merit, and has no verdict."""
    return entry.additif or entry.nature == "decompte"


def beside_median(found: Reading) -> compare.Comparison | None:
    """Return the comparison of a reading with the median quartier of Marseille, if it has one."""
    return next(
        (
            c
            for c in found.comparisons
            if c.spread is not None and c.reference.geography == "ensemble"
        ),
        None,
    )


def _group(found: Reading, own: Observation, observations: Observations) -> Spread | None:
    """The quartiers of the figure's own year; of the best year where it has none."""
    beside = beside_median(found) if own.is_value else None
    return beside.group if beside else group(found.indicator, observations)


def _verdict(found: Reading) -> str:
    beside = beside_median(found)
    return beside.verdict if beside else compare.UNKNOWN
