// Un champ de recherche devant chaque liste longue. Sans JavaScript, la liste est entière.
(function () {
  "use strict";
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[’']/g, " ");

  function equip(box, rank) {
    const rows = box.querySelectorAll(".qpv-engagements > li, tbody > tr");
    if (rows.length < 8) return;
    const texts = Array.from(rows, (row) => plain(row.textContent));
    const marks = Array.from(rows, (row) => (row.querySelector(".qpv-verdict") || { textContent: "" }).textContent);
    const kinds = Array.from(new Set(marks)).filter(Boolean).sort((a, b) => a.localeCompare(b, "fr"));
    const bar = document.createElement("div");
    bar.className = "qpv-filtre";
    const field = document.createElement("input");
    field.type = "search";
    field.id = "filtre-" + rank;
    const label = document.createElement("label");
    label.htmlFor = field.id;
    label.textContent = "Filtrer";
    const told = document.createElement("span");
    told.setAttribute("role", "status");
    bar.append(label, field);
    const choice = document.createElement("select");
    if (kinds.length > 1 && kinds.length < 30) {
      choice.setAttribute("aria-label", "État ou nature");
      choice.append(new Option("tout", ""), ...kinds.map((kind) => new Option(kind, kind)));
      bar.append(choice);
    }
    bar.append(told);
    box.prepend(bar);

    function apply() {
      const words = plain(field.value).split(/\s+/).filter(Boolean);
      const active = words.length > 0 || choice.value;
      let shown = 0;
      rows.forEach((row, i) => {
        const kept = words.every((word) => texts[i].includes(word)) && (!choice.value || marks[i] === choice.value);
        row.hidden = !kept;
        shown += kept;
      });
      box.querySelectorAll("details:not(.qpv-engagements *)").forEach((fold) => {
        const some = fold.querySelector(".qpv-engagements > li:not([hidden]), tbody > tr:not([hidden])");
        fold.hidden = !some;
        if (active) fold.open = Boolean(some);
      });
      told.textContent = active ? shown + " sur " + rows.length : "";
    }
    field.addEventListener("input", apply);
    choice.addEventListener("change", apply);
  }

  // Un lien vers une ligne ouvre ce qui la replie.
  function reveal() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.closest(".qpv-filtrable")) return;
    for (let box = target.querySelector("details") || target; box; box = box.parentElement)
      if (box.tagName === "DETAILS") box.open = true;
    target.scrollIntoView();
  }

  function start() {
    document.querySelectorAll(".qpv-filtrable").forEach(equip);
    reveal();
    addEventListener("hashchange", reveal);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
