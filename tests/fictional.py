"""Fictitious figures on real codes, for the tests of what a reader sees; never data."""

from qpvlib.territories import qpv

POVERTY, INCOME, EMPLOYMENT = "taux_pauvrete_60", "revenu_median", "taux_emploi"
PEOPLE, CAR = "population_qpv", "part_menages_sans_voiture"
# Saint Henri is unchanged; La Savine Bosphore comes from the modified perimeter of La Savine.
SAME, FORMER, CHANGED = "QN01303I", "QP013056", "QN01360M"


def rows() -> list[tuple[str, str, int, float | None]]:
    """Return (territory, indicator, year, value): poverty 30, 31, 32… over the QPV of 2015.

    One tenth (50.1) says that this column is not rounded to the integer; incomes are, to 10 euros.
    """
    found = [
        (q.code, POVERTY, 2019, 50.1 if i == 20 else 30.0 + i) for i, q in enumerate(qpv("qpv2015"))
    ]
    found += [(q.code, INCOME, 2019, 12000.0 + 100 * i) for i, q in enumerate(qpv("qpv2015"))]
    found += [(q.code, EMPLOYMENT, 2020, 40.0 + i / 2) for i, q in enumerate(qpv())]
    found += [(q.code, PEOPLE, 2020, 1500.0 + 10 * i) for i, q in enumerate(qpv())]
    found += [
        ("QP013003", POVERTY, 2021, None),
        ("QP013003", POVERTY, 2015, 28.5),
        ("13055", POVERTY, 2018, 26.0),
        ("13055", INCOME, 2019, 20000.0),
        ("13055", PEOPLE, 2020, 870000.0),
        ("QPV2015-FRANCE", POVERTY, 2019, 45.0),
        ("QPV2015-FRANCE", POVERTY, 2015, 44.0),
        (SAME, CAR, 2020, None),
    ]
    return found
