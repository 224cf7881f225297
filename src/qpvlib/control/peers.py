"""Extract the complements of the control from deposited official files.

The QPV of other territories enter no observation: their figures are pooled here, as means
weighted by population over the published quartiers, and are labelled so.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from qpvlib import territories
from qpvlib.control.complements import DERIVED, PUBLISHED, WEIGHTED, Complement
from qpvlib.errors import SourceError
from qpvlib.observations import ALL
from qpvlib.sources.cells import number
from qpvlib.sources.tables import read

_METROPOLIS, _LYON = "200054807", "200046977"
_COMMUNES = {"Saint-Denis": "93066", "Mulhouse": "68224", "Argenteuil": "95018"}
_LARGE = 100_000
_POOR = 30


@dataclass(frozen=True)
class _File:
    """An official file: its rows by column name, its source id, its name and fingerprint."""

    source: str
    stamp: str
    rows: tuple[dict[str, str], ...]

    def column(self, key: str, name: str) -> dict[str, float]:
        """Return the published numbers of a column; a quartier over two communes counts once."""
        return _published((row[key], row[name]) for row in self.rows)


def extract(folder: Path) -> tuple[Complement, ...]:
    """Return every complement.

    Parameters
    ----------
    folder
        Folder holding, at any depth, the official files named in this module.

    Raises
    ------
    SourceError
        If a file is missing or appears twice.
    """
    demo = _open(folder, "DEMO_2022.csv", "insee-demo-2022")
    iris = _open(folder, "iris_marseille_rp2018_filosofi2019.csv", "compilation-rp-2018-iris")
    people = iris.column("Code", "population 2018")
    return (
        *_communes(demo),
        _rank(demo, sum(people.values())),
        *_pooled(folder, demo),
        *_metropolis(_open(folder, "analyse_qpv.csv", "compilation-qpv2024")),
        _poor_iris(folder, iris, people),
        *_counts(folder),
    )


def _communes(demo: _File) -> list[Complement]:
    """Shares of the population in QPV, as published for a quartier of one commune only."""
    totals = _totals(demo)
    found = [
        _ratio(
            (code, "part_population_qpv", 2018),
            *totals[name],
            (demo,),
            "POP_COM_QP rapporté à POP_COM, publiés pour un QPV de cette seule commune.",
        )
        for name, code in _COMMUNES.items()
    ]
    one = totals["Marseille 15e Arrondissement"]
    two = totals["Marseille 2e Arrondissement, Marseille 15e Arrondissement"]
    found.append(
        _ratio(
            ("13202", "part_population_qpv", 2018),
            two[0] - one[0],
            two[1] - one[1],
            (demo,),
            "Populations publiées des 2e et 15e arrondissements réunis, moins celles du 15e.",
        )
    )
    return found


def _rank(demo: _File, city: float) -> Complement:
    quartiers = demo.column("CODGEO", "POP_MUN")
    share = sum(quartiers[q.code] for q in territories.qpv("qpv2015")) / city
    larger = [
        name
        for name, (part, total) in _totals(demo).items()
        if "," not in name and total >= _LARGE and part / total > share
    ]
    return _complement(
        ("13055", "rang_part_population_qpv", 2018, len(larger) + 1),
        (demo,),
        "Communes d'au moins 100 000 habitants dont un QPV ne touche qu'elles, classées par part "
        f"de la population en QPV : {', '.join(sorted(larger))} précèdent Marseille.",
    )


def _pooled(folder: Path, demo: _File) -> list[Complement]:
    """Means of the QPV of 2015 of other territories, weighted by their population of 2018."""
    income = _open(folder, "qpv_2021_metropole.csv", "insee-filosofi-qpv2015-2021-reprise")
    panel = _open(folder, "panel_qpv_complet_v2.csv", "panel-filosofi-qpv2015")
    filosofi = _open(folder, "data_filo19_qp_revdis.csv", "insee-filosofi-qpv2015-2019")
    labelled = _open(folder, "demographie_2010_qpv.xls", "insee-rp-2010-qpv2015")
    # A second header of labels follows that of names.
    census = replace(labelled, rows=labelled.rows[1:])
    weights = demo.column("CODGEO", "POP_MUN")
    epci = {row["CODGEO"]: (row["EPCI1"], row["EPCI2"]) for row in income.rows}
    marseille = {q.code for q in territories.qpv("qpv2015")}
    groups = {
        "QPV2015-LYON": [code for code, found in epci.items() if _belongs(_LYON, found)],
        "QPV2015-SEINE-SAINT-DENIS": [code for code in epci if code.startswith("QP093")],
        "QPV2015-NORD": [code for code in epci if code.startswith("QP059")],
        "QPV2015-AMP-HORS-MARSEILLE": [
            code
            for code, found in epci.items()
            if _belongs(_METROPOLIS, found) and code not in marseille
        ],
    }
    poverty = _published(
        (row["code"], row["taux_pauvrete"]) for row in panel.rows if row["annee"] == "2020"
    )
    found = [
        _mean(
            (code, "taux_pauvrete_60", 2020), poverty, groups[code], weights, (panel, demo, income)
        )
        for code in ("QPV2015-LYON", "QPV2015-SEINE-SAINT-DENIS", "QPV2015-NORD")
    ]
    activity = filosofi.column("CODGEO", "DISP_PACT_A19")
    code = "QPV2015-SEINE-SAINT-DENIS"
    files = (filosofi, demo, income)
    found.append(
        _mean((code, "part_revenus_activite", 2019), activity, groups[code], weights, files)
    )
    size = census.column("qp", "l_nbpers")
    code = "QPV2015-AMP-HORS-MARSEILLE"
    files = (census, demo, income)
    found.append(_mean((code, "taille_moyenne_menages", 2010), size, groups[code], weights, files))
    return found


def _metropolis(new: _File) -> list[Complement]:
    """The QPV of 2024 of the metropolis: how many, how many people, large households."""
    quartiers = {r["codeQPV"]: r for r in new.rows if _belongs(_METROPOLIS, (r["siren_epci"],))}
    people = _published((code, row["popMuniQPV"]) for code, row in quartiers.items())
    city = sum(people[q.code] for q in territories.qpv("qpv2024"))
    large = _published((code, row["partMen6pp"]) for code, row in quartiers.items())
    return [
        _complement(
            (_METROPOLIS, "nb_qpv", 2024, len(quartiers)), (new,), "Codes de QPV distincts."
        ),
        _ratio(
            ("13055", "part_habitants_qpv_metropole", 2020),
            city,
            sum(people.values()),
            (new,),
            "Population des QPV de Marseille rapportée à celle des QPV de la Métropole.",
        ),
        _mean(
            ("QPV2024-AMP", "part_menages_6_personnes", 2020),
            large,
            list(quartiers),
            people,
            (new,),
        ),
    ]


def _poor_iris(folder: Path, iris: _File, people: Mapping[str, float]) -> Complement:
    """People of the IRIS whose published poverty rate reaches 30 %."""
    income = _open(folder, "BASE_TD_FILO_DISP_IRIS_2019.csv", "insee-filosofi-iris-2019")
    rates = income.column("IRIS", "DISP_TP6019")
    known = [code for code in people if code in rates]
    poor = [code for code in known if rates[code] >= _POOR]
    return _complement(
        ("13055", "population_quartiers_pauvres_30", 2019, sum(people[code] for code in poor)),
        (income, iris),
        f"Population (recensement 2018) des {len(poor)} IRIS dont le taux de pauvreté publié "
        f"(Filosofi 2019) atteint 30 %, parmi les {len(known)} IRIS publiés sur {len(people)}.",
    )


def _counts(folder: Path) -> list[Complement]:
    path = _find(folder, "quartiers111_marseille.geojson")
    features = json.loads(path.read_text("utf-8"))["features"]
    quartiers = _File("vdm-quartiers-111", _stamp(path), tuple(f["properties"] for f in features))
    schools = _open(folder, "vdm_ecoles_elementaires_2018.csv", "vdm-ecoles-elementaires-2018")
    places = _open(folder, "decoupage_administratif_marseille_v6.0.0.csv", "decoupage-2023")
    return [
        _complement(
            (
                "13055",
                "nb_noyaux_villageois",
                2018,
                len({row["code_qua"] for row in quartiers.rows}),
            ),
            (quartiers,),
            "Nombre de quartiers officiels de Marseille, que la tradition appelle noyaux "
            "villageois.",
        ),
        _complement(
            ("13055", "nb_ecoles_elementaires", 2018, len(schools.rows)),
            (schools,),
            "Écoles élémentaires publiques de la liste de la Ville de Marseille.",
        ),
        _complement(
            ("13055", "population", 2023, places.column("code", "population")["13055"]),
            (places,),
            "Population municipale en vigueur en 2026 (recensement 2023).",
            PUBLISHED,
        ),
    ]


def _totals(demo: _File) -> dict[str, tuple[float, float]]:
    """Communes touched by a quartier -> their population in QPV, and their population."""
    kept = [row for row in demo.rows if not row["CODGEO"].startswith("QP97")]
    part, total = (
        _published((row["LIB_COM"], row[name]) for row in kept)
        for name in ("POP_COM_QP", "POP_COM")
    )
    return {name: (part[name], total[name]) for name in total if total[name]}


def _published(cells: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Return the numbers of a column by code, without what is masked."""
    found = ((code, number(cell)) for code, cell in cells)
    return {code: value for code, value in found if value is not None}


def _mean(
    place: tuple[str, str, int],
    values: Mapping[str, float],
    codes: list[str],
    weights: Mapping[str, float],
    files: tuple[_File, ...],
) -> Complement:
    kept = [code for code in codes if code in values and weights.get(code)]
    weight = sum(weights[code] for code in kept)
    total = sum(values[code] * weights[code] for code in kept)
    return _complement(
        (*place, round(total / weight, 4)),
        files,
        "",
        WEIGHTED,
        plain=round(fmean(values[code] for code in kept), 4),
        entering=(len(kept), len(codes)),
    )


def _ratio(
    place: tuple[str, str, int], part: float, whole: float, files: tuple[_File, ...], method: str
) -> Complement:
    share = round(100 * part / whole, 4)
    return _complement((*place, share), files, method, parts=(part, whole))


def _complement(
    figure: tuple[str, str, int, float],
    files: tuple[_File, ...],
    method: str,
    nature: str = DERIVED,
    *,
    plain: float | None = None,
    parts: tuple[float | None, float | None] = (None, None),
    entering: tuple[int, int] = (0, 0),
) -> Complement:
    territory, indicator, year, value = figure
    values = (float(value), plain, *parts, nature, *entering)
    used = tuple(file.source for file in files), tuple(file.stamp for file in files)
    return Complement(territory, indicator, ALL, year, *values, *used, method)


def _belongs(epci: str, codes: Iterable[str]) -> bool:
    return any(code.startswith(epci) for code in codes)


def _open(folder: Path, name: str, source: str) -> _File:
    path = _find(folder, name)
    table = read(path)[-1 if path.suffix == ".xls" else 0]
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    return _File(source, _stamp(path), tuple(rows))


def _find(folder: Path, name: str) -> Path:
    found = sorted(folder.rglob(name))
    if len(found) != 1:
        raise SourceError(
            f"{len(found)} fichiers s'appellent {name} dans {folder} : il en faut un seul."
        )
    return found[0]


def _stamp(path: Path) -> str:
    return f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
