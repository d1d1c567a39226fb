// A field in which a code is chosen from a list, by mouse or keyboard. Without a script the page comes back with a list to choose from.
const PAUSE = 200;
const SHORTEST = 2;

function countryOf(box) {
  const named = box.dataset.country;
  const value = document.getElementById(named)?.value ?? named;
  return /^[A-Z]{2}$/.test(value) ? value : "";
}

function start(box) {
  const input = box.querySelector("input[type=text]");
  if (input.readOnly) return;
  const list = Object.assign(document.createElement("ul"), { className: "triptych-pick__list", id: `${input.id}:list`, hidden: true });
  const status = Object.assign(document.createElement("div"), { className: "govuk-visually-hidden" });
  status.setAttribute("role", "status");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.querySelector("label").textContent.trim());
  input.after(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) {
    input.setAttribute(name, value);
  }
  let waiting = null;
  let asked = 0;
  let active = -1;

  function close() {
    clearTimeout(waiting);
    asked += 1;
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function point(to) {
    active = (to + list.children.length) % list.children.length;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
    list.children[active].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[active].id);
  }

  function choose(option) {
    input.value = option.dataset.shown;
    box.querySelectorAll("[type=hidden], .govuk-form-group .govuk-radios, .govuk-error-message").forEach((old) => old.remove());
    close();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  async function search() {
    const text = input.value.trim();
    if (text.length < SHORTEST) return close();
    const number = ++asked;
    const query = new URLSearchParams({ text, country: countryOf(box) });
    let found;
    try {
      found = await (await fetch(`${box.dataset.pick}?${query}`)).json();
    } catch {
      return; // without a connection the text is checked when the page is saved
    }
    if (number !== asked) return;
    list.replaceChildren(...found.map((hit, index) => {
      const option = Object.assign(document.createElement("li"), { id: `${list.id}:${index}`, textContent: hit.shown });
      option.append(Object.assign(document.createElement("span"), { className: "triptych-pick__edition", textContent: hit.edition }));
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.shown = hit.shown;
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(option); });
      return option;
    }));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = found.length ? `${found.length}. ${box.dataset.found}` : box.dataset.none;
  }

  input.addEventListener("input", (event) => {
    event.stopPropagation(); // what is being looked for is no answer yet
    clearTimeout(waiting);
    waiting = setTimeout(search, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) search();
    else if (list.hidden) return;
    else if (event.key === "ArrowDown") point(active + 1);
    else if (event.key === "ArrowUp") point(active < 0 ? -1 : active - 1);
    else if (event.key === "Enter" && active >= 0) choose(list.children[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
}

for (const box of document.querySelectorAll("[data-pick]")) start(box);
