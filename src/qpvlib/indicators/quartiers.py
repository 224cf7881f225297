"""Estimates for the quartiers of 2024 from census counts by IRIS, with the error measured.

A quartier is estimated only where its own inhabitants are most of the IRIS they live in, and only
where INSEE itself says nothing as recent about it: neither a figure, nor a secret.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qpvlib import catalogue
from qpvlib.estimate import SAMPLING_RATE, Form, with_intervals
from qpvlib.indicators import census
from qpvlib.indicators.areas import SMALLEST_SHOWN, by_weights, check_weights
from qpvlib.indicators.weights import leave_one_out, pieces, purity, rake
from qpvlib.observations import ALL, NEAR_YEARS, SECRET, UNAVAILABLE, VALUE
from qpvlib.territories import predecessors, qpv

MINIMAL_PURITY = 2 / 3
"""Under this share of its own inhabitants in its IRIS, a quartier is not estimated."""
WITHDRAWN = {
    "part_grands_logements",
    "part_logements_sociaux",
    "part_menages_locataires",
    "part_menages_proprietaires",
    "part_petits_logements",
    "taille_moyenne_menages",
    "taux_vacance",
}
"""Never estimated: a perimeter follows the social estates, its IRIS do not. Where the estimate of
social housing and of household size can be checked, it fails (``bench/iris_estimates.py``)."""
FEWEST_PAIRS = 3
CATEGORIES = (ALL, "femmes", "hommes")
_TOTALS = ["numerateur", "denominateur"]
_FIGURE = ["indicateur", "modalite"]
_KEY = ["territoire", *_FIGURE]
_DATED = [*_FIGURE, "millesime"]


@dataclass(frozen=True)
class Estimates:
    """What the IRIS say of the quartiers.

    Attributes
    ----------
    rows
        Columns of an observation but ``source``; value and bounds, or ``non_disponible``.
    errors
        By indicator and category known both ways, year of the published figure: ``quartiers``,
        ``ecart_moyen``, ``ecart_absolu_moyen``, ``eqm`` and ``eqm_hors`` (root mean square gap,
        raw and leave-one-out), ``dispersion`` (standard deviation between IRIS), ``rapport``
        (``eqm / dispersion``).
    refused
        Purity of the quartiers that are not estimated.
    """

    rows: pd.DataFrame
    errors: pd.DataFrame
    refused: pd.Series


def weights_table(cells, iris, quartiers, iris_population, published) -> pd.DataFrame:
    """Return the table ``data/territoires/poids_iris_qpv2024.csv``.

    Parameters
    ----------
    cells, iris, quartiers
        See :func:`qpvlib.indicators.weights.pieces`.
    iris_population, published
        Inhabitants by IRIS and by quartier; an IRIS without a known population is left out.

    Returns
    -------
    DataFrame
        Columns ``iris, territoire, population, part``: inhabitants of the piece, and their share
        of the inhabitants of the IRIS. Pieces of less than half an inhabitant are dropped.
    """
    crossed = pieces(cells, iris, quartiers)
    crossed = crossed[crossed["iris"].isin(iris_population.index)]
    table = rake(crossed, iris_population, published)
    table = table[table["population"] >= 0.5].sort_values(["territoire", "iris"])
    table = table.round({"population": 1, "part": 6})
    return table[["iris", "territoire", "population", "part"]].reset_index(drop=True)


def inputs(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the observations that :func:`estimates` reads: counts by IRIS, what INSEE says."""
    counts = _counted(frame)
    told = frame["geographie"].isin(["qpv2015", "qpv2024"])
    for column in _FIGURE:
        told &= frame[column].isin(frame.loc[counts, column])
    return frame[counts | told]


def estimates(frame: pd.DataFrame, weights: pd.DataFrame) -> Estimates:
    """Estimate what the census gives by IRIS for the quartiers of 2024.

    Parameters
    ----------
    frame
        Observations of IRIS and of quartiers, without any estimate.
    weights
        See :func:`weights_table`.

    Returns
    -------
    Estimates
        Empty when the error cannot be measured on at least three quartiers.

    Raises
    ------
    EstimationError
        If the weights are wrong: see :func:`qpvlib.indicators.areas.check_weights`.
    """
    check_weights(weights)
    pure = purity(weights)
    refused = pure[pure < MINIMAL_PURITY].sort_values()
    cells = _cells(frame)
    known = _answers(frame)
    table = _weighted(cells, weights)
    if table.empty:
        return Estimates(table, table, refused)
    dispersion = _dispersion(cells)
    near = table[~table["territoire"].isin(refused.index)]
    errors = _errors(near, known, dispersion)
    if errors.empty:
        return Estimates(table.iloc[:0], errors, refused)
    forms = _forms(cells)
    groups = table["denominateur"]
    groups = groups + table["numerateur"].where(table["indicateur"].map(forms) == "rapport", 0.0)
    between = errors["rapport"].max() * _looked_up(dispersion, table, _DATED)
    sure = with_intervals(table.assign(n=SAMPLING_RATE * groups), forms, iris_error=between)
    latest = sure["millesime"] == sure.groupby(_FIGURE)["millesime"].transform("max")
    return Estimates(_published(sure[latest], known, refused), errors, refused)


def _looked_up(found: pd.Series, table: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """Return the number that stands under the keys of each row, nothing where there is none."""
    return found.reindex(pd.MultiIndex.from_frame(table[keys])).to_numpy(float)


def _published(table: pd.DataFrame, known: pd.DataFrame, refused: pd.Series) -> pd.DataFrame:
    """Leave out what INSEE answers itself, mask what the IRIS do not describe.

    An older answer of INSEE, figure or secret, says more than the absence of an estimate.
    """
    numbers = ["valeur", "borne_basse", "borne_haute"]
    table = table[~_answered(table, known)].copy()
    table[numbers] = table[numbers].round(2)
    # An interval that reaches half of the figure says too little of it.
    vague = table["valeur"].isna() | (table["borne_basse"] <= table["valeur"] / 2)
    blurred = table["territoire"].isin(refused.index) | vague
    older = pd.MultiIndex.from_frame(table[_KEY]).isin(pd.MultiIndex.from_frame(known[_KEY]))
    table, blurred = table[~(blurred & older)], blurred[~(blurred & older)]
    table.loc[blurred, numbers] = np.nan
    table["etat"] = np.where(blurred, UNAVAILABLE, VALUE)
    return table.assign(geographie="qpv2024").drop(columns=[*_TOTALS, "n", "carres", "fiabilite"])


def _answered(table: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """Say which figures INSEE gives, or masks, for this year or later.

    A quartier's answer is its own or that of any quartier of 2015 it comes from: an estimate
    beside a secret would rebuild it, beside a figure it would compete with it. A secret on one
    category stands for all: women, men and everyone give one another away.
    """
    figures, secrets = known[known["etat"] == VALUE], known[known["etat"] == SECRET]
    answered = pd.Series(False, index=table.index)
    for given, keys in ((figures, _KEY), (secrets, ["territoire", "indicateur"])):
        last = _looked_up(given.groupby(keys)["millesime"].max(), table, keys)
        answered |= last >= table["millesime"]
    return answered


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the census counts by IRIS of every year."""
    kept = frame[_counted(frame)].rename(columns={"territoire": "iris"})
    return kept.assign(arrondissement=kept["iris"].str[:5], n=0.0, carres=np.nan)


def _counted(frame: pd.DataFrame) -> pd.Series:
    entries = catalogue.indicators().items()
    surveys = {name for name, entry in entries if entry.nature == "enquete"} - WITHDRAWN
    return (
        (frame["geographie"] == "iris")
        & frame["modalite"].isin(CATEGORIES)
        & (frame["denominateur"] > 0)
        & frame["indicateur"].isin(surveys)
    )


def _weighted(cells: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    """Estimate each indicator for the quartiers whose IRIS are all there, the tiny ones aside."""
    large = weights["population"] >= SMALLEST_SHOWN * weights["part"]
    found = []
    for (*_, year), group in cells.groupby(_DATED):
        absent = weights.loc[large & ~weights["iris"].isin(group["iris"]), "territoire"]
        there = weights[~weights["territoire"].isin(absent)]
        found.append(by_weights(group, there, _forms(cells)).assign(millesime=year))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _forms(cells: pd.DataFrame) -> dict[str, Form]:
    """Return the form of each indicator: what the detail files do not give is a share."""
    shares: dict[str, Form] = dict.fromkeys(cells["indicateur"].unique(), "part")
    return shares | census.forms()


def _dispersion(cells: pd.DataFrame) -> pd.Series:
    """Return the standard deviation between IRIS of each figure of each year, in its unit."""
    scale = cells["indicateur"].map(_forms(cells)).map({"part": 100.0}).fillna(1.0)
    people = cells["denominateur"]
    table = cells[_DATED].assign(x=scale * cells["numerateur"] / people, w=people)
    table["wx"], table["wxx"] = table["w"] * table["x"], table["w"] * table["x"] ** 2
    total = table.groupby(_DATED)[["w", "wx", "wxx"]].sum()
    variance = total["wxx"] / total["w"] - (total["wx"] / total["w"]) ** 2
    return np.sqrt(variance.clip(lower=0))  # rounding makes a null variance slightly negative


def _answers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what INSEE says of each quartier of 2024 and of those it comes from.

    ``meme`` says whether the perimeter is the same.
    """
    links = [(member.code, member.code, True) for member in qpv()]
    for member in qpv():
        links += [(member.code, p.code_2015, p.same) for p in predecessors(member.code)]
    told = frame["geographie"].isin(["qpv2015", "qpv2024"]) & frame["modalite"].isin(CATEGORIES)
    said = frame[told]
    said = said.rename(columns={"territoire": "perimetre"})
    table = pd.DataFrame(links, columns=["territoire", "perimetre", "meme"])
    return table.merge(said[["perimetre", *_DATED, "etat", "valeur"]])


def _errors(table: pd.DataFrame, known: pd.DataFrame, dispersion: pd.Series) -> pd.DataFrame:
    """Measure the approximation where INSEE publishes the same figure for the same perimeter."""
    same = known[known["meme"] & (known["etat"] == VALUE)]
    both = table.merge(same, on=_KEY, suffixes=("", "_publie"))
    # An earlier year would add the change of the quartier to the gap, without any new perimeter.
    both = both[(both["millesime_publie"] - both["millesime"]).between(0, NEAR_YEARS)]
    rows = []
    for (name, category, counted, year), group in both.groupby([*_DATED, "millesime_publie"]):
        pair = group.drop_duplicates("territoire").set_index("territoire")
        between = dispersion[name, category, counted]
        if len(pair) < FEWEST_PAIRS or between == 0:  # IRIS all alike tell nothing of the error
            continue
        gap = leave_one_out(pair["valeur"], pair["valeur_publie"])
        spread = float(np.sqrt((gap["ecart"] ** 2).mean()))
        rows.append(
            {
                "indicateur": name,
                "modalite": category,
                "millesime": year,
                "quartiers": len(pair),
                "ecart_moyen": gap["ecart"].mean(),
                "ecart_absolu_moyen": gap["ecart"].abs().mean(),
                "eqm": spread,
                "eqm_hors": float(np.sqrt((gap["ecart_hors"] ** 2).mean())),
                "dispersion": between,
                "rapport": spread / between,
            }
        )
    return pd.DataFrame(rows)
