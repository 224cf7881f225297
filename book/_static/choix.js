// Une liste pour choisir ce qui est montré, parmi des pièces repliées ; un nom survolé se voit sur la carte.
// Sans JavaScript, les premières pièces sont ouvertes et les autres se déplient.
(function () {
  "use strict";
  function equip(box, rank) {
    const folds = Array.from(box.children).filter((child) => child.matches("details"));
    if (folds.length < 2) return;
    const label = document.createElement("label");
    const list = document.createElement("select");
    label.htmlFor = list.id = "choix-" + rank;
    label.textContent = box.dataset.choix;
    folds.forEach((fold, i) => list.append(new Option(fold.querySelector("summary").textContent, i)));
    const bar = document.createElement("div");
    bar.className = "qpv-filtre";
    bar.append(label, list);
    box.prepend(bar);
    box.classList.add("qpv-choix--pret");

    function show(chosen) {
      folds.forEach((fold, i) => { fold.hidden = i !== chosen; fold.open = i === chosen; });
      list.value = chosen;
    }
    const named = () => folds.findIndex((fold) => fold.id && "#" + fold.id === location.hash);
    list.addEventListener("change", () => {
      show(Number(list.value));
      const name = folds[list.value].id;
      if (name) history.replaceState(null, "", "#" + name);
    });
    window.addEventListener("hashchange", () => { if (named() >= 0) show(named()); });
    show(Math.max(0, named()));
  }

  function mark(event) {
    const side = event.target.closest(".qpv-cote");
    if (!side) return;
    const link = event.target.closest("a[href]");
    const address = link && link.getAttribute("href");
    side.querySelectorAll("svg a, tbody tr").forEach((one) => {
      const here = one.matches("a") ? one : one.querySelector("a");
      one.classList.toggle("qpv-vu", Boolean(address) && Boolean(here) && here.getAttribute("href") === address);
    });
  }

  function start() {
    document.querySelectorAll(".qpv-choix").forEach(equip);
    ["pointerover", "focusin"].forEach((kind) => document.addEventListener(kind, mark));
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
