"""A deposited OpenStreetMap extract gives what each quartier reaches on foot, computed by hand.

One straight street of a fictitious city, two fictitious quartiers at its ends.
"""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import box

import fictif
from deposit_project import FIRST, QUARTIERS, SECOND, bpe, build, populate, stored
from qpvlib.deposits.on_foot import GREEN, PARKS, SERVICES
from qpvlib.errors import SourceError
from qpvlib.intake.importer import import_path
from qpvlib.intake.verify import verify
from qpvlib.sources import registry

EAST, NORTH = 890_000, 6_250_000
STREET = [(x, 100) for x in range(0, 3201, 20)]
PUBLIC = {"leisure": "park"}
HOMES = {FIRST: box(0, 0, 200, 200), SECOND: box(3000, 0, 3200, 200)}
SPACES = [
    (box(400, 110, 500, 210), PUBLIC),  # entered at 160 m
    (box(420, 120, 440, 140), {"leisure": "garden"}),  # inside the park
    (box(920, 110, 1020, 160), PUBLIC),  # entered at 680 m: within reach in a hurry
    (box(1700, 110, 1800, 160), PUBLIC),  # too far
    (box(220, 110, 260, 150), PUBLIC | {"access": "private"}),
    (box(10, 10, 30, 30), {"landuse": "grass"}),
]
BOW = shapely.Polygon([(220, 110), (260, 150), (260, 110), (220, 150)])


def degrees(shapes):
    moved = gpd.GeoSeries(shapes, crs="EPSG:2154").translate(EAST, NORTH)
    return moved.to_crs("EPSG:4326")


@pytest.fixture
def project(tmp_path, monkeypatch):
    data = build(tmp_path, monkeypatch)
    frame = gpd.GeoDataFrame({"code_qp": list(HOMES)}, geometry=degrees(list(HOMES.values())))
    frame.to_file(data / "territoires" / "qpv2024_marseille.geojson", engine="pyogrio")
    city = gpd.GeoDataFrame(geometry=[box(5.30, 43.20, 5.45, 43.40)], crs="EPSG:4326")
    city.to_file(data / "territoires" / "commune_13055.geojson", engine="pyogrio")
    fictif.forget()
    populate(data, QUARTIERS)
    yield data
    monkeypatch.undo()
    fictif.forget()


def extract(path, ways=(STREET,), spaces=SPACES, shift=0.0):
    """Write an extract; ``shift`` moves it by so many degrees."""
    shapes = [(shapely.LineString(way), {"highway": "footway"}) for way in ways]
    shapes += [(space.exterior, tags) for space, tags in spaces]
    nodes, lines = {}, []
    placed = degrees([shape for shape, _ in shapes])
    for number, (line, (_, tags)) in enumerate(zip(placed, shapes, strict=True), 1):
        refs = [nodes.setdefault(spot, len(nodes) + 1) for spot in line.coords]
        lines += [f'<way id="{number}">', *(f'<nd ref="{ref}"/>' for ref in refs)]
        lines += [f'<tag k="{key}" v="{value}"/>' for key, value in tags.items()]
        lines.append("</way>")
    points = [
        f'<node id="{ref}" lon="{x + shift:.7f}" lat="{y:.7f}"/>' for (x, y), ref in nodes.items()
    ]
    path.write_text("\n".join(['<osm version="0.6">', *points, *lines, "</osm>"]), "utf-8")
    return path


def figures(found, indicator, category="ensemble"):
    rows = found.loc[(indicator, category)]
    return {
        code: pytest.approx((row.valeur, row.borne_basse, row.borne_haute), rel=2e-3)
        for code, row in rows.iterrows()
    }


def test_parks_and_green_space_are_related_to_the_inhabitants(project, tmp_path):
    report = import_path(extract(tmp_path / "marseille-2026.osm"))
    assert [words in "".join(report.lines()) for words in ("carreaux", "BPE")] == [True, True]
    found = stored(project, "osm-marche-2026")
    assert figures(found, PARKS) == {FIRST: (5, 5, 7.5), SECOND: (0, 0, 0)}
    assert found.loc[(PARKS, "ensemble", FIRST), ["numerateur", "denominateur"]].tolist() == (
        pytest.approx([10_000, 2000], abs=20)
    )
    # 400 m² of grass, and the park up to 300, 275 and 325 m from the edge of the quartier.
    assert figures(found, GREEN) == {FIRST: (5.2, 3.95, 5.2), SECOND: (0, 0, 0)}
    entry = registry.sources()["osm-marche-2026"].blocs["detail"]
    assert (entry["connu"], "population de 2020" in entry["preuve"]) == ("inféré", True)
    verify()


def cell(x, y):
    """Return the identifier of the cell of INSEE's grid that holds a point."""
    spot = gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y)], crs=2154).to_crs(3035).iloc[0]
    return f"CRS3035RES200mN{int(spot.y // 200) * 200}E{int(spot.x // 200) * 200}"


def test_with_other_files_beside_access_is_shared_and_services_are_reached(project, tmp_path):
    folder = tmp_path / "depot"
    folder.mkdir()
    extract(folder / "marseille-2026.osm")
    pd.DataFrame(
        {
            "idcar_200m": [cell(100, 100), cell(450, 100), cell(3100, 100)],
            "ind": [100, 300, 50],
        }
    ).to_csv(folder / "carreaux_2019.csv", index=False)
    home, near = degrees([shapely.Point(100, 100), shapely.Point(680, 100)])
    bpe(
        folder / "bpe.csv",
        [
            ("A128", FIRST, (near.x, near.y)),
            ("A128", FIRST, (home.x, home.y), "33"),  # badly placed
            ("D265", FIRST, (home.x, home.y)),
        ],
    )  # fmt: skip
    import_path(folder)
    found = stored(project, "osm-marche-2026")
    # The first two cells share the first park, the second alone reaches the other one.
    shared = found.loc[(PARKS, "surface_partagee"), "valeur"]
    city = (10_000 + 5_000) / 450
    assert shared.to_dict() == pytest.approx({FIRST: 25, SECOND: 0, "13055": city}, rel=2e-3)
    assert figures(found, SERVICES, "a_pied") == {FIRST: (1, 0, 1), SECOND: (0, 0, 0)}
    without = figures(found, "part_qpv_sans_service_500m", "a_pied")
    assert without == {"QPV2024-MARSEILLE": (50, 50, 100)}
    doctors = found.loc[("acces_generalistes", "a_pied"), "valeur"].to_dict()
    assert doctors == pytest.approx({FIRST: 25, SECOND: 0, "13055": 10_000 / 450})
    verify()


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        ({"shift": 19.0}, "aucune voie praticable à pied à Marseille"),
        ({"shift": 890_000.0}, "ne sont pas en degrés"),
        ({"ways": [STREET[:70], STREET[90:]]}, "morceaux.* 2, dont le plus grand"),
        ({"ways": [STREET[:80]]}, f"aucune voie praticable à pied dans {SECOND}"),
        ({"spaces": SPACES[-2:]}, "aucun parc ni jardin ouvert à tous"),
        ({"spaces": [*SPACES, (BOW, PUBLIC)]}, "se recoupe lui-même.* 1, pour 5"),
    ],
)
def test_an_extract_that_would_mislead_is_refused(project, tmp_path, made, sentence):
    path = extract(tmp_path / "marseille-2026.osm", **made)
    with pytest.raises(SourceError, match=sentence) as caught:
        import_path(path)
    assert str(caught.value).startswith("marseille-2026.osm")
    assert not (project / "observations" / "osm-marche-2026.csv").exists()


def test_an_extract_without_a_date_or_cut_short_is_refused(project, tmp_path):
    with pytest.raises(SourceError, match="--millesime"):
        import_path(extract(tmp_path / "ville.osm"))
    (tmp_path / "ville.osm.pbf").write_bytes(b"rien")
    with pytest.raises(SourceError, match="tronqué"):
        import_path(tmp_path / "ville.osm.pbf")


def test_without_inhabitants_nothing_is_related_to_them(project, tmp_path):
    populate(project, QUARTIERS | {SECOND: ("qpv2024", 2020, 0.0)})
    with pytest.raises(SourceError, match=f"nulle ou négative.* {SECOND}"):
        import_path(extract(tmp_path / "marseille-2026.osm"))
