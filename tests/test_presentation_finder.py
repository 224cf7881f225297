"""What people call a place leads to the right quartier, typed with or without accents."""

import gzip
import json
import re

import geopandas as gpd
import pandas as pd
import pytest
import yaml

from qpvlib import paths, territories
from qpvlib.presentation import finder
from qpvlib.reading.finder import names
from qpvlib.territories import get, qpv, slugify

HELD = yaml.safe_load((paths.root() / "tests" / "held_names.yml").read_text("utf-8"))
SCRIPT = paths.root() / "book" / "_static" / "trouver.js"
LISTS = {
    "vdm_creches_2018.csv": ("Nom de la crèche", "Longitude", "Latitude"),
    **dict.fromkeys(
        (f"vdm_{kind}_2018.csv" for kind in (
            "ecoles_elementaires", "ecoles_maternelles", "equipements_sociaux", "lieux_culturels",
        )),
        ("Nom du site", "Longitude", "Latitude"),
    ),
    "rtm_stops_marseille.csv": ("stop_name", "stop_lon", "stop_lat"),
}  # fmt: skip


def address(code: str) -> str:
    return f"{get(code).slug}.html"


@pytest.fixture(scope="module")
def field(chromium):
    """The search field in a page of its own."""
    page = chromium.new_page()
    page.set_content(f"<html lang='fr'><body>{finder.field(address, address)}</body></html>")
    page.add_script_tag(path=SCRIPT)
    return page


def found(field, text: str) -> list[str]:
    field.fill("#qpv-trouver", text)
    return field.eval_on_selector_all(
        "#qpv-trouver-liste > li", "all => all.map((item) => item.dataset.adresse)"
    )


def test_the_index_is_small_and_holds_every_kind_of_name():
    text = finder.index(address, address)
    assert len(gzip.compress(text.encode(), mtime=0)) < 30_000
    content = json.loads(text)
    assert len(content["cibles"]) == len(qpv()) + 4
    assert {
        "quartier prioritaire", "nom lu dans la convention", "code postal", "quartier de la ville",
        "quartier statistique de l’Insee", "école", "arrêt de bus", "station de métro",
    } <= set(content["natures"])  # fmt: skip


def test_every_quartier_is_found_by_its_own_name(field):
    for member in qpv():
        assert found(field, member.name)[0] == address(member.code), member.name


@pytest.mark.parametrize("text", HELD)
def test_a_held_name_leads_to_its_quartier_first(field, text):
    assert found(field, text)[0] == f"{HELD[text]}.html"


def test_the_held_names_agree_with_the_official_points_and_contours(shared):
    """Without the product: the quartier with most points and IRIS of that name, by the contours."""
    folder = shared / "data"
    contours = gpd.read_file(folder / "geo" / "qpv2024_marseille.geojson").to_crs(2154)
    slugs = contours["code_qp"].map(lambda code: get(code).slug)
    told = [
        pd.read_csv(folder / "points" / file)[list(columns)].set_axis(["nom", "x", "y"], axis=1)
        for file, columns in LISTS.items()
    ]
    points = pd.concat(told).dropna()
    places = gpd.GeoDataFrame(
        points[["nom"]], geometry=gpd.points_from_xy(points["x"], points["y"]), crs=4326
    ).to_crs(2154)
    areas = gpd.GeoDataFrame(
        pd.concat(
            [
                gpd.read_file(folder / "geo" / file).rename(columns={name: "nom"})
                for file, name in (
                    ("quartiers111_marseille.geojson", "nom"),
                    ("iris_marseille_contours.geojson", "NOM_IRIS"),
                )
            ]
        )[["nom", "geometry"]]
    ).to_crs(2154)
    for layer in (places, areas):
        layer["cle"] = layer["nom"].map(slugify)
    unknown = []
    for text, slug in HELD.items():
        key = slugify(re.sub(r"13\d{3}|^(cité|la|le|les) ", "", text)).replace("st-", "saint-")
        if not key:
            continue
        pattern = rf"(?:^|-){key}(?:-|s?$)"
        spots = places[places["cle"].str.contains(pattern)]
        shapes = areas[areas["cle"].str.contains(pattern)]
        if spots.empty and shapes.empty:
            unknown.append(text)
            continue
        near = contours.geometry.map(lambda outline, s=spots: (s.distance(outline) <= 300).any())
        meets = contours.geometry.map(
            lambda outline, s=shapes: s.intersection(outline).area.sum() > 5_000
        )
        assert slug in set(slugs[near | meets]), text
    # Known by the name of the quartier itself, or by the convention only.
    assert set(unknown) <= {"les Rosiers", "Cerisaie", "Benza"}, unknown


@pytest.mark.parametrize("ward", [one.code for one in territories.arrondissements()])
def test_a_postcode_leads_to_the_quartiers_of_its_arrondissement(field, ward):
    shown = found(field, ward.replace("132", "130", 1))
    mine = {address(one.code) for one in qpv() if ward in one.arrondissements}
    assert set(shown) <= mine and len(shown) == min(len(mine), 8)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Oliviers", {"saint-jerome-les-tilleuls", "malpasse-corot"}),
        ("Bougainville", {"centre-ville-3e-arrondissement", "cap-janet-la-cabucelle-les-crottes"}),
        ("Bellevue", {"centre-ville-3e-arrondissement", "la-sauvagere"}),
    ],
)
def test_a_name_of_several_places_leads_to_all_of_them(field, text, slugs):
    assert {f"{slug}.html" for slug in slugs} == set(found(field, text)[: len(slugs)])


def test_a_code_leads_to_its_quartier(field):
    assert all(found(field, one.code.lower()) == [address(one.code)] for one in qpv())


def test_a_name_that_no_list_has_is_said_not_to_be_there(field):
    assert found(field, "Maison Blanche") == []
    assert "Aucune liste officielle" in field.text_content("#qpv-trouver-etat")


def test_the_field_works_from_the_keyboard(field):
    field.fill("#qpv-trouver", "")
    field.focus("#qpv-trouver")
    field.keyboard.type("oliviers")
    box = field.locator("#qpv-trouver")
    assert box.get_attribute("aria-expanded") == "true"
    field.keyboard.press("ArrowDown")
    field.keyboard.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    assert field.locator(f"#{active}").get_attribute("aria-selected") == "true"
    assert field.locator("[role=option][aria-selected=true]").count() == 1
    field.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    field.keyboard.type(" ")
    assert box.get_attribute("aria-expanded") == "true"
    field.keyboard.press("Tab")
    assert box.get_attribute("aria-expanded") == "false"


def test_a_long_press_chooses_all_the_same(field):
    field.fill("#qpv-trouver", "busserine")
    field.locator("#qpv-trouver").focus()
    field.evaluate("document.getElementById('qpv-trouver-0').addEventListener('click', () => {"
                   " window.chosen = true; }, { once: true })")  # fmt: skip
    field.locator("#qpv-trouver-0").click(delay=400)
    assert field.evaluate("window.chosen") is True


def test_every_target_is_a_quartier_of_2024_or_a_sector():
    kinds = {get(code).geography for name in names() for code in name.targets}
    assert kinds == {"qpv2024", "secteur"}
