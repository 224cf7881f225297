"""An import tells the years it gives and how it knows them, what changed, and what it left."""

import pytest

import fictif
from qpvlib.intake.importer import import_path


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Import a text under a file name and return the lines of the report."""
    fictif.build(tmp_path, monkeypatch)

    def run(text: str, name: str, **options) -> str:
        path = tmp_path / "depot" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        return "\n".join(import_path(path, **options).lines()).replace("\u00a0", " ")

    yield run
    monkeypatch.undo()
    fictif.forget()


def test_a_revised_figure_is_told_before_and_after(load):
    load(fictif.FILOSOFI, "filosofi.csv")
    told = load(fictif.FILOSOFI.replace("41,4", "41,6"), "filosofi.csv")
    assert "0 nouvelle, 1 révisée, 35 identiques" in told
    assert f"Quartier fictif A ({fictif.QPV}), taux_pauvrete_60, 2018 : 41,4 → 41,6" in told


def test_a_figure_that_becomes_secret_is_told_as_such(load):
    load(fictif.FILOSOFI, "filosofi.csv")
    told = load(fictif.FILOSOFI.replace(";41,4;0", ";;0"), "filosofi.csv", removing=True)
    assert "taux_pauvrete_60, 2018 : 41,4 → secret" in told


def test_ten_revisions_are_listed_and_the_others_counted(load):
    load(fictif.demo(2021), "DEMO_2021.csv")
    told = load(fictif.demo(2021, offset=0.5), "DEMO_2021.csv", millesime=2021, reason="essai")
    assert "20 révisées" in told
    assert told.count("→") == 1 + 10 and "et 10 de plus" in told


@pytest.mark.parametrize(
    ("text", "name", "options", "vintages", "dated"),
    [
        (fictif.FILOSOFI, "a.csv", {}, "filosofi 2018 (lu)", "dite par le fichier"),
        (
            fictif.demo(2021), "DEMO_2021.csv", {},
            "population 2018 (inféré), arrondissements 2018 (inféré), rp 2017 (inféré)",
            "ATTENTION : l'année n'est connue que par le nom du fichier",
        ),
        (
            fictif.demo(2021), "a.csv", {"millesime": 2021},
            "population 2018 (vérifié), arrondissements 2018 (vérifié), rp 2017 (inféré)",
            "donnée par --millesime",
        ),
    ],
)  # fmt: skip
def test_each_source_says_its_years_and_how_they_are_known(
    load, text, name, options, vintages, dated
):
    told = load(text, name, **options)
    assert f"Millésimes : {vintages}" in told and dated in told


def test_a_source_that_changes_nothing_takes_one_line(load):
    load(fictif.demo(2021), "DEMO_2021.csv")
    assert len(load(fictif.demo(2021), "DEMO_2021.csv").splitlines()) == 2


def test_columns_of_which_nothing_is_taken_are_named_the_rough_ones_with_why(load):
    wider = "\r\n".join(
        f"{line};{more}"
        for line, more in zip(
            fictif.FILOSOFI.replace("0,243", "0,2").replace("0,234", "0,2").replace("0,231", "0,2")
            .splitlines(),
            ("DISP_S80S20_A18", "4,1", "3,9", "3,8"),
            strict=True,
        )
    )  # fmt: skip
    told = load(wider + "\r\n", "a.csv")
    assert "DISP_GINI_A18 (trop peu de décimales), DISP_S80S20_A18." in told
    assert "Colonnes laissées" not in load(fictif.FILOSOFI, "b.csv")
