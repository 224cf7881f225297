"""The cohort follows from the protocol and the seed alone, within the rules it states."""

import pytest

from followup_project import REPOSITORY, project  # noqa: F401
from qpvlib.cohort import spatial
from qpvlib.errors import ProtocolError
from qpvlib.followup import draw, plan, seal, study
from qpvlib.reading.portrait import store
from qpvlib.territories import METRIC_CRS, contours, qpv


@pytest.fixture(scope="module")
def drawn():
    return draw.drawing(plan.load(), store(), "graine fictive")[0]


def test_the_recorded_cohort_is_found_again_byte_for_byte():
    act = seal.of_kind(plan.chain(), seal.DRAW)[-1]
    again, held, number = draw.drawing(plan.load(), store(), act["graine"])
    assert number == act["tire"] and held.design.count() == 39366
    written = {**held.files(), "cohorte.csv": draw.to_csv(again)}
    for name, content in written.items():
        assert content == (REPOSITORY / "suivi" / name).read_bytes(), name


def test_a_lottery_survives_its_files():
    _, held, _ = draw.drawing(plan.load(), store(), "graine fictive")
    again = draw.held(*held.files().values())
    assert (again.design.listed == held.design.listed).all()
    assert again.design.balance.tolist() == held.design.balance.tolist()
    assert (again.series, again.variables) == (held.series, held.variables)
    assert (again.replayed() == held.design.listed).all()


def test_chances_are_between_fifteen_and_fifty_percent_but_for_a_certain_target():
    chances = study.opened().chances
    assert chances[(chances > 0) & (chances < 1)].between(0.15, 0.50).all()
    assert (chances == 1).sum() == 1 == (chances == 0).sum()


def test_another_public_randomness_draws_other_targets(drawn):
    recorded = draw.load()
    assert set(drawn.index[drawn["role"] == "cible"]) != set(
        recorded.index[recorded["role"] == "cible"]
    )


def test_one_target_per_triplet_and_one_per_sector(drawn):
    members = drawn[drawn["groupe"] != ""]
    assert (members["role"] == "cible").groupby(members["groupe"]).sum().eq(1).all()
    assert members.groupby("groupe").size().between(2, 3).all()
    assert members.groupby("groupe")["classe"].nunique().eq(1).all()
    assert set(drawn.loc[drawn["role"] == "cible", "secteur"]) == set(drawn["secteur"])


def test_no_triplet_holds_two_neighbours(drawn):
    near = spatial.neighbours(contours().to_crs(METRIC_CRS), 300)
    for _, group in drawn[drawn["groupe"] != ""].groupby("groupe"):
        assert not near.loc[group.index, group.index].to_numpy().any()


def test_a_series_of_2015_serves_one_quartier_only(drawn):
    used = drawn.loc[drawn["unite"] != "", "unite"]
    assert used.is_unique and len(used) == len(qpv("qpv2015"))
    assert (drawn.loc[drawn["unite"] == "", "role"] == "hors tirage").all()
    assert (drawn.loc[drawn["role"] == "hors tirage", "motif"] != "").all()


def test_typology_inputs_are_flagged_when_masked():
    found, likeness, table = draw.classes(plan.load(), store())
    assert found.imputed.to_numpy().sum() == table.isna().to_numpy().sum() > 0
    assert 0 < likeness < 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",cible,", ",vedette,", "vedette"),
        ("QN01303I", "QN01303X", "QN01303X"),
        ("QN01303I", "QN01304I", "deux fois"),
        ("role", "fonction", "role"),
    ],
)
def test_a_spoilt_cohort_is_refused(project, old, new, told):  # noqa: F811
    path = project / "suivi" / "cohorte.csv"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ProtocolError, match=told):
        draw.load()


def test_a_blind_study_shows_other_targets_until_an_amendment_says_otherwise(project):  # noqa: F811
    path = project / "suivi" / "protocole.yml"
    true = study.opened()
    path.write_text(
        path.read_text().replace("  type: étude à blanc", "  type: étude à blanc\n  aveugle: true")
    )
    blind = study.on_text(plan.load(), plan.chain(), store())
    assert set(blind.targets.index) != set(true.targets.index)
    assert set(blind.drawn.index) == set(true.drawn.index)
    assert "étiquettes permutées" in blind.nature
    targets = list(blind.units.index[blind.units["cible"]])
    assert blind.design.vector(targets).sum() == 10
