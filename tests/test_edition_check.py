"""Each rule on the built book lets a sound page through and names the defect of a broken one."""

import pytest

from edition_project import REPOSITORY
from qpvlib.edition import pages
from qpvlib.edition.check import check
from qpvlib.errors import CheckError

KEY = 'data-indicateur="taux_fictif" data-territoire="X" data-millesime="2021"'
HEADER = "territoire;indicateur;modalite;millesime;statistique;valeur;etat\n"
CSV = HEADER + "X;taux_fictif;ensemble;2021;valeur;41,512;valeur\n"
MASKED = HEADER + "X;taux_fictif;ensemble;2021;valeur;;secret\n"
LINK = '<a class="download" href="chiffres.csv">CSV</a>'


def figure(value="41.512", text="41,5\u00a0%", state="valeur") -> str:
    return (
        f'<data class="qpv-chiffre" value="{value}" {KEY} data-modalite="ensemble" '
        f'data-etat="{state}">{text}</data>'
    )


# 284 units wide, of which a screen of 320 pixels shows 258.
DRAWN = '<svg class="qpv-dessin" viewBox="0 0 284 99"><text style="fill: red; {}">a</text></svg>'


def document(body="", title="Accueil", lang="fr", heading="<h1>Titre</h1>", aside="") -> str:
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        f"</head><body>{aside}<main><article>{heading}{body}</article></main></body></html>"
    )


@pytest.fixture
def book(tmp_path, monkeypatch):
    """A sound book of two pages, one of them with a figure, its table and an image."""
    monkeypatch.setenv("QPV_RACINE", str(REPOSITORY))
    body = f'<h2 id="a">A</h2><a href="#a">A</a><p>{figure()}</p>{LINK}'
    body += '<img src="i.png" alt="Le taux monte.">'
    (tmp_path / "index.html").write_text(document('<a href="page.html">page</a>'), "utf-8")
    (tmp_path / "page.html").write_text(document(body, "Page"), "utf-8")
    (tmp_path / "chiffres.csv").write_text(CSV, "utf-8")
    (tmp_path / "i.png").write_bytes(b"image")
    return tmp_path


def defects(book, text: str) -> str:
    (book / "page.html").write_text(text, "utf-8")
    with pytest.raises(CheckError) as raised:
        check(book, ())
    return str(raised.value)


def test_a_sound_book_passes_and_is_counted(book):
    report = check(book, ())
    assert (report.pages, report.figures, report.theme) == (2, 1, 0)
    assert report.lines()[0] == "2 pages et 1 chiffre : aucun défaut."


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (document("", "Page", lang="en"), "langue déclarée"),
        (document("<p>Centre social (essai)</p>", "Page"), "inventée pour les essais"),
        (document("", "Page", heading=""), "0 titres de premier niveau"),
        (document("", "Page", heading="<h1>a</h1><h1>b</h1>"), "2 titres de premier niveau"),
        (document("<h3>x</h3>", "Page"), "h3 après h1"),
        (document("", "Accueil"), "même titre que index.html"),
        (document('<p id="a"></p><p id="a"></p>', "Page"), "identifiants en double : a"),
        (document('<img src="i.png" alt=" ">', "Page"), "sans texte de remplacement"),
        (document('<img src="i.png" alt="_images/i_3.png">', "Page"), "un chemin sert"),
        (document('<a href="absente.html">x</a>', "Page"), "lien rompu : absente.html"),
        (document('<a href="index.html#rien">x</a>', "Page"), "ancre introuvable"),
        (document('<svg><a href="absente.html"></a></svg>', "Page"), "lien rompu"),
        (document('<div class="cell tag_parameters"></div>', "Page"), "paramètres est visible"),
        (document('<div class="cell_input"></div>', "Page"), "du code est visible"),
        (document("<pre>&lt;x.Y object at 0x7fdfbd48&gt;</pre>", "Page"), "adresse en mémoire"),
        (document("<p>(1 lignes)</p>", "Page"), "pluriel après un nombre plus petit que deux"),
        (document("<p>de −0,7 points</p>", "Page"), "« 0,7 points »"),
        (document("<p>de l”<a href='page.html'>accueil</a></p>", "Page"), "« l” »"),
        (document("<p>Voir INC07.</p>", "Page"), "INC07 est cité sans lien"),
        (document("<p>l'eau</p>", "Page"), "apostrophes droites (1) : l'eau"),
        (document("<p>d'<b>un</b></p>", "Page"), "apostrophes droites"),
        (document('<p aria-label="l&#39;an"></p>', "Page"), "apostrophes droites"),
        (document(DRAWN.format("font-size: 9px"), "Page"), "un texte fait 8.2 px"),
        (document(DRAWN.format("font: 700 9.8px"), "Page"), "un texte fait 8.9 px"),
        (document("", "Page", aside="<p>Toggle the menu</p>"), "en anglais"),
        (document('<p title="Link to this heading"></p>', "Page"), "en anglais"),
        (
            document("", "Page", aside="<script>document.write(`<b title='Search'></b>`)</script>"),
            "en anglais : « Search »",
        ),
    ],
)
def test_each_broken_rule_is_named(book, page, reason):
    assert reason in defects(book, page).replace("\u00a0", " ")


@pytest.mark.parametrize(
    "loading",
    [
        '<script src="https://tiers.example/a.js"></script>',
        '<link rel="stylesheet" href="//tiers.example/a.css">',
        "<style>@import 'https://tiers.example/a.css';</style>",
        '<script>const adresse = "https://tiers.example/a.js";</script>',
        '<svg><image href="https://tiers.example/a.png"/></svg>',
        "<iframe src='https://tiers.example/'></iframe>",
    ],
)
def test_nothing_is_loaded_from_another_host(book, loading):
    assert "tiers.example" in defects(book, document(loading, "Page"))


def test_singulars_quotations_and_linked_inconsistencies_pass(book):
    body = "<p>1 ligne, 2 lignes, 11 lignes, 1,9 point, 21 101 lignes, 1 fois, 0,5 dans l’an</p>"
    body += "<p>« 0,14 équipements sociaux », <code>l'a</code></p>"
    body += DRAWN.format("font: italic 10px")
    body += '<div lang="en"><p>0 unless told otherwise</p></div>'
    body += '<p><span id="inc07">INC07</span>, voir <a href="#inc07">INC07</a></p>'
    (book / "page.html").write_text(document(body, "Page"), "utf-8")
    check(book, ())


def test_a_figure_computed_again_is_not_one_of_the_ledger(book):
    printed = '<data class="qpv-recalcul" value="12.5" data-figure="CF001">12,5\u00a0%</data>'
    (book / "page.html").write_text(document(printed + LINK, "Page"), "utf-8")
    assert check(book, ()).figures == 0


def table(*cells: str, heads=("Indicateur", "Quartier", "Année", "Marseille")) -> str:
    row = "".join(f"<td>{cell}</td>" for cell in cells)
    return (
        f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead>"
        f"<tbody><tr>{row}</tr></tbody></table>{LINK}"
    )


OLDER = figure().replace("2021", "2019")


@pytest.mark.parametrize(
    ("cells", "sound"),
    [
        (("Taux", figure(), "2021", figure()), True),
        (("Taux", figure(), "2021", f"{OLDER} (2019)"), True),
        (("Taux", figure(), "2021", OLDER), False),
        (("Taux", figure(), "", OLDER), False),
        (("Taux", OLDER, "2021", OLDER), False),
    ],
)
def test_two_figures_of_different_years_say_so(book, cells, sound):
    (book / "chiffres.csv").write_text(CSV + CSV.splitlines()[1].replace("2021", "2019"), "utf-8")
    text = document(table(*cells), "Page")
    if not sound:
        assert "années mêlées" in defects(book, text)
        return
    (book / "page.html").write_text(text, "utf-8")
    check(book, ())
    perimeter = table("Taux", OLDER, "2024", "", heads=("", "Chiffre", "Périmètre", ""))
    (book / "page.html").write_text(document(perimeter, "Page"), "utf-8")
    check(book, ())
    by_year = table("Taux", figure(), OLDER, heads=("Indicateur", "2021", "2019"))
    (book / "page.html").write_text(document(by_year, "Page"), "utf-8")
    check(book, ())


def test_links_to_official_sources_are_allowed(book):
    text = document('<a href="https://tiers.example/">source</a>', "Page")
    (book / "page.html").write_text(text, "utf-8")
    check(book, ())


@pytest.mark.parametrize(
    ("printed", "table", "reason"),
    [
        (figure(text="42,5\u00a0%"), CSV, "ne dit pas la valeur 41.512"),
        (figure("41.6", "41,6\u00a0%"), CSV, "le fichier CSV dit 41.512, la page 41.6"),
        (figure() + figure("40", "40\u00a0%"), CSV, "dit 41.512, et non 40"),
        (figure("", "0", "secret"), MASKED, "un secret se lit comme un nombre"),
        (figure("", "aucun", "secret"), MASKED, "un secret se lit comme un nombre"),
        (figure("0", "secret", "secret"), MASKED, "un secret se lit comme un nombre"),
        (figure("", "secret", "secret"), CSV, "le fichier CSV le dit valeur, la page secret"),
        (figure("", "inconnu", "vide"), CSV, "état « vide » inconnu"),
        (figure(), HEADER, "absent du fichier CSV"),
        (figure().replace("data-millesime", "data-an"), CSV, "son attribut millesime"),
    ],
)
def test_the_number_of_the_sentence_is_that_of_the_table_and_file(book, printed, table, reason):
    (book / "chiffres.csv").write_text(table, "utf-8")
    assert reason in defects(book, document(printed + LINK, "Page")).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234567.4", "1\u202f234\u202f567 habitants"),
        ("-3.25", "\u22123,2 points"),
        ("0.0", "0,0\u00a0%"),
        ("12", "12,00"),
    ],
)
def test_french_roundings_of_the_value_are_accepted(book, value, text):
    (book / "chiffres.csv").write_text(CSV.replace("41,512", value.replace(".", ",")), "utf-8")
    (book / "page.html").write_text(document(figure(value, text) + LINK, "Page"), "utf-8")
    assert check(book, ()).figures == 1


def test_a_file_that_is_not_there_is_a_dead_link_and_not_a_crash(book):
    (book / "chiffres.csv").unlink()
    assert "lien rompu\u00a0: chiffres.csv" in defects(book, document(figure() + LINK, "Page"))


def test_a_secret_in_words_is_accepted(book):
    (book / "chiffres.csv").write_text(MASKED, "utf-8")
    masked = figure("", "couvert par le secret statistique", "secret")
    (book / "page.html").write_text(document(masked + LINK, "Page"), "utf-8")
    assert check(book, ()).figures == 1


def test_a_missing_page_is_named_with_its_territory(book):
    with pytest.raises(CheckError, match=r"La Viste \(QN01304I\).*manque"):
        check(book, (pages.page("QN01304I"),))


def test_a_page_too_heavy_for_a_phone_is_refused(book):
    (book / "i.png").write_bytes(bytes(hash(str(i)) % 256 for i in range(400_000)))
    text = (book / "page.html").read_text("utf-8")
    assert "plus de 300" in defects(book, text)


def test_a_book_that_was_not_built_is_said(tmp_path):
    with pytest.raises(CheckError, match="Aucun livre construit"):
        check(tmp_path, ())


def margin(text: str, low="39.5", high="43.5") -> str:
    return (
        f'<span class="qpv-marge" data-bas="{low}" data-haut="{high}" {KEY} '
        f'data-modalite="ensemble" data-etat="valeur">{text}</span>{LINK}'
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("±\u00a02,0 points", None),
        ("de 39,5\u00a0% à 43,5\u00a0%", None),
        ("±\u00a01,9 points", "ne dit pas 2"),
        ("de 39,5\u00a0% à 44,5\u00a0%", "ne dit pas 43.5"),
    ],
)
def test_a_written_margin_is_that_of_the_file(book, text, reason):
    head, row = (line.rstrip("\n") for line in CSV.splitlines())
    file = book / "chiffres.csv"
    file.write_text(f"{head};borne_basse;borne_haute\n{row};39,5;43,5\n", "utf-8")
    page = document(f"<p>{figure()} ({margin(text)})</p>", "Page")
    if reason:
        assert reason in defects(book, page)
        return
    (book / "page.html").write_text(page, "utf-8")
    check(book, ())
    file.write_text(f"{head};borne_basse;borne_haute\n{row};39,5;43,6\n", "utf-8")
    assert "le fichier CSV dit 43,6" in defects(book, page)
