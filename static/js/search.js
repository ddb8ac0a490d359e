// What is found while typing: below the search of the header, and below a field in which a record is chosen. Without
// scripts the search is a page, and what was typed into a field is looked up when its form is sent.
(function () {
  "use strict";

  const WAIT = 200;
  const SHORTEST = 2;
  const ready = new WeakSet();

  // An ARIA combobox: the focus stays in the field, the arrows move through the options, Enter takes one, Escape closes.
  function combobox(input, address, choose) {
    ready.add(input);
    const parent = input.parentElement;
    // A row that was copied brings the list of the row it was copied from.
    parent.querySelectorAll(":scope > .options, :scope > .options-said").forEach(function (old) { old.remove(); });
    const list = document.createElement("div");
    list.className = "options";
    list.id = input.id + "-options";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    const label = document.querySelector('label[for="' + input.id + '"]');
    if (label) list.setAttribute("aria-label", label.textContent.trim());
    const said = document.createElement("div");
    said.className = "options-said visually-hidden";
    said.setAttribute("role", "status");
    parent.classList.add("has-options");
    input.after(list, said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    let options = [];
    let active = -1;
    let timer = 0;
    let running = null;
    close();

    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function forget() {
      window.clearTimeout(timer);
      if (running) running.abort();
      close();
      said.textContent = "";
    }

    function mark(place) {
      if (active >= 0) options[active].setAttribute("aria-selected", "false");
      active = place;
      options[active].setAttribute("aria-selected", "true");
      options[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[active].id);
    }

    function show(page) {
      const message = page.querySelector("template");
      if (message) { said.textContent = message.content.textContent.trim(); message.remove(); }
      list.replaceChildren.apply(list, Array.from(page.body.children));
      options = Array.from(list.querySelectorAll("[role=option]"));
      options.forEach(function (option, place) {
        option.id = list.id + "-" + place;
        option.setAttribute("aria-selected", "false");
      });
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
    }

    async function ask() {
      const typed = input.value.trim();
      if (running) running.abort();
      if (typed.length < SHORTEST) { forget(); return; }
      running = new AbortController();
      try {
        const answer = await fetch(address + "?q=" + encodeURIComponent(typed), { signal: running.signal });
        // Whoever was signed out is led to another page: what is typed waits for Enter.
        if (!answer.ok || answer.redirected) { close(); return; }
        const text = await answer.text();
        if (document.activeElement === input) show(new DOMParser().parseFromString(text, "text/html"));
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    }

    input.addEventListener("input", function () {
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", function (event) {
      if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
      const isOpen = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!isOpen) { if (input.value.trim().length >= SHORTEST) ask(); event.preventDefault(); return; }
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(active < 0 && step < 0 ? options.length - 1 : (active + step + options.length) % options.length);
      } else if (event.key === "Enter" && isOpen && active >= 0) choose(input, options[active], forget);
      else if (event.key === "Escape" && isOpen) forget();
      else {
        if (event.key === "Enter") forget();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    // A press on an option must not take the focus away before it is a click.
    list.addEventListener("pointerdown", function (event) { event.preventDefault(); });
    list.addEventListener("click", function (event) {
      const option = event.target.closest("[role=option]");
      if (!option || (option.href && (event.ctrlKey || event.metaKey || event.shiftKey))) return;
      event.preventDefault();
      choose(input, option, forget);
    });
    input.addEventListener("blur", forget);
  }

  function open(_input, option, forget) {
    forget();
    window.location.assign(option.href);
  }

  function take(input, option, forget) {
    forget();
    input.value = option.dataset.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    forget();
  }

  const search = document.getElementById("site-search");
  if (search) combobox(search, search.dataset.hits, open);

  // Rows may be added: a field is made ready when it is entered.
  document.addEventListener("focusin", function (event) {
    const input = event.target;
    if (input.matches("input[data-pick]") && !ready.has(input)) combobox(input, input.dataset.pick, take);
  });
})();
