"""Targets chosen by the City get controls that touch none of them, and the price is said."""

import numpy as np
import pandas as pd
import pytest

from followup_project import project  # noqa: F401
from qpvlib.cli import main
from qpvlib.cohort import spatial
from qpvlib.errors import ProtocolError
from qpvlib.followup import choice, study
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
        ("territoire,raison\nQN01330M,a\nQN01304I,b", "série utilisable"),
    ],
)
def test_a_spoilt_list_is_refused(project, text, told):  # noqa: F811
    path = project / "liste.csv"
    path.write_text(text)
    with pytest.raises(ProtocolError, match=told):
        choice.choose(study.opened(), path)
