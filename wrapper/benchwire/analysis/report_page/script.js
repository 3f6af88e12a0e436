"use strict";
(() => {
  const items = [...document.querySelectorAll(".item")];
  const outcome = document.getElementById("outcome");
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  const all = document.getElementById("all");
  if (!items.length) return;
  const texts = new Map();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const visible = () => items.filter((item) => !item.hidden);
  const update = () => {
    const wanted = search.value.trim().toLowerCase();
    const kinds = outcome.value.split(" ");
    for (const item of items) {
      const fits = outcome.value === "all" || kinds.includes(item.dataset.outcome);
      item.hidden = !(fits && (!wanted || textOf(item).includes(wanted)));
    }
    shown.textContent = `${visible().length.toLocaleString("en")} of ${items.length.toLocaleString("en")} shown`;
  };
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 120);
  });
  outcome.addEventListener("change", update);
  all.addEventListener("click", () => {
    const opens = all.getAttribute("aria-pressed") !== "true";
    for (const item of visible()) item.open = opens;
    all.setAttribute("aria-pressed", String(opens));
    all.textContent = opens ? "Close all" : "Open all";
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input, select");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
    } else if ((event.key === "j" || event.key === "k") && !typing) {
      const list = visible();
      const place = list.indexOf(document.activeElement.closest(".item"));
      const next = list[place + (event.key === "j" ? 1 : -1)];
      if (next) next.querySelector("summary").focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      update();
    }
  });
  document.querySelector(".tools").hidden = false;
  update();
})();
