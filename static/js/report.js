// The report form: adds rows, adds up sums, shows the quarter before as one types and spreads pasted cells; all but the
// last works without this.
(function () {
  "use strict";

  const given = document.currentScript.dataset;
  const text = given.lastQuarter;
  const english = document.documentElement.lang === "en";
  const says = JSON.parse(given.paste);
  const MOST_ROWS = 500;

  function write(hundredths) {
    const sign = hundredths < 0n ? "−" : "";
    const absolute = hundredths < 0n ? -hundredths : hundredths;
    const whole = (absolute / 100n).toString().replace(/\B(?=(\d{3})+$)/g, english ? "," : "\u00a0");
    return sign + whole + (english ? "." : ",") + (absolute % 100n).toString().padStart(2, "0");
  }

  function changed(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // What a paste did or why it was not done, said above the fields it was about, with the way back.
  function tell(section, message, undo) {
    let note = section.querySelector(".paste-note");
    if (!note) {
      note = document.createElement("p");
      note.className = "paste-note";
      note.setAttribute("role", "status");
      section.querySelector("legend").after(note);
    }
    note.textContent = message + " ";
    if (!undo) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-link btn-sm";
    button.textContent = says.undo;
    button.addEventListener("click", function () {
      undo();
      note.remove();
    });
    note.append(button);
  }

  // Put one cell into a field; a code is found by its value, its name or its digits. False where it has no place.
  function put(field, cell) {
    const plain = cell.trim();
    if (field.tagName !== "SELECT") {
      // A line break inside a number is shown as what it is, so that nothing is joined and nothing is lost.
      field.value = plain.replace(/\s*[\n\t]\s*/g, field.dataset.amount ? " ⏎ " : " ");
      changed(field);
      return true;
    }
    const wanted = plain.toLowerCase();
    const option = Array.from(field.options).find(function (one) {
      const name = one.textContent.trim().toLowerCase();
      return one.value.toLowerCase() === wanted || (wanted && (name === wanted || name.split(" ")[0] === wanted));
    });
    if (!option) return false;
    field.value = option.value;
    changed(field);
    return true;
  }

  // Spread pasted cells from a field on over rows of fields; `rowAt` gives the fields of a row, making it where it must.
  function spread(event, section, at, rowAt, mostRows) {
    const data = event.clipboardData || event.dataTransfer;
    const block = data ? window.amounts.cells(data.getData("text/plain")) : [[""]];
    const field = event.target;
    const alone = block.length === 1 && block[0].length === 1;
    if (alone && !(field.dataset.amount && block[0][0].includes("\n"))) return;
    event.preventDefault();
    const width = Math.max.apply(null, block.map(function (row) { return row.length; }));
    const room = rowAt(at.row).length - at.column;
    if (width > room) {
      tell(section, says.wide.replace("{cells}", width).replace("{room}", room));
      return;
    }
    if (block.length > mostRows) {
      tell(section, says.long.replace("{cells}", block.length).replace("{room}", mostRows));
      return;
    }
    const before = [];
    const missing = [];
    block.forEach(function (row, down) {
      const fields = rowAt(at.row + down);
      row.forEach(function (cell, across) {
        const target = fields[at.column + across];
        before.push([target, target.value]);
        if (!put(target, cell)) missing.push(cell.trim());
      });
    });
    field.focus();
    let message = says.done.replace("{rows}", block.length).replace("{columns}", width);
    if (missing.length) message += " " + says.missing.replace("{cells}", missing.join(", "));
    tell(section, message, function () {
      before.forEach(function (item) {
        item[0].value = item[1];
        changed(item[0]);
      });
      field.focus();
    });
  }

  // The fields of a row as its columns show them; those folded away within a cell are a row of their own.
  function fieldsOf(row, folded) {
    const all = Array.from(row.querySelectorAll("select, input:not([type=hidden]):not(.picker-native)"));
    return all.filter(function (field) { return Boolean(field.closest("details")) === folded; });
  }

  document.querySelectorAll("fieldset[data-previous]").forEach(function (section) {
    const previous = JSON.parse(section.dataset.previous);
    const rows = section.querySelector("tbody");
    const total = section.querySelector("[data-total]");

    const taxes = section.dataset.taxes ? JSON.parse(section.dataset.taxes) : null;
    const besides = section.querySelector("[data-besides]");

    // What a row adds, as the server takes it: its amount, else what its four parts leave.
    function amountOf(row) {
      const own = window.amounts.of(row.querySelector(".report-amount")).value;
      const parts = Array.from(row.querySelectorAll("details input"), function (part) { return window.amounts.of(part).value; });
      if (own !== undefined || parts.length < 4 || parts.includes(undefined)) return own;
      return parts[0] + parts[1] - parts[2] - parts[3];
    }

    function update() {
      let sum = 0n;
      let other;
      rows.querySelectorAll("[data-row]").forEach(function (row) {
        const amount = amountOf(row);
        if (amount === undefined) return;
        if (!taxes || taxes.includes(row.querySelector("select").value)) sum += amount;
        else other = (other || 0n) + amount;
      });
      total.textContent = write(sum);
      if (besides) {
        besides.textContent = write(other || 0n);
        besides.closest("tr").hidden = other === undefined;
      }
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
      row.querySelectorAll("[id$='-notes'], [id$='-read'], input[type=hidden]").forEach(function (element) {
        element.remove();
      });
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
      return row;
    }

    function rowAt(number, folded) {
      while (rows.querySelectorAll("[data-row]").length <= number) add();
      return fieldsOf(rows.querySelectorAll("[data-row]")[number], folded);
    }

    function pasted(event) {
      const row = event.target.closest && event.target.closest("[data-row]");
      if (!row) return;
      const number = Array.from(rows.querySelectorAll("[data-row]")).indexOf(row);
      const folded = Boolean(event.target.closest("details"));
      const column = fieldsOf(row, folded).indexOf(event.target);
      if (column < 0) return;
      const at = { row: number, column: column };
      spread(event, section, at, function (wanted) { return rowAt(wanted, folded); }, MOST_ROWS);
      update();
    }

    section.addEventListener("input", update);
    section.addEventListener("change", update);
    section.addEventListener("paste", pasted);
    section.addEventListener("drop", pasted);
    section.querySelector("[data-add]").addEventListener("click", function (event) {
      event.preventDefault();
      const row = add();
      update();
      row.querySelector("select").focus();
    });
    update();
  });

  // The numbers of staff stand one under the other: a column of a spreadsheet fills them in this order.
  const staff = document.querySelector("fieldset[data-section=staff]");
  const numbers = Array.from(staff.querySelectorAll("input[data-amount]"));
  ["paste", "drop"].forEach(function (kind) {
    staff.addEventListener(kind, function (event) {
      const number = numbers.indexOf(event.target);
      if (number < 0) return;
      spread(event, staff, { row: number, column: 0 }, function (row) { return [numbers[row]]; }, numbers.length - number);
    });
  });
})();
