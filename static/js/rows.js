// Adds one more row to a list of like rows in a form; without scripts the page offers spare rows instead.
(function () {
  "use strict";

  document.querySelectorAll("[data-add-row]").forEach(function (button) {
    const list = button.parentElement.querySelector("[data-rows]");
    if (!list) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      const rows = list.querySelectorAll("[data-row]");
      const last = rows[rows.length - 1];
      const row = last.cloneNode(true);
      const from = "-" + (rows.length - 1) + "-";
      const to = "-" + rows.length + "-";
      row.querySelectorAll(".field-error").forEach(function (note) { note.remove(); });
      row.querySelectorAll("*").forEach(function (element) {
        ["id", "name", "for"].forEach(function (name) {
          if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace(from, to));
        });
        element.removeAttribute("aria-invalid");
        element.removeAttribute("aria-describedby");
        element.classList.remove("is-invalid", "has-error");
      });
      row.querySelectorAll("input").forEach(function (input) { input.value = ""; });
      row.querySelectorAll("label").forEach(function (label) {
        label.firstChild.textContent = label.firstChild.textContent.replace(String(rows.length), String(rows.length + 1));
      });
      list.append(row);
      row.querySelector("input").focus();
    });
  });
})();
