"""Practitioners by specialty: how many there are, and how the city compares with a territory.

In a quartier there are often fewer than five of a specialty: the ratio of two densities then says
little, so each one carries the interval of its count, and the count stands beside it.
"""

import pandas as pd

from qpvlib.estimate import poisson
from qpvlib.indicators import facilities
from qpvlib.observations import ALL, NOT_APPLICABLE, UNAVAILABLE, VALUE

COUNT, RATIO = "nb_praticiens", "rapport_densite_praticiens"
SPECIALTIES = (
    "generaliste",
    "dentiste",
    "gynecologue",
    "sage_femme",
    "ophtalmologue",
    "pediatre",
)
FRAGILE = 5
"""Practitioners under which a ratio is said to be fragile; our choice."""
_PER = 1e5


def counts(places: pd.DataFrame, territories: pd.Index, vintage: int) -> pd.DataFrame:
    """Count the practitioners of each specialty, and of all six together.

    Parameters
    ----------
    places
        Columns ``typequ, territoire``.
    territories
        Codes to count in; one without any counts zero.
    vintage
        Year of the list of codes.

    Returns
    -------
    DataFrame
        Columns ``territoire, indicateur, modalite, valeur``.
    """
    found = {
        specialty: facilities.tally(places, facilities.codes(specialty, vintage), territories)
        for specialty in SPECIALTIES
    }
    table = pd.DataFrame(found, index=territories).rename_axis("territoire")
    table.insert(0, ALL, table.sum(axis=1))
    return (
        table.reset_index()
        .melt("territoire", var_name="modalite", value_name="valeur")
        .assign(indicateur=COUNT)
    )


def ratios(found: pd.DataFrame, population: pd.Series, city: str) -> pd.DataFrame:
    """Divide the practitioners per inhabitant of the city by those of each territory.

    Parameters
    ----------
    found
        Result of :func:`counts`, the city included.
    population
        Inhabitants by territory; those that are unknown are missing.
    city
        Code of the reference.

    Returns
    -------
    DataFrame
        Columns of an observation. The parts are densities per 100 000 inhabitants. Bounds: the
        exact Poisson interval of the territory's own count, that of the city being taken as it is.
        No object without any practitioner; else not available where a population is unknown.
    """
    table = found.rename(columns={"valeur": "n"}).assign(indicateur=RATIO)
    facilities.check_population(population)
    people = table["territoire"].map(population)
    reference = table.loc[table["territoire"] == city].set_index("modalite")["n"]
    numerator = _PER * table["modalite"].map(reference) / population.get(city, float("nan"))
    low, high = poisson(table["n"])
    known = numerator.notna() & people.notna()
    own = table["territoire"] == city
    table = table.assign(
        numerateur=numerator,
        denominateur=_PER * table["n"] / people,
        valeur=(numerator * people / _PER / table["n"]).where(table["n"] > 0),
        borne_basse=(numerator * people / _PER / high).where(~own),
        borne_haute=(numerator * people / _PER / pd.Series(low, table.index)).where(~own),
    )
    state = pd.Series(VALUE, table.index).where(known, UNAVAILABLE)
    return table.assign(etat=state.mask(table["n"] == 0, NOT_APPLICABLE)).drop(columns="n")
