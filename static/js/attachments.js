// Files dropped on their place, and how far they have been sent; without this the form is sent as any other.
(function () {
  "use strict";

  const failed = document.currentScript.dataset.failed;

  document.querySelectorAll("form.files-form").forEach(function (form) {
    const place = form.querySelector("[data-drop]");
    const input = place.querySelector('input[type="file"]');
    const progress = form.querySelector("progress");
    const buttons = form.querySelectorAll("button");

    place.querySelector(".drop-here").hidden = false;
    ["dragenter", "dragover"].forEach(function (name) {
      place.addEventListener(name, function (event) {
        event.preventDefault();
        place.classList.add("is-over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      place.addEventListener(name, function () { place.classList.remove("is-over"); });
    });
    place.addEventListener("drop", function (event) {
      event.preventDefault();
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });

    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented || !input.files.length) return;
      event.preventDefault();
      const request = new XMLHttpRequest();
      request.open("POST", form.action);
      request.upload.addEventListener("progress", function (sent) {
        if (sent.lengthComputable) progress.value = 100 * sent.loaded / sent.total;
      });
      request.upload.addEventListener("load", function () {
        // What is left is the server's: it looks at the files.
        progress.removeAttribute("value");
      });
      request.addEventListener("load", function () {
        // The answer is a page of its own, with what became of each file.
        window.history.replaceState(null, "", request.responseURL || form.action);
        document.open();
        document.write(request.responseText);
        document.close();
      });
      request.addEventListener("error", function () {
        progress.hidden = true;
        buttons.forEach(function (button) { button.disabled = false; });
        delete form.dataset.sent;
        let said = form.querySelector(".files-failed");
        if (!said) {
          said = document.createElement("p");
          said.className = "field-error files-failed";
          said.setAttribute("role", "alert");
          progress.before(said);
        }
        said.textContent = failed;
      });
      progress.hidden = false;
      const content = new FormData(form);
      buttons.forEach(function (button) { button.disabled = true; });
      request.send(content);
    });
  });
})();
