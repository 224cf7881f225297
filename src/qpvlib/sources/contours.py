"""Contours of priority neighbourhoods: recognised and checked, no figure to extract."""

import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio.errors
import shapely.errors

from qpvlib import territories
from qpvlib.errors import ForeignFileError, Problem, SourceError

_SYSTEMS = {4326, 2154}
_FRANCE = (-5.5, 41.0, 10.0, 51.5)


def describe(path: Path) -> str:
    """Check a file of QPV contours and say what it holds.

    Parameters
    ----------
    path
        GeoJSON with a column ``code_qp``, in EPSG:4326 or EPSG:2154.

    Returns
    -------
    str
        One French sentence.

    Raises
    ------
    ForeignFileError
        If it has no QPV code, or no QPV of Marseille.
    SourceError
        Unreadable file, unknown or wrong coordinate system, missing contours.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # in English; checked below
            frame = gpd.read_file(path, engine="pyogrio")
    except (pyogrio.errors.DataSourceError, shapely.errors.ShapelyError):
        raise SourceError(
            Problem(
                "le fichier de contours ne s'ouvre pas : il est tronqué ou abîmé.",
                path.name,
                remedy="Téléchargez-le à nouveau.",
            )
        ) from None
    if "code_qp" not in frame:
        raise ForeignFileError(
            Problem("ce fichier géographique n'a pas de colonne code_qp.", path.name)
        )
    expected = {member.code for member in territories.qpv()}
    mine = frame[frame.code_qp.isin(expected)]
    if mine.empty:
        raise ForeignFileError(
            Problem("aucun contour n'est celui d'un quartier de Marseille.", path.name)
        )
    problems = []
    system = frame.crs.to_epsg() if frame.crs else None
    if system not in _SYSTEMS:
        problems.append(
            f"le système de coordonnées est {f'EPSG:{system}' if system else 'inconnu'}, "
            "au lieu d'EPSG:4326 ou EPSG:2154."
        )
    elif not _inside(mine.to_crs("EPSG:4326").total_bounds):
        problems.append(f"les coordonnées ne sont pas celles d'EPSG:{system}.")
    missing = sorted(expected - set(mine.code_qp))
    if missing:
        problems.append(f"il manque le contour de {', '.join(missing[:3])}.")
    if problems:
        raise SourceError(Problem(problem, path.name) for problem in problems)
    crossed = ", ".join(sorted(mine.code_qp[~mine.is_valid]))
    warning = f" Contours qui se recoupent : {crossed}." if crossed else ""
    return str(
        Problem(
            f"contours de {len(mine)} quartiers de Marseille, EPSG:{system}, sans chiffre à "
            f"extraire.{warning}",
            path.name,
        )
    )


def _inside(bounds) -> bool:
    west, south, east, north = bounds
    return _FRANCE[0] < west <= east < _FRANCE[2] and _FRANCE[1] < south <= north < _FRANCE[3]
