"""Plausible or confirmed: what comes in against what is known of the nearest year.

Percentages are compared in points, other figures by their logarithm. The limits are those of
``data/controles.yml``, calibrated on the official files at hand.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from qpvlib import catalogue, territories
from qpvlib.errors import Problem
from qpvlib.intake.changes import SHOWN, named
from qpvlib.numerals import plain
from qpvlib.observations import KEY, VALUE
from qpvlib.sources import controls

PLACES = "nombre"
"""Unit of a count of places."""
Doubt = tuple[float, str]
"""How improbable a move is, to order them, and what it is in French."""
SERIES = ["indicateur", "modalite", "geographie"]
_ENOUGH = 8  # territories, to speak of a dispersion
_TARGETS = 3  # series, to say that a territory is not itself
_NEARER = 0.8  # to the past of another series than to its own
_SAME, _SAME_ROWS, _SAME_VALUES = 0.95, 20, 10
_NORMAL = 1.4826  # from the median absolute deviation to the standard deviation
_REMEDY = 'Vérifiez-les chez le producteur ; s\'ils sont vrais, ajoutez --confirmer "raison".'


def fresh(frame: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """Return the values of a source that are new, or not those already stored under it."""
    mine = stored.loc[stored.source.isin(frame.source), [*KEY, "valeur"]]
    both = frame.merge(mine, how="left", on=KEY, suffixes=("", "_avant"))
    same = (both["valeur"] == both["valeur_avant"]).to_numpy()
    return frame[(frame["etat"] == VALUE).to_numpy() & ~same]


def repeated(new: pd.DataFrame, known: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Yield the years whose figures are those of another year.

    Parameters
    ----------
    new
        Values that come in.
    known
        Values already known.
    file
        Name shown in messages.
    """
    units = {name: catalogue.indicator(name).unite for name in new["indicateur"].unique()}
    told = new[new["indicateur"].map(units) != PLACES]  # a list may stay the same
    pairs = told.merge(known, on=[*SERIES, "territoire"], suffixes=("", "_connu"))
    pairs = pairs[pairs["millesime"] != pairs["millesime_connu"]]
    for (year, other), rows in pairs.groupby(["millesime", "millesime_connu"]):
        same = (rows["valeur"] == rows["valeur_connu"]).mean()
        varied = rows["valeur"].nunique() >= _SAME_VALUES
        if len(rows) >= _SAME_ROWS and varied and same >= _SAME:
            fact = f"ses chiffres de {year} sont ceux de {other}, déjà connus."
            yield Problem(fact, file, remedy="Vérifiez l'année du fichier : --millesime AAAA.")


def doubts(new: pd.DataFrame, known: pd.DataFrame, file: str) -> Iterator[Problem]:
    """Yield one problem with the improbable moves of a file, the ten largest first.

    Parameters
    ----------
    new, known, file
        See :func:`repeated`.
    """
    pairs = _moves(new, known)
    found = [*_common(pairs), *_apart(pairs), *_exchanged(pairs), *_crossed(pairs)]
    if found:
        found.sort(key=lambda doubt: -doubt[0])
        rest = f" ; et {len(found) - SHOWN} de plus" if len(found) > SHOWN else ""
        told = " ; ".join(text for _, text in found[:SHOWN])
        many = "s" if len(found) > 1 else ""
        fact = f"{len(found)} mouvement{many} improbable{many} : {told}{rest}."
        yield Problem(fact, file, remedy=_REMEDY)


def _moves(new: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Pair each figure with the same of the nearest year; how far, and the limits of its unit."""
    pairs = new[[*KEY, "valeur"]].merge(
        known[[*KEY, "valeur"]], on=[*SERIES, "territoire"], suffixes=("", "_avant")
    )
    if pairs.empty:
        return pairs.assign(unite="", ecart=0)
    pairs = pairs.assign(ecart=(pairs["millesime"] - pairs["millesime_avant"]).abs())
    pairs = pairs.sort_values(["ecart", "millesime_avant"], kind="stable")
    pairs = pairs.drop_duplicates(KEY).sort_index()
    pairs = pairs.astype({"valeur": float, "valeur_avant": float})
    units = {name: catalogue.indicator(name).unite for name in pairs["indicateur"].unique()}
    unit = pairs["indicateur"].map(units)
    points = unit == "%"
    before, after = pairs["valeur_avant"], pairs["valeur"]
    positive = (before > 0) & (after > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(after / before)
    scale = before.where(points, np.log(before.where(before > 0)))
    limits = pd.DataFrame({name: controls.limits(name) for name in unit.unique()}).T
    pairs = pairs.assign(unite=unit, pas=(after - before).where(points, ratio), niveau=scale)
    return pairs.join(limits, on="unite")[points | positive | (unit == PLACES)]


def _common(pairs: pd.DataFrame) -> Iterator[Doubt]:
    """Yield the series that move as a whole, or whose territories scatter."""
    series = [*SERIES[:2], "millesime"]
    for _, rows in pairs[pairs["unite"] == PLACES].groupby([*SERIES, "millesime"]):
        first, before, after = rows.iloc[0], rows["valeur_avant"].sum(), rows["valeur"].sum()
        apart = (rows["valeur"] - rows["valeur_avant"]).abs().sum() / max(before, 1)
        shift = abs(np.log(max(after, 0.5) / max(before, 0.5)))
        far = shift > first["ensemble"] or apart > first["dispersion"]
        if far and before + after >= _ENOUGH:
            told = _series(first, f"total {first['geographie']}", before, after)
            yield max(shift, apart), told
    for _, rows in _figures(pairs).groupby(series):
        if len(rows) < _ENOUGH:
            continue
        first, middle, spread = rows.iloc[0], rows["pas"].median(), _spread(rows["pas"])
        wide = max(first["seul"] / 4, 2 * _spread(rows["niveau"]))
        if abs(middle) > min(first["ensemble"], wide) or spread > first["dispersion"]:
            size = max(abs(middle) / first["ensemble"], spread / first["dispersion"])
            medians = rows["valeur_avant"].median(), rows["valeur"].median()
            yield 1000 * size, _series(first, "médiane", *medians)


def _apart(pairs: pd.DataFrame) -> Iterator[Doubt]:
    """Yield the territories that move apart from the others, and the revisions that go far."""
    others = pairs[pairs["unite"] != PLACES]
    for _, rows in others.groupby([*SERIES[:2], "millesime", others["ecart"] == 0]):
        first, away = rows.iloc[0], rows["pas"].abs()
        if first["ecart"] == 0:
            limit = first["revision"]
        elif len(rows) < _ENOUGH:
            limit = max(first["seul"], first["ensemble"])
        else:
            away = (rows["pas"] - rows["pas"].median()).abs()
            limit = max(first["seul"], first["z"] * _spread(rows["pas"]))
        far = rows.assign(taille=away / limit)[away > limit]
        for row in far.to_dict("records"):
            before, after = plain(row["valeur_avant"]), plain(row["valeur"])
            year = f" ({row['millesime_avant']})" if row["ecart"] else ""
            yield row["taille"], f"{named(row)} : {before}{year} → {after}"


def _exchanged(pairs: pd.DataFrame) -> Iterator[Doubt]:
    """Yield the pairs of territories that each resemble the past of the other, not their own."""
    for year, rows in _figures(pairs).groupby("millesime"):
        steps, levels = (
            rows.pivot_table(
                index="territoire", columns=["indicateur", "modalite"], values=column
            ).dropna(axis=1, thresh=_ENOUGH)
            for column in ("pas", "niveau")
        )
        spread = steps.apply(_spread)
        steps, levels = steps.loc[:, spread > 0], levels.loc[:, spread > 0]
        away = (steps - steps.median()) / spread[spread > 0]
        enough = away[away.notna().sum(axis=1) >= _TARGETS].abs().median(axis=1)
        suspects = list(enough.index[enough > rows["ressemblance"].iloc[0]])
        for one, two in combinations(suspects, 2):
            apart = (levels.loc[one] - levels.loc[two]) / spread[spread > 0]
            crossed = max(
                (away.loc[one] + apart).abs().median(), (away.loc[two] - apart).abs().median()
            )
            if crossed < enough[[one, two]].min() / 2:
                names = (f"{territories.get(code).name} ({code})" for code in (one, two))
                yield 10_000.0, f"{' et '.join(names)}, {year}, paraissent échangés"


def _crossed(pairs: pd.DataFrame) -> Iterator[Doubt]:
    """Yield the series of one unit that look exchanged: each is nearer to the other's past."""
    index, others = ["territoire", "millesime"], _figures(pairs)
    others = others.assign(nom=others["indicateur"] + "/" + others["modalite"])
    for unit, rows in others.groupby("unite"):
        after = rows.pivot_table(index=index, columns="nom", values="valeur")
        before = rows.pivot_table(index=index, columns="nom", values="valeur_avant")
        if unit != "%":
            after, before = np.log(after), np.log(before)
        for one, two in combinations(after.columns, 2):
            straight = (after[one] - before[one]).abs() + (after[two] - before[two]).abs()
            crossed = (after[one] - before[two]).abs() + (after[two] - before[one]).abs()
            both = straight.notna() & crossed.notna()
            if both.sum() >= _ENOUGH and crossed[both].median() < _NEARER * straight[both].median():
                yield 10_000.0, f"{one} et {two} paraissent échangés"


def _figures(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of two years, counts of places apart."""
    return pairs[(pairs["ecart"] > 0) & (pairs["unite"] != PLACES)]


def _series(row: pd.Series, what: str, before: float, after: float) -> str:
    part = "" if row["modalite"] == "ensemble" else f"/{row['modalite']}"
    said = f"{plain(round(before, 2))} ({row['millesime_avant']}) → {plain(round(after, 2))}"
    return f"{row['indicateur']}{part}, {row['millesime']}, {what} : {said}"


def _spread(values: pd.Series) -> float:
    """Return a standard deviation that a few odd values do not change."""
    return _NORMAL * float((values - values.median()).abs().median())
