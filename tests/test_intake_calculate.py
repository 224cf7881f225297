"""What qpvlib computes follows its inputs: written whole, registered, and told when out of date."""

import pandas as pd
import pytest

import fictif
from qpvlib import observations
from qpvlib.errors import CheckError
from qpvlib.indicators.composites import composites
from qpvlib.intake import calculate
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.sources import registry

GROWTH = "calcul-evolution-population"


@pytest.fixture
def data(tmp_path, monkeypatch):
    data = fictif.build(tmp_path, monkeypatch)
    for year in (2019, 2021):
        path = tmp_path / f"demo_{year}.csv"
        path.write_text(fictif.demo(year), "utf-8")
        import_path(path)
    yield data
    monkeypatch.undo()
    fictif.forget()


def test_an_import_computes_what_it_allows(data):
    """The fictitious populations are 1,500 and 1,507 five years apart."""
    frame = observations.read(data / "observations" / f"{GROWTH}.csv")
    rates = frame.set_index("territoire")["valeur"]
    assert rates[fictif.QPV] == pytest.approx(100 * ((1507 / 1500) ** 0.2 - 1), abs=1e-6)
    entry = registry.sources()[GROWTH]
    assert entry.computed and entry.rang == calculate.RANK
    assert entry.blocs["calcul"]["millesime"] == [2018]
    assert verify().sources == 3


def test_the_import_says_what_it_computed(data, tmp_path):
    path = tmp_path / "demo_2022.csv"
    path.write_text(fictif.demo(2021).replace(";1507;", ";1600;"), "utf-8")
    (data / "observations" / "insee-demo-2021.csv").unlink()
    report = import_path(path, 2022)
    assert f"{GROWTH}\u00a0: recalculé." in report.lines()


def test_computing_again_changes_nothing(data):
    before = {p: p.read_bytes() for p in data.rglob("*") if p.is_file()}
    report = calculate.calculate()
    assert (report.changed, list(report.same)) == ({}, [GROWTH])
    assert {p: p.read_bytes() for p in data.rglob("*") if p.is_file()} == before
    assert report.lines() == [f"{GROWTH}\u00a0: 2 lignes, inchangé."]


def test_an_entry_out_of_date_is_told_then_computed(data):
    path = data / "sources.yml"
    text = path.read_text("utf-8")
    old = "producteur: qpvlib, d'après l'Insee"
    assert old in text
    path.write_text(text.replace(old, "producteur: autre", 1), "utf-8")
    with pytest.raises(CheckError, match="qpv calculer"):
        verify()
    calculate.calculate()
    verify()


def test_a_lost_row_is_told_then_computed(data):
    path = data / "observations" / f"{GROWTH}.csv"
    path.write_text("".join(path.read_text("utf-8").splitlines(True)[:-1]), "utf-8")
    with pytest.raises(CheckError):
        verify()
    calculate.calculate()
    verify()


def test_a_calculation_without_its_data_is_removed(data):
    (data / "observations" / "insee-demo-2019.csv").unlink()
    assert calculate.calculate().removed == [GROWTH]
    assert not (data / "observations" / f"{GROWTH}.csv").exists()
    assert GROWTH not in registry.sources()
    assert calculate.calculate().lines() == ["Rien à calculer\u00a0: les données manquent."]


def test_a_computed_figure_never_replaces_a_published_one(data):
    """Were INSEE to publish the same rate, it would be the one shown."""
    frame = observations.read_all()
    computed = frame[frame["source"] == GROWTH]
    published = computed.assign(source="insee-demo-2021", valeur=computed["borne_haute"])
    both = pd.concat([computed, published], ignore_index=True)
    shown = observations.Observations(both, registry.ranks()).frame
    assert set(shown["source"]) == {"insee-demo-2021"}


def test_the_stored_figures_are_up_to_date():
    frame, sources = observations.read_all(), registry.sources()
    assert calculate.stale(frame, sources) == []
    assert {n for n, s in sources.items() if s.computed} == {
        "calcul-densite", "calcul-estimations-iris", GROWTH,
    }  # fmt: skip


def test_an_index_appears_with_its_components_some_of_them_estimated():
    """Fictitious shares by IRIS, so that the quartiers' are estimated; then nothing without one."""
    (index, *_) = composites().values()
    frame, year = observations.read_all(), 2020
    model = (frame["indicateur"] == "part_60_plus") & (frame["geographie"] == "iris")
    given = [name for name in index.names if name not in ("part_immigres", "taux_pauvrete_60")]
    frame, pattern = frame[~frame["indicateur"].isin(given)], frame[model]
    invented = [pattern.assign(indicateur=name, millesime=year) for name in given]
    sources = registry.sources()
    found = calculate.compute(pd.concat([frame, *invented], ignore_index=True), sources)
    rows = found["calcul-indices-numeriques"].frame
    told = rows[(rows["geographie"] == "qpv2024") & (rows["etat"] == "valeur")]
    assert set(told["indicateur"]) == {index.name} and set(told["millesime"]) == {year}
    assert (told["borne_basse"] < told["valeur"]).all()
    less = calculate.compute(pd.concat([frame, *invented[1:]], ignore_index=True), sources)
    assert "calcul-indices-numeriques" not in less
