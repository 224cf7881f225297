"""The protocol is read once, refused with all that is wrong, and track B asks for dates."""

import copy

import pytest

from followup_project import project  # noqa: F401
from qpvlib.cohort import protocol
from qpvlib.errors import ProtocolError
from qpvlib.followup import plan, study

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


def test_track_b_opens_only_with_a_date_for_every_target(project):  # noqa: F811
    opened = study.opened()
    targets = list(opened.targets.index)
    assert not opened.track.causal and opened.track.ribbon == "exploratoire"
    register = project / "suivi" / "registre.csv"
    lines = [f"{code},2026-03-01" for code in targets]
    register.write_text("\n".join(["territoire,debut", *lines[1:], f"{targets[0]},"]))
    assert targets[0] in study.opened().track.reasons[0]
    register.write_text("\n".join(["territoire,debut", *lines]))
    assert study.opened().track.causal


@pytest.mark.parametrize(
    ("text", "told"),
    [("territoire\nQN01304I", "debut"), ("territoire,debut\nQN01304I,mars 2026", "mars 2026")],
)
def test_a_spoilt_register_is_refused(project, text, told):  # noqa: F811
    (project / "suivi" / "registre.csv").write_text(text)
    with pytest.raises(ProtocolError, match=told):
        plan.register()


def test_a_file_that_is_no_seal_is_refused(project):  # noqa: F811
    (project / "suivi" / "sceau.json").write_text('{"empreinte": 1}')
    with pytest.raises(ProtocolError, match="n'est pas un sceau"):
        plan.seal()


def test_the_seal_covers_the_definitions_used():
    found = plan.load()
    sealed = plan.seal()["indicateurs"]
    assert protocol.fingerprint(found.dictionary()) == sealed
    assert {"taux_pauvrete_60", "indice_jeunesse"} <= set(found.dictionary())
