"""OpenStreetMap: what each quartier of 2024 reaches on foot, and the green space around it.

With INSEE's grid deposited beside, parks are also shared among all who reach them; with its Base
permanente des équipements, public services and general practitioners are reached on foot too.
"""

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import shapely

from qpvlib import territories
from qpvlib.deposits import bpe
from qpvlib.deposits.deposit import Deposit, observed
from qpvlib.deposits.squares import read as read_squares
from qpvlib.errors import EstimationError, Problem, SourceError
from qpvlib.indicators import catchment, facilities, nearby, reach
from qpvlib.indicators.walking import TEN_MINUTES, Network
from qpvlib.observations import ALL
from qpvlib.sources import dating, osm
from qpvlib.sources.registry import Source
from qpvlib.territories import METRIC_CRS

GEOGRAPHY = "qpv2024"
PARKS, SHARED = "parcs_10min_par_hab", "surface_partagee"
GREEN, SERVICES = "espaces_verts_300m_par_hab", "services_publics_500m"
ON_FOOT = "a_pied"
REACH = 500.0
"""Metres to a public service, as for the crow."""
_BESIDE = {
    "carreaux": "la surface de parc partagée demande les carreaux de 200 mètres de l'Insee",
    "bpe": "les services à pied demandent les équipements de la BPE",
}
_MARGIN = 2000
"""Metres around Marseille that are read too: paths may leave the city and come back."""
_STEP = 0.0003
"""Degrees, 25 to 35 m: a way is entered and left along its length, not only at its crossings."""


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Measure parks, green space and, with other files beside, services within reach.

    Returns
    -------
    list of tuple
        Entry of the registry and observations, of the year of the extract. ``numerateur`` and
        ``denominateur`` are the square metres and the inhabitants.

    Raises
    ------
    SourceError
        If the extract is undated, damaged, of another place, in pieces, without a way in some
        quartier or without a park, if a file beside it is wrong, or if a population is
        unknown or not positive.
    """
    quartiers = territories.contours().to_crs(METRIC_CRS).geometry
    people, people_year = deposit.population(GEOGRAPHY)
    extract = osm.read(deposit.path, _bounds(quartiers))
    if extract.parks.empty:
        fact = "cet extrait OpenStreetMap n'a aucun parc ni jardin ouvert à tous à Marseille."
        raise SourceError(Problem(fact, deposit.path.name, remedy="Reprenez l'extrait complet."))
    year = extract.year or dating.stated_year(deposit.path.name, deposit.year)
    try:
        parts = [*_measured(deposit, extract, quartiers, people)]
    except EstimationError as failure:
        name = deposit.path.name
        raise SourceError(replace(problem, file=name) for problem in failure.problems) from None
    for name, lost in _BESIDE.items():
        if name not in deposit.beside:
            deposit.notes.append(
                f"{deposit.path.name} : {lost} ; déposez-les dans le même dossier."
            )
    if extract.crossed:
        deposit.notes.append(
            f"{deposit.path.name} : {extract.crossed} espaces verts au tracé qui se recoupe sont "
            "laissés de côté."
        )
    beside = "".join(
        f" ; {file.name}" for name in ("carreaux", "bpe") for file in deposit.beside.get(name, ())
    )
    source = deposit.source(
        year, GEOGRAPHY, "lu" if extract.year else "inféré",
        f"date de l'extrait ; habitants : population de {people_year}{beside}",
    )  # fmt: skip
    return [(source, observed(pd.concat(parts, ignore_index=True), source))]


def _bounds(quartiers: gpd.GeoSeries) -> tuple[float, float, float, float]:
    city = territories.background("commune_13055").to_crs(METRIC_CRS).geometry
    whole = shapely.box(*pd.concat([city, quartiers]).total_bounds).buffer(_MARGIN)
    return tuple(gpd.GeoSeries([whole], crs=METRIC_CRS).to_crs(osm.CRS).total_bounds)


def _measured(
    deposit: Deposit, extract: osm.Extract, quartiers: gpd.GeoSeries, people: pd.Series
) -> Iterator[pd.DataFrame]:
    facilities.check_population(people)
    network = Network.of(extract.ways.segmentize(_STEP))
    doors = _doors(network, quartiers)
    parks = reach.whole(extract.parks)
    gates = network.entrances(parks)
    near = network.pairs_within(doors, gates, reach.longest(TEN_MINUTES))
    yield _per_inhabitant(reach.area_reached(near, quartiers.index, parks.area), people, PARKS)
    green = reach.area_around(quartiers, reach.whole(extract.green))
    yield _per_inhabitant(green, people, GREEN)

    grid, directory = deposit.companion("carreaux"), deposit.companion("bpe")
    squares = read_squares(grid) if grid else None
    if squares is not None:
        near = network.pairs_within(catchment.centres(squares), gates, reach.longest(TEN_MINUTES))
        shared = reach.area_shared(
            near,
            squares.set_index("cellule")["population"],
            parks.area,
            lambda access: catchment.averages(access, squares, quartiers),
        )
        yield _figures(shared, PARKS, SHARED)
    if directory:
        places, _, vintage = bpe.located(directory, deposit.year)
        services = facilities.layer(places, bpe.SERVICES, vintage).geometry.dropna()
        if facilities.codes(bpe.SERVICES, vintage):
            yield from _services(
                network.pairs_within(doors, services, reach.longest(REACH)), quartiers.index
            )
        if squares is not None:
            doctors = facilities.layer(places, bpe.DOCTORS, vintage).geometry.dropna()
            near = network.pairs_within(catchment.centres(squares), doctors, catchment.REACH)
            access = catchment.shared(squares, doctors, near, quartiers)
            yield access.assign(modalite=ON_FOOT)


def _doors(network: Network, quartiers: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the points of the network from which people leave each quartier."""
    doors = network.entrances(quartiers)
    closed = sorted(set(quartiers.index) - set(doors.index))
    if closed:
        raise EstimationError(
            Problem(
                f"aucune voie praticable à pied dans {', '.join(closed[:3])} "
                f"({len(closed)} quartiers sur {len(quartiers)}).",
                remedy="L'extrait ne couvre pas tout Marseille : donnez-en un plus grand.",
            )
        )
    return doors


def _services(pairs: pd.DataFrame, codes: pd.Index) -> Iterator[pd.DataFrame]:
    """Yield the services of each quartier, and the share of quartiers without any."""
    counts = reach.number_reached(pairs, codes, REACH)
    yield _figures(counts, SERVICES, ON_FOOT)
    share = pd.DataFrame([nearby.without(counts)], index=[bpe.together(GEOGRAPHY)])
    yield _figures(share, bpe.SHARE, ON_FOOT)


def _per_inhabitant(surfaces: pd.DataFrame, people: pd.Series, indicator: str) -> pd.DataFrame:
    """Divide square metres by inhabitants; both are kept."""
    ratios = surfaces.div(people, axis=0).assign(
        numerateur=surfaces["valeur"].round(), denominateur=people
    )
    return _figures(ratios, indicator, ALL)


def _figures(table: pd.DataFrame, indicator: str, category: str) -> pd.DataFrame:
    """Name the figures of a table indexed by territory."""
    named = table.round(4).rename_axis("territoire").reset_index()
    return named.assign(indicateur=indicator, modalite=category)
