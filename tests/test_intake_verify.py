"""The data folder is coherent, or every incoherence is told."""

import pandas as pd
import pytest

import fictif
from qpvlib.errors import CheckError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import divergences, verify
from qpvlib.observations import COLUMNS


@pytest.fixture
def data(tmp_path, monkeypatch):
    data = fictif.build(tmp_path, monkeypatch)
    path = tmp_path / "filosofi.csv"
    path.write_text(fictif.FILOSOFI, "utf-8")
    import_path(path)
    yield data
    monkeypatch.undo()
    fictif.forget()


def change(path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def figures(values: dict[str, float]) -> pd.DataFrame:
    row = {
        "territoire": fictif.QPV, "geographie": "qpv2015", "indicateur": "taux_pauvrete_60",
        "modalite": "ensemble", "millesime": 2018, "etat": "valeur",
    }  # fmt: skip
    rows = [row | {"source": source, "valeur": value} for source, value in values.items()]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_an_imported_folder_is_coherent(data):
    report = verify()
    assert report.sources == 1
    assert report.states["secret"] == 1
    assert report.rows == sum(report.states.values())
    assert len(report.lines()) == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("sources.yml", "millesime: 2018", "millesime: 2017", "2018 absent de ses blocs"),
        ("sources.yml", "insee-filosofi-qpv2015-2018:", "autre:", "n'est pas dans data/sources"),
        ("sources.yml", "famille: filosofi-qpv", "famille: inventee", "famille inventee"),
        ("sources.yml", "sha256: ", "sha256: zz", "SHA-256"),
        ("observations/*.csv", ",secret,", ",secrette,", "état inconnu"),
        ("observations/*.csv", ",taux_pauvrete_60,", ",taux_invente,", "n'est pas dans le catal"),
        ("observations/*.csv", ",insee-filosofi", ",autre-filosofi", "lignes d'une autre source"),
        ("observations/*.csv", "QP013901,qpv2015", "QP013999,qpv2015", "est inconnu"),
    ],
)
def test_each_incoherence_is_told(data, file, old, new, sentence):
    (path,) = data.glob(file)
    change(path, old, new)
    with pytest.raises(CheckError, match=sentence):
        verify()


def test_all_faults_are_told_at_once(data):
    change(data / "sources.yml", "famille: filosofi-qpv", "famille: inventee")
    change(data / "sources.yml", "millesime: 2018", "millesime: 2017")
    with pytest.raises(CheckError) as refusal:
        verify()
    assert len(refusal.value.problems) == 2


@pytest.mark.parametrize("values", [(2.8, 2.769599), (44.7, 44.7), (37, 37.4), (2.9, 2.85)])
def test_sources_agree_to_the_decimals_of_the_coarser(values):
    assert divergences(figures(dict(zip("ab", values, strict=True)))) == []


@pytest.mark.parametrize("values", [(44.7, 45.2), (37, 37.6), (2.8, 2.7)])
def test_sources_that_diverge_are_listed(values):
    (problem,) = divergences(figures(dict(zip("ab", values, strict=True))))
    assert "(a)" in str(problem) and "(b)" in str(problem)
