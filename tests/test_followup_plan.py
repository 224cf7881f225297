"""The protocol is read once, refused with all that is wrong; its thresholds rule."""

import copy

import pytest

from followup_project import project  # noqa: F401
from qpvlib.errors import EstimationError, ProtocolError
from qpvlib.followup import plan, seal

pytestmark = pytest.mark.usefixtures("project")


def test_outcomes_come_with_their_scale_and_their_smallest_effect():
    found = plan.load()
    assert [(one.indicator.id, one.smallest, one.unit) for one in found.primary] == [
        ("taux_pauvrete_60", 2, "points"),
        ("revenu_median", 3, "%"),
    ]
    poverty, income = found.primary
    assert poverty.measure(41.5) == 41.5
    assert income.measure(12_120) - income.measure(12_000) == pytest.approx(1, abs=0.01)
    assert (poverty.direction, income.direction) == (-1, 1)


def test_every_fault_of_a_protocol_is_told_at_once():
    content = copy.deepcopy(dict(plan.load().content))
    content["indicateurs"] = {
        "principaux": {
            "taux_fictif": {"mesure": "rang", "unite": "points", "annees": [2015, 2016]}
        },
        "secondaires": {},
    }
    with pytest.raises(ProtocolError) as raised:
        plan.read(content)
    text = str(raised.value)
    for fault in ("taux_fictif", "rang", "à partir de 2018", "plus_petit_effet"):
        assert fault in text
    del content["decision"], content["typologie"]
    with pytest.raises(ProtocolError, match="typologie, decision"):
        plan.read(content)


def test_an_unknown_outcome_is_refused_with_the_known_ones():
    with pytest.raises(ProtocolError, match="taux_pauvrete_60, revenu_median"):
        plan.load().outcome("population_qpv")


@pytest.mark.parametrize(
    ("text", "told"),
    [("territoire\nQN01304I", "debut"), ("territoire,debut\nQN01304I,mars 2026", "mars 2026")],
)
def test_a_spoilt_register_is_refused(project, text, told):  # noqa: F811
    (project / "suivi" / "registre.csv").write_text(text)
    with pytest.raises(ProtocolError, match=told):
        plan.register()


def test_an_intensity_is_a_share(project):  # noqa: F811
    path = project / "suivi" / "registre.csv"
    path.write_text('territoire,debut,intensite\nQN01304I,2026-01-01,"0,5"\n')
    assert plan.register()["intensite"].tolist() == [0.5]
    path.write_text("territoire,debut,intensite\nQN01304I,2026-01-01,80\n")
    with pytest.raises(ProtocolError, match="intensité"):
        plan.register()


@pytest.mark.parametrize("text", ['{"empreinte": 1}', "[1]", '{"actes": []}'])
def test_a_file_that_is_no_seal_is_refused(project, text):  # noqa: F811
    (project / "suivi" / "sceau.json").write_text(text)
    with pytest.raises(ProtocolError, match="n'est pas un sceau"):
        plan.chain()


def test_the_seal_covers_the_definitions_used():
    found = plan.load()
    assert seal.fingerprint(found.dictionary()) == seal.in_force(plan.chain())["indicateurs"]
    assert {"taux_pauvrete_60", "indice_jeunesse"} <= set(found.dictionary())


def test_thresholds_are_read_in_the_protocol_and_written_in_its_sentences():
    found = plan.load()
    assert (found.rule.established, found.rule.hint, found.rule.stable) == (0.05, 0.10, 0.8)
    assert "sous 10 %" in found.verdicts()["indice"] and "80 %" in found.verdicts()["effet établi"]
    # One minus the chance that neither of two independent hints appears: 1 - 0.9².
    assert "19 %" in found.wording(found.content["nature"]["attendu"])
    content = copy.deepcopy(dict(found.content))
    content["decision"]["seuils"]["indice"] = 0.01
    assert plan.read(content).rule.hint == 0.01
    assert "sous 1 %" in plan.read(content).verdicts()["indice"]
    del content["decision"]["seuils"]["indice"]
    with pytest.raises(ProtocolError, match=r"indice.* manque"):
        plan.read(content)


def test_zero_has_no_logarithm():
    income = plan.load().outcome("revenu_median")
    with pytest.raises(EstimationError, match="n'a pas de logarithme"):
        income.measure(0)
