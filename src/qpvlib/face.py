"""The library's face: what a researcher opens in a notebook, as plain tables.

``import qpvlib`` gives :func:`figures`, :func:`quartiers`, :func:`indicator` and :func:`portrait`.
"""

import geopandas as gpd
import pandas as pd

from qpvlib import catalogue, territories
from qpvlib.categories import category
from qpvlib.reading import portrait as portraits
from qpvlib.sources import registry
from qpvlib.territories import CITY, METRIC_CRS, contours, get

_ORDER = [
    "territoire", "nom", "geographie", "indicateur", "libelle", "unite", "modalite",
    "libelle_modalite", "millesime", "valeur", "borne_basse", "borne_haute", "intervalle",
    "fiabilite", "base", "numerateur", "denominateur", "etat", "source", "producteur",
]  # fmt: skip


def figures() -> pd.DataFrame:
    """Return every figure of the observatory: one row each, its interval, its labels, its source.

    Returns
    -------
    DataFrame
        The columns of an observation (a masked figure has no ``valeur``: see ``etat``), the
        interval in the indicator's unit (see :mod:`qpvlib.intervals`), ``nom`` of the territory,
        ``libelle`` and ``unite`` of the indicator, ``libelle_modalite``, ``producteur``. A row is
        one (territory, indicator, category, year); two geographies are never to be mixed.

    Raises
    ------
    QpvError
        If ``data/`` is damaged: ``qpv verifier`` tells where.
    """
    frame = portraits.store().complete
    entries, known = catalogue.indicators(), registry.sources()

    def told(column: str, values: dict) -> pd.Series:
        return frame[column].map(values)

    labelled = frame.assign(
        nom=told("territoire", {code: get(code).name for code in frame["territoire"].unique()}),
        libelle=told("indicateur", {name: entry.libelle for name, entry in entries.items()}),
        unite=told("indicateur", {name: entry.unite for name, entry in entries.items()}),
        libelle_modalite=told(
            "modalite", {name: category(name).label for name in frame["modalite"].unique()}
        ),
        producteur=told("source", {name: source.producteur for name, source in known.items()}),
    )
    return labelled[_ORDER]


def quartiers() -> gpd.GeoDataFrame:
    """Return the 41 quartiers of 2024 with their contours.

    Returns
    -------
    GeoDataFrame
        Index ``code``; ``nom, secteur, arrondissements, perimetre, geometry``, in Lambert 93
        (metres); within about 2 m of the official contours.
    """
    rows = {
        place.code: {
            "nom": place.name,
            "secteur": get(place.sector).name,
            "arrondissements": " ".join(place.arrondissements),
            "perimetre": place.perimeter,
        }
        for place in territories.qpv()
    }
    shapes = contours().to_crs(METRIC_CRS)
    facts = pd.DataFrame.from_dict(rows, orient="index").reindex(shapes.index)
    return gpd.GeoDataFrame(facts.assign(geometry=shapes.geometry), crs=METRIC_CRS)


def indicator(name: str) -> pd.DataFrame:
    """Return the figures of one indicator: every territory, category and year.

    Parameters
    ----------
    name
        Its identifier, as in ``data/indicateurs.yml``.

    Returns
    -------
    DataFrame
        Rows of :func:`figures`.

    Raises
    ------
    UnknownIndicatorError
        If there is no such indicator, with the closest ones.
    """
    entry = catalogue.indicator(name)
    found = figures()
    return found[found["indicateur"] == entry.id].reset_index(drop=True)


def portrait(place: str) -> pd.DataFrame:
    """Return what the page of a quartier reads: one row per indicator.

    Parameters
    ----------
    place
        A code, or a name of a QPV of 2024.

    Returns
    -------
    DataFrame
        Index ``indicateur``; label, value, interval, grade, year, state, perimeter the figure is
        about, figures of the city and of the median quartier and the verdict against each
        (``au_dessus``, ``au_dessous``, ``comparable``, ``non_distinguable``, ``sans_reference``).

    Raises
    ------
    UnknownTerritoryError, InvalidParameterError
        If the name designates no quartier of 2024.
    """
    found = portraits.portrait(territories.resolve(place).code, portraits.store())
    rows = {}
    for reading in found.readings:
        figure = reading.observation
        beside = {c.reference.code: c for c in reading.comparisons}
        city = beside.get(CITY)
        median = next((c for c in reading.comparisons if c.reference.geography == "ensemble"), None)
        rows[reading.indicator.id] = {
            "libelle": reading.indicator.libelle,
            "valeur": figure.value,
            "borne_basse": figure.low,
            "borne_haute": figure.high,
            "intervalle": figure.interval,
            "fiabilite": figure.grade,
            "unite": reading.indicator.unite,
            "millesime": figure.vintage,
            "etat": figure.state,
            "perimetre": reading.perimeter.code,
            "ville": city.observation.value if city and city.observation else None,
            "ville_millesime": city.observation.vintage if city and city.observation else None,
            "face_a_la_ville": city.verdict if city else "",
            "mediane": median.spread.middle if median and median.spread else None,
            "face_a_la_mediane": median.verdict if median else "",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("indicateur")
