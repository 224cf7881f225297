"""What was sealed cannot change without a trace, and its seed is anyone's to recompute."""

import datetime as dt
import hashlib
import json

import pytest

from qpvlib.errors import ProtocolError
from qpvlib.followup import seal
from qpvlib.followup.seal import canonical, fingerprint

PROTOCOL = {
    "unites": "QPV 2024 fictifs",
    "indicateurs": ["taux_pauvrete"],
    "regle": {"alpha": 0.05, "date": dt.date(2026, 1, 2)},
}


def text(protocol=PROTOCOL, **beside) -> dict:
    sealed = {"texte": fingerprint(protocol), "rubriques": seal.sections(protocol)}
    return {**sealed, "indicateurs": "i", "registre": None, **beside}


def chain() -> seal.Chain:
    acts = seal.added((), seal.FREEZE, "2026-01-02", text())
    acts = seal.added(acts, seal.DRAW, "2026-01-10", {"tire": 4})
    return seal.added(acts, seal.AMENDMENT, "2026-02-01", text({**PROTOCOL, "unites": "autres"}))


def test_the_canonical_form_ignores_order_spaces_and_unicode_form():
    assert canonical({"b": [1, 2.5], "a": "é"}) == '{"a":"é","b":[1,2.5]}'.encode()
    assert fingerprint({"a": "e\u0301"}) == fingerprint({"a": "\u00e9"})
    assert fingerprint(PROTOCOL) == fingerprint(dict(reversed(PROTOCOL.items())))
    for wrong in ({1: "a"}, {"a": float("nan")}, {"a": object()}):
        with pytest.raises(ProtocolError):
            canonical(wrong)


def test_the_seed_is_a_sha256_that_any_tool_gives():
    expected = hashlib.sha256(b"abc Loto fictif : 4 8 15").hexdigest()
    assert seal.seed("abc", " Loto fictif : 4 8 15 ") == expected
    with pytest.raises(ProtocolError, match="aléa public"):
        seal.seed("abc", "  ")


def test_a_chain_survives_json_and_verifies():
    acts = tuple(json.loads(json.dumps(chain())))
    seal.verify(acts)
    assert [act["numero"] for act in acts] == [1, 2, 3]
    assert acts[1]["precedent"] == acts[0]["empreinte"]


def forged(acts, place, **changes):
    """Change an act and make its own fingerprint again."""
    act = {**acts[place], **changes}
    body = {name: value for name, value in act.items() if name != "empreinte"}
    return (*acts[:place], {**body, "empreinte": fingerprint(body)}, *acts[place + 1 :])


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda a: ({**a[0], "date": "2020-01-01"}, *a[1:]), "modifié à la main"),
        (lambda a: forged(a, 0, date="2020-01-01"), "acte 2 .* ne suit pas"),
        (lambda a: forged(a, 1, tire=5), "acte 3 .* ne suit pas"),
        (lambda a: (a[0], a[2]), "ôté ou refait"),
        (lambda a: (a[0], a[2], a[1]), "date antérieure"),
    ],
)
def test_an_act_changed_moved_or_removed_is_seen(spoil, told):
    """A back-dated freeze, a second draw in place of the first, a deleted amendment."""
    with pytest.raises(ProtocolError, match=told):
        seal.verify(spoil(chain()))


def test_an_act_does_not_precede_the_one_before():
    with pytest.raises(ProtocolError, match="précède"):
        seal.added(chain(), seal.DRAW, "2026-01-31", {})
    with pytest.raises(ProtocolError, match="n'est pas une date"):
        seal.added((), seal.FREEZE, "demain", text())


def test_an_edited_protocol_is_refused_and_the_heading_named():
    acts = chain()
    seal.require(acts, {**PROTOCOL, "unites": "autres"})
    with pytest.raises(ProtocolError, match="regle") as error:
        seal.require(acts, {**PROTOCOL, "unites": "autres", "regle": {"alpha": 0.10}})
    assert "2026-02-01" in str(error.value) and "indicateurs" not in str(error.value)


def test_definitions_and_register_change_a_text_too():
    beside = {"indicateurs": "autre", "registre": "r"}
    named = seal.changed(text(), PROTOCOL, beside)
    assert named == ["définition des indicateurs", "registre des interventions"]


def test_a_module_that_changes_is_named(tmp_path):
    (tmp_path / "un.py").write_text("a = 1\n")
    (tmp_path / "deux.py").write_text("b = 1\n")
    before = seal.modules([tmp_path])
    (tmp_path / "deux.py").write_text("b = 2\n")
    assert seal.differing(before, seal.modules([tmp_path])) == [f"{tmp_path.name}/deux.py"]
