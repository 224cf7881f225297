"""From IRIS to quartiers: how many inhabitants of each IRIS live in each quartier.

The people of each 200 m cell are spread over the land of the IRIS it touches, where something is
built when footprints are given (dasymetric mapping: Eicher and Brewer, 2001), evenly otherwise.
The pieces are then raked (Deming and Stephan, 1940) to the published populations of the IRIS and
of the quartiers, because even spreading undercounts dense estates that fill part of a cell.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from qpvlib.errors import EstimationError, Problem
from qpvlib.territories import METRIC_CRS

OUTSIDE = "hors_qpv"
GRID_CRS = "EPSG:3035"
_CELL_ID = r"^CRS3035RES(\d+)mN(\d+)E(\d+)$"
_SLIVER = 1.0
"""Square metres under which two contours only touch."""


def grid(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Draw the squares of INSEE's grid from their identifiers.

    Parameters
    ----------
    table
        Columns ``idcar_200m`` (``CRS3035RES200mN…E…``: lower left corner, metres) and ``ind``
        (inhabitants).

    Returns
    -------
    GeoDataFrame
        Columns ``cellule, population``, in the projection of the project.

    Raises
    ------
    EstimationError
        If an identifier is malformed or repeated, or a population missing or negative.
    """
    corner = table["idcar_200m"].astype(str).str.extract(_CELL_ID)
    problems = []
    for fact, wrong in {
        "Identifiants de carreau mal formés": corner.isna().any(axis=1),
        "Carreaux répétés": table["idcar_200m"].duplicated(),
        "Populations de carreau manquantes ou négatives": ~(table["ind"] >= 0),
    }.items():
        if wrong.any():
            examples = ", ".join(table.loc[wrong, "idcar_200m"].astype(str).head(3))
            problems.append(f"{fact}\u00a0: {wrong.sum()}, dont {examples}.")
    if problems:
        raise EstimationError(problems)
    side, north, east = (corner[column].astype(float) for column in corner)
    squares = shapely.box(east, north, east + side, north + side)
    cells = gpd.GeoDataFrame(
        {"cellule": table["idcar_200m"], "population": table["ind"]},
        geometry=squares,
        crs=GRID_CRS,
    )
    return cells.to_crs(METRIC_CRS)


def layer(frame: gpd.GeoDataFrame, code: str, name: str) -> gpd.GeoDataFrame:
    """Check a layer of polygons and bring it to the projection of the project.

    Parameters
    ----------
    frame
        Any layer with a coordinate reference system.
    code
        Column of the codes.
    name
        What the layer is, in French, for the messages.

    Returns
    -------
    GeoDataFrame
        Columns ``code, geometry``.

    Raises
    ------
    EstimationError
        If the projection is unknown, a polygon is empty or crosses itself, a code is repeated.
    """
    if frame.crs is None:
        raise EstimationError(
            Problem(f"{name}\u00a0: projection inconnue.", remedy="Indiquez-la dans le fichier.")
        )
    problems = []
    for fact, wrong in {
        "contours qui se recoupent eux-mêmes": ~frame.geometry.is_valid,
        "contours vides": frame.geometry.is_empty | frame.geometry.isna(),
        "codes répétés": frame[code].duplicated(),
    }.items():
        if wrong.any():
            problems.append(
                f"{name}, {fact}\u00a0: {', '.join(frame.loc[wrong, code].astype(str))}."
            )
    if problems:
        raise EstimationError(problems)
    return frame[[code, "geometry"]].rename(columns={code: "code"}).to_crs(METRIC_CRS)


def pieces(
    cells: gpd.GeoDataFrame,
    iris: gpd.GeoDataFrame,
    quartiers: gpd.GeoDataFrame,
    built: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Count the inhabitants of each crossing of an IRIS and a quartier.

    Parameters
    ----------
    cells
        Columns ``cellule, population``: see :func:`grid`.
    iris, quartiers
        Columns ``code, geometry``: see :func:`layer`; quartiers must not overlap.
    built
        Building footprints, when known; a cell without any is spread evenly.

    Returns
    -------
    DataFrame
        Columns ``iris, territoire, population``, ``territoire`` being :data:`OUTSIDE` for the
        rest of the IRIS. The sum is the population of the cells that touch an IRIS.

    Raises
    ------
    EstimationError
        If the cells and the IRIS do not meet, or quartiers overlap.
    """
    land = gpd.overlay(
        cells, iris.rename(columns={"code": "iris"}), how="intersection", keep_geom_type=True
    )
    if land.empty:
        raise EstimationError(
            Problem(
                "Les carreaux et les IRIS ne se touchent nulle part.",
                remedy="Vérifiez la projection des deux fichiers.",
            )
        )
    inside = gpd.overlay(
        land,
        quartiers.rename(columns={"code": "territoire"}),
        how="intersection",
        keep_geom_type=True,
    )
    outside = gpd.overlay(
        land, quartiers[["geometry"]], how="difference", keep_geom_type=True
    ).assign(territoire=OUTSIDE)
    parts = pd.concat([inside, outside], ignore_index=True)
    if parts.area.sum() > land.area.sum() + _SLIVER * len(quartiers):
        raise EstimationError(
            "Des quartiers se chevauchent\u00a0: leurs habitants compteraient deux fois."
        )
    mass = parts.area
    if built is not None:
        footprint = _built_area(parts, built)
        mass = footprint.where(footprint.groupby(parts["cellule"]).transform("sum") > 0, mass)
    share = mass / mass.groupby(parts["cellule"]).transform("sum")
    parts["population"] *= share
    return parts.groupby(["iris", "territoire"], sort=True)["population"].sum().reset_index()


def _built_area(parts: gpd.GeoDataFrame, built: gpd.GeoDataFrame) -> pd.Series:
    numbered = gpd.GeoDataFrame({"piece": parts.index}, geometry=parts.geometry, crs=parts.crs)
    footprints = gpd.overlay(
        numbered, built[["geometry"]].to_crs(parts.crs), how="intersection", keep_geom_type=True
    )
    return footprints.area.groupby(footprints["piece"]).sum().reindex(parts.index, fill_value=0.0)


def coverage(crossed: pd.DataFrame, published: pd.Series) -> pd.DataFrame:
    """Compare the populations of quartiers before raking with the published ones.

    Parameters
    ----------
    crossed
        See :func:`pieces`.
    published
        Published population by code of quartier.

    Returns
    -------
    DataFrame
        Columns ``territoire, estimee, publiee, rapport``.
    """
    found = crossed[crossed["territoire"] != OUTSIDE].groupby("territoire")["population"].sum()
    table = pd.DataFrame({"estimee": found.reindex(published.index), "publiee": published})
    table["rapport"] = table["estimee"] / table["publiee"]
    return table.rename_axis("territoire").reset_index()


def rake(
    crossed: pd.DataFrame,
    iris_population: pd.Series,
    published: pd.Series,
    rounds: int = 500,
) -> pd.DataFrame:
    """Adjust the pieces to the published populations of IRIS and quartiers.

    Parameters
    ----------
    crossed
        See :func:`pieces`.
    iris_population
        Inhabitants by IRIS.
    published
        Inhabitants by quartier.
    rounds
        Largest number of passes.

    Returns
    -------
    DataFrame
        Columns ``iris, territoire, population, part`` (share of the inhabitants of the IRIS),
        without the outside and without empty pieces. The populations of a quartier add up to
        the published one exactly; those of an IRIS to its own as nearly as both allow.

    Raises
    ------
    EstimationError
        If a population is missing, null or negative, or a quartier has no inhabited piece.
    """
    table = crossed.pivot(index="iris", columns="territoire", values="population").fillna(0.0)
    table = table.reindex(columns=[*published.index, OUTSIDE], fill_value=0.0)
    rows = iris_population.reindex(table.index)
    _check_margins(table, rows, published)
    # The outside takes what the quartiers leave, never less than nothing.
    columns = pd.concat([published, pd.Series({OUTSIDE: max(rows.sum() - published.sum(), 0)})])
    seed = table.to_numpy(copy=True)
    for _ in range(rounds):
        before = seed.copy()
        seed *= _ratio(rows.to_numpy(), seed.sum(axis=1))[:, None]
        seed *= _ratio(columns.to_numpy(), seed.sum(axis=0))
        if np.allclose(seed, before, rtol=1e-9, atol=1e-9):
            break
    table[:] = seed
    long = table.drop(columns=OUTSIDE).stack().rename("population").reset_index()
    long["part"] = long["population"] / long["iris"].map(table.sum(axis=1))
    return long[long["population"] > 0].reset_index(drop=True)


def _ratio(target: np.ndarray, found: np.ndarray) -> np.ndarray:
    return np.divide(target, found, out=np.ones_like(found), where=found > 0)


def _check_margins(table: pd.DataFrame, rows: pd.Series, published: pd.Series) -> None:
    empty = table.columns[(table.sum() <= 0) & (table.columns != OUTSIDE)]
    problems = []
    for fact, codes in {
        "Populations d'IRIS manquantes ou négatives": rows.index[~(rows >= 0)],
        "Populations de quartier manquantes, nulles ou négatives": published.index[
            ~(published > 0)
        ],
        "Quartiers sans aucun carreau habité": empty,
    }.items():
        if len(codes):
            problems.append(f"{fact}\u00a0: {', '.join(map(str, codes[:10]))}.")
    if problems:
        raise EstimationError(problems)


def purity(weighted: pd.DataFrame) -> pd.Series:
    """Say how much of the IRIS behind each quartier is the quartier itself.

    Parameters
    ----------
    weighted
        See :func:`rake`.

    Returns
    -------
    Series
        By quartier, the share of their IRIS that its inhabitants find around them in the
        quartier, on average: near 1 the IRIS describe it, near 0 they describe its neighbours.
    """
    people = weighted["population"].groupby(weighted["territoire"]).sum()
    around = (weighted["part"] * weighted["population"]).groupby(weighted["territoire"]).sum()
    return around / people


def leave_one_out(estimated: pd.Series, published: pd.Series) -> pd.DataFrame:
    """Measure the approximation on figures known both by IRIS and by quartier.

    Parameters
    ----------
    estimated, published
        The same figure by code, through the weights and as published.

    Returns
    -------
    DataFrame
        Columns ``territoire, estimee, publiee, ecart`` (published minus estimated) and
        ``ecart_hors`` (the same, once the mean gap of the other quartiers is removed).

    Raises
    ------
    EstimationError
        If fewer than three quartiers have both figures.
    """
    table = pd.DataFrame({"estimee": estimated, "publiee": published}).dropna()
    if len(table) < 3:
        raise EstimationError(
            "Moins de trois quartiers ont les deux valeurs\u00a0: erreur non mesurable."
        )
    gap = table["publiee"] - table["estimee"]
    others = (gap.sum() - gap) / (len(gap) - 1)
    table["ecart"], table["ecart_hors"] = gap, gap - others
    return table.rename_axis("territoire").reset_index()
