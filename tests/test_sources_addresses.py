"""The files that can be downloaded are declared whole, and the listing tells all of them."""

from pathlib import Path

import pytest
import yaml

from qpvlib.errors import InvalidParameterError, SourceError
from qpvlib.sources import registry
from qpvlib.sources.addresses import chosen, listing, official_files

FILE = {
    "millesime": 2020,
    "url": "https://example.org/lot.zip",
    "taille": 1_234_500_000,
    "empreinte": "md5:" + "0" * 32,
    "fichier": "base.csv",
}
SOURCE = {
    "famille": "fictive",
    "producteur": "Producteur fictif",
    "jeu": "Jeu fictif",
    "publication": 2019,
    "perimetre": "iris",
    "blocs": {"fictif": {"millesime": 2019, "connu": "lu"}},
    "url": "",
    "licence": "fictive",
    "fichier": "f.csv",
    "sha256": "0" * 64,
    "rang": 10,
}


@pytest.fixture
def declare(tmp_path, monkeypatch):
    """Write a fictitious project: its downloads and its registry."""

    def write(files: dict, sources: dict | None = None) -> None:
        data = tmp_path / "data"
        data.mkdir()
        (data / "indicateurs.yml").touch()
        shared = {"usage": "essai", "producteur": "Producteur fictif", "licence": "fictive"}
        (data / "telechargements.yml").write_text(
            yaml.safe_dump({"jeu": {**shared, "fichiers": files}}), "utf-8"
        )
        (data / "sources.yml").write_text(yaml.safe_dump(sources or {}), "utf-8")
        monkeypatch.setenv("QPV_RACINE", str(tmp_path))

    return write


def test_the_listing_tells_each_file_and_counts_the_sources_to_deposit(declare):
    computed = SOURCE | {"famille": registry.COMPUTED}
    addressed = SOURCE | {"url": "https://example.org/f.csv", "archive_sha256": "1" * 64}
    declare(
        {"fichier-a": FILE, "depose": FILE},
        {"depose": SOURCE, "autre": SOURCE, "calcul": computed, "source": addressed},
    )
    assert listing().lines() == [
        "depose     2020  1\u202f234\u00a0Mo  essai",
        "fichier-a  2020  1\u202f234\u00a0Mo  essai",
        "source     2019            Jeu fictif",
        "À télécharger avec qpv telecharger ID… ou --tout\u00a0: 3 (2\u202f469\u00a0Mo).",
        "Sources sans adresse, à déposer avec qpv importer\u00a0: 1.",
    ]
    assert official_files()["source"].empreinte == "sha256:" + "1" * 64


def test_a_file_named_twice_is_chosen_once_and_every_unknown_name_is_told(declare):
    declare({"a": FILE}, {"sans": SOURCE})
    assert [file.id for file in chosen(["a", "a"])] == ["a"]
    with pytest.raises(InvalidParameterError) as caught:
        chosen(["a", "sans", "x"])
    first, second = str(caught.value).splitlines()
    assert "«\u00a0sans\u00a0» n'a pas d'adresse officielle. Déposez" in first
    assert "«\u00a0x\u00a0» n'est pas connu" in second


def test_every_fault_of_the_declarations_is_told(declare):
    incomplete = {key: value for key, value in FILE.items() if key != "taille"}
    declare(
        {
            "a": incomplete,
            "b": FILE | {"url": "http://example.org/lot.zip"},
            "c": FILE | {"empreinte": "md5:0"},
            "d": FILE | {"taille": 0},
        }
    )
    with pytest.raises(SourceError) as caught:
        official_files()
    facts = ("taille", "n'est pas en https", "empreinte mal formée", "taille mal formée")
    for line, fact in zip(str(caught.value).splitlines(), facts, strict=True):
        assert fact in line


def test_the_declared_files_are_those_of_the_list(shared: Path):
    listed = (shared / "specs" / "rp_fichiers.csv").read_text("utf-8")
    declared = [file for file in official_files().values() if file.taille]
    assert len(declared) == 16
    for file in declared:
        name = file.fichier if file.url.endswith(".zip") else file.url
        line = next(line for line in listed.splitlines() if f",{file.url}," in line)
        assert line.endswith(f",{file.taille},{file.empreinte.removeprefix('md5:')}")
        assert name in line
        assert f",{file.millesime}," in line
