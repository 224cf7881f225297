"""What the registers add up to, against sums made by hand."""

import datetime as dt

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Point

from qpvlib import territories
from qpvlib.evaluation import counts
from qpvlib.evaluation.counts import Share


def meeting(day, present=None, subjects=None, inhabitants=None, place="13055", instance="I01"):
    return {"id": day, "instance": instance, "territoire": place, "presents": present,
            "date": dt.date.fromisoformat(day), "sujets": subjects,
            "habitants": inhabitants}  # fmt: skip


def test_the_four_questions_of_the_city_keep_what_is_not_filled_in_beside():
    rows = {"seances": [meeting("2025-01-10", ("S01", "S02"), ("O1.1",), 0),
                        meeting("2025-06-10", ("S02",), (), 6), meeting("2026-01-10")]}  # fmt: skip
    one = counts.body("I01", rows)
    assert (one.expected, one.fixed, str(one.set_up)) == (1, 1, "1 sur 1")
    assert one.yearly == {2025: 2, 2026: 1}
    assert one.parties["S01"] == Share(1, 2, 1) and one.parties["S02"] == Share(2, 2, 1)
    assert one.parties["S03"] == Share(0, 2, 1)
    assert one.subjects == Share(1, 2, 1) and one.inhabitants == Share(1, 2, 1)
    assert len(counts.unspoken(rows)) == 16 and "O1.1" not in counts.unspoken(rows)


@pytest.mark.parametrize(
    ("name", "expected", "fixed"),
    [("I02", 1, None), ("I03", 4, None), ("I04", 41, None), ("I18", 1, 1), ("I19", 4, None),
     ("I20", 1, None), ("I22", 1, None), ("I06", None, None)],
)  # fmt: skip
def test_no_frequency_is_read_where_the_text_fixes_none(name, expected, fixed):
    one = counts.body(name, {"seances": []})
    assert (one.expected, one.fixed) == (expected, fixed)


def test_a_percentage_appears_from_ten_up():
    assert str(Share(3, 9)) == "3 sur 9"
    assert str(Share(3, 10, 2)) == "3 sur 10 (30 %), 2 non renseignés"


def test_requests_count_answers_and_the_median_delay():
    day = dt.date(2025, 1, 1)
    rows = [{"date": day, "reponse": "acceptée", "date_reponse": day + dt.timedelta(n)}
            for n in (5, 20, 90)]  # fmt: skip
    rows.append({"date": day, "reponse": None, "date_reponse": None})
    assert counts.answers(rows) == (Share(3, 4), 20)
    assert counts.answers([]) == (Share(0, 0), None)


@pytest.mark.parametrize(
    ("located", "inside", "shares"),
    [(3000, 900, (0.75, 0.3)), (1999, 900, (0.49975, None)), (None, None, (None, None)),
     (4000, None, (1.0, None))],
)  # fmt: skip
def test_spending_mostly_not_located_is_not_compared(located, inside, shares):
    assert counts.spending({"total": 4000, "localisable": located, "en_qpv": inside}) == shares


def test_a_grant_to_several_quartiers_is_counted_once():
    def grant(amount, quartiers, year=2025, who="a"):
        return {"montant": amount, "quartiers": quartiers, "annee": year, "idBeneficiaire": who,
                "objet": "x", "nomAttribuant": "Ville", "objectif": None}  # fmt: skip

    rows = {"subventions": [grant(10, ("QN01304I",)), grant(20, ("QN01304I", "QN01303I"), 2026),
                            grant(5, None, who="b")]}  # fmt: skip
    assert counts.grants(rows, "quartiers") == {
        "La Viste": 10, "non réparti": 5, "plusieurs quartiers": 20}  # fmt: skip
    assert sum(counts.grants(rows, "annee").values()) == 35
    assert counts.renewed(rows) == Share(1, 1)


def test_rebates_raise_questions_and_no_verdict():
    def action(spent, **changes):
        return {"bailleur": "B", "quartier": "QN01304I", "annee": 2025, "depense": spent,
                "autres_financements": None, "avec_habitants": None, "dans_le_quartier": None,
                "action": "x", "residence": None} | changes  # fmt: skip

    given = {"bailleur": "B", "quartier": "QN01304I", "annee": 2025, "montant": 100}

    def alerts(abated, *actions):
        found = counts.rebates({"abattements": abated, "actions_tfpb": list(actions)})
        return found[0][-1]

    assert alerts([given], action(80)) == ()
    assert alerts([given]) == ("aucune action",)
    assert alerts([], action(80)) == ("actions sans abattement déclaré",)
    assert alerts([given], action(120)) == ("dépensé plus qu'abattu, sans autre financement",)
    assert alerts([given], action(120, autres_financements=20)) == ()
    assert alerts([given], action(10), action(10)) == ("action inscrite deux fois",)
    assert alerts([given], action(1, dans_le_quartier=False)) == ("résidence hors du quartier",)


def test_a_structure_serves_the_quartiers_around_its_point():
    areas = territories.contours().to_crs(territories.METRIC_CRS).geometry
    here = areas["QN01304I"]
    top = here.bounds[3]
    (x,) = {px for part in shapely.get_parts(here) for px, py in part.exterior.coords if py == top}
    spots = [here.representative_point(), Point(x, top + 299), Point(x, top + 499),
             Point(x, top + 501), Point(860_000, 6_220_000)]  # fmt: skip
    degrees = gpd.GeoSeries(spots, crs=territories.METRIC_CRS).to_crs("EPSG:4326")
    cards = [{"longitude": one.x, "latitude": one.y, "quartiers": None} for one in degrees]
    given = {"longitude": None, "latitude": None, "quartiers": ("QN01303I",)}
    found = counts.around([*cards, given])
    told = [one.get("QN01304I", -1) for one in found]
    assert told == pytest.approx([0, 299, 499, -1, -1, -1], abs=0.5)
    assert found[4] == {} and found[5] == {"QN01303I": None}


def test_the_actions_of_an_axis_are_added_up():
    done = [{"axe": axis, "depense": spent, "avec_habitants": shared}
            for axis, spent, shared in (("b", 10, True), ("a", None, None), ("b", 5, False))
            ]  # fmt: skip
    told = [(axis, size, spent, str(shared)) for axis, size, spent, shared
            in counts.axes({"actions_tfpb": done})]  # fmt: skip
    assert told == [("a", 1, 0, "0 sur 0, 1 non renseigné"), ("b", 2, 15, "1 sur 2")]
