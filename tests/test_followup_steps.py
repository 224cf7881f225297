"""Freezing, drawing and estimating happen in order, once, and on what was frozen."""

import json

import pytest

from followup_project import project  # noqa: F401
from qpvlib.cli import main
from qpvlib.cohort import protocol
from qpvlib.errors import ProtocolError
from qpvlib.followup import plan, study

pytestmark = pytest.mark.usefixtures("project")


def said(capsys, *words: str) -> str:
    assert main(["suivi", *words]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("Erreur") and "Traceback" not in err
    return err


def edit(project, name, old, new):  # noqa: F811
    path = project / "suivi" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.fixture
def blank(project):  # noqa: F811
    """A project whose protocol was never frozen."""
    for name in ("sceau.json", "cohorte.csv"):
        (project / "suivi" / name).unlink()
    return project


def test_steps_come_in_order(blank, capsys):
    assert "qpv suivi geler" in said(capsys, "tirer")
    assert "qpv suivi geler" in said(capsys, "estimer")
    assert "sans --motif" in said(capsys, "geler", "--motif", "essai")
    assert "n'est pas une date" in said(capsys, "geler", "--date", "demain")
    assert main(["suivi", "geler", "--date", "2026-01-31"]) == 0
    capsys.readouterr()
    assert "qpv suivi tirer" in said(capsys, "estimer")
    assert "aléa public est vide" in said(capsys, "tirer", "--alea", " ")


def test_freezing_twice_the_same_text_is_refused(capsys):
    assert "déjà gelé" in said(capsys, "geler")


def test_a_second_draw_is_refused(capsys):
    assert "second tirage" in said(capsys, "tirer", "--alea", "autre")


def test_an_edited_protocol_gives_no_estimate_until_it_is_amended(project, capsys):  # noqa: F811
    before = plan.seal()
    edit(project, "protocole.yml", "plus_petit_effet: 2", "plus_petit_effet: 1")
    assert "indicateurs" in said(capsys, "estimer")
    assert "indicateurs" in said(capsys, "geler")
    assert main(["suivi", "geler", "--date", "2026-12-01", "--motif", "essai fictif"]) == 0
    after = plan.seal()
    assert after["amendements"][-1]["sceau_precedent"] == before["empreinte"]
    assert after["protocole"] == before["protocole"] and after["graine"] == before["graine"]
    assert study.opened().plan.primary[0].smallest == 1


def test_a_changed_seed_gives_no_estimate(project, capsys):  # noqa: F811
    seal = plan.seal()
    edit(project, "sceau.json", seal["graine"], "12345")
    assert "modifié à la main" in said(capsys, "estimer")
    # Even when the seal is made again around the new seed.
    forged = {key: value for key, value in seal.items() if key != "empreinte"} | {"graine": "1"}
    plan.write_seal(forged | {"empreinte": protocol.fingerprint(forged)})
    assert "graine" in said(capsys, "estimer")


def test_a_changed_cohort_gives_no_estimate(project, capsys):  # noqa: F811
    edit(project, "cohorte.csv", ",cible,", ",témoin,")
    assert "cohorte" in said(capsys, "estimer")


def test_a_spoilt_seal_is_told(project):  # noqa: F811
    (project / "suivi" / "sceau.json").write_text(json.dumps([1]))
    with pytest.raises(ProtocolError, match="n'est pas un sceau"):
        study.opened()


def test_a_panel_is_written_and_a_spoilt_one_refused(project, capsys):  # noqa: F811
    path = project / "panel.csv"
    assert main(["suivi", "panel", str(path)]) == 0
    assert "non disponible" in capsys.readouterr().out
    head, *rows = path.read_text("utf-8-sig").splitlines()
    poverty = [row for row in rows if ";taux_pauvrete_60;" in row]
    target = study.opened().drawn.index[0]
    copied = next(row for row in poverty if row.startswith(target) and ";2017;" in row)
    path.write_text("\n".join([head, *rows, copied]))
    told = said(capsys, "estimer", "--panel", str(path))
    assert "Taux de pauvreté" in told and "plusieurs fois" in told
    masked = [";".join([*row.split(";")[:7], "", "secret", *row.split(";")[9:]]) for row in poverty]
    others = [row for row in rows if row not in poverty]
    path.write_text("\n".join([head, *masked, *others]))
    assert "toutes les valeurs" in said(capsys, "estimer", "--panel", str(path))
    assert "introuvable" in said(capsys, "estimer", "--panel", "absent.csv")


def test_an_amended_protocol_keeps_the_text_of_its_draw(project, capsys):  # noqa: F811
    text = (project / "suivi" / plan.AT_DRAW).read_text()
    assert (
        protocol.fingerprint(protocol.load(project / "suivi" / plan.AT_DRAW))
        == (plan.seal()["protocole"])
    )
    edit(project, plan.AT_DRAW, "cibles: 10", "cibles: 9")
    assert plan.AT_DRAW in said(capsys, "estimer")
    (project / "suivi" / plan.AT_DRAW).unlink()
    assert "introuvable" in said(capsys, "estimer")
    (project / "suivi" / plan.AT_DRAW).write_text(text)
    assert study.opened().seal["amendements"]


def test_a_draw_keeps_its_text(blank):
    (blank / "suivi" / plan.AT_DRAW).unlink()
    assert main(["suivi", "geler", "--date", "2026-01-31"]) == 0
    assert main(["suivi", "tirer", "--alea", "aléa fictif"]) == 0
    kept = (blank / "suivi" / plan.AT_DRAW).read_bytes()
    assert kept == (blank / "suivi" / plan.PROTOCOL).read_bytes()
