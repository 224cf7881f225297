"""Files of the ministry with invented schools, for the tests; never data."""

import pandas as pd

from qpvlib import schools

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
ECOLES = (
    "rentree_scolaire;academie;uai;nom_de_l_etablissment;code_insee_de_la_commune;secteur;"
    "effectifs;ips"
)
OLD = "Rentrée scolaire;Académie;UAI;Nom de l'établissment;Code INSEE de la commune;Secteur;IPS"
IVAC = (
    "num_ligne;Session;UAI;Nom de l'établissement;Commune;Secteur;Nb candidats G;"
    "Taux de réussite G;VA du taux de réussite G;Note à l'écrit G;VA de la note G;"
    "Taux d'accès 6eme 3eme"
)


def uai(number: int) -> str:
    """Return a well-formed code of the range 0139xxx, which no school of Marseille has."""
    digits = f"{139000 + number:07d}"
    return digits + LETTERS[int(digits) % 23]


def ecoles(*extra: str) -> str:
    """Return a file of écoles: three in the two fictitious arrondissements, one elsewhere."""
    rows = [
        f"2022-2023;A;{uai(1)};ECOLE ELEMENTAIRE FICTIVE A;13215;public;100.0;60.0",
        f"2022-2023;A;{uai(2)};ECOLE PRIMAIRE FICTIVE B;13216;public;300.0;80.0",
        f"2022-2023;A;{uai(3)};ECOLE PRIVEE STE FICTION;13216;privé sous contrat;50.0;120.0",
        f"2022-2023;A;{uai(4)};ECOLE ELEMENTAIRE D AILLEURS;13001;public;500.0;150.0",
    ]
    return "\n".join([ECOLES, *rows, *extra]) + "\n"


def old_ecoles() -> str:
    """Return a file of the scale of before 2022: labels for names, no pupils."""
    rows = [
        f"2021-2022;A;{uai(1)};ECOLE ELEMENTAIRE FICTIVE A;13215;public;50.0",
        f"2021-2022;A;{uai(2)};ECOLE PRIMAIRE FICTIVE B;13216;public;75.5",
        f"2021-2022;A;{uai(5)};ECOLE PRIMAIRE FERMEE;13216;public;99.9",
    ]
    return "\n".join([OLD, *rows]) + "\n"


def colleges() -> str:
    """Return results of two collèges over two sessions; one has no added value in 2023."""
    rows = [
        f"1;2022;{uai(11)};COLLEGE FICTIF (LE);MARSEILLE 15;PU;100;80.0;5.0;9.5;0.4;90.0",
        f"2;2023;{uai(11)};COLLEGE LE FICTIF;MARSEILLE 15;PU;300;60.0;-3.0;8.5;-0.4;88.0",
        f"3;2022;{uai(12)};COLLEGE PRIVE ST FICTIF;MARSEILLE 16;PR;50;100.0;1.0;14.0;;95.0",
        f"4;2023;{uai(12)};COLLEGE PRIVE ST FICTIF;MARSEILLE 16;PR;50;98.0;;14.0;;95.0",
        f"5;2023;{uai(13)};COLLEGE LOINTAIN;MARSEILLE EN BEAUVAISIS;PU;50;1.0;1.0;1.0;1.0;1.0",
    ]
    return "\n".join([IVAC, *rows]) + "\n"


def table(*rows: tuple) -> pd.DataFrame:
    """Return figures from (number, kind, sector, arrondissement, measure, year, value) rows."""
    names = {schools.SCHOOL: "ECOLE ELEMENTAIRE", schools.COLLEGE: "COLLEGE"}
    frame = pd.DataFrame(
        [
            {
                "uai": uai(number),
                "nom": f"{names[kind]} FICTION {number}",
                "arrondissement": arrondissement,
                "nature": kind,
                "secteur": sector,
                "mesure": measure,
                "millesime": year,
                "valeur": value,
                "etat": "non_disponible" if value is None else "valeur",
                "source": f"fictif-{kind}-{measure}",
            }
            for number, kind, sector, arrondissement, measure, year, value in rows
        ]
    )
    return schools.validate(frame.astype({"valeur": float}))
