// Small conveniences; every page works without them.
(function () {
  "use strict";

  const settings = document.currentScript.dataset;

  // The error summary takes the focus, so that a screen reader begins there.
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();

  // One menu of the header at a time; Escape or a click elsewhere closes it.
  const menus = document.querySelectorAll("details.menu, details.list-menu");
  document.addEventListener("click", function (event) {
    menus.forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    menus.forEach(function (menu) {
      if (!menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // A date field gets the browser's calendar beside it; what is typed stays as typed.
  document.querySelectorAll("input[data-date]").forEach(function (input) {
    const native = document.createElement("input");
    if (!("showPicker" in native) || input.disabled || input.readOnly) return;
    native.type = "date";
    native.className = "picker-native";
    native.tabIndex = -1;
    native.setAttribute("aria-hidden", "true");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "picker-button";
    const label = document.querySelector('label[for="' + input.id + '"]');
    button.setAttribute("aria-label", settings.calendar + (label ? ": " + label.textContent.trim() : ""));
    button.innerHTML = '<svg class="icon" aria-hidden="true"><use href="' + settings.icons + '#calendar"></use></svg>';
    const wrapper = document.createElement("span");
    wrapper.className = "with-picker";
    input.before(wrapper);
    wrapper.append(input, button, native);
    button.addEventListener("click", function () {
      const typed = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(input.value.trim());
      if (typed) native.value = typed[3] + "-" + typed[2].padStart(2, "0") + "-" + typed[1].padStart(2, "0");
      native.showPicker();
    });
    native.addEventListener("change", function () {
      if (!native.value) return;
      input.value = native.value.split("-").reverse().join(".");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    });
  });

  // A table wider than its place is moved by the keyboard too.
  const wide = new ResizeObserver(function (boxes) {
    boxes.forEach(function (box) {
      const scrolls = box.target.scrollWidth > box.target.clientWidth + 1;
      if (scrolls) box.target.tabIndex = 0;
      else box.target.removeAttribute("tabindex");
    });
  });
  document.querySelectorAll(".table-responsive").forEach(function (box) { wide.observe(box); });

  // A form is sent once, however often its button is pressed.
  document.querySelectorAll('form[method="post"]').forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      window.setTimeout(function () { delete form.dataset.sent; }, 5000);
    });
  });

  // Leaving a form that was changed and not sent is asked about.
  const filled = document.getElementById("main-form");
  if (filled) {
    let unsaved = "unsaved" in filled.dataset;
    filled.addEventListener("input", function () { unsaved = true; });
    // The search of the header sends nothing of it.
    document.addEventListener("submit", function (event) { if (event.target.method === "post") unsaved = false; });
    window.addEventListener("beforeunload", function (event) {
      if (unsaved) event.preventDefault();
    });
  }

  // Text that is shown once is selected by one click.
  document.querySelectorAll("input.copy-text").forEach(function (input) {
    input.addEventListener("focus", function () { input.select(); });
  });
})();
