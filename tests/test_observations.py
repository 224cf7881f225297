"""A row that breaks one rule of the schema is named with its line; the four states never mix.

The figures are invented: no value here describes a real territory.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from qpvlib import observations
from qpvlib.errors import InvalidCodeError, MixedGeographyError, ObservationError
from qpvlib.observations import COLUMNS, NUMBERS, STATES, Observations

ROW = {
    "territoire": "QN01303I",
    "geographie": "qpv2024",
    "indicateur": "taux_fictif",
    "modalite": "ensemble",
    "millesime": 2019,
    "valeur": 10.0,
    "numerateur": None,
    "denominateur": None,
    "borne_basse": None,
    "borne_haute": None,
    "etat": "valeur",
    "source": "fictive",
}
SECRET = {"etat": "secret", "valeur": None}


def table(*changes):
    frame = pd.DataFrame([ROW | change for change in changes], columns=COLUMNS)
    return frame.astype({column: float for column in NUMBERS})


def failure(frame, file="essai.csv"):
    with pytest.raises(ObservationError) as caught:
        observations.validate(frame, file)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"geographie": "quartier"}, "geographie", "géographie inconnue"),
        ({"indicateur": "Taux Fictif"}, "indicateur", "identifiant mal formé"),
        ({"modalite": "femmes "}, "modalite", "identifiant mal formé"),
        ({"source": ""}, "source", "identifiant mal formé"),
        ({"millesime": 19}, "millesime", "millésime impossible"),
        ({"etat": "masqué"}, "etat", "état inconnu"),
        ({"valeur": np.inf}, "valeur", "nombre infini"),
        ({"valeur": None}, "valeur", "n'a pas de nombre"),
        ({"territoire": None}, "territoire", "vide"),
        ({"territoire": "../x"}, "territoire", "inconnu"),
        ({"territoire": "QN07501N"}, "territoire", "inconnu"),
        ({"territoire": "QP013003"}, "territoire", "n'appartient pas à cette géographie"),
        ({"borne_basse": 10.1}, "borne_basse", "dépasse"),
        ({"borne_haute": 9.9}, "borne_haute", "inférieure"),
        ({"etat": "secret"}, "etat", "sans valeur publiée porte un nombre"),
        (SECRET | {"numerateur": 3.0}, "etat", "sans valeur publiée porte un nombre"),
        ({"millesime": 2018}, "millesime", "donné deux fois"),
    ],
)
def test_each_rule_names_the_line_and_the_column(change, column, words):
    (problem,) = failure(table({"millesime": 2018}, change))
    assert problem.startswith(f"essai.csv, ligne 3, colonne {column}\u00a0: ")
    assert words in problem


def test_all_broken_rows_are_told_at_once():
    assert len(failure(table({"millesime": 1}, {"etat": "?"}, {"geographie": "?"}))) == 3
    assert len(failure(table({"valeur": None}, {"territoire": "13055", "borne_basse": 11.0}))) == 3


def test_columns_missing_or_unexpected_are_named():
    (problem,) = failure(table({}).drop(columns="etat"))
    assert problem == "essai.csv\u00a0: la colonne «\u00a0etat\u00a0» manque."
    (problem,) = failure(table({}).assign(note="x"))
    assert "colonne inattendue" in problem and "note" in problem


def test_a_column_of_the_wrong_type_is_said_in_french():
    assert "type inattendu" in failure(table({"millesime": "2019"}))[0]


@pytest.mark.parametrize("state", STATES)
def test_the_four_states_survive_a_round_trip(tmp_path, state):
    change = {"etat": state} | ({} if state == "valeur" else {"valeur": None})
    (tmp_path / "a.csv").write_bytes(observations.to_csv(table(change)))
    one = Observations.load(tmp_path).get("taux_fictif", "QN01303I")
    assert one.state == state
    assert one.value == (10.0 if state == "valeur" else None)
    assert one.is_value == (state == "valeur")


def test_zero_is_a_value():
    one = Observations(table({"valeur": 0.0})).get("taux_fictif", "QN01303I")
    assert one.is_value and one.value == 0


def test_only_a_published_figure_has_an_amount():
    assert Observations(table({"valeur": 0.0})).get("taux_fictif", "QN01303I").amount == 0
    for state in set(STATES) - {"valeur"}:
        masked = Observations(table(SECRET | {"etat": state})).get("taux_fictif", "QN01303I")
        for one in (masked, replace(masked, value=4.0)):
            with pytest.raises(ValueError, match=state):
                _ = one.amount


def test_a_round_trip_gives_the_same_bytes_and_the_order_of_rows_does_not_matter(tmp_path):
    draw = np.random.default_rng(20)
    changes = [
        {"millesime": year, "valeur": value, "numerateur": value / 3}
        for year, value in zip(range(2000, 2020), draw.normal(scale=1e6, size=20), strict=True)
    ]
    content = observations.to_csv(table(*changes, SECRET | {"millesime": 2021}))
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert observations.to_csv(observations.read(path)) == content
    shuffled = table(SECRET | {"millesime": 2021}, *changes[::-1])
    assert observations.to_csv(shuffled) == content
    assert b"\r" not in content


@pytest.mark.parametrize("content", [b"", "territoire\n\xe9".encode("latin-1"), b'a,b\n"1,2\n'])
def test_an_unreadable_file_is_said_in_one_sentence(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(ObservationError, match=r"a\.csv.*CSV lisible"):
        observations.read(path)


def test_unreadable_numbers_are_named_with_their_line(tmp_path):
    path = tmp_path / "a.csv"
    header = ",".join(COLUMNS)
    line = "QN01303I,qpv2024,taux_fictif,ensemble,{},{},,,,,valeur,fictive"
    path.write_text("\n".join([header, line.format(2018, "1e1"), line.format("an", "dix")]))
    with pytest.raises(ObservationError) as caught:
        observations.read(path)
    places = {(problem.line, problem.column) for problem in caught.value.problems}
    assert places == {(3, "millesime"), (3, "valeur")}


def test_na_is_a_word_and_not_a_missing_number(tmp_path):
    content = observations.to_csv(table(SECRET)).replace(b"taux_fictif", b"nan")
    (tmp_path / "a.csv").write_bytes(content)
    assert Observations.load(tmp_path).get("nan", "QN01303I").state == "secret"


def test_the_latest_vintage_is_given_even_when_it_is_secret():
    store = Observations(table({"millesime": 2018}, SECRET | {"millesime": 2019}))
    assert store.get("taux_fictif", "QN01303I").state == "secret"
    assert store.get("taux_fictif", "QN01303I", vintage=2018).value == 10
    assert [one.vintage for one in store.series("taux_fictif", "QN01303I")] == [2018, 2019]
    assert store.vintages("taux_fictif", "qpv2024") == (2018,)


def test_a_figure_no_source_gives_is_unavailable():
    store = Observations(table({}))
    one = store.get("taux_fictif", "QN01304I")
    assert (one.state, one.value, one.vintage) == ("non_disponible", None, None)
    assert store.get("taux_fictif", "QN01303I", vintage=2000).vintage == 2000
    with pytest.raises(InvalidCodeError):
        store.get("taux_fictif", "../x")


def test_the_smallest_rank_wins():
    frame = table({"source": "a", "valeur": 1.0}, {"source": "b", "valeur": 2.0})
    assert Observations(frame, {"a": 2, "b": 1}).get("taux_fictif", "QN01303I").source == "b"
    assert Observations(frame, {"a": 1, "b": 2}).get("taux_fictif", "QN01303I").source == "a"
    assert Observations(frame).get("taux_fictif", "QN01303I").source == "a"


def test_a_secret_of_the_first_rank_is_kept_but_a_gap_is_filled_by_the_next():
    other, rank = {"source": "b"}, {"a": 0, "b": 1}
    for state, expected in (("secret", "secret"), ("sans_objet", "sans_objet"),
                            ("non_disponible", "valeur")):  # fmt: skip
        frame = table({"source": "a", "etat": state, "valeur": None}, other)
        assert Observations(frame, rank).get("taux_fictif", "QN01303I").state == expected


def test_two_geographies_never_meet():
    store = Observations(table({}))
    codes = ["QN01303I", "QN01304I"]
    assert [one.state for one in store.across("taux_fictif", codes)] == ["valeur", "non_disponible"]
    with pytest.raises(MixedGeographyError, match="qpv2015, qpv2024"):
        store.across("taux_fictif", ["QN01303I", "QP013003"])


def test_an_empty_store_knows_nothing(tmp_path):
    store = Observations.load(tmp_path)
    assert store.get("taux_fictif", "13055").state == "non_disponible"
    assert store.vintages("taux_fictif", "commune") == ()


def test_a_source_without_a_rank_is_an_error_and_not_the_first_of_all():
    frame = table({"source": "a", "valeur": 1.0}, {"source": "b", "valeur": 2.0})
    with pytest.raises(ObservationError, match=r"la source b n'est pas dans .*qpv retirer b"):
        Observations(frame, {"a": 10})


def test_the_folder_of_the_project_is_read_as_one_table(tmp_path, monkeypatch):
    monkeypatch.setattr(observations.paths, "data", lambda: tmp_path)
    (tmp_path / "observations").mkdir()
    for name, value in (("a", 1.0), ("b", 2.0)):
        content = observations.to_csv(table({"source": name, "valeur": value}))
        (tmp_path / "observations" / f"{name}.csv").write_bytes(content)
    frame = observations.read_all()
    assert list(frame["source"]) == ["a", "b"] and list(frame.index) == [0, 1]
    store = Observations.load(rank={"a": 2, "b": 1})
    assert store.get("taux_fictif", "QN01303I").source == "b"
    assert list(store.frame.index) == [0]
    assert list(store.frame.columns) == COLUMNS


def test_rows_are_in_the_order_of_their_keys_and_numbered_anew():
    frame = observations.validate(table({"millesime": 2020}, {"millesime": 2018}))
    assert list(frame["millesime"]) == [2018, 2020] and list(frame.index) == [0, 1]


def test_every_fault_of_a_file_names_it(tmp_path):
    path = tmp_path / "b.csv"
    path.write_bytes(observations.to_csv(table({})).replace(b"10.0", b"dix"))
    with pytest.raises(ObservationError, match=r"b\.csv, ligne 2.*nombre illisible.*dix"):
        observations.read(path)
    path.write_bytes(observations.to_csv(table({})).replace(b"2019", b"19"))
    with pytest.raises(ObservationError, match=r"b\.csv, ligne 2"):
        observations.read(path)


def test_a_bound_that_is_the_value_is_sound():
    frame = table({"borne_basse": 10.0, "borne_haute": 10.0})
    assert len(observations.validate(frame)) == 1


def test_a_figure_is_asked_for_by_its_category_and_its_year():
    store = Observations(
        table(
            {},
            {"modalite": "femmes", "valeur": 3.0, "millesime": 2019},
            {"modalite": "femmes", "valeur": 4.0, "millesime": 2020},
        )
    )
    assert store.get("taux_fictif", "QN01303I", "femmes").value == 4.0
    (one,) = store.across("taux_fictif", ["QN01303I"], 2019, "femmes")
    assert one.value == 3.0
    assert store.series("taux_fictif", "QN01304I") == ()
    lacking = store.get("taux_fictif", "QN01304I", "femmes", 2019)
    assert (lacking.territory, lacking.indicator, lacking.category, lacking.source) == (
        "QN01304I", "taux_fictif", "femmes", "",
    )  # fmt: skip


def test_an_unregistered_source_is_named_with_its_file():
    with pytest.raises(ObservationError, match=r"^fictive\.csv"):
        Observations(table({}), {})
