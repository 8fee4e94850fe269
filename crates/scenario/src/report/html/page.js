"use strict";
(() => {
  const root = document.documentElement;
  const store = JSON.parse(document.getElementById("store").textContent);
  const cases = Array.from(document.querySelectorAll("details.case"));
  const form = document.querySelector(".filters");
  const said = form.querySelector("output");
  root.classList.add("js");
  form.hidden = false;

  // A case that waits in the table is put together when it is opened for the first time.
  const fill = (entry) => {
    if (!("lazy" in entry.dataset)) return;
    delete entry.dataset.lazy;
    const pieces = store.cases[entry.id].map((number) => store.pieces[number]);
    entry.querySelector(".body").innerHTML = pieces.join("");
    offerCopies(entry);
  };

  const offerCopies = (within) => {
    for (const button of within.querySelectorAll(".copy")) {
      button.hidden = false;
      button.addEventListener("click", () => copy(button));
    }
  };

  const copy = async (button) => {
    const before = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(button.parentElement.querySelector("code"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => { button.textContent = before; }, 2000);
  };

  const filter = () => {
    const data = new FormData(form);
    const verdicts = new Set(data.getAll("verdict"));
    const text = data.get("text").trim().toLowerCase();
    const file = data.get("file");
    const tag = data.get("tag") ?? "";
    let shown = 0;
    for (const entry of cases) {
      const { verdict, file: its, tags } = entry.dataset;
      const fits = verdicts.has(verdict) && (file === "" || file === its)
        && (tag === "" || tags.split(" ").includes(tag))
        && (text === "" || entry.firstElementChild.textContent.toLowerCase().includes(text));
      entry.hidden = !fits;
      if (fits) shown += 1;
    }
    said.textContent = `${shown} of ${cases.length} cases`;
  };

  const openTarget = () => {
    const entry = document.getElementById(location.hash.slice(1));
    if (!(entry instanceof HTMLDetailsElement)) return;
    entry.hidden = false;
    fill(entry);
    entry.open = true;
    entry.scrollIntoView();
    entry.firstElementChild.focus();
  };

  form.elements.words.value = root.dataset.words;
  form.elements.words.addEventListener("change", (event) => { root.dataset.words = event.target.value; });
  form.elements.close.addEventListener("click", () => { for (const entry of cases) entry.open = false; });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const entry of cases) entry.addEventListener("toggle", () => { if (entry.open) fill(entry); });
  addEventListener("hashchange", openTarget);
  offerCopies(document);
  filter();
  openTarget();
})();
