"""Freezing, drawing and estimating happen in order, once, and on what was frozen."""

import datetime as dt
import shutil

import pytest

from followup_project import project  # noqa: F401
from qpvlib.cli import main
from qpvlib.followup import plan, results, seal, study
from qpvlib.presentation.followup import identity

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
    shutil.rmtree(project / "suivi" / plan.TEXTS)
    return project


def test_steps_come_in_order(blank, capsys):
    assert "qpv suivi geler" in said(capsys, "tirer")
    assert "qpv suivi geler" in said(capsys, "estimer")
    assert "sans --motif" in said(capsys, "geler", "--motif", "essai")
    assert "n'est pas une date" in said(capsys, "geler", "--date", "demain")
    assert "dans l'avenir" in said(capsys, "geler", "--date", "2999-01-01")
    assert main(["suivi", "geler", "--date", "2026-01-31"]) == 0
    capsys.readouterr()
    assert "qpv suivi tirer" in said(capsys, "estimer")
    assert "à fixer" not in said(capsys, "tirer", "--alea", "Loto fictif")


def test_a_seal_that_existed_is_not_frozen_anew(project, capsys):  # noqa: F811
    """Delete, back-date, draw again until it pleases: the rest of the project remembers."""
    (project / "suivi" / "sceau.json").unlink()
    assert "Un sceau a existé" in said(capsys, "geler", "--date", "2020-01-01")


def test_the_public_randomness_is_announced_and_the_draws_published_before(blank, capsys):
    edit(blank, "protocole.yml", "date: à fixer", "date: 2026-02-15")
    assert main(["suivi", "geler", "--date", "2026-01-31"]) == 0
    capsys.readouterr()
    early = said(capsys, "tirer", "--alea", "Loto fictif", "--date", "2026-02-14")
    assert "annoncé pour le 2026-02-15" in early
    late = said(capsys, "tirer", "--alea", "Loto fictif", "--date", "2026-02-16")
    assert "n'ont pas été publiés avant l'aléa" in late
    assert main(["suivi", "lister"]) == 0
    day = dt.date.today().isoformat()
    assert main(["suivi", "tirer", "--alea", "Loto fictif", "--date", day]) == 0
    opened = study.opened()
    assert not opened.demonstration and opened.nature.startswith("Tirage public")


def test_freezing_twice_the_same_text_is_refused(capsys):
    assert "déjà gelé" in said(capsys, "geler")


def test_a_second_draw_under_the_same_rules_is_refused(capsys):
    assert "second tirage" in said(capsys, "tirer")


def test_an_amendment_keeps_the_verdict_of_the_frozen_text(project, capsys):  # noqa: F811
    """A larger smallest effect turned « non concluant » into « effet important exclu »."""
    before = results.summary(study.opened())["taux_pauvrete_60"]
    assert before["verdict"] == "non concluant"
    edit(project, "protocole.yml", "plus_petit_effet: 2", "plus_petit_effet: 4")
    assert "indicateurs" in said(capsys, "estimer")
    assert "indicateurs" in said(capsys, "geler")
    assert main(["suivi", "geler", "--motif", "coquille"]) == 0
    act, opened = plan.chain()[-1], study.opened()
    assert act["avant"]["taux_pauvrete_60"] == before and act["changees"] == ["indicateurs"]
    assert results.verdict(opened, opened.plan.primary[0]) == "effet important exclu"
    shown = str(identity.frozen_table(opened))
    assert "« non concluant »" in shown and "« effet important exclu »" in shown
    assert plan.sealed_text(act).primary[0].smallest == 4


def test_a_changed_seal_gives_no_estimate(project, capsys):  # noqa: F811
    chain = plan.chain()
    edit(project, "sceau.json", chain[-1]["graine"], "12345")
    assert "modifié à la main" in said(capsys, "estimer")
    # Even when the last act is made again around the new seed.
    body = {name: value for name, value in chain[-1].items() if name != "empreinte"}
    plan.write_chain(seal.added(chain[:-1], seal.DRAW, body["date"], {**body, "graine": "1"}))
    assert "graine" in said(capsys, "estimer")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("cohorte.csv", ",cible,", ",témoin,", "cohorte"),
        ("tirage/acceptes.csv", "\n2,", "\n2,b", "acceptes.csv"),
        ("tirage/regle.json", '"seuil": ', '"seuil": 1', "regle.json"),
    ],
)
def test_a_changed_draw_gives_no_estimate(project, capsys, name, old, new, told):  # noqa: F811
    edit(project, name, old, new)
    assert told in said(capsys, "estimer")
    assert told in said(capsys, "verifier")


def test_what_is_sealed_is_replayed_and_what_changed_is_said(project, capsys):  # noqa: F811
    assert main(["suivi", "verifier"]) == 0
    out = capsys.readouterr().out
    assert "Tirage rejoué" in out and "Aucun dépôt" in out
    assert main(["suivi", "deposer", "HAL", "hal-00000000", "--date", "2026-12-31"]) == 0
    assert main(["suivi", "verifier"]) == 0
    assert "Dépôt\u00a0: HAL hal-00000000" in capsys.readouterr().out.replace("\u202f", "\u00a0")
    opened = study.opened()
    table = opened.series.copy()
    poverty = (table["indicateur"] == "taux_pauvrete_60") & (table["millesime"] == 2016)
    table.loc[poverty, "valeur"] += 0.1
    moved = study.opened(panel=table)
    assert "taux_pauvrete_60 2016." in " ".join(study.changes(moved))
    # The draw is not made again from the figures of the day.
    assert (moved.design.enumerate() == opened.design.enumerate()).all()


def test_a_copy_of_a_sealed_text_that_changed_is_told(project, capsys):  # noqa: F811
    act = seal.in_force(plan.chain())
    edit(project, f"{plan.TEXTS}/{act['texte'][:12]}.yml", "cibles: 10", "cibles: 9")
    assert act["texte"][:12] in said(capsys, "verifier")


def test_a_zero_in_a_logged_outcome_is_told(project, capsys):  # noqa: F811
    path = project / "panel.csv"
    assert main(["suivi", "panel", str(path)]) == 0
    capsys.readouterr()
    text = path.read_text("utf-8-sig").splitlines()
    row = next(i for i, line in enumerate(text) if ";defm_abc;" in line and ";2019;" in line)
    cells = text[row].split(";")
    text[row] = ";".join([*cells[:7], "0", *cells[8:]])
    path.write_text("\n".join(text))
    told = said(capsys, "estimer", "--panel", str(path))
    assert "logarithme" in told and f"{cells[0]} en 2019" in told


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
