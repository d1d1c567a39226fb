// Sends files one by one and shows how far each is. Without a script the form sends them all at once.
const TRIES = 3;
const PAUSE = 1500;
let number = 0;

function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// The status of the answer and its text; 0 when none came.
function post(form, file, key, bar) {
  const body = new FormData();
  for (const name of ["form-token", "question"]) body.append(name, form.elements[name].value);
  body.append("key", key);
  body.append("file", file);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", location.pathname);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => { bar.max = event.total; bar.value = event.loaded; };
    request.onload = () => resolve([request.status, request.responseText]);
    request.onerror = () => resolve([0, ""]);
    request.send(body);
  });
}

// What is wrong with the file; empty when it is stored.
async function sendOne(form, file, bar) {
  if (file.size > Number(form.dataset.largest)) return form.dataset.large;
  const key = `${form.elements.key.value}-${++number}`;
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const [status, text] = await post(form, file, key, bar);
    if (status === 401) return form.dataset.ended;
    if (status === 200) return JSON.parse(text).files[0]?.error ?? form.dataset.failed;
    if (attempt < TRIES) await wait(PAUSE * attempt);
  }
  return form.dataset.failed;
}

// The list of stored files, as the page now has it.
async function refresh(form) {
  const question = form.elements.question.value;
  const response = await fetch(location.pathname);
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const find = (root) => [...root.querySelectorAll("[data-list]")].find((list) => list.dataset.list === question);
  if (find(page)) find(document).replaceWith(find(page));
}

async function send(form) {
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button");
  const list = form.querySelector("[data-sent]");
  const status = form.querySelector("[data-status]");
  list.replaceChildren();
  if (!input.files.length) {
    status.textContent = form.dataset.none;
    return;
  }
  button.disabled = true;
  status.textContent = form.dataset.sending;
  for (const file of [...input.files]) {
    const line = document.createElement("li");
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", file.name);
    line.append(file.name, bar);
    list.append(line);
    const reason = await sendOne(form, file, bar);
    line.replaceChildren(`${file.name}: ${reason || form.dataset.stored}`);
    line.className = reason ? "govuk-error-message" : "";
  }
  input.value = "";
  button.disabled = false;
  const outcome = Object.assign(document.createElement("ul"), { className: "govuk-list" });
  outcome.append(...list.children);
  status.replaceChildren(outcome);
  await refresh(form);
}

// Files that are chosen and not sent yet would be lost without a word.
function isWaiting() {
  return [...document.querySelectorAll("form[data-files] input[type=file]")].some((input) => input.files.length);
}

window.addEventListener("beforeunload", (event) => { if (isWaiting()) event.preventDefault(); });

for (const form of document.querySelectorAll("form[data-files]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!form.querySelector("button").disabled) send(form);
  });
}
