"""The easy-to-read page of a quartier: its parts, in one language, before any page or PDF.

Made of the five figures of the portrait and of the schools; one idea a sentence, one picture a
number. What is said of a figure is decided by :mod:`qpvlib.files.said`, the words by a language.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qpvlib.files import vectors
from qpvlib.files.columns import falc
from qpvlib.files.languages import Language
from qpvlib.files.said import Said, said
from qpvlib.observations import Observation, Observations
from qpvlib.presentation import formats
from qpvlib.presentation.markup import Html, attributes
from qpvlib.reading import schools
from qpvlib.reading.key_figures import KeyFigure, five
from qpvlib.territories import Qpv

CLASS = "falc-chiffre"


@dataclass(frozen=True)
class Part:
    """A part of the page.

    Attributes
    ----------
    title, sentences
        Its words; a sentence may hold signed numbers.
    picture, described
        Its drawing as SVG and what it shows; empty without one.
    items
        Names in a list.
    """

    title: str
    sentences: tuple[Html, ...]
    picture: str = ""
    described: str = ""
    items: tuple[str, ...] = ()


def parts(place: Qpv, language: Language, observations: Observations) -> tuple[Part, ...]:
    """Return the parts of the page of a QPV of 2024 that are about it."""
    words = language.words["quartier"]
    facts = {
        "nom": Html('<bdi lang="fr">{}</bdi>').format(place.name),
        "numero": language.words["jonction"].join(
            str(int(code[-2:])) for code in sorted(place.arrondissements)
        ),
    }
    sentences = tuple(Html(text).format(**facts) for text in words["phrases"])
    first = Part(words["titre"], sentences, vectors.picture("maisons"), words["image"])
    figures = (_figure(one, language) for one in five(place.code, observations))
    return (first, *figures, _schools(place, language, observations))


def _figure(one: KeyFigure, language: Language) -> Part:
    entry, figure = falc()[one.indicator.id], one.observation
    words = language.words["chiffres"][one.indicator.id]
    if not figure.is_value:
        why = language.words["sans_chiffre"][figure.state]
        return Part(words["titre"], (Html("{}").format(why),))
    found = said(figure, entry["forme"])
    sentences = [_sentence(words, found, figure, language)]
    if one.city and "ville" in words:
        city = said(one.city, entry["forme"])
        beside = {"environ": words["ville"], "entre": words["ville_entre"]}
        sentences.append(_sentence(beside, city, one.city, language))
    sentences.append(Html("{}").format(words["explication"]))
    sentences.append(Html(language.words["annee"]).format(annee=figure.year))
    if one.city and "ville" in words and one.city.year != figure.year:
        sentences.append(Html(language.words["annee_ville"]).format(annee=one.city.year))
    if entry["dessin"] != "dix":
        drawing, described = vectors.picture(entry["dessin"]), words["image"]
    else:
        drawing = vectors.ten(found.low, found.high)
        ends = str(found.low) if found.certain else f"{found.low}-{found.high}"
        described = words["image"].format(dessin=ends)
    return Part(words["titre"], tuple(sentences), drawing, described)


def _sentence(words: dict[str, str], found: Said, figure: Observation, language: Language) -> Html:
    if not found.certain:
        ends = {"bas": (found.low, figure.low), "haut": (found.high, figure.high)}
        return Html(words["entre"]).format(
            **{end: _number(said_, raw, figure, found.form, language, end)
               for end, (said_, raw) in ends.items()}
        )  # fmt: skip
    form = "exact" if found.exact else "environ"
    form = {0: "zero", 1: "un"}.get(found.number, form)
    text = words.get(form, words["environ"])
    return Html(text).format(
        n=_number(found.number, figure.amount, figure, found.form, language, "valeur")
    )


def _number(
    number: int,
    raw: float | None,
    figure: Observation,
    form: str,
    language: Language,
    end: str,
) -> Html:
    """Return a number, signed with the figure it says, for the control to read it again."""
    facts = attributes(
        value=None if raw is None else formats.raw(raw), data_forme=form, data_borne=end,
        data_indicateur=figure.indicator,
        data_territoire=figure.territory, data_millesime=figure.vintage,
    )  # fmt: skip
    digits = f"{number:,}".replace(",", language.words["milliers"])
    return Html('<data class="{}" dir="ltr"{}>{}</data>').format(CLASS, facts, digits)


def _schools(place: Qpv, language: Language, observations: Observations) -> Part:
    words = language.words["ecoles"]
    near = near_schools(place, observations)
    if not near:
        return Part(words["titre"], tuple(_plain(words, "zero", "explication")))
    # Counted here: no observation holds it, the names that follow do.
    number = Html('<data class="{}" dir="ltr" value="{}">{}</data>').format(
        CLASS, len(near), len(near)
    )
    text, named = ("un", "nom") if len(near) == 1 else ("plusieurs", "noms")
    return Part(
        words["titre"],
        (Html(words[text]).format(n=number), *_plain(words, "explication", named)),
        vectors.picture("ecole"),
        words["image"],
        near,
    )


@lru_cache(maxsize=64)  # the page and its PDF, in each language
def near_schools(place: Qpv, observations: Observations) -> tuple[str, ...]:
    """Return the names of the public écoles in a quartier or close to it."""
    return tuple(one.name for one in schools.around(place, observations).near)


def _plain(words: dict[str, str], *names: str) -> Iterator[Html]:
    return (Html("{}").format(words[name]) for name in names)
