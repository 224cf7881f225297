"""The commission's report: assembled from what was received, with room for its own text."""

import re

from markdown_it import MarkdownIt

from qpvlib.evaluation import commitments, objectives, package, registers
from qpvlib.observations import Observations
from qpvlib.presentation import printed
from qpvlib.presentation.evaluation import logic, pages, text
from qpvlib.presentation.markup import Html, prose

KINDS = ("intermédiaire", "finale")
_STYLE = (
    "body{font:11pt/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;font-size:.85em}caption{text-align:left}"
    "th,td{border-bottom:1px solid #c9d2dc;padding:.3em;text-align:left;vertical-align:top}"
    "@page{size:A4;margin:18mm}h2{break-after:avoid}tr{break-inside:avoid}"
)


def report(kind: str, store: Observations) -> dict[str, bytes]:
    """Return the report as ``.html`` and ``.pdf``: as long as what was received allows.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    """
    chapters = {
        "Ce qui manque": missing(),
        "Le texte de la commission": own_words(),
        "Les engagements": pages.promised_counts(),
        "Les objectifs des projets de quartier": logic.states(store) + logic.declared(store),
        "La gouvernance": pages.unspoken() + pages.answers(),
        "Le droit commun": pages.spending(),
        "Les subventions": pages.grants(),
        "L'abattement de taxe foncière": pages.rebates(),
        "Le point de vue des habitants": pages.residents_answers(),
        "Les évaluations reçues": text.rows(
            "evaluations", "Évaluations", "titre", "dispositif", "annee", "enseignement"
        ),
    }
    title = f"Évaluation {kind} de la convention « Quartiers 2030 » de Marseille"
    body = Html("").join(
        prose("<h2>{}</h2>{}\n", head, part) for head, part in chapters.items() if part
    )
    page = (
        '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width"><title>{0}</title><style>{1}</style><h1>{0}</h1>{2}</html>\n'
    )
    whole = prose(page, title, Html(_STYLE), body)
    return {".html": str(whole).encode(), ".pdf": printed.pdf(title, str(body))}


def missing() -> Html:
    """Return in one page what the report lacks."""
    rows = registers.load()
    empty = [table.title for name, table in package.registers().items() if not rows[name]]
    words = [commitments.status(one, rows).word for one in package.reference("engagements")]
    bare = [name for name, names in objectives.expected().items() if not names]
    told = (
        ("Registres sans aucune ligne", ", ".join(empty) or "aucun"),
        ("Engagements sans preuve déposée", f"{words.count(commitments.NONE)} sur {len(words)}"),
        ("Objectifs de la convention sans indicateur", ", ".join(bare)),
        ("Questions que le texte laisse ouvertes", len(package.reference("questions_ouvertes"))),
    )
    items = Html("").join(prose("<li>{} : {}.</li>", label, said) for label, said in told)
    return Html("<ul>{}</ul>").format(items)


def own_words() -> Html:
    """Return the commission's own texts (``data/evaluation/textes/*.md``); never generated."""
    files = sorted((package.folder() / "textes").glob("*.md"))
    write = MarkdownIt("js-default").render
    # Its headings come under ours: a first one is a third.
    lower = re.compile(r"<(/?)h([1-4])>")
    return Html("").join(
        Html(lower.sub(lambda m: f"<{m[1]}h{int(m[2]) + 2}>", write(file.read_text("utf-8"))))
        for file in files
    )
