"""Targets chosen by the City get controls that touch none of them, and the price is said."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from followup_project import project  # noqa: F401
from qpvlib.cli import main
from qpvlib.cohort import spatial
from qpvlib.errors import ProtocolError
from qpvlib.followup import choice, choosing, plan, study
from qpvlib.presentation.followup import identity
from qpvlib.territories import METRIC_CRS, contours

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def chosen(project):  # noqa: F811
    path = project / "choix_ville.csv"
    drawn = list(study.opened().cohort.query("role == 'témoin'").index[:5])
    lines = [f"{code},raison fictive" for code in drawn]
    path.write_text("\n".join(["territoire,raison", *lines]))
    return path


def test_controls_touch_no_target_and_keep_the_ratio(chosen):
    found = choice.choose(study.opened(), chosen)
    near = spatial.neighbours(contours().to_crs(METRIC_CRS), 300)
    controls = found.match.pairs["control"]
    assert controls.is_unique and not set(controls) & set(found.targets.index)
    assert not near.loc[controls, found.targets.index].to_numpy().any()
    assert found.match.pairs.groupby("target").size().max() == 2
    assert found.absent == choice.WANTED


def test_npnru_coincides_when_it_is_given(chosen, project):  # noqa: F811
    opened = study.opened()
    codes = list(opened.cohort.index)
    table = pd.DataFrame({"territoire": codes, "npnru": ["oui", "non"] * 20 + ["oui"]})
    table["part_logements_sociaux"] = np.arange(41) / 41
    path = project / "variables.csv"
    table.to_csv(path, index=False)
    found = choice.choose(opened, chosen, path)
    kinds = table.set_index("territoire")["npnru"]
    for row in found.match.pairs.itertuples():
        assert kinds[row.target] == kinds[row.control]
    assert not found.absent and "part_logements_sociaux" in found.covariates


def test_the_price_of_choosing_is_said(chosen, capsys):
    assert main(["suivi", "choisir", str(chosen)]) == 0
    out = capsys.readouterr().out
    for words in ("reposera sur un modèle", "régression vers la moyenne", "npnru", "au sort"):
        assert words in out.replace("\u00a0", " ")


def test_each_target_has_its_date_and_its_intensity(chosen, project):  # noqa: F811
    """A gap of 10 times the intensity, added from each date on, is found again."""
    opened = study.opened()
    text = chosen.read_text().splitlines()
    dates = ["2017-06-01", "2018-01-01", "2018-09-01", "2019-03-01", ""]
    parts = ["1", "0,5", "0.25", "1", "1"]
    lines = [f"{row},{day},{part!r}" for row, day, part in zip(text[1:], dates, parts, strict=True)]
    chosen.write_text("\n".join([f"{text[0]},debut,intensite", *lines]).replace("'", '"'))
    found = choice.choose(opened, chosen)
    units = found.units()
    assert set(units["debut"]) == {2017, 2018, 2019} and units["cible"].sum() == 4
    base = [one.value for *_, one in choice.estimates(opened, found)]
    table = opened.series.copy()
    own = table["territoire"].map(units["intensite"].where(units["cible"], 0)).fillna(0)
    after = table["millesime"] >= table["territoire"].map(units["debut"])
    poverty = table["indicateur"] == "taux_pauvrete_60"
    table["valeur"] += 10 * own * (after & poverty)
    moved = choice.estimates(dataclasses.replace(opened, series=table), found)
    assert [what for _, what, _ in moved][:2] == ["écart", "écart pour une intensité de 1"]
    gaps = [one.value - before for (*_, one), before in zip(moved, base, strict=True)]
    assert gaps[1] == pytest.approx(10) and 10 * 0.25 < gaps[0] < 10
    assert gaps[2:] == pytest.approx([0, 0])
    assert moved[0][2].df < 20  # of the model, CR2


def test_nothing_is_estimated_while_the_study_is_blank(chosen, capsys):
    lines = chosen.read_text().splitlines()
    chosen.write_text("\n".join([f"{lines[0]},debut", *(f"{row},2018-01-01" for row in lines[1:])]))
    assert main(["suivi", "choisir", str(chosen)]) == 0
    out = capsys.readouterr().out.replace("\u00a0", " ")
    assert "à blanc" in out and "p du modèle" not in out and "détectable" in out


def test_a_choice_is_sealed_before_any_gap_and_checked_after(chosen, project, capsys):  # noqa: F811
    lines = chosen.read_text().splitlines()
    dated = [f"{lines[0]},debut", *(f"{row},2018-01-01" for row in lines[1:])]
    chosen.write_text("\n".join(dated))
    assert main(["suivi", "choisir", str(chosen), "--enregistrer"]) == 0
    last = plan.chain()[-1]
    assert last["acte"] == "choix" and last["cibles"] == 5
    assert main(["suivi", "verifier"]) == 0
    opened = study.opened()
    assert "5 cibles choisies" in identity.seal_table(opened).html()
    found = choice.choose(opened, chosen)
    started = dataclasses.replace(
        opened,
        plan=plan.read(
            {**opened.plan.content, "nature": {**opened.plan.content["nature"], "type": "réelle"}}
        ),
    )
    assert "--enregistrer" in choosing._gaps_of(started, found, sealed=False)[0]
    assert any("p du modèle" in line for line in choosing._gaps_of(started, found, sealed=True))
    (project / "suivi" / "choix.csv").write_text("cible,temoin\n")
    capsys.readouterr()
    assert main(["suivi", "verifier"]) == 1
    assert "n'est pas le choix scellé" in capsys.readouterr().err


def test_diversity_and_representativeness_are_distances():
    table = pd.DataFrame({"x": [0.0, 1, 2, 3, 4], "y": [0.0, 1, 0, 1, 0]}, index=list("ABCDE"))
    diverse, centre = choice.spread(table, ["A", "E"])
    # The mean of A and E is (2, 0), that of all (2, 0.4); variances 2.5 and 0.3, no covariance.
    assert diverse == pytest.approx(4 / np.sqrt(2.5))
    assert centre == pytest.approx(0.4 / np.sqrt(0.3))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("territoire\nQN01304I", "raison"),
        ("territoire,raison\nQN01304X,a", "QN01304X"),
        ("territoire,raison\nQN01304I,", "raison est vide"),
        ("territoire,raison\nQN01304I,a\nQN01304I,b", "deux fois"),
        ("territoire,raison\nQN01304I,a", "deux cibles"),
        ("territoire,raison,debut\nQN01304I,a,2018", "n'est pas une date"),
        ("territoire,raison,intensite\nQN01304I,a,2", "de 0 à 1"),
        ("territoire,raison\nQN01330M,a\nQN01304I,b", "série utilisable"),
    ],
)
def test_a_spoilt_list_is_refused(project, text, told):  # noqa: F811
    path = project / "liste.csv"
    path.write_text(text)
    with pytest.raises(ProtocolError, match=told):
        choice.choose(study.opened(), path)
