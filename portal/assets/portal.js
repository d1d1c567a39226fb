// What works better with a script. Every page works without it.
import { initAll } from "./govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// A form in which something was typed, and that is not saved while one types, is left only after a question.
for (const form of document.querySelectorAll("main form[method=post]:not([data-autosave], [data-files])")) {
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
}
