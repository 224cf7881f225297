"""The page says each verdict in words, escapes the text, and counts what it shows."""

import dataclasses
import re

import pytest
from lxml import html

from qpvlib.control import rules
from qpvlib.control.audit import audit, audit_table, counts, lines_about, natures
from qpvlib.control.convention import ORIENTATIONS, inconsistencies
from qpvlib.observations import Observations
from qpvlib.presentation import control as page
from qpvlib.sources.registry import ranks
from qpvlib.territories import qpv


@pytest.fixture(scope="module")
def verdicts():
    return audit(Observations.load(rank=ranks()))


def tree(content):
    return html.fragment_fromstring(str(content), create_parent="div")


def words(content):
    return [
        node.text for node in tree(content).iter("span") if "qpv-verdict" in node.get("class", "")
    ]


def test_sections_hold_every_figure_once(verdicts):
    sections = tree(page.orientation_sections(verdicts))
    assert len(sections.findall("details")) == len(ORIENTATIONS)
    assert len(sections.findall(".//tbody/tr")) == 296
    assert all(table.find("caption") is not None for table in sections.iter("table"))
    assert {cell.get("scope") for cell in sections.iter("th")} == {"col", "row"}


def test_verdicts_are_words_with_a_class(verdicts):
    found = words(page.orientation_sections(verdicts))
    assert {word: found.count(word) for word in rules.VERDICTS} == counts(verdicts)
    assert 'class="qpv-verdict qpv-verdict--autre-millesime"' in page.badge(rules.OTHER_YEAR)
    assert 'qpv-verdict--ecart"' in page.badge(rules.GAP)


def test_printed_recomputations_are_those_of_the_verdicts(verdicts):
    printed = {
        node.get("data-figure"): float(node.get("value"))
        for node in tree(page.orientation_sections(verdicts)).iter("data")
    }
    expected = {v.figure.id: v.recomputed.value for v in verdicts if v.recomputed}
    assert printed == pytest.approx(expected)


def test_the_summary_counts_the_verdicts(verdicts):
    text = tree(page.summary(verdicts)).text_content()
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    found = natures(verdicts)
    data, means, mixed, text_only = found.values()
    assert numbers[:5] == [296, data + means, means, mixed, text_only]
    assert numbers[-2:] == [38, sum(i.gravity == "majeure" for i in inconsistencies())]


def test_the_text_is_escaped(verdicts):
    figure = dataclasses.replace(verdicts[0].figure, quote="<script>alert(1)</script> & fin")
    spoiled = (dataclasses.replace(verdicts[0], figure=figure), *verdicts[1:])
    content = page.orientation_sections(spoiled)
    assert "<script>" not in content
    assert "&lt;script&gt;" in content


def test_french_typography(verdicts):
    by_id = {v.figure.id: v for v in verdicts}
    assert page.printed(by_id["CF008"].figure) == "250\u202f000 habitants"
    assert page.printed(by_id["CF222"].figure) == "53,1\u00a0%"
    assert page.printed(by_id["CF110"].figure) == "plus de 47\u00a0%"
    assert page.printed(by_id["CF272"].figure) == "1,5 million d'euros"
    assert not re.search(r" [%:;]", tree(page.orientation_sections(verdicts)).text_content())


def test_the_reading_tells_the_year_the_gap_and_the_inconsistency(verdicts):
    by_id = {v.figure.id: v for v in verdicts}
    text = page.reading(by_id["CF222"])
    assert "Donnée publiée, 2018." in text
    assert "Écart de 0,2 point, dans la tolérance de 1,0 point." in text
    assert "Année du texte\u00a0: 2019." in text
    assert "INC36" in text
    assert "approximation pondérée" in page.reading(by_id["CF094"]).lower()
    assert "Pour trancher" in page.reading(by_id["CF242"])


def test_a_gap_above_the_tolerance_never_looks_equal_to_it(verdicts):
    for v in verdicts:
        if v.agrees is False:
            gap, tolerance = re.findall(r"(?:Écart|tolérance) de (−?[\d,\u202f]+)", page.reading(v))
            assert gap.removeprefix("−") != tolerance, v.figure.id


def test_a_portrait_extract_says_the_perimeter(verdicts):
    lines = lines_about("QN01344M", verdicts)
    text = tree(page.quartier_section("QN01344M", verdicts)).text_content()
    assert text.count("sur le périmètre 2015") == len(lines)
    assert page.perimeter(lines[0]).endswith("différent de celui de 2024")


def test_every_quartier_has_an_extract(verdicts):
    for quartier in qpv():
        assert page.quartier_section(quartier.code, verdicts)
    assert "aucun chiffre" in page.quartier_section("QN01347I", verdicts)  # La Marie


def test_a_card_lists_the_figures_of_its_indicator(verdicts):
    for name in {verdict.figure.indicator for verdict in verdicts}:
        kept = [verdict for verdict in verdicts if verdict.figure.indicator == name]
        assert len(tree(page.indicator_section(name, verdicts)).findall(".//tbody/tr")) == len(kept)
    assert "aucun chiffre" in page.indicator_section("densite", verdicts)


def test_the_file_handed_over_is_the_table_of_the_audit(verdicts):
    text = page.Download(verdicts)._repr_mimebundle_()["text/csv"]
    assert text.encode() == audit_table(verdicts)


def test_inconsistencies_come_from_the_gravest(verdicts):
    rows = tree(page.inconsistency_section()).findall(".//tbody/tr")
    gravities = [row.findall("td")[-1].text for row in rows]
    assert len(rows) == 38
    assert gravities == sorted(
        gravities, key=["majeure", "moyenne", "mineure", "information"].index
    )


def test_every_source_is_named(verdicts):
    listed = {node.text for node in tree(page.sources_list(verdicts)).iter("code")}
    assert listed == {s for v in verdicts if v.recomputed for s in v.recomputed.sources}
