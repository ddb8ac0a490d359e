// Lists: a filter applies when it is chosen; rows are reached and marked by keys. Everything works without.
(function () {
  "use strict";

  document.querySelectorAll("form[data-submits]").forEach(function (form) {
    form.addEventListener("change", function (event) {
      if (event.target.matches("select") && !event.target.closest("details")) form.requestSubmit();
    });
  });

  // What was left empty does not stand in the address.
  document.querySelectorAll(".list-page form[method=get]").forEach(function (form) {
    form.addEventListener("submit", function () {
      form.querySelectorAll("input[type=search], input[type=text], select").forEach(function (field) {
        if (!field.value) field.disabled = true;
      });
    });
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll(".list-page :disabled").forEach(function (field) { field.disabled = false; });
  });

  const grid = document.querySelector(".grid");
  if (!grid) return;
  const marks = Array.from(grid.querySelectorAll("tbody .grid-mark input"));
  let last = null;

  // A mark in the head takes all rows of the page.
  const head = grid.querySelector("thead .grid-mark");
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "form-check-input";
  all.setAttribute("aria-label", head.textContent.trim());
  head.replaceChildren(all);
  function count() {
    const marked = marks.filter(function (mark) { return mark.checked; }).length;
    all.checked = marked === marks.length;
    all.indeterminate = marked > 0 && !all.checked;
  }
  function clear() {
    marks.forEach(function (mark) { mark.checked = false; });
    count();
  }
  all.addEventListener("change", function () {
    marks.forEach(function (mark) { mark.checked = all.checked; });
  });

  // Shift marks a run of rows.
  marks.forEach(function (mark, place) {
    mark.addEventListener("click", function (event) {
      if (event.shiftKey && last !== null) {
        marks.slice(Math.min(last, place), Math.max(last, place) + 1).forEach(function (each) { each.checked = mark.checked; });
      }
      last = place;
      count();
    });
  });
  grid.closest("form").addEventListener("reset", function () { window.setTimeout(count); });
  count();

  // On a telephone, where a row is a card, its cells say what they are.
  if (window.matchMedia("(max-width: 700px)").matches) {
    const heads = Array.from(grid.tHead.rows[0].cells, function (cell) { return cell.textContent.replace(/[▲▼]/g, "").trim(); });
    Array.from(grid.tBodies[0].rows).forEach(function (row) {
      Array.from(row.cells).slice(2, -1).forEach(function (cell, place) { cell.dataset.label = heads[place + 2]; });
    });
  }

  // The key is named where it works.
  const key = document.createElement("kbd");
  key.textContent = "Esc";
  document.querySelector(".grid-acts [type=reset]").append(key);

  // j and k move the framed row, x marks it, Enter opens it, Escape takes the marks away.
  const rows = Array.from(grid.tBodies[0].rows);
  let framed = -1;
  function frame(place) {
    if (framed >= 0) rows[framed].classList.remove("grid-framed");
    framed = Math.min(Math.max(place, 0), rows.length - 1);
    rows[framed].classList.add("grid-framed");
    rows[framed].scrollIntoView({ block: "nearest" });
    const link = rows[framed].querySelector("th a");
    if (link) link.focus({ preventScroll: true });
  }
  document.addEventListener("keydown", function (event) {
    const key = window.keyPressed(event);
    if (key === "j") frame(framed + 1);
    else if (key === "k") frame(framed - 1);
    else if (key === "x" && framed >= 0) { marks[framed].checked = !marks[framed].checked; last = framed; count(); }
    else if (key === "Escape") clear();
    else return;
    event.preventDefault();
  });
})();
