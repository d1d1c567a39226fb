// Long work in steps. The person has asked for all of it on the page before, so the next step begins by itself; without a script a button does it.
const KEY = "steps";
const asked = document.querySelector("form[data-steps=begin]");
const next = document.querySelector("form[data-steps=next]");

async function run() {
  next.querySelector("[role=status]").textContent = next.dataset.running;
  const answer = await fetch(next.getAttribute("action"), { method: "POST", body: new URLSearchParams(new FormData(next)) });
  if (sessionStorage.getItem(KEY) !== next.dataset.of) return;
  if (answer.ok) location.replace(answer.url);
  else fail();
}

function stop() {
  sessionStorage.removeItem(KEY);
  if (next) next.querySelector("[role=status]").textContent = "";
}

// What was done stays done. The button goes on with the same step, and then with all that are left.
function fail() {
  stop();
  next.querySelector("[role=status]").textContent = next.dataset.failed;
  next.addEventListener("submit", () => sessionStorage.setItem(KEY, next.dataset.of));
}

asked?.addEventListener("submit", () => sessionStorage.setItem(KEY, asked.dataset.of));
document.querySelector("[data-steps=stop]")?.addEventListener("click", stop);
if (next && sessionStorage.getItem(KEY) === next.dataset.of) run().catch(fail);
else if (!asked) stop();
