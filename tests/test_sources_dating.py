"""A file is dated by what it holds; a year it only claims is confirmed or refused."""

import pytest

import fictif
from qpvlib.errors import SourceError
from qpvlib.intake.importer import import_path
from qpvlib.sources import dating, registry


@pytest.fixture
def data(tmp_path, monkeypatch):
    yield fictif.build(tmp_path, monkeypatch)
    monkeypatch.undo()
    fictif.forget()


@pytest.fixture
def load(tmp_path, data):
    """Import a text under a file name and return the ids of its sources."""

    def run(text: str, name: str, millesime: int | None = None) -> list[str]:
        path = tmp_path / "depot" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8", newline="")
        return [change.source for change in import_path(path, millesime).changes]

    return run


def test_the_name_gives_the_year_of_a_themed_base(load):
    assert load(fictif.demo(2021), "DEMO_2021.csv") == ["insee-demo-2021"]
    blocks = registry.sources()["insee-demo-2021"].blocs
    assert blocks["population"]["millesime"] == 2018
    assert blocks["rp"]["millesime"] == 2017


def test_the_user_may_give_the_year(load):
    assert load(fictif.demo(2021), "tableau.csv", 2022) == ["insee-demo-2022"]


def test_a_registered_file_is_known_under_any_name(load):
    load(fictif.demo(2021), "DEMO_2021.csv")
    assert load(fictif.demo(2021), "copie de travail.csv") == ["insee-demo-2021"]


def test_stored_figures_date_a_file_without_a_year(load):
    load(fictif.demo(2021), "DEMO_2021.csv")
    load(fictif.demo(2022, offset=1), "DEMO_2022.csv")
    anew = "\ufeff" + fictif.demo(2022, offset=1)
    assert load(anew, "tableau.csv") == ["insee-demo-2022"]


def test_a_year_that_the_columns_contradict_is_refused(load):
    with pytest.raises(SourceError, match="NOTE_RP n'existe que depuis 2021"):
        load(fictif.demo(2021), "DEMO_2019.csv")
    with pytest.raises(SourceError, match="2017 à 2023"):
        load(fictif.demo(2021), "DEMO_2031.csv")


def test_a_guess_about_the_columns_is_a_doubt_once_the_user_gives_the_year(tmp_path, data):
    path = tmp_path / "DEMO.csv"
    path.write_text(fictif.demo(2021), "utf-8")
    report = import_path(path, 2019)
    assert [change.source for change in report.changes] == ["insee-demo-2019"]
    (doubt,) = [line for line in report.lines() if "NOTE_RP" in line]
    assert "lu pour 2019" in doubt and "n'existe que depuis 2021" in doubt


def test_a_year_that_the_figures_contradict_is_refused(load):
    load(fictif.demo(2021), "DEMO_2021.csv")
    load(fictif.demo(2022, offset=1), "DEMO_2022.csv")
    for name, millesime in (("DEMO_2022.csv", None), ("tableau.csv", 2022)):
        with pytest.raises(SourceError, match="ses chiffres sont ceux de 2021"):
            load("\ufeff" + fictif.demo(2021), name, millesime)


def test_a_name_with_two_years_gives_none(load):
    with pytest.raises(SourceError, match="--millesime"):
        load(fictif.demo(2021), "DEMO_2021_maj_2023.csv")


def test_a_year_that_only_the_name_tells_is_registered_as_inferred(load):
    load(fictif.demo(2021), "DEMO_2021.csv")
    load(fictif.demo(2021), "DEMO_2021.csv")  # by its bytes: still no more than a name
    source = registry.sources()["insee-demo-2021"]
    assert dating.is_unconfirmed(source)
    assert {block["connu"] for block in source.blocs.values()} == {"inféré"}
    load(fictif.demo(2021), "DEMO_2021.csv", 2021)
    source = registry.sources()["insee-demo-2021"]
    assert not dating.is_unconfirmed(source)
    assert source.blocs["population"]["connu"] == "vérifié"


def test_a_year_whose_figures_are_found_again_is_confirmed(load):
    load(fictif.demo(2021), "DEMO_2021.csv", 2021)
    load("\ufeff" + fictif.demo(2021), "DEMO_2021.csv")
    assert not dating.is_unconfirmed(registry.sources()["insee-demo-2021"])


def test_another_year_for_a_registered_file_is_refused(load):
    load(fictif.demo(2021), "DEMO_2021.csv")
    with pytest.raises(SourceError, match="qpv retirer insee-demo-2021"):
        load(fictif.demo(2021), "DEMO_2021.csv", 2022)


def test_the_year_of_the_title_is_that_of_the_file_whatever_its_name(load):
    header = (
        "Code commune INSEE;Commune;APL aux médecins généralistes;"
        "Population standardisée 2020 pour la médecine générale;Population totale 2020\n"
    )
    rows = "13215;A;4,5;1000;900\n13216;B;2,5;3000;2900\n"
    found = load("Titre;;;;\nMillésime : 2022;;;;\n" + header + rows, "tableau_2031.csv")
    assert found == ["drees-apl-generalistes-communes-2022"]
    with pytest.raises(SourceError, match="--millesime"):
        load(header + rows, "tableau_2022.csv")
