"""The commission's report: assembled from what was received, with room for its own text."""

import re

from markdown_it import MarkdownIt

from qpvlib import territories
from qpvlib.evaluation import commitments, objectives, package, registers
from qpvlib.observations import Observations
from qpvlib.presentation import printed
from qpvlib.presentation.evaluation import logic, pages, text
from qpvlib.presentation.markup import Html, prose
from qpvlib.typography import typeset

KINDS = ("intermédiaire", "finale")


def report(kind: str, store: Observations) -> dict[str, bytes]:
    """Return the report of one of :data:`KINDS`, as long as what was received allows.

    Under the suffix of its file: ``.html``, ``.pdf``.
    """
    chapters = {
        "Ce qui manque": missing(),
        "Le texte de la commission": own_words(),
        "Les engagements": pages.promised_counts(),
        "Les projets de quartier": pages.projects(),
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
    title = typeset(f"Évaluation {kind} de la convention « Quartiers 2030 » de Marseille")
    body = Html("").join(
        prose("<h2>{}</h2>{}\n", head, part) for head, part in chapters.items() if part
    )
    return {".html": printed.page(title, body).encode(), ".pdf": printed.pdf(title, body)}


def missing() -> Html:
    """Return in one page what the report lacks."""
    rows = registers.load()
    empty = [table.title for name, table in package.registers().items() if not rows[name]]
    words = [commitments.status(one, rows).word for one in package.reference("engagements")]
    bare = [name for name, names in objectives.expected().items() if not names]
    lacking = {
        "Quartiers sans projet reçu": (territories.qpv(), {r["quartier"] for r in rows["projets"]}),
        "Instances sans séance reçue": (package.reference("instances"),
                                        {r["instance"] for r in rows["seances"]}),
        "Dispositifs sans évaluation reçue": (package.reference("dispositifs"),
                                              {r["dispositif"] for r in rows["evaluations"]}),
    }  # fmt: skip
    told = (
        ("Registres sans aucune ligne", ", ".join(empty) or "aucun"),
        ("Engagements sans preuve déposée", f"{words.count(commitments.NONE)} sur {len(words)}"),
        *((label, f"{len(due) - len(seen)} sur {len(due)}")
          for label, (due, seen) in lacking.items()),
        ("Objectifs de la convention sans indicateur", ", ".join(bare)),
    )  # fmt: skip
    asked = ((row["question"],) for row in package.reference("questions_ouvertes").values())
    template = "{}<p>Le texte laisse ces questions aux signataires :</p>{}"
    return prose(template, text.bullets("{} : {}.", told), text.bullets("{}", asked))


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
