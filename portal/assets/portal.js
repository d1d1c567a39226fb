// What works better with a script. Every page works without it.
import { initAll } from "./govuk-frontend.min.js";

// A form in which something was typed, and that is not saved while one types, is left only after a question.
const typed = new WeakSet();

function guard() {
  for (const form of document.querySelectorAll("main form[method=post]:not([data-autosave], [data-files])")) {
    form.addEventListener("input", () => typed.add(form));
    form.addEventListener("submit", () => typed.delete(form));
  }
}

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
guard();
window.addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("main form")].some((form) => typed.has(form))) event.preventDefault();
});

// The content is another one (live.js).
document.addEventListener("renewed", () => {
  initAll({ scope: document.querySelector("main") });
  guard();
});
