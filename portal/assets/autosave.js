// Saves a form while one types. The answer has the new version and, as far as the form has them, what changed in it. Without a script the button saves it.
const form = document.querySelector("form[data-autosave]");
const status = form?.querySelector("[data-status]");
const PAUSE = 1000;
const LONGEST_WAIT = 30000;
const LONGEST_SAVE = 5000;
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

// Takes back what was said of the answers, by the page too.
function unsay() {
  for (const old of form.querySelectorAll("[data-question] .govuk-error-message, [data-said]")) old.remove();
  for (const field of form.querySelectorAll("[aria-describedby]")) {
    const left = field.getAttribute("aria-describedby").split(" ").filter((id) => document.getElementById(id));
    if (left.length) field.setAttribute("aria-describedby", left.join(" "));
    else field.removeAttribute("aria-describedby");
  }
  for (const kind of ["form-group", "input", "textarea", "select"]) {
    for (const one of form.querySelectorAll(`[data-question] .govuk-${kind}--error`)) one.classList.remove(`govuk-${kind}--error`);
  }
}

// Puts a sentence beside its field, for eyes and screen readers.
function sayAt(name, reason) {
  const field = document.getElementById(name);
  const message = Object.assign(document.createElement("p"), { className: "govuk-error-message", textContent: reason, id: `${name}-error` });
  message.dataset.said = "";
  if (!field) return;
  (field.closest(".govuk-radios, .govuk-checkboxes, .govuk-input__wrapper") ?? field).before(message);
  field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), message.id].filter(Boolean).join(" "));
  field.closest(".govuk-form-group")?.classList.add("govuk-form-group--error");
  for (const kind of ["input", "textarea", "select"]) {
    if (field.classList.contains(`govuk-${kind}`)) field.classList.add(`govuk-${kind}--error`);
  }
}

// A form that is sent while it is being saved would have the version of before: it would look as if somebody else had changed it.
async function submit(event) {
  clearTimeout(waiting);
  if (running) {
    event.preventDefault();
    form.dataset.leaving = "";
    await Promise.race([running, new Promise((done) => setTimeout(done, LONGEST_SAVE))]);
    running = null;
    form.requestSubmit(event.submitter);
  } else {
    stopped = true;
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
  unsay();
  for (const [name, reason] of Object.entries({ ...saved.remarks, ...saved.errors })) sayAt(name, reason);
  const whole = saved.errors[""]; // nothing can be saved any more
  say(Object.keys(saved.errors).length ? "wrong" : "saved");
  if (whole) status.textContent = whole;
}

if (form) {
  say("ready");
  form.addEventListener("input", () => { changed = true; later(wait); });
  form.addEventListener("change", () => { changed = true; later(0); });
  form.addEventListener("submit", submit);
  document.addEventListener("click", leave);
  window.addEventListener("online", () => { wait = PAUSE; later(0); });
  window.addEventListener("beforeunload", (event) => { if (changed && !stopped) event.preventDefault(); });
}
