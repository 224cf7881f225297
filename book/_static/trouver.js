// Le champ de recherche de l'accueil : un nom de lieu mène au quartier prioritaire. Les noms sont
// dans la page (qpvlib.presentation.finder.index) : il répond aussi sur un livre ouvert d'un disque.
(function () {
  "use strict";
  const LIMIT = 8;
  const EMPTY = new Set(["la", "le", "les", "l", "d", "de", "du", "des", "a", "au", "aux", "cite", "quartier", "residence", "arret", "marseille"]);
  const POSTCODE = /^13[02]\d\d$/;
  const SHORT = { st: "saint", ste: "sainte", bd: "boulevard", av: "avenue", nd: "notre dame" };

  const plain = (text) => text.toLowerCase().replace(/œ/g, "oe").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const words = (text) => plain(text).split(/[^a-z0-9]+/).filter(Boolean).map((word) => SHORT[word] || word);
  const asked = (text, written) => {
    const all = words(text);
    const told = all.filter((word) => !EMPTY.has(word));
    const named = told.filter((word) => !POSTCODE.test(word));
    return named.length && written ? named : told.length ? told : all;
  };

  // De 0 (le nom même) à 3 (au milieu d'un mot) ; rien si un des mots demandés n'y est pas.
  function fit(query, name) {
    const whole = query.join(" "), own = name.join(" ");
    if (own === whole) return 0;
    if (own.startsWith(whole)) return 1;
    if (query.every((word) => name.some((other) => other.startsWith(word)))) return 2;
    return query.every((word) => word.length > 3 && own.includes(word)) ? 3 : null;
  }

  function search(data, text) {
    const query = asked(text, true);
    if (!query.length || query.join("").length < 2) return [];
    const found = new Map();
    data.keys.forEach((key, i) => {
      const tier = fit(query, key);
      if (tier === null) return;
      const [label, kind, ...leads] = data.noms[i];
      leads.forEach((lead, order) => {
        const target = lead >> 1, close = lead & 1;
        const score = 100 * (tier === 3) + 40 * close + 8 * tier + Math.min(kind, 5) + Math.min(order, 9) / 10;
        const known = found.get(target) || { target, score: Infinity, count: 0 };
        known.count += 1 - close;
        if (score < known.score) Object.assign(known, { score, label, kind, close });
        found.set(target, known);
      });
    });
    return Array.from(found.values()).sort((a, b) => a.score - b.score || b.count - a.count || a.target - b.target);
  }

  function start() {
    const source = document.getElementById("qpv-trouver-noms");
    if (!source) return;
    const data = JSON.parse(source.textContent);
    data.keys = data.noms.map(([label]) => asked(label));
    const field = document.getElementById("qpv-trouver");
    const list = document.getElementById("qpv-trouver-liste");
    const state = document.getElementById("qpv-trouver-etat");
    let results = [], active = -1;
    field.form.hidden = false;

    const address = (found) => data.cibles[found.target][1];
    function close() {
      list.hidden = true;
      active = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    }
    function mark(rank) {
      active = rank;
      Array.from(list.children).forEach((item, i) => item.setAttribute("aria-selected", String(i === rank)));
      if (rank < 0) field.removeAttribute("aria-activedescendant");
      else {
        field.setAttribute("aria-activedescendant", list.children[rank].id);
        list.children[rank].scrollIntoView({ block: "nearest" });
      }
    }
    function option(found, rank) {
      const [name, href, where] = data.cibles[found.target];
      const item = document.createElement("li");
      item.id = "qpv-trouver-" + rank;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.adresse = href;
      const title = document.createElement("b");
      title.textContent = name;
      const reason = document.createElement("small");
      const kind = data.natures[found.kind];
      const label = words(found.label);
      const what = label[0] === words(kind)[0] ? "" : ", " + kind;
      const told = label.join(" ") === words(name).join(" ") ? "" : found.label + what + (found.close ? ", à moins de 300\u00a0m" : "");
      reason.textContent = [told, where && where + " arrondissement" + (/ et /.test(where) ? "s" : "")].filter(Boolean).join(" · ");
      item.append(title, reason);
      item.addEventListener("click", () => { window.location.href = href; });
      return item;
    }
    function show() {
      const all = search(data, field.value);
      results = all.slice(0, LIMIT);
      list.replaceChildren(...results.map(option));
      active = -1;
      field.removeAttribute("aria-activedescendant");
      const open = results.length > 0;
      list.hidden = !open;
      field.setAttribute("aria-expanded", String(open));
      if (field.value.trim().length < 2) state.textContent = "";
      else if (open) state.textContent = all.length === 1 ? "1 quartier trouvé." : all.length + " quartiers trouvés" + (all.length > LIMIT ? ", les " + LIMIT + " premiers ici." : ".");
      else state.textContent = "Aucune liste officielle de ce livre n’a ce nom dans un quartier prioritaire ni à moins de 300\u00a0m. « Trouver » cherche dans tout le livre.";
    }
    field.addEventListener("input", show);
    field.addEventListener("focus", () => { if (field.value && list.hidden) show(); });
    // Un appui sur la liste ne doit pas la fermer avant d'avoir choisi.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    field.addEventListener("blur", close);
    field.addEventListener("keydown", (event) => {
      const count = results.length;
      if (event.key === "Escape") {
        if (!list.hidden) event.preventDefault();
        close();
      } else if (count && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
        event.preventDefault();
        if (list.hidden) show();
        mark(event.key === "ArrowDown" ? (active + 1) % count : (active <= 0 ? count : active) - 1);
      }
    });
    field.form.addEventListener("submit", (event) => {
      if (results.length && field.value.trim()) {
        event.preventDefault();
        window.location.href = address(results[Math.max(active, 0)]);
      }
    });
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
