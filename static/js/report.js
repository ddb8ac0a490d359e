// The report form: adds rows, adds up sums and shows the quarter before as one types; all of it works without this.
(function () {
  "use strict";

  const text = document.currentScript.dataset.lastQuarter;
  const english = document.documentElement.lang === "en";

  // A sum as people type it ("1 234 567,89"), in whole hundredths; null when it cannot be read.
  function read(typed) {
    const plain = typed.replace(/[\s\u00a0\u202f\u2009]/g, "").replace(",", ".");
    if (!/^\d{1,15}(\.\d{1,2})?$/.test(plain)) return null;
    const parts = plain.split(".");
    return BigInt(parts[0]) * 100n + BigInt((parts[1] || "").padEnd(2, "0"));
  }

  function write(hundredths) {
    const whole = (hundredths / 100n).toString().replace(/\B(?=(\d{3})+$)/g, english ? "," : "\u00a0");
    return whole + (english ? "." : ",") + (hundredths % 100n).toString().padStart(2, "0");
  }

  document.querySelectorAll("fieldset[data-previous]").forEach(function (section) {
    const previous = JSON.parse(section.dataset.previous);
    const rows = section.querySelector("tbody");
    const total = section.querySelector("[data-total]");

    function update() {
      let sum = 0n;
      rows.querySelectorAll(".report-amount").forEach(function (input) { sum += read(input.value) || 0n; });
      total.textContent = write(sum);
      rows.querySelectorAll("[data-row]").forEach(function (row) {
        const last = previous[row.querySelector("select").value];
        row.querySelector("[data-last]").textContent = last === undefined ? "" : text.replace("{figure}", last);
      });
    }

    // A new row is a copy of the last one, emptied, with the next number in its names and labels.
    function add() {
      const all = rows.querySelectorAll("[data-row]");
      const model = all[all.length - 1];
      const prefix = section.dataset.section + "-";
      const old = Number(model.querySelector("select").name.split("-")[1]);
      const row = model.cloneNode(true);
      row.querySelectorAll("[id$='-notes'], input[type=hidden]").forEach(function (element) { element.remove(); });
      row.querySelectorAll("input, select").forEach(function (input) {
        input.name = input.name.replace(prefix + old + "-", prefix + (old + 1) + "-");
        input.id = input.name;
        input.value = "";
        input.classList.remove("is-invalid");
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
        const label = input.getAttribute("aria-label");
        input.setAttribute("aria-label", label.replace(/\d+(?!.*\d)/, String(all.length + 1)));
      });
      rows.append(row);
      update();
      row.querySelector("select").focus();
    }

    section.addEventListener("input", update);
    section.addEventListener("change", update);
    section.querySelector("[data-add]").addEventListener("click", function (event) {
      event.preventDefault();
      add();
    });
    update();
  });
})();
