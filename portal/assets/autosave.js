// Saves a form while one types. The answer has the new version and, as far as the form has them, what changed in it. Without a script the button saves it.
const form = document.querySelector("form[data-autosave]");
const status = form?.querySelector("[data-status]");
const PAUSE = 1000;
const LONGEST_WAIT = 30000;
let waiting = null;
let running = null;
let changed = false;
let stopped = false;
let wait = PAUSE;

// What keeps the answers from being saved is as plain as an error at a field.
const ALARMING = ["unsaved", "conflict", "ended", "wrong"];

function say(word) {
  status.textContent = form.dataset[word];
  status.classList.toggle("triptych-saved--not", ALARMING.includes(word));
}

function later(milliseconds) {
  clearTimeout(waiting);
  waiting = setTimeout(save, milliseconds);
}

function save() {
  if (!running && !stopped && changed) running = send();
  return running;
}

async function send() {
  changed = false;
  say("saving");
  try {
    const response = await fetch(form.dataset.autosave, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
    if (response.status === 409) {
      stopped = true;
      say("conflict");
    } else if (response.type === "opaqueredirect") {
      stopped = true;
      say("ended");
    } else if (response.ok) {
      wait = PAUSE;
      show(await response.json());
    } else {
      throw new Error(response.status);
    }
  } catch {
    changed = true;
    wait = Math.min(wait * 2, LONGEST_WAIT);
    say("unsaved");
  }
  running = null;
  if (changed && !stopped) later(wait);
}

// A link, such as that to another language, leads to a page that has what was typed before it was pressed.
async function leave(event) {
  const link = event.target.closest("a[href]:not([href^='#'])");
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || link?.target;
  if (!link || elsewhere || stopped || (!changed && !running)) return;
  event.preventDefault();
  await running;
  await save();
  location.assign(link.href);
}

// A message that came with the page goes once the answer is right.
function forget(message, said) {
  const question = message.closest("[data-question]");
  const id = question.dataset.question;
  if (Object.keys(said).some((name) => name === id || name.startsWith(`${id}.`) || name.startsWith(`${id}[`))) return;
  message.remove();
  for (const kind of ["form-group", "input", "textarea", "select"]) {
    for (const one of question.querySelectorAll(`.govuk-${kind}--error`)) one.classList.remove(`govuk-${kind}--error`);
  }
}

function show(saved) {
  form.elements.version.value = saved.version;
  for (const [question, digest] of Object.entries(saved.was ?? {})) {
    const field = form.elements[`was:${question}`];
    if (field) field.value = digest;
  }
  for (const group of saved.asked ? form.querySelectorAll("[data-question]") : []) {
    group.hidden = !saved.asked.includes(group.dataset.question);
  }
  for (const total of form.querySelectorAll("[data-total]")) {
    total.textContent = saved.totals?.[total.dataset.total] ?? total.textContent;
  }
  for (const [name, content] of Object.entries(saved.panels ?? {})) {
    const panel = form.querySelector(`[data-panel="${name}"] [data-content]`);
    if (panel && panel.innerHTML !== content) panel.innerHTML = content;
  }
  const said = { ...saved.remarks, ...saved.errors };
  for (const old of form.querySelectorAll("[data-said]")) old.remove();
  for (const old of form.querySelectorAll("[data-question] .govuk-error-message")) forget(old, said);
  for (const [name, reason] of Object.entries(said)) {
    const field = document.getElementById(name);
    if (field?.closest(".govuk-form-group--error")) continue; // the page says it already
    const message = Object.assign(document.createElement("p"), { className: "govuk-error-message", textContent: reason });
    message.dataset.said = "";
    field?.closest("td, [data-question]")?.prepend(message);
  }
  const whole = saved.errors[""]; // nothing can be saved any more
  if (whole) status.textContent = whole;
  else say(Object.keys(saved.errors).length ? "wrong" : "saved");
}

if (form) {
  say("ready");
  form.addEventListener("input", () => { changed = true; later(wait); });
  form.addEventListener("change", () => { changed = true; later(0); });
  form.addEventListener("submit", () => { stopped = true; clearTimeout(waiting); });
  document.addEventListener("click", leave);
  window.addEventListener("online", () => { wait = PAUSE; later(0); });
  window.addEventListener("beforeunload", (event) => { if (changed && !stopped) event.preventDefault(); });
}
