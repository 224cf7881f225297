"""The references quote the text as it is; the declared package agrees with the files it names."""

import csv
import re

import pandas as pd
import pytest
from frictionless import Package

from evaluation_project import ROWS, filled, project  # noqa: F401
from qpvlib.evaluation import package, registers
from qpvlib.typography import typeset

REFERENCES = [name for name, table in package.tables().items()
              if table.path.parent != package.folder() and name != "moyens"]  # fmt: skip
MARKUP = re.compile(r"\*+|[\^{}]|[¹²³⁴⁵⁶⁷⁸⁹⁰]")
COUNTS = {"orientations": 331, "engagements": 333, "instances": 39, "signataires": 38,
          "dispositifs": 33, "ingenierie": 23, "participation": 31, "projets_quartier": 29,
          "tfpb": 20, "evaluation": 32, "incoherences": 46, "questions_ouvertes": 16}  # fmt: skip


def plain(text):
    """Without the marks of the transcription, straight apostrophes, single spaces."""
    return " ".join(MARKUP.sub("", text).replace("’", "'").split())


def numbers(text):
    """The lines of « 12, 15-17 »."""
    found = set()
    for part in text.split(", "):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


@pytest.fixture(scope="module")
def lines(shared):
    text = (shared / "mission" / "convention_marseille.txt").read_text("utf-8")
    return [plain(line) for line in text.split("\n")]


@pytest.mark.parametrize("name", REFERENCES)
def test_every_quotation_is_on_its_line_and_its_lines_exist(name, lines):
    assert len(lines) == 1618
    for entry in package.reference(name).values():
        line = int(entry["ligne_citation"])
        assert plain(entry["citation"]) in lines[line - 1], entry["id"]
        assert len(entry["citation"]) <= 200
        assert line in numbers(entry["lignes"]) <= set(range(1, 1619)), entry["id"]


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_the_whole_reading_is_there(name, count):
    assert len(package.reference(name)) == count


def test_columns_of_the_files_are_those_declared():
    for table in package.tables().values():
        with open(table.path, encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == [field.name for field in table.fields], table.name
        assert set(table.key) <= {field.name for field in table.fields}


def test_a_promised_quantity_is_one_of_a_firm_commitment_and_is_in_the_text():
    for entry in package.reference("engagements").values():
        if not entry["quantite_nombre"]:
            continue
        assert entry["registre"] == "ferme"
        value = float(entry["quantite_nombre"])
        written = re.findall(r"\d+(?:,\d+)?", entry["quantite"])
        scale = (
            1e6 if "million" in entry["quantite"] else 41 if "par QPV" in entry["quantite"] else 1
        )
        assert value == float(written[0].replace(",", ".")) * scale, entry["id"]


def test_texts_of_the_references_are_set_when_read():
    for entry in package.reference("engagements").values():
        assert typeset(entry["objet"]) == entry["objet"]


def test_the_seventeen_objectives_and_their_sixty_five_pairs():
    found = package.objectives()
    assert len(found) == 17
    assert sum(len(row["indicateurs_catalogue"].split()) for row in found.values()) == 65
    without = [name for name, row in found.items() if not row["indicateurs_catalogue"]]
    assert without == ["O3.3", "O3.4", "O3.5", "O4.5"]


def test_posts_are_those_of_the_official_files(shared):
    for name, row in package.reference("moyens").items():
        path = shared / "data" / "lot2" / "politique_ville" / row["fichier"]
        posts = pd.read_csv(path, sep=";", dtype=str)
        # A post whose employer has two establishments has two lines, of the same amount.
        posts = posts[posts.code_cv == "CV049"].drop_duplicates("id_poste")
        amount = posts.montant.str.replace(",", ".").astype(float).sum()
        assert (int(row["postes"]), int(row["montant"])) == (
            len(posts),
            round(amount),
        ), name


def test_the_standard_reads_the_package_and_registers_that_are_filled(
    project,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    """Frictionless, which knows nothing of us, agrees with what the import stores."""
    registers.import_file(filled(tmp_path / "evaluation.xlsx", ROWS, bare=True))
    monkeypatch.chdir(package.folder())
    found = Package("datapackage.json").validate()
    assert found.valid, found.flatten(["title", "message"])
    path = package.folder() / "seances.csv"
    path.write_text(path.read_text("utf-8").replace("2025-02-01", "2025-02-31"), "utf-8")
    assert not Package("datapackage.json").validate().valid
