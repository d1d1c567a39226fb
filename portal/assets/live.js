// Keeps a page up to date while somebody looks at it. Without a script it shows what was so when it was loaded.
const main = document.querySelector("main[data-live]");
const notice = document.getElementById("live");
const SHORTEST_WAIT = 2000;
const LONGEST_WAIT = 60000;
const TRIES = 8;
let source = null;
let waiting = null;
let wait = SHORTEST_WAIT;
let tries = 0;
let over = false;
let running = false;

function close() {
  clearTimeout(waiting);
  source?.close();
  source = null;
}

function open() {
  if (source || over || document.hidden) return;
  source = new EventSource(main.dataset.live);
  source.addEventListener("open", () => { wait = SHORTEST_WAIT; tries = 0; });
  source.addEventListener("changed", renew);
  source.addEventListener("rest", close);
  for (const word of ["ended", "refused"]) source.addEventListener(word, () => end(word));
  // A connection that was lost is opened again by the browser; an answer that is no stream is asked for again here, later and later.
  source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) later(); });
}

function later() {
  close();
  if (++tries > TRIES) return;
  waiting = setTimeout(open, wait * (0.5 + Math.random()));
  wait = Math.min(wait * 2, LONGEST_WAIT);
}

function end(word) {
  over = true;
  close();
  say(notice.dataset[word], true);
}

// `load`: with a button that loads the page again.
function say(words, load = false) {
  if (notice.firstChild?.textContent === words) return;
  const text = Object.assign(document.createElement("p"), { className: "govuk-body-s", textContent: words });
  notice.classList.toggle("triptych-live--waits", load);
  notice.replaceChildren(text);
  if (!load) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "govuk-button govuk-button--secondary", textContent: notice.dataset.load });
  button.addEventListener("click", () => location.reload());
  notice.append(button);
}

function differs(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const first = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(first, 0);
}

// Somebody types, has typed or chosen, or marks words: nothing is taken from under their hands.
function isInUse() {
  const selection = getSelection();
  const fields = [...main.querySelectorAll("input, select, textarea")];
  return fields.some((field) => field === document.activeElement || differs(field)) || (!selection.isCollapsed && main.contains(selection.anchorNode));
}

// What the page shows now, read as the person would read it; where that fails, the next stream says again that it has changed.
async function renew() {
  if (running) return;
  running = true;
  try {
    if (isInUse()) return say(notice.dataset.changed, true);
    const response = await fetch(location.href, { headers: { "Triptych-Live": "1" }, redirect: "manual" });
    if (response.type === "opaqueredirect") return end("ended");
    if (!response.ok) return later();
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const now = page.querySelector("main[data-live]");
    if (!now || page.documentElement.lang !== document.documentElement.lang || isInUse()) return say(notice.dataset.changed, true);
    show(now, page.title);
  } catch {
    later();
  } finally {
    running = false;
  }
}

function show(now, title) {
  const same = (element) => (other) => element.id ? other.id === element.id : other.tagName === element.tagName && other.href === element.href && other.textContent === element.textContent;
  const focused = main.contains(document.activeElement) ? document.activeElement : null;
  const unfolded = [...main.querySelectorAll("details[open]")].map((one) => one.querySelector("summary").textContent);
  for (const banner of now.querySelectorAll("[role=alert]")) banner.setAttribute("role", "region"); // it was read out before
  for (const one of now.querySelectorAll("details")) one.open ||= unfolded.includes(one.querySelector("summary").textContent);
  main.replaceChildren(...now.childNodes);
  main.dataset.live = now.dataset.live;
  document.title = title;
  document.dispatchEvent(new Event("renewed"));
  if (focused) [...main.querySelectorAll("a, button, summary, [tabindex]")].find(same(focused))?.focus({ preventScroll: true });
  const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  say(notice.dataset.renewed.replace("{time}", time));
}

document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
window.addEventListener("focus", open);
open();
