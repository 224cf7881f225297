"""The data folder is coherent, or every incoherence is told."""

import pandas as pd
import pytest

import fictif
from qpvlib.errors import CheckError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import contradictions, divergences, periods, verify
from qpvlib.observations import COLUMNS
from qpvlib.reading import portrait
from qpvlib.territories import qpv


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
    assert len(report.lines()) == 5
    assert "revenu_median" not in {*report.waiting, *report.unread}
    assert "population_qpv" in report.waiting and "exposition_air" in report.unread


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
    with pytest.raises(CheckError, match=sentence) as refusal:
        verify()
    assert all(problem.remedy for problem in refusal.value.problems)


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
    assert "qpv retirer b" in problem.remedy


@pytest.mark.parametrize(
    ("first", "last", "faults"), [(2013, 2018, 0), (2013, 2023, 3), (2008, 2018, 3)]
)
def test_the_growth_of_the_population_says_its_two_years(make_store, first, last, faults):
    rows = [(q.code, "population_qpv", y, 1000.0) for q in qpv("qpv2015") for y in (first, last)]
    grown = make_store([*rows, ("QP013003", "evolution_population", last, 1.0)]).frame
    told = [str(problem) for problem in periods(grown)]
    assert len(told) == faults and all("evolution_population" in text for text in told)
    assert list(periods(make_store(rows).frame)) == []


ENTRY = """
part_essai:
  libelle: Part d'essai
  libelle_court: Part d'essai
  en_clair: Ce que dit une colonne inventée.
  definition: Colonne inventée, essai
  numerateur: ''
  denominateur: ''
  univers: ménages
  unite: '%'
  decimales: 1
  sens: neutre
  orientation: precarite
  additif: false
  nature: exhaustif
  source: essai
  limites: essai
  statut: publie
  dans_convention: non
"""


def test_what_contributing_says_of_a_new_indicator_gives_its_figure(data, tmp_path):
    """The entry alone is a fault, that names the file where its column goes; with it, a figure."""
    catalogue = data / "indicateurs.yml"
    entry = ENTRY.replace("dans_convention: non", "dans_convention: 'non'")
    catalogue.write_text(catalogue.read_text("utf-8") + entry, "utf-8")
    fictif.forget()
    with pytest.raises(CheckError, match=r"part_essai.*data/familles\.yml"):
        verify()
    families = data / "familles.yml"
    column = "          DISP_PIMPOT: part_impots\n"
    text = families.read_text("utf-8")
    assert column in text
    new = "          DISP_ESSAI: part_essai\n"
    families.write_text(text.replace(column, column + new, 1), "utf-8")
    fictif.forget()
    assert "part_essai" in verify().waiting
    header, *rows = fictif.FILOSOFI.splitlines()
    lines = [f"{header};DISP_ESSAI_A18", *(f"{row};12,5" for row in rows)]
    path = tmp_path / "essai.csv"
    path.write_text("\r\n".join(lines) + "\r\n", "utf-8")
    import_path(path)
    report = verify()
    assert "part_essai" not in {*report.waiting, *report.unread}
    text = (fictif.REPOSITORY / "CONTRIBUTING.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| un indicateur |"))
    steps = ("data/indicateurs.yml", "data/familles.yml", "qpv importer", "qpv verifier")
    assert [row.index(step) for step in steps] == sorted(row.index(step) for step in steps)


PASSAGE = "code_2015,code_2024,nature,methode,doute,note\n"


def passed(data, make_store, rows, doubt="", note="Même nom.", nature="identique"):
    (data / "territoires" / "passage.csv").write_text(
        f"{PASSAGE}{fictif.QPV},QN01391I,{nature},fictive,{doubt},{note}\n", "utf-8"
    )
    fictif.forget()
    return [str(problem) for problem in contradictions(make_store(rows).complete)]


def people(before, after):
    return [
        (fictif.QPV, "population_qpv", 2018, before),
        ("QN01391I", "population_qpv", 2020, after),
    ]


def poverty(before, after, year=2021):
    return [
        (fictif.QPV, "taux_pauvrete_60", 2021, before),
        ("QN01391I", "taux_pauvrete_60", year, after),
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        # Margins of 284 and 313: La Viste jumps beyond both; Les Tilleuls (249 and 266) does not.
        (people(3044.0, 3698.0), "3044 en 2018, 3698 en 2020"),
        (people(3698.0, 3044.0), "au-delà des marges"),
        (people(2342.0, 2661.0), None),
        (people(3044.0, None), None),
        (poverty(55.0, 53.0), "taux_pauvrete_60/ensemble/qpv/QP013901/2021"),
        (poverty(55.0, 55.0), None),
        (poverty(55.0, 53.0, 2020), None),  # another year may be another rate
        (poverty(55.0, None), None),
        ([], None),
    ],
)
def test_a_perimeter_said_identical_keeps_its_population_and_its_figures(
    data, make_store, rows, told
):
    found = passed(data, make_store, rows)
    assert len(found) == (told is not None)
    assert all(told in text and "passage.csv" in text and "doute" in text for text in found)
    # Declared, or another nature: accepted.
    assert passed(data, make_store, rows, doubt="oui") == []
    assert passed(data, make_store, rows, nature="modifie") == []


def test_the_real_passages_are_not_contradicted():
    assert list(contradictions(portrait.store().complete)) == []
