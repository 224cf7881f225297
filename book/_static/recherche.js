// La moitié de la recherche que le navigateur exécute (l'autre : qpvlib.edition.site) : la question
// perd ses accents, un code postal compte, les portraits passent avant les pages qui citent les 41
// noms, les extraits ne collent pas les cases. Elle marche aussi sur un livre ouvert d'un disque.
"use strict";
(function () {
  const fold = (text) => text.toLowerCase().replace(/œ/g, "oe").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  // Lettre à lettre, pour que les rangs restent ceux du texte.
  const even = (text) => Array.from(text.toLowerCase(), (letter) => (letter.length > 1 ? letter : letter.normalize("NFD")[0])).join("");
  const split = (text) => fold(text).split(/[^\p{Letter}\p{Number}_]+/u).filter(Boolean);
  const BLOCKS = /<\/(td|th|li|dt|dd|p|div|h\d|summary|caption|figcaption|tr|text|title)>/gi;
  const FOLDERS = [["book/portraits/", 3], ["book/secteurs/", 1], ["book/suivi/", -3]];
  let asked = [];

  Search._parseQuery = (query) => {
    const stemmer = new Stemmer();
    asked = split(query).filter((word) => !stopwords.includes(word));
    localStorage.setItem("sphinx_highlight_terms", query.toLowerCase());
    const stems = new Set(asked.map((word) => stemmer.stemWord(word)));
    return [asked.join(" "), stems, new Set(), new Set([query.toLowerCase()]), new Set(asked)];
  };

  Scorer.score = ([page, title, , , score]) => {
    const own = split(title).filter((word) => !stopwords.includes(word));
    const named = asked.every((word) => own.includes(word));
    const folder = FOLDERS.find(([start]) => page.startsWith(start));
    return score + (folder ? folder[1] : 0) + (named ? 10 : 0) + (named && own.length === asked.length ? 5 : 0);
  };

  const read = Search.htmlToText;
  Search.htmlToText = (html, anchor) =>
    read(html.replace(/<(h1|form|details|script|svg)\b[\s\S]*?<\/\1>/gi, " ").replace(BLOCKS, " · $&"), anchor)
      .replace(/(?:\s|·|#(?=\s))+·\s*/g, " · ").replace(/\s+/g, " ").replace(/^[\s·]+/, "");

  Search.makeSearchSummary = (html, stems, anchor) => {
    const text = Search.htmlToText(html, anchor);
    if (!text) return null;
    const places = asked.map((word) => even(text).indexOf(word)).filter((place) => place > 0);
    const start = places.length ? Math.max(text.lastIndexOf(" ", Math.min(...places) - 60), 0) : 0;
    const summary = document.createElement("p");
    summary.className = "context";
    summary.textContent = (start ? "… " : "") + text.slice(start, start + 200).trim() + (text.length > start + 200 ? " …" : "");
    return summary;
  };

  // Un navigateur ne lit pas les pages voisines d'un livre ouvert d'un disque.
  if (window.location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
})();
