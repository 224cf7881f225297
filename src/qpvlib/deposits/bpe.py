"""INSEE's Base permanente des équipements: facilities, practitioners and what stands close by."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd

from qpvlib import territories
from qpvlib.deposits.deposit import Deposit, contents, observed
from qpvlib.deposits.squares import read as read_squares
from qpvlib.errors import ForeignFileError, Problem, SourceError
from qpvlib.indicators import catchment, facilities, nearby, practitioners
from qpvlib.indicators.microdata import engine
from qpvlib.observations import ALL, UNAVAILABLE
from qpvlib.sources import dating
from qpvlib.sources.places import near_city
from qpvlib.sources.registry import Source

NEAR = {"services_publics_500m": 500, "services_publics_500m/a_300m": 300}
SHARE, SERVICES, DOCTORS = "part_qpv_sans_service_500m", "service_public", "generaliste"
CONTOURS = "qpv2024"
_YEAR = "AN"


def read(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Relate the facilities to the latest population, and measure what is close to quartiers.

    Returns
    -------
    list of tuple
        Entry of the registry and observations. The quartiers are those that the file names, with
        the arrondissements, the city and its quartiers taken together; the distances are always
        measured from the contours of 2024, under a second entry when the file names older ones.

    Raises
    ------
    SourceError
        If the file is undated, of another list of codes, incomplete, misplaced or names no
        quartier, or if no population of quartiers is known.
    """
    places, geography, vintage = located(deposit.path, deposit.year)
    people, evidence = _people(deposit, geography, vintage)
    inside = places.dropna(subset="territoire")
    everywhere = [
        (inside["typequ"], inside["territoire"]),
        (inside["typequ"], together(geography)),
        *_above(places["typequ"], places["commune"]),
    ]
    parts = {geography: [*_counted(everywhere, people, vintage, deposit.format.families)]}
    parts.setdefault(CONTOURS, []).extend(_measured(deposit, places, vintage))
    known = "lu" if _YEAR in contents(deposit.path) else "inféré"
    _tell_missing(deposit, vintage)
    found = []
    for perimeter, tables in parts.items():
        source = deposit.source(vintage, perimeter, known, evidence)
        found.append((source, observed(pd.concat(tables, ignore_index=True), source)))
    return found


def read_counts(deposit: Deposit) -> list[tuple[Source, pd.DataFrame]]:
    """Relate facilities counted by IRIS to the inhabitants of the arrondissements and of the city.

    An IRIS is no quartier, and a count has no place: nothing is said of any quartier.

    Raises
    ------
    ForeignFileError
        If the file has no facility that is counted: it is of another theme.
    SourceError
        If it is undated, of another list of codes, or incomplete.
    """
    path, asked = deposit.path, deposit.format.families
    vintage = _vintage(path, deposit.year)
    table = pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig")
    table = table[table["DEPCOM"].str.startswith("132", na=False)]
    facilities.check_list(table["TYPEQU"].unique(), vintage, path)
    lists = {name: facilities.codes(name, vintage) for name in (*asked, *practitioners.SPECIALTIES)}
    empty = [n for n, kinds in lists.items() if kinds and not table["TYPEQU"].isin(kinds).any()]
    if len(empty) == sum(map(bool, lists.values())):
        raise ForeignFileError(
            Problem("aucun équipement compté ici n'est dans ce fichier.", path.name)
        )
    if empty:
        fact = f"aucun équipement de ces familles à Marseille : {', '.join(empty)}."
        raise SourceError(Problem(fact, path.name, remedy=facilities.CUT))
    facilities.check_wards(table["DEPCOM"], path)
    times = facilities.numbers(table["NB_EQUIP"], path).astype(int)
    each = table.loc[table.index.repeat(times)]
    people, years = deposit.references(vintage)
    _tell_missing(deposit, vintage)
    evidence = f"habitants : population de {', '.join(map(str, years))}"
    source = deposit.source(vintage, "communes", "lu", evidence)
    tables = _counted([*_above(each["TYPEQU"], each["DEPCOM"])], people, vintage, asked)
    return [(source, observed(pd.concat(tables, ignore_index=True), source))]


def _tell_missing(deposit: Deposit, vintage: int) -> None:
    missing = [f for f in deposit.format.families if not facilities.codes(f, vintage)]
    if missing:
        names = ", ".join(facilities.families()[f]["indicateur"] for f in missing)
        deposit.notes.append(f"{deposit.path.name} : la liste de {vintage} n'a pas {names}.")


def located(path: Path, told: int | None = None) -> tuple[gpd.GeoDataFrame, str, int]:
    """Read and check the facilities of Marseille.

    Parameters
    ----------
    path
        Official file.
    told
        Its year, where its columns and its name do not say it.

    Returns
    -------
    tuple
        The facilities, as :func:`qpvlib.indicators.facilities.read_bpe` gives them, the geography
        of their quartiers, and the year. See :func:`qpvlib.indicators.facilities.layer` for the
        points of one family, such as :data:`SERVICES`.

    Raises
    ------
    SourceError
        As :func:`read` says.
    """
    places, geography = _of_quartiers(path)  # its columns before its year: one fault at a time
    vintage = _vintage(path, told)
    facilities.check_list(places["typequ"].unique(), vintage, path)
    facilities.check_wards(places["commune"], path)
    known = {member.code for member in territories.qpv(geography)}
    unknown = sorted(set(places["territoire"].dropna()) - known)
    if unknown:
        fact = f"quartiers inconnus à Marseille : {', '.join(unknown[:3])}."
        remedy = "Vérifiez le code, ou complétez data/territoires."
        raise SourceError(Problem(fact, path.name, remedy=remedy))
    facilities.check_placed(places["indetermine"], path)
    here = near_city(places.geometry)
    facilities.check_placed(~here[places.geometry.notna()], path)
    places["localisable"] &= here
    return places, geography, vintage


def _vintage(path: Path, told: int | None) -> int:
    if _YEAR not in contents(path):
        return dating.stated_year(path.name, told)
    with engine() as connection:
        source = connection.read_csv(str(path), sep=";", header=True, all_varchar=True)
        years = source.select(_YEAR).distinct().fetchall()
    if len(years) != 1 or not str(years[0][0]).isdigit():
        raise SourceError(Problem("ce fichier ne porte pas une année unique.", path.name, 1, _YEAR))
    return int(years[0][0])


def _of_quartiers(path: Path) -> tuple[gpd.GeoDataFrame, str]:
    for geography in ("qpv2024", "qpv2015"):
        places = facilities.read_bpe(path, geography)
        if "territoire" in places:
            return places, geography
    raise SourceError(
        Problem(
            "aucun équipement de ce fichier ne porte le code d'un quartier prioritaire.",
            path.name,
            remedy="Reprenez le fichier complet de l'Insee, avec ses colonnes QP.",
        )
    )


def _people(deposit: Deposit, geography: str, vintage: int) -> tuple[pd.Series, str]:
    """Return the inhabitants of every territory known, and what they are, in French."""
    quartiers, year = deposit.population(geography)
    whole = pd.Series({together(geography): quartiers.sum(skipna=False)})
    references, years = deposit.references(vintage)
    dates = f" ; arrondissements et ville : {', '.join(map(str, years))}" if years else ""
    expected = {*(ward.code for ward in territories.arrondissements()), territories.CITY}
    lost = sorted(expected - set(references.index))
    if lost:
        deposit.notes.append(
            f"{deposit.path.name} : population inconnue, rien n'est rapporté aux habitants de "
            f"{', '.join(lost)}."
        )
    if territories.CITY in lost:
        deposit.notes.append(
            f"{deposit.path.name} : sans la population de Marseille, le rapport des densités de "
            "praticiens n'est pas calculé. Importez-la, puis ce fichier à nouveau."
        )
    evidence = f"année du fichier ; habitants : population de {year}{dates}"
    return pd.concat([quartiers, whole, references]), evidence


def together(geography: str) -> str:
    """Return the code of all the quartiers of Marseille taken together."""
    return f"{geography.upper()}-MARSEILLE"


def _above(kinds: pd.Series, communes: pd.Series) -> tuple[tuple[pd.Series, pd.Series | str], ...]:
    """Return the kinds of the facilities of the arrondissements, then of the city."""
    return (kinds, communes), (kinds, territories.CITY)


def _counted(
    layers: Iterable[tuple[pd.Series, pd.Series | str]],
    people: pd.Series,
    vintage: int,
    asked: tuple[str, ...],
) -> Iterator[pd.DataFrame]:
    """Yield the facilities per inhabitant and the practitioners, for every territory.

    A layer is the kind of each facility, and the territory that holds it.
    """
    everywhere = pd.concat(
        pd.DataFrame({"typequ": kinds, "territoire": within}) for kinds, within in layers
    )
    wards = [ward.code for ward in territories.arrondissements()]
    lost = [code for code in (*wards, territories.CITY) if code not in people.index]
    for family in asked:
        if facilities.codes(family, vintage):
            entry = facilities.families()[family]
            yield facilities.per_inhabitant(everywhere, people, family, vintage)
            yield pd.DataFrame(
                {"territoire": lost, "indicateur": entry["indicateur"], "modalite": ALL}
            ).assign(etat=UNAVAILABLE)
    counts = practitioners.counts(everywhere, pd.Index([*people.index, *lost]), vintage)
    yield counts
    yield practitioners.ratios(counts, people, territories.CITY)


def _measured(deposit: Deposit, places: gpd.GeoDataFrame, vintage: int) -> Iterator[pd.DataFrame]:
    """Yield what is close to the quartiers of 2024, and their access to practitioners."""
    quartiers = territories.contours().to_crs(territories.METRIC_CRS).geometry
    services = facilities.layer(places, SERVICES, vintage)
    if facilities.codes(SERVICES, vintage):
        counts = nearby.counted(services.assign(arrondissement=None), NEAR)
        yield counts
        whole = counts[counts["modalite"] == ALL]
        yield pd.DataFrame([nearby.without(whole)]).assign(
            territoire=together(CONTOURS), indicateur=SHARE, modalite=ALL
        )
    grid = deposit.companion("carreaux")
    if grid is None:
        deposit.notes.append(
            f"{deposit.path.name} : l'accès aux généralistes demande les carreaux de 200 mètres de "
            "l'Insee ; déposez-les dans le même dossier."
        )
        return
    doctors = facilities.layer(places, DOCTORS, vintage).geometry.dropna()
    yield catchment.as_the_crow_flies(read_squares(grid), doctors, quartiers)
