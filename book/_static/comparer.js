// De deux à quatre quartiers côte à côte, et la ville : tout est lu dans le tableau de la page, dont
// les cases sont reprises telles quelles. L'adresse garde le choix (#a=la-viste&b=frais-vallon).
(function () {
  "use strict";
  const LETTERS = ["a", "b", "c", "d"];
  const ALWAYS = ["Quartier médian", "Marseille"];

  const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  };
  const slug = (row) => { const link = row.querySelector("a"); return link ? link.getAttribute("href").replace(/^.*\/|\.html$/g, "") : ""; };
  const copied = (cell) => Array.from(cell.childNodes, (node) => node.cloneNode(true));

  // Ce qu'une case écrit : la valeur et les bornes, ou rien pour un état.
  function read(cell) {
    const figure = cell.querySelector("data"), margin = cell.querySelector(".qpv-marge");
    if (!figure) return null;
    const value = Number(figure.value);
    return { value, low: margin ? Number(margin.dataset.bas) : value, high: margin ? Number(margin.dataset.haut) : value };
  }

  function start() {
    const box = document.getElementById("qpv-comparer");
    const whole = document.getElementById("qpv-comparer-tout");
    if (!box || !whole) return;
    const heads = Array.from(whole.querySelectorAll("thead th"), (head) => head.textContent).slice(1);
    const rows = Array.from(whole.querySelectorAll("tbody tr"), (row) => ({
      name: row.querySelector("th").textContent,
      slug: slug(row),
      head: row.querySelector("th"),
      cells: Array.from(row.querySelectorAll("td")),
    }));
    const quartiers = rows.filter((row) => row.slug);
    const beside = rows.filter((row) => ALWAYS.includes(row.name));
    const scales = heads.map((_, i) => {
      const known = rows.map((row) => read(row.cells[i])).filter(Boolean).flatMap((one) => [one.low, one.high, one.value]);
      return [Math.min(...known), Math.max(...known)];
    });

    const selects = LETTERS.map((letter, rank) => {
      const list = element("select", { id: "qpv-comparer-" + letter });
      list.append(new Option(rank < 2 ? "Choisir un quartier" : "Aucun", ""), ...quartiers.map((row) => new Option(row.name, row.slug)));
      list.addEventListener("change", () => { write(); show(); });
      return list;
    });
    const out = element("div", { "aria-live": "polite" });
    box.append(
      element("form", { class: "qpv-comparer-choix" }, ...selects.map((list, rank) => element("p", {}, element("label", { for: list.id }, "Quartier " + (rank + 1)), list))),
      out
    );
    box.hidden = false;
    whole.open = false;

    const chosen = () => Array.from(new Set(selects.map((list) => list.value).filter(Boolean)), (value) => quartiers.find((row) => row.slug === value));
    function write() {
      const told = LETTERS.map((letter, i) => selects[i].value && letter + "=" + selects[i].value).filter(Boolean);
      history.replaceState(null, "", told.length ? "#" + told.join("&") : location.pathname + location.search);
    }
    function parse() {
      const told = new URLSearchParams(location.hash.slice(1));
      selects.forEach((list, i) => {
        const value = told.get(LETTERS[i]) || "";
        list.value = quartiers.some((row) => row.slug === value) ? value : "";
      });
    }

    function strip(shown, i) {
      const [low, high] = scales[i];
      const place = (value) => (high > low ? (100 * (value - low)) / (high - low) : 50) + "%";
      const axis = element("div", { class: "qpv-bande-axe" });
      quartiers.forEach((row) => {
        const one = read(row.cells[i]);
        if (one) axis.append(element("i", { style: "left:" + place(one.value) }));
      });
      shown.forEach((row, rank) => {
        const one = read(row.cells[i]);
        if (!one) return;
        const line = element("div", { class: "qpv-bande-rang" });
        if (one.high > one.low) line.append(element("u", { style: "left:" + place(one.low) + ";right:calc(100% - " + place(one.high) + ")" }));
        line.append(element("b", { style: "left:" + place(one.value), class: row.slug ? "" : "ville" }, row.slug ? "ABCD"[rank] : row.name[0]));
        axis.append(line);
      });
      return element("div", { class: "qpv-bande" }, element("span", {}, heads[i]), axis);
    }

    function show() {
      const mine = chosen();
      out.replaceChildren();
      if (mine.length < 2) {
        out.append(element("p", {}, mine.length ? "Choisissez un second quartier." : "Choisissez au moins deux quartiers."));
        return;
      }
      const shown = [...mine, ...beside];
      const table = element("table", {}, element("caption", {}, mine.map((row) => row.name).join(", ") + " : douze chiffres côte à côte"));
      const top = element("tr", {}, element("th", { scope: "col" }, "Chiffre"), ...shown.map((row, i) => element("th", { scope: "col" }, ...(row.slug ? ["ABCD"[i] + ". "] : []), ...copied(row.head))));
      table.append(element("thead", {}, top));
      table.append(element("tbody", {}, ...heads.map((head, i) => element("tr", {}, element("th", { scope: "row" }, head), ...shown.map((row) => element("td", {}, ...copied(row.cells[i])))))));
      const strips = element("div", { class: "qpv-bandes", "aria-hidden": "true" }, ...heads.map((_, i) => strip([...mine, ...beside], i)));
      const key = element("p", { class: "qpv-source" }, "Trait : intervalle du chiffre. Petits traits : les autres quartiers. Q : quartier médian ; M : Marseille. Chaque échelle va du plus petit au plus grand chiffre.");
      out.append(element("div", { class: "qpv-table", role: "group", tabindex: "0", "aria-label": "Comparaison" }, table), strips, key);
    }

    window.addEventListener("hashchange", () => { parse(); show(); });
    parse();
    show();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
