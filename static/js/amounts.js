// Amounts as people type them, by the server's own table (registry/infra/amounts.py): a field says at once what cannot
// be read in it, and cells of a spreadsheet pasted into a field of one number are never joined.
(function () {
  "use strict";

  const given = document.currentScript.dataset;
  const rules = JSON.parse(given.rules);
  const messages = JSON.parse(given.messages);
  const english = document.documentElement.lang === "en";
  const all = function (source) { return new RegExp(source, "g"); };
  const around = "[ \\t\\n\\u000b\\f\\r\\u001c-\\u001e\\u0085\\u2028\\u2029]+";
  const forms = rules.forms.map(function (form) {
    return { kind: form[0], fits: new RegExp("^(?:" + form[1] + ")$"), decimal: form[2] };
  });

  function digits(plain) {
    return plain.replace(/[.,][0-9]{1,2}$/, "").replace(/[^0-9]/g, "").length;
  }

  function hundredths(plain, decimal, unit) {
    const negative = plain.startsWith("-");
    const bare = negative ? plain.slice(1) : plain;
    const at = decimal ? bare.indexOf(decimal) : -1;
    const whole = at < 0 ? bare : bare.slice(0, at);
    const fraction = at < 0 ? "" : bare.slice(at + 1);
    const value = BigInt(whole.replace(/[ .,]/g, "")) * 100n + BigInt(fraction.padEnd(2, "0"));
    if (unit === "whole" && value % 100n) return { why: "not_whole" };
    return { value: negative ? -value : value };
  }

  // {value} in whole hundredths, or {why} it cannot be read.
  function read(text, unit, inEnglish) {
    let plain = text.replace(all(rules.invisible), "").replace(all(rules.spaces), " ");
    plain = plain.replace(new RegExp("^" + around), "").replace(new RegExp(around + "$"), "");
    if (new RegExp(rules.breaks).test(plain)) return { why: "several" };
    plain = plain.replace(all(rules.minus), "-").toLowerCase();
    plain = plain.replace(new RegExp("^(?:" + rules.units[unit][0] + ")"), "");
    plain = plain.replace(new RegExp("(?:" + rules.units[unit][1] + ")$"), "");
    for (const form of forms) {
      if (!form.fits.test(plain) || (form.kind === "large" && digits(plain) <= rules.digits)) continue;
      if (form.kind === "number") return hundredths(plain, form.decimal, unit);
      if (form.kind === "ambiguous") {
        const bare = plain.replace(/[.,]/g, "");
        if (unit === "whole" && inEnglish && plain.includes(",")) return hundredths(bare, "", unit);
        const [group, sign] = inEnglish ? [",", "."] : [" ", ","];
        return { why: "ambiguous", grouped: bare.slice(0, -3) + group + bare.slice(-3), decimal: plain.replace(/[.,]/, sign) };
      }
      return { why: form.kind };
    }
    return { why: "other" };
  }

  // What an input holds: {value}, {why}, or nothing.
  function of(input) {
    if (!input.value.trim()) return {};
    const found = read(input.value, input.dataset.amount, english);
    return found.value < 0n && !("negative" in input.dataset) ? { why: "negative" } : found;
  }

  // Say under a field what is wrong with it; nothing takes away what was said here before.
  function say(input, text) {
    const id = input.id + "-read";
    const old = document.getElementById(id);
    if (old) old.remove();
    else if (!text) return;
    const others = (input.getAttribute("aria-describedby") || "").split(" ").filter(function (part) {
      return part && part !== id;
    });
    input.classList.toggle("is-invalid", Boolean(text));
    if (text) {
      const note = document.createElement("p");
      note.id = id;
      note.className = "field-error";
      note.setAttribute("role", "status");
      note.textContent = text;
      (input.closest(".with-unit, .with-picker") || input).after(note);
      others.push(id);
      input.setAttribute("aria-invalid", "true");
    } else {
      input.removeAttribute("aria-invalid");
    }
    if (others.length) input.setAttribute("aria-describedby", others.join(" "));
    else input.removeAttribute("aria-describedby");
  }

  function message(found, input) {
    const text = messages[input.dataset.amount][found.why];
    return text.replaceAll("{grouped}", found.grouped).replaceAll("{decimal}", found.decimal);
  }

  function check(input) {
    const found = of(input);
    say(input, found.why ? message(found, input) : "");
  }

  // A message moves what stands below it: while a button is being pressed, it would go away from under the pointer,
  // and nothing would be clicked. So it appears once the pointer is let go.
  let pressed = false;
  const waiting = [];
  document.addEventListener("pointerdown", function () { pressed = true; }, true);
  ["pointerup", "pointercancel"].forEach(function (name) {
    document.addEventListener(name, function () {
      pressed = false;
      window.setTimeout(function () { waiting.splice(0).forEach(check); });
    }, true);
  });

  document.addEventListener("change", function (event) {
    if (!event.target.matches || !event.target.matches("input[data-amount]")) return;
    if (pressed) waiting.push(event.target);
    else check(event.target);
  });

  // The cells of what was copied from a spreadsheet, by rows. A cell in quotation marks may hold line breaks.
  function cells(text) {
    const plain = text.replace(/\r\n?|[\n\u000b\f\u001c-\u001f\u0085\u2028\u2029]/g, "\n").replace(/\n+$/, "");
    const rows = [[]];
    const cell = /"((?:[^"]|"")*)"(?=[\t\n]|$)|[^\t\n]*/y;
    for (let at = 0; at <= plain.length; at = cell.lastIndex + 1) {
      cell.lastIndex = at;
      const found = cell.exec(plain);
      const row = rows[rows.length - 1];
      row.push(found[1] === undefined ? found[0] : found[1].replaceAll('""', '"'));
      if (plain[cell.lastIndex] === "\n") rows.push([]);
    }
    return rows;
  }

  // Only where a field takes one number; what spreads over several fields has been seen to before.
  function refuse(event) {
    const input = event.target;
    const one = "input[data-amount], input[inputmode=numeric], input[inputmode=decimal]";
    if (event.defaultPrevented || !input.matches || !input.matches(one)) return;
    const data = event.clipboardData || event.dataTransfer;
    const pasted = data ? cells(data.getData("text/plain")) : [[""]];
    if (pasted.length === 1 && pasted[0].length === 1 && !/\n/.test(pasted[0][0])) return;
    event.preventDefault();
    say(input, messages.several);
  }
  document.addEventListener("paste", refuse);
  document.addEventListener("drop", refuse);

  window.amounts = { read: read, of: of, say: say, check: check, cells: cells };
})();
