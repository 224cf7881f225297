"""What changes between two states of the data is counted, named, and read from where it is kept."""

import subprocess
from datetime import date

import pandas as pd
import pytest

import fictif
from qpvlib import clock
from qpvlib.errors import InvalidParameterError, ObservationError
from qpvlib.intake import changes
from qpvlib.observations import COLUMNS

ROW = dict.fromkeys(COLUMNS) | {
    "territoire": fictif.QPV, "geographie": "qpv2015", "indicateur": "taux_pauvrete_60",
    "modalite": "ensemble", "millesime": 2019, "valeur": 41.4, "etat": "valeur", "source": "une",
}  # fmt: skip
PASSAGE = "code_2015,code_2024,nature,methode,doute,note\n"


def write(folder, *rows, passage="", ranks=("une", "autre")):
    """Write a ``data`` folder that holds these rows, over :data:`ROW`."""
    (folder / "observations").mkdir(parents=True)
    (folder / "territoires").mkdir()
    frame = pd.DataFrame([ROW | row for row in rows], columns=COLUMNS)
    for source, part in frame.groupby("source"):
        part.to_csv(folder / "observations" / f"{source}.csv", index=False)
    (folder / "territoires" / "passage.csv").write_text(PASSAGE + passage, "utf-8")
    entries = "".join(f"{name}: {{rang: {rank}}}\n" for rank, name in enumerate(ranks))
    (folder / "sources.yml").write_text(entries, "utf-8")
    return str(folder)


def store(data, value):
    """Give the project one figure, and no other."""
    line = f"{fictif.QPV},qpv2015,taux_emploi,ensemble,2019,{value},,,,,valeur,une"
    path = data / "observations" / "une.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(",".join(COLUMNS) + f"\n{line}\n")


def plain(found):
    return "\n".join(found.lines()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    data = fictif.build(tmp_path / "projet", monkeypatch)
    yield data
    monkeypatch.undo()
    fictif.forget()


def test_new_revised_withdrawn_and_identical_figures_are_told_apart(tmp_path):
    before = write(
        tmp_path / "avant",
        {"millesime": 2016}, {"millesime": 2017}, {"millesime": 2018}, {"millesime": 2019},
        passage="QP013901,QN01391I,identique,,,\n",
    )  # fmt: skip
    after = write(
        tmp_path / "apres",
        {"millesime": 2017}, {"millesime": 2018, "valeur": 40.0},
        {"millesime": 2019, "valeur": None, "etat": "secret"},
        {"millesime": 2020}, {"millesime": 2021},
        passage="QP013901,QN01391I,identique,,oui,\n",
    )  # fmt: skip
    found = changes.between(before, after)
    counts = found.by_indicator().loc["taux_pauvrete_60"]
    assert [counts[name] for name in ("nouveaux", "revises", "retires")] == [2, 2, 1]
    assert found.identical == 1 and counts["millesimes"] == [2016, 2018, 2019, 2020, 2021]
    told = plain(found)
    assert "Chiffres nouveaux : 2 ; révisés : 2 ; retirés : 1 ; identiques : 1." in told
    assert "2 nouveaux, 2 révisés, 1 retiré." in told
    assert f"Quartier fictif A ({fictif.QPV}), taux_pauvrete_60, 2018 : 41,4 → 40" in told
    assert "2019 : 41,4 → secret" in told and "2016 : retiré" in told
    assert "(QN01391I) : périmètre identique (QP013901) → identique, à vérifier" in told


def test_only_what_is_published_is_compared(tmp_path):
    """A second source that the first one hides changes nothing; one that replaces it does."""
    rows = {"source": "une"}, {"source": "autre", "valeur": 39.0}
    alone = write(tmp_path / "seule", rows[0])
    assert changes.between(alone, write(tmp_path / "cachee", *rows)).identical == 1
    preferred = write(tmp_path / "preferee", *rows, ranks=("autre", "une"))
    assert list(changes.between(alone, preferred).revised["valeur"]) == [39.0]


def test_a_place_that_no_longer_exists_is_named_by_its_code(tmp_path):
    before = write(tmp_path / "avant", {}, {"territoire": "QP013999"})
    found = changes.between(before, write(tmp_path / "apres", {}))
    assert "QP013999, taux_pauvrete_60, 2019 : retiré" in plain(found)


def test_a_kept_edition_is_the_reference_of_the_next_and_never_of_itself(project, monkeypatch):
    with pytest.raises(InvalidParameterError, match="Aucune édition publiée"):
        changes.between()
    store(project, 50)
    monkeypatch.setattr(clock, "edition", lambda: date(2027, 1, 31))
    kept = changes.keep()
    assert kept == project / "editions" / "2027-01-31.zip"
    assert kept.read_bytes() == changes.keep().read_bytes()
    assert changes.last_edition() is None
    monkeypatch.setattr(clock, "edition", lambda: date(2027, 2, 1))
    found = changes.between()
    assert (found.identical, len(found.new), found.before) == (1, 0, "l'édition du 31 janvier 2027")


def test_a_revision_of_git_is_read_as_it_was(project, tmp_path):
    root = project.parent
    git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@exemple.fr"]
    subprocess.run([*git, "init", "-q"], check=True)
    for value in (50, 51):
        store(project, value)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", str(value)], check=True)
    row = changes.between("HEAD~1", "HEAD").revised.iloc[0]
    assert (row["valeur_avant"], row["valeur"]) == (50, 51)


@pytest.mark.parametrize("name", ["nimporte", "--output=x", ""])
def test_what_designates_no_state_is_refused_with_what_to_give(project, tmp_path, name):
    with pytest.raises(InvalidParameterError, match=r"data/editions|ne contient pas"):
        changes.between(name or str(tmp_path), "")


def test_observations_that_cannot_be_read_are_named(tmp_path):
    folder = write(tmp_path / "abime", {})
    (tmp_path / "abime" / "observations" / "une.csv").write_text("territoire\nQP013901\n")
    with pytest.raises(ObservationError, match=r"une\.csv"):
        changes.between(folder, folder)
