"""Lists of what the convention says, row by row, each with its quotation and its lines.

Every list is whole without JavaScript; ``filtre.js`` adds a search field to it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from qpvlib.evaluation import registers
from qpvlib.evaluation.package import Field, choices, reference, tables
from qpvlib.numerals import number
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.typography import typeset

Entry = dict[str, str]
_LONG = 20
"""Rows from which a list folds behind its title."""
Said = str | Callable[[Entry], str]
Facts = Mapping[str, str] | Callable[[Entry], Mapping[str, str | Html]]


def listing(
    name: str, title: str, facts: Facts, groups: Sequence[Said] = (), tag: Said = ""
) -> Html:
    """Return the rows of a reference as a list that can be filtered, each folded behind its title.

    Parameters
    ----------
    name
        Name of the reference.
    title, groups, tag
        Column, or function of a row for the last two, that gives the title, the folds it comes
        under (the first in the order of the file, those inside sorted) and its short mark.
    facts
        Label -> column, or function of a row giving label -> text; an empty fact is left out.
    """
    entries = list(reference(name).values())
    if not groups and len(entries) > _LONG:
        groups = (lambda _: tables()[name].title,)

    def grouped(inside: list[Entry], levels: Sequence[Said]) -> Html:
        if not levels:
            items = Html("").join(_item(entry, title, facts, tag) for entry in inside)
            return Html('<ul class="qpv-engagements">{}</ul>\n').format(items)
        found: dict[str, list[Entry]] = {}
        for entry in inside:
            found.setdefault(_said(levels[0], entry), []).append(entry)
        return Html("").join(
            folded(f"{head} ({len(found[head])})", grouped(found[head], levels[1:]))
            for head in (found if levels is groups else sorted(found))
        )

    return _filtered(grouped(entries, groups))


def _said(what: Said, entry: Entry) -> str:
    return what(entry) if callable(what) else entry.get(what, "")


def received(*names: str) -> Html:
    """Return how many rows of these registers this book received: never what exists."""
    rows = registers.load()
    titles = {name: tables()[name].title for name in names}
    said = " ; ".join(
        f"{t[0].lower()}{t[1:]} : {len(rows[n]) or 'rien'}" for n, t in titles.items()
    )
    words = "Reçu par ce livre</strong> : {}. Ce qui n'a pas été reçu peut exister.</p>"
    return prose(f'<p class="qpv-alerte"><strong>{words}', typeset(said))


def tallies(title: str, lines: Iterable[tuple[str, Mapping[str, int]]]) -> Html:
    """Return counts by state, one line each: « O2.2 … : cible atteinte, 2 sur 41 ; … »."""

    def told(found: Mapping[str, int]) -> str:
        total = sum(found.values())
        return " ; ".join(f"{word}, {size} sur {total}" for word, size in found.items() if size)

    items = ((name, typeset(told(sizes))) for name, sizes in lines)
    return prose("<p>{} :</p>{}", title, bullets("<strong>{}</strong> : {}", items))


def bullets(template: str, lines: Iterable[Iterable[str | int]]) -> Html:
    """Return a list, each line made of the same template."""
    items = Html("").join(prose(f"<li>{template}</li>", *line) for line in lines)
    return Html("<ul>{}</ul>").format(items)


def folded(title: str, *parts: Html) -> Html:
    """Return parts behind a button; nothing at all when they are empty."""
    body = Html("").join(parts)
    fold = Html("<details><summary>{}</summary>{}</details>")
    return fold.format(typeset(title), body) if body else body


def grid(caption: str, heads: str, lines: Iterable[Iterable[object]]) -> Html:
    """Return a table that can be filtered, its heads between bars; nothing without a line."""
    return _filtered(_table(caption, heads, lines))


def grids(heads: str, groups: Mapping[str, Iterable[Iterable[object]]]) -> Html:
    """Return tables of the same columns, each folded behind its title, filtered together."""
    return _filtered(
        *(folded(title, _table(title, heads, lines)) for title, lines in groups.items())
    )


def _table(caption: str, heads: str, lines: Iterable[Iterable[object]]) -> Html:
    rows = tuple(
        tuple(cell if isinstance(cell, Html) else typeset(str(cell)) for cell in line)
        for line in lines
    )
    columns = tuple(map(typeset, heads.split(" | ")))
    return Table(typeset(caption), columns, rows).html() if rows else Html("")


def _filtered(*parts: Html) -> Html:
    body = Html("").join(parts)
    return Html('<div class="qpv-filtrable">{}</div>').format(body) if body else body


def rows(name: str, caption: str, *columns: str) -> Html:
    """Return columns of a register, or of a reference, as a table; nothing when it is empty."""
    fields = [tables()[name].field(column) for column in columns]
    found = registers.load()[name] if name in registers.load() else reference(name).values()
    lines = ([shown(field, row[field.name]) for field in fields] for row in found)
    return grid(caption, " | ".join(field.title for field in fields), lines)


def shown(field: Field, value: Any) -> Html | str:
    """Return a value as a reader meets it: French date, label of a list, link; or why not."""
    if value is None or value == "":
        return "non renseigné"
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, tuple) or (field.closed and field.closed not in registers.load()):
        names = choices(field.closed) if field.closed else {}
        listed = value if isinstance(value, tuple) else (value,)
        return ", ".join(str(names.get(one, one)) for one in listed) or "aucune"
    if field.name == "lien":
        return Html('<a href="{}">document</a>').format(value)
    if field.type == "number":
        return number(float(value), float(value) % 1 > 0)
    return str(value)


def schemes() -> Html:
    """Return the schemes that the text names, each with the evaluations received, or « aucune »."""
    found: dict[str, list[str]] = {}
    for row in registers.load()["evaluations"]:
        told = f"{row['titre']} ({row['producteur']}, {row['annee']}) : {row['enseignement']}"
        found.setdefault(row["dispositif"], []).append(told)
    return listing("dispositifs", "dispositif", lambda entry: {
        "Porteurs": entry["porteurs"],
        "Ce que dit le texte": entry["ce_que_dit_le_texte"],
        "À Marseille selon l'ANCT, septembre 2024": entry["presents"],
        "Évaluation prévue": entry["evaluation_dite"],
        "Évaluations reçues": " ".join(found.get(entry["id"], ["aucune"])),
    })  # fmt: skip


def _item(entry: Entry, title: str, facts: Facts, tag: Said) -> Html:
    mark = _said(tag, entry)
    every = facts(entry) if callable(facts) else {k: entry[name] for k, name in facts.items()}
    told = bullets("{} : {}", ((label, said) for label, said in every.items() if said))
    same = entry["lignes"] == entry["ligne_citation"]
    where = entry["lignes"] if same else f"{entry['ligne_citation']} ; passages : {entry['lignes']}"
    return prose(
        '<li id="{}"><details><summary><strong>{}</strong> <small>{}</small>{}</summary>{}'
        '<p class="qpv-citation">« {} » <small>(ligne {})</small></p></details></li>',
        entry["id"].lower(),
        entry[title][:1].upper() + entry[title][1:],
        entry["id"],
        Html(' <span class="qpv-verdict">{}</span>').format(mark) if mark else "",
        told,
        entry["citation"],
        typeset(where),
    )
