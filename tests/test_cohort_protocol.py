"""A frozen protocol cannot change without a trace, and its seed is anyone's to recompute."""

import datetime as dt
import hashlib
import json

import pandas as pd
import pytest

from qpvlib.cohort.protocol import (
    amend,
    canonical,
    fingerprint,
    freeze,
    load,
    record_draw,
    seed,
    track,
    verify,
)
from qpvlib.errors import ProtocolError

PROTOCOL = {
    "unites": "QPV 2024 fictifs",
    "indicateurs": ["taux_pauvrete"],
    "regle": {"alpha": 0.05, "date": dt.date(2026, 1, 2)},
}
PUBLIC = "Loto du 3 janvier 2026 : 4 8 15 16 23 42"
REGISTER = pd.DataFrame({"territoire": ["T01", "T02"], "debut": ["2026-09-01", "2027-01-01"]})


def sealed() -> dict:
    return freeze(PROTOCOL, {"taux_pauvrete": 1}, commit="a" * 40, date="2026-01-02")


def drawn() -> dict:
    return record_draw(sealed(), PROTOCOL, PUBLIC, ["T01", "T02"])


def test_the_canonical_form_ignores_order_spaces_and_unicode_form():
    assert canonical({"b": [1, 2.5], "a": "é"}) == '{"a":"é","b":[1,2.5]}'.encode()
    assert fingerprint({"a": "e\u0301"}) == fingerprint({"a": "\u00e9"})
    assert fingerprint(PROTOCOL) == fingerprint(dict(reversed(PROTOCOL.items())))
    for wrong in ({1: "a"}, {"a": float("nan")}, {"a": object()}):
        with pytest.raises(ProtocolError):
            canonical(wrong)


def test_the_seed_is_the_sha256_of_protocol_and_public_randomness():
    text = canonical(PROTOCOL) + PUBLIC.encode()
    assert seed(PROTOCOL, PUBLIC) == int(hashlib.sha256(text).hexdigest(), 16)
    with pytest.raises(ProtocolError, match="aléa public"):
        seed(PROTOCOL, "  ")


def test_a_seal_survives_json_and_verifies():
    seal = json.loads(json.dumps(drawn()))
    verify(
        seal,
        PROTOCOL,
        seed=seed(PROTOCOL, PUBLIC),
        cohort=["T01", "T02"],
        indicators={"taux_pauvrete": 1},
        commit="a" * 40,
    )


def test_an_edited_protocol_is_refused_and_the_section_named():
    edited = {**PROTOCOL, "regle": {"alpha": 0.10}}
    with pytest.raises(ProtocolError, match="regle") as error:
        verify(drawn(), edited)
    assert "2026-01-02" in str(error.value) and "unites" not in str(error.value)


def test_a_changed_seed_and_cohort_are_refused_together():
    with pytest.raises(ProtocolError) as error:
        verify(drawn(), PROTOCOL, seed=1, cohort=["T01"], indicators={}, commit="b" * 40)
    for words in ("graine", "cohorte", "indicateurs", "code a changé"):
        assert words in str(error.value)


def test_a_seal_edited_by_hand_is_refused():
    seal = drawn()
    with pytest.raises(ProtocolError, match="à la main"):
        verify({**seal, "graine": "7"}, PROTOCOL)


def test_a_second_draw_is_refused():
    with pytest.raises(ProtocolError, match="second tirage"):
        record_draw(drawn(), PROTOCOL, "autre", ["T03"])


def test_amendments_are_dated_chained_and_never_rewrite():
    seal = drawn()
    changed = {**PROTOCOL, "indicateurs": ["taux_pauvrete", "revenu"]}
    amended = amend(seal, changed, date="2026-06-01", reason="Indicateur ajouté.")
    verify(amended, changed, seed=int(seal["graine"]))
    assert amended["protocole"] == seal["protocole"]
    entry = amended["amendements"][0]
    assert entry["rubriques_changees"] == ["indicateurs"]
    assert entry["sceau_precedent"] == seal["empreinte"] != amended["empreinte"]
    with pytest.raises(ProtocolError) as error:
        amend(amended, changed, date="2026-05-01", reason=" ")
    for words in ("pourquoi", "précède", "n'a pas changé"):
        assert words in str(error.value)
    with pytest.raises(ProtocolError, match="date"):
        amend(amended, PROTOCOL, date="juin", reason="x")


def test_track_b_needs_the_seal_and_dated_interventions():
    assert track(drawn(), PROTOCOL, REGISTER, ["T01", "T02"]).causal
    closed = [
        track(None, PROTOCOL, REGISTER, ["T01"]),
        track(drawn(), {**PROTOCOL, "unites": "autres"}, REGISTER, ["T01"]),
        track(drawn(), PROTOCOL, None, ["T01"]),
        track(drawn(), PROTOCOL, REGISTER, ["T01", "T09"]),
    ]
    for result, words in zip(closed, ("gelé", "unites", "registre", "T09"), strict=True):
        assert not result.causal and result.ribbon == "exploratoire"
        assert words in " ".join(result.reasons)


def test_a_protocol_file_is_read_or_refused(tmp_path):
    path = tmp_path / "protocole.yml"
    with pytest.raises(ProtocolError, match="introuvable"):
        load(path)
    path.write_text("- a\n- b\n")
    with pytest.raises(ProtocolError, match="rubriques"):
        load(path)
    path.write_text("a: [\n")
    with pytest.raises(ProtocolError, match="YAML"):
        load(path)
    path.write_text("unites: QPV 2024 fictifs\n")
    assert load(path) == {"unites": "QPV 2024 fictifs"}
