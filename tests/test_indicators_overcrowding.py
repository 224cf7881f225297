"""INSEE's occupancy norm, case by case and against the best pairing of children found by trial.

All households are fictitious.
"""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qpvlib.errors import SourceError
from qpvlib.indicators import areas, census, overcrowding

Person = tuple[int, str, str, str]
"""Age, sex (1 boy, 2 girl), union (A married, B not), link to the family's reference person."""

PARENTS: list[Person] = [(40, "1", "A", "1"), (38, "2", "A", "2")]
LONE: list[Person] = [(40, "2", "B", "1")]


def child(age: int, sex: str) -> Person:
    return (age, sex, "B", "3")


@cache
def beds(children: tuple[tuple[int, str], ...]) -> int:
    """Fewest rooms for children, trying every pairing of the first one."""
    if not children:
        return 0
    (age, sex), rest = children[0], children[1:]
    fewest = 1 + beds(rest)
    for rank, (other_age, other_sex) in enumerate(rest):
        if sex == other_sex or (age < 7 and other_age < 7):
            fewest = min(fewest, 1 + beds(rest[:rank] + rest[rank + 1 :]))
    return fewest


def needed(household: list[Person]) -> int:
    """Rooms of the norm, read sentence by sentence."""
    rooms, children = 1, []
    for age, sex, union, link in household:
        if link == "2":
            continue
        if link == "1" or union == "A" or age >= 19:
            rooms += 1
        else:
            children.append((age, sex))
    return rooms + beds(tuple(sorted(children)))


def write(path: Path, households: list[tuple[int, list[Person]]], **changes: str) -> Path:
    rows = [
        {
            "CANTVILLE": "1399",
            "NUMMI": str(number),
            "ARM": "13201",
            "IRIS": "132019901",
            "IPONDI": f"{1 + number % 3}.25",
            "AGEREV": f"{age:03d}",
            "SEXE": sex,
            "NBPI": f"{rooms:02d}",
            "LPRF": link,
            "LPRM": "1" if rank == 0 else "3",
            "STAT_CONJ": union,
        }
        | changes
        for number, (rooms, household) in enumerate(households)
        for rank, (age, sex, union, link) in enumerate(household)
    ]
    pd.DataFrame(rows).to_csv(path, sep=";", index=False)
    return path


def counted(path: Path) -> pd.DataFrame:
    return overcrowding.cells(path).set_index("indicateur")[["numerateur", "denominateur", "n"]]


@pytest.mark.parametrize(
    ("household", "rooms"),
    [
        (LONE, 2),
        (PARENTS, 2),
        ([*PARENTS, child(8, "1")], 3),
        ([*PARENTS, child(8, "1"), child(17, "1")], 3),
        ([*PARENTS, child(6, "1"), child(5, "2")], 3),
        ([*PARENTS, child(8, "1"), child(6, "2")], 4),
        ([*PARENTS, child(7, "1"), child(6, "2")], 4),
        ([*PARENTS, child(18, "1"), child(18, "1")], 3),
        ([*PARENTS, child(19, "1"), child(18, "1")], 4),
        ([*PARENTS, child(3, "1"), child(8, "1"), child(9, "1"), child(4, "2")], 4),
        ([*PARENTS, child(10, "1"), child(8, "1"), child(9, "1"), child(4, "2")], 5),
        ([*LONE, (17, "2", "B", "1"), (0, "1", "B", "3")], 4),
        ([*LONE, (18, "1", "A", "0")], 3),
        ([(30, "1", "B", "0"), (31, "1", "B", "0"), (33, "2", "B", "0")], 4),
        ([*PARENTS, (70, "2", "B", "4")], 3),
    ],
)
def test_the_norm_case_by_case(tmp_path, household, rooms):
    """With that many rooms the household is at ease; with one less it is overcrowded."""
    assert needed(household) == rooms
    path = write(tmp_path / "a.csv", [(rooms, household)])
    assert counted(path).loc["part_menages_suroccupation", "numerateur"] == 0
    if len(household) > 1:
        path = write(tmp_path / "a.csv", [(rooms - 1, household)])
        assert counted(path).loc["part_menages_suroccupation", "numerateur"] == 1.25


def test_one_person_in_one_room_is_out_of_the_field(tmp_path):
    found = counted(write(tmp_path / "a.csv", [(1, LONE), (2, LONE)]))
    assert found.loc["part_menages_suroccupation"].tolist() == [0, 2.25, 1]


people = st.tuples(
    st.sampled_from([0, 3, 6, 7, 12, 17, 18, 19, 40]),
    st.sampled_from("12"),
    st.sampled_from("ABB"),
    st.sampled_from("01123334"),
)
homes = st.tuples(st.integers(1, 6), st.lists(people, min_size=1, max_size=8))


@settings(max_examples=30, deadline=None)
@given(st.lists(homes, min_size=1, max_size=12))
def test_random_households_match_the_norm_read_sentence_by_sentence(tmp_path_factory, households):
    expected = {"part_menages_suroccupation": [0, 0, 0], "part_mineurs_suroccupation": [0, 0, 0]}
    for number, (rooms, household) in enumerate(households):
        if rooms == 1 and len(household) == 1:
            continue
        weight, crowded = 1.25 + number % 3, rooms < needed(household)
        minors = sum(age < 18 for age, *_ in household)
        for name, size in zip(expected, (1, minors), strict=True):
            cell = expected[name]
            cell[0] += crowded * weight * size
            cell[1] += weight * size
            cell[2] += size
    found = counted(write(tmp_path_factory.mktemp("rp") / "a.csv", households))
    assert found.T.to_dict("list") == {k: pytest.approx(v) for k, v in expected.items()}


def test_people_out_of_households_are_left_out(tmp_path):
    path = write(tmp_path / "a.csv", [(2, PARENTS)])
    hostel = {"NUMMI": "Z", "LPRM": "Z", "LPRF": "Z", "NBPI": "ZZ"}
    rows = pd.read_csv(path, sep=";", dtype=str)
    rows = pd.concat([rows, rows.assign(**hostel)])
    rows.to_csv(path, sep=";", index=False)
    assert counted(path).loc["part_menages_suroccupation"].tolist() == [0, 1.25, 1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"IPONDI": "-3"}, "Poids IPONDI nuls ou négatifs \\(2 cas\\)"),
        ({"NBPI": "ZZ"}, "Ménages sans nombre de pièces \\(1 cas\\)"),
        ({"LPRM": "2"}, "Ménages sans personne de référence unique \\(1 cas\\)"),
        ({"LPRM": ""}, "de LPRM \\(2 cas\\)"),
        ({"STAT_CONJ": "9"}, "de STAT_CONJ \\(2 cas\\)"),
    ],
)
def test_a_household_that_cannot_be_judged_stops_the_count(tmp_path, changes, sentence):
    with pytest.raises(SourceError, match=sentence):
        overcrowding.cells(write(tmp_path / "a.csv", [(3, PARENTS)], **changes))


def test_shares_follow_from_the_cells(tmp_path):
    family = [*PARENTS, child(8, "1"), child(6, "2")]
    cells = overcrowding.cells(write(tmp_path / "a.csv", [(3, family), (9, family), (2, LONE)]))
    table = areas.by_arrondissement(cells, census.forms()).set_index("indicateur")["valeur"]
    assert table["part_menages_suroccupation"] == pytest.approx(100 * 1.25 / (1.25 + 2.25 + 3.25))
    assert table["part_mineurs_suroccupation"] == pytest.approx(100 * 2.5 / (2.5 + 4.5))
