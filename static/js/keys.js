// Keys of one letter (design.md 8). They do nothing while something is typed, nor with Ctrl, Alt or Meta, and can be
// switched off in this browser (WCAG 2.1.4).
(function () {
  "use strict";

  const settings = document.currentScript.dataset;
  const goes = JSON.parse(settings.goes);
  const SECOND_LETTER = 1500;

  function areOn() {
    try { return window.localStorage.getItem("keys") !== "off"; } catch { return true; }
  }

  // The key that was pressed, as it is called on a Latin keyboard: whoever writes Kazakh or Russian need not switch over.
  // Nothing where the person types, or where keys are switched off.
  window.keyPressed = function (event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return "";
    if (event.target.closest("textarea, select, summary, details[open], dialog, [contenteditable], input:not([type=checkbox], [type=radio])")) return "";
    if (event.key.length > 1) return event.key;
    if (!areOn()) return "";
    if (event.key === "/" || event.key === "?") return event.key;
    if (event.code === "Slash") return event.shiftKey ? "?" : "/";
    const letter = /^Key([A-Z])$/.exec(event.code);
    return letter && !/^[a-z]$/i.test(event.key) ? letter[1].toLowerCase() : event.key;
  };

  // --- the dialog ---

  let dialog = null;

  async function showKeys() {
    if (!dialog) {
      const answer = await fetch(settings.keys);
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const words = page.getElementById("keys");
      const heading = document.createElement("h2");
      heading.id = "keys-title";
      heading.textContent = words.querySelector("h1").textContent;
      words.querySelector("h1").replaceWith(heading);
      words.removeAttribute("id");
      dialog = document.createElement("dialog");
      dialog.className = "keys-dialog";
      dialog.setAttribute("aria-labelledby", heading.id);
      const form = document.createElement("form");
      const close = document.createElement("button");
      form.method = "dialog";
      close.className = "btn btn-primary";
      close.textContent = settings.close;
      form.append(close);
      dialog.append(words, form);
      document.body.append(dialog);
      offerSwitch(dialog);
    }
    if (!dialog.open) dialog.showModal();
  }

  function offerSwitch(place) {
    const part = place.querySelector("[data-keys-switch]");
    if (!part) return;
    const tick = part.querySelector("input");
    part.hidden = false;
    place.querySelector("[data-keys-without]").hidden = true;
    tick.checked = areOn();
    tick.addEventListener("change", function () {
      try {
        if (tick.checked) window.localStorage.removeItem("keys");
        else window.localStorage.setItem("keys", "off");
      } catch { /* The browser keeps nothing: keys work until the page is left. */ }
    });
  }
  offerSwitch(document.getElementById("content"));

  document.querySelectorAll(".keys-link").forEach(function (link) {
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      showKeys();
    });
  });

  // --- what keys do ---

  const main = document.getElementById("content");
  const change = main.querySelector('a[href$="/amend"], a[href$="/edit"]');
  if (change) change.setAttribute("aria-keyshortcuts", "e");

  // Rows of a list that is no grid (js/lists.js has those): the first link of each.
  function rowLinks() {
    if (main.querySelector(".grid")) return [];
    return Array.from(main.querySelectorAll(".hits li, table tbody tr"), function (row) { return row.querySelector("a"); }).filter(Boolean);
  }

  function step(by) {
    const links = rowLinks();
    if (!links.length) return false;
    const place = links.indexOf(document.activeElement);
    links[place < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(place + by, 0), links.length - 1)].focus();
    return true;
  }

  let waits = 0;
  document.addEventListener("keydown", function (event) {
    const key = window.keyPressed(event);
    const isSecond = waits && Date.now() < waits;
    if (key.length !== 1) return;
    waits = 0;
    if (isSecond && goes[key]) window.location.assign(goes[key]);
    else if (key === "g") waits = Date.now() + SECOND_LETTER;
    else if (key === "/") { const search = document.getElementById("site-search"); search.focus(); search.select(); }
    else if (key === "?") showKeys();
    else if (key === "e" && change) change.click();
    else if (!(key === "j" && step(1)) && !(key === "k" && step(-1))) return;
    event.preventDefault();
  });
})();
