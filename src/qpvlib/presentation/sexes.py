"""« Femmes et hommes »: what a page says of the gap, by rule, and its figure."""

from collections.abc import Sequence

from qpvlib.intervals import UNKNOWN_BASE
from qpvlib.numerals import counted
from qpvlib.presentation import charts
from qpvlib.presentation.formats import data_tag
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.placement import distance, measured
from qpvlib.reading.compare import ABOVE, BELOW, INDISTINCT, SIMILAR
from qpvlib.reading.sexes import Pair
from qpvlib.territories import predecessors

# Verdict -> its words, and the form of the other's name after them: of, to or with.
WORDS = {
    ABOVE: ("les femmes sont au-dessus", 0),
    BELOW: ("les femmes sont en dessous", 0),
    SIMILAR: ("les femmes ont un chiffre comparable", 1),
    INDISTINCT: ("écart non distinguable entre les femmes et", 2),
}
EVERYONE = ("de l'ensemble", "à celui de l'ensemble", "l'ensemble")
MEN = ("des hommes", "à celui des hommes", "les hommes")


def section(pairs: Sequence[Pair], code: str) -> Html:
    """Return the gaps that can be told from noise, in sentences and in one figure.

    Parameters
    ----------
    pairs
        Those of a quartier, or of the larger quartier of 2015 it comes from: those are left out.
    code
        The quartier of the page.
    """
    own = {code, *(p.code_2015 for p in predecessors(code) if p.same)}
    judged = [p for p in pairs if p.women.territory in own and p.comparison.verdict in WORDS]
    told = [p for p in judged if p.comparison.verdict in (ABOVE, BELOW)]
    if not judged:
        return prose("<p>Pas de comparaison possible : aucun chiffre n'est publié à part pour les "
                     "femmes de ce quartier, avec sa marge.</p>")  # fmt: skip
    if not told:
        return prose("<p>Aucun écart ne se distingue de la marge d'erreur, sur {}.</p>",
                     counted(len(judged), "chiffre(s) comparé(s)"))  # fmt: skip
    items = Html("").join(Html("<li>{}</li>").format(sentence(pair)) for pair in told)
    return Html('<div class="qpv-femmes"><ul>{}</ul>{}</div>').format(
        items, charts.sexes(told).html()
    )


def sentence(pair: Pair) -> Html:
    """Return one sentence: on which side of the others women are, if it can be told."""
    entry, women, other = pair.indicator, pair.women, pair.other
    label = prose("{} en {}", measured(pair, entry.libelle), women.year)
    figures = data_tag(women, entry), data_tag(other, entry)
    if pair.comparison.verdict in WORDS:
        opening, form = WORDS[pair.comparison.verdict]
        return prose(
            "{} : {} {}, {} et {}, écart {}.",
            label,
            opening,
            (MEN if pair.beside_men else EVERYONE)[form],
            *figures,
            distance(pair),
        )
    known = women.is_value and other.is_value
    return prose(
        "{} : femmes, {} ; {}, {}. Pas d'écart calculé{}.",
        label,
        figures[0],
        "hommes" if pair.beside_men else "ensemble",
        figures[1],
        f" ({UNKNOWN_BASE})" if known else "",
    )
