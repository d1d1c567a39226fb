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

function say(word) {
  status.textContent = form.dataset[word];
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

// A form that is sent while it is being saved would have the version of before: it would look as if somebody else had changed it.
async function submit(event) {
  clearTimeout(waiting);
  if (running) {
    event.preventDefault();
    form.dataset.sending = "";
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
  for (const old of form.querySelectorAll("[data-said]")) old.remove();
  for (const [name, reason] of Object.entries(saved.errors)) {
    const message = Object.assign(document.createElement("p"), { className: "govuk-error-message", textContent: reason });
    message.dataset.said = "";
    document.getElementById(name)?.closest("[data-question], td")?.prepend(message);
  }
  const whole = saved.errors[""]; // nothing can be saved any more
  if (whole) status.textContent = whole;
  else say(Object.keys(saved.errors).length ? "wrong" : "saved");
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
