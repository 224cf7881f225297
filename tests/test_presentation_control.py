"""The page says each verdict in words, escapes the text, and counts what it shows."""

import dataclasses
import re

import pytest
from lxml import html

from qpvlib.control import rules
from qpvlib.control.audit import (
    ARITHMETIC,
    COUNT,
    ESTIMATE,
    MIXED,
    WEIGHTED_MEAN,
    audit,
    audit_table,
    counts,
    lines_about,
    natures,
)
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
    texts = found[ARITHMETIC] + found[COUNT]
    means = [v for v in verdicts if v.nature == WEIGHTED_MEAN]
    data = sum(found.values()) - texts
    assert numbers[:4] == [296, data, len(means), found[ESTIMATE]]
    assert numbers[4:7] == [found[MIXED], texts, len(means)]
    assert numbers[-2:] == [38, sum(i.gravity == "majeure" for i in inconsistencies())]


def test_the_summary_says_which_mean_the_text_prints(verdicts):
    by_id = {v.figure.id: v for v in verdicts}
    kept = [by_id[name] for name in ("CF094", "CF097", "CF099")]  # 50, 40, 42
    text = tree(page.summary(kept)).text_content()
    assert "Sur ces 3 moyennes" in text
    assert "par la population s'arrondit au chiffre imprimé pour 1, celle" in text  # 49.75
    assert text.split("compte autant pour ")[1].startswith("2.")  # 39.64 and 42.003


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
    assert "0,2 point de plus que le texte, pour 1 point d&#39;écart admis." in text
    assert "Année du texte\u00a0: 2019." in text
    assert "Pour trancher" in page.reading(by_id["CF242"])
    assert "Aucun écart." in page.reading(by_id["CF232"])  # 42.4 and 42.4
    assert "Aucun écart." in page.reading(by_id["CF019"])  # a rank
    mean = page.reading(by_id["CF097"])
    assert "Approximation pondérée par la population, 2020 (36 quartiers publiés sur 37)." in mean
    assert (
        "1,1 point de plus que le texte. Moyenne simple des quartiers\u00a0: 39,6\u00a0%." in mean
    )
    own = page.reading(by_id["CF112"])
    found = re.search(r"^Estimation de ce livre, 2018\. Fourchette : de (\S+) % à (\S+) %\.",
                      own.replace("\u00a0", " "))  # fmt: skip
    assert [float(end.replace(",", ".")) for end in found.groups()] == pytest.approx(
        by_id["CF112"].recomputed.span, abs=0.05
    )
    assert "à toutes les familles" in own
    assert "Fourchette\u00a0: de 5 à 6." in page.reading(by_id["CF074"])


def test_every_inconsistency_is_a_link_to_its_line(verdicts):
    anchors = [node.get("id") for node in tree(page.inconsistency_section()).iter("span")]
    assert len(set(anchors)) == 38
    here = page.orientation_sections(verdicts)
    away = page.quartier_section("QN01338I", verdicts) + page.indicator_section("gini", verdicts)
    for content, target in ((here, "#"), (away, "../controle-convention.html#")):
        found = tree(content)
        links = {node.get("href"): node.text for node in found.iter("a")}
        assert links and {target + text.lower() for text in links.values()} == set(links)
        assert {text.lower() for text in links.values()} <= set(anchors)
        for link in list(found.iter("a")):
            link.drop_tree()
        assert "INC" not in found.text_content()


def test_a_gap_above_the_tolerance_never_looks_equal_to_it(verdicts):
    found = [re.search(r"([\d,\u202f]+)\D* que le texte, pour ([\d,\u202f]+)", page.reading(v))
             for v in verdicts if v.agrees is False]  # fmt: skip
    told = [match.groups() for match in found if match]
    assert len(told) >= 4
    assert all(gap != tolerance for gap, tolerance in told)


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
