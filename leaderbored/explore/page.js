// The script of the page. It sends the setting, which the address holds, puts what comes back into
// its place, and lets the leaderboard run. It works nothing out and makes no text of its own.
"use strict";

const $ = (id) => document.getElementById(id);
const slider = (path) => document.getElementsByName(path)[0];
let query = new URLSearchParams(location.search);

// --- asking: one request of a kind at a time, and the latest setting wins

function asker(address, show, { pause = 0, patience = 0 } = {}) {
  let control = null, again = false, since = 0, timer = 0;
  async function go() {
    control = new AbortController();
    since = performance.now();
    again = false;
    try {
      const answer = await fetch(address(), { signal: control.signal });
      const told = await answer.json();
      if (told.trouble) trouble(told.trouble);
      else show(told);
    } catch (error) {
      if (error.name !== "AbortError") trouble("The program that makes this page has ended.");
    }
    control = null;
    if (again) go();
  }
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (control === null) return go();
      again = true;
      if (performance.now() - since > patience) control.abort();
    }, pause);
  };
}

function trouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = false;
  $("shown").classList.add("stale");
  $("busy").textContent = "";
}

let waiting = 0;
function stale() {
  clearTimeout(waiting);
  waiting = setTimeout(() => { $("busy").textContent = "Working …"; }, 300);
}

const answer = asker(() => `answer?${setting()}`, (told) => {
  clearTimeout(waiting);
  $("busy").textContent = "";
  $("trouble").hidden = true;
  $("shown").classList.remove("stale");
  $("command").textContent = told.command;
  put(told);
  remap(); // what takes longer begins once the sentence is there
  every();
}, { patience: 400 });

// One equilibrium: its sentence, charts and numbers, and a history of it.
function put(told) {
  $("headline").textContent = told.headline;
  $("verdict").dataset.kind = told.kind ?? "";
  for (const part of ["charts", "facts", "numbers"]) $(part).innerHTML = told.shown[part] ?? "";
  run(told.board);
}

const every = asker(() => `equilibria?${setting()}`, (told) => {
  $("equilibria").innerHTML = told.shown;
  $("equilibria").classList.remove("stale");
  $("others").textContent = told.several;
  const names = [...$("equilibria").querySelectorAll("tbody th")].slice(0, told.each.length);
  const buttons = names.map((name, k) => {
    const button = document.createElement("button");
    button.textContent = name.textContent;
    button.addEventListener("click", () => {
      put(told.each[k]);
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    });
    name.replaceChildren(button);
    return button;
  });
}, { pause: 500 });

// --- the map

const SIDE = 400; // of the map in its own units
let mapped = "", points = 0, next = 0;

const map = asker(() => `map?${query}&points=${points}`, (told) => {
  $("map").innerHTML = told.picture;
  $("map-note").textContent = told.note;
  ({ points, next } = told);
  $("finer").hidden = !next || told.goes_on;
  here();
  if (next && told.goes_on) finer();
});

function finer() {
  points = next;
  $("finer").hidden = true;
  map();
}

// What the map depends on: all but the two numbers that it is drawn over.
function remap() {
  const rest = new URLSearchParams(query);
  for (const path of [$("x").value, $("y").value, "step"]) rest.delete(path);
  const key = `${$("x").value} ${$("y").value} ${rest}`;
  if (key === mapped) return here();
  mapped = key;
  points = 0;
  $("map").classList.add("stale");
  $("map-note").textContent = $("map-note").dataset.wait;
  map();
}

function here() {
  const picture = $("map-picture");
  if (!picture || picture.dataset.x !== $("x").value || picture.dataset.y !== $("y").value) return;
  $("map").classList.remove("stale");
  const [low, high] = [picture.dataset.low, picture.dataset.high].map((t) => t.split(" ").map(Number));
  const at = [picture.dataset.x, picture.dataset.y].map((path, k) => {
    const value = Number(query.get(path) ?? slider(path).dataset.value);
    return (value - low[k]) / (high[k] - low[k]) * SIDE;
  });
  $("here").setAttribute("transform", `translate(${at[0]} ${SIDE - at[1]})`);
}

$("map").addEventListener("click", (event) => {
  const turned = $("map-picture")?.getScreenCTM()?.inverse();
  if (!turned) return;
  const spot = new DOMPoint(event.clientX, event.clientY).matrixTransform(turned);
  const part = [spot.x / SIDE, 1 - spot.y / SIDE];
  if (part.some((p) => p < 0 || p > 1)) return;
  ["x", "y"].forEach((side, k) => {
    const input = slider($(side).value);
    input.value = Number(input.min) + part[k] * (input.max - input.min);
    moved(input);
  });
});

$("map").addEventListener("keydown", (event) => {
  const [side, up] = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowDown: ["y", -1], ArrowUp: ["y", 1] }[event.key] ?? [];
  if (!side) return;
  event.preventDefault();
  const input = slider($(side).value);
  input.stepUp(up * (event.shiftKey ? 10 : 1));
  moved(input);
});

// --- the setting

function setting() {
  const rest = new URLSearchParams(query);
  for (const name of ["x", "y", "step"]) rest.delete(name);
  return rest;
}

function at(fresh, keep) {
  query = fresh;
  history[keep ? "pushState" : "replaceState"](null, "", `?${query}`);
}

function moved(input) {
  query.set(input.name, Number(input.value));
  document.querySelector(`output[for="${CSS.escape(input.name)}"]`).textContent = Number(input.value);
  at(query, false);
  all();
}

function all() {
  $("others").textContent = "";
  $("equilibria").classList.add("stale");
  stale();
  here();
  answer();
}

$("controls").addEventListener("input", (event) => {
  if (event.target.type === "range") moved(event.target);
});

$("controls").addEventListener("change", (event) => {
  const { change } = event.target.dataset;
  if (!change) return;
  const to = event.target.type === "checkbox" ? (event.target.checked ? "on" : "off") : event.target.value;
  refill(`controls?${query}&change=${change}&to=${encodeURIComponent(to)}`);
});

// Sliders, and the address, of another game or of one with other parts.
async function refill(address, sent, keep = true) {
  const old = query;
  let told;
  try {
    told = await (await fetch(address, sent)).json();
  } catch {
    return trouble("The program that makes this page has ended.");
  }
  if (told.trouble) {
    trouble(told.trouble);
    if (!$("controls").innerHTML) $("headline").textContent = "There is no such setting.";
    return;
  }
  const fresh = new URLSearchParams(told.address);
  fresh.set("x", told.x);
  fresh.set("y", told.y);
  if (old.has("step")) fresh.set("step", old.get("step"));
  $("controls").innerHTML = told.controls;
  for (const input of document.querySelectorAll('#controls input[type="range"]')) {
    input.dataset.value = input.getAttribute("value");
  }
  for (const side of ["x", "y"]) {
    $(side).innerHTML = told.sides;
    $(side).value = told[side];
  }
  $("game").value = told.game;
  at(fresh, keep);
  $("equilibria").innerHTML = "<p>Looking …</p>";
  all();
}

for (const side of ["x", "y"]) {
  $(side).addEventListener("change", () => {
    query.set(side, $(side).value);
    at(query, true);
    remap();
  });
}

$("game").addEventListener("change", () => {
  leave();
  refill(`controls?game=${encodeURIComponent($("game").value)}`);
});

$("open").addEventListener("change", async () => {
  const [file] = $("open").files;
  if (!file) return;
  leave();
  await refill("controls", { method: "POST", body: file });
  $("open").value = "";
});

window.addEventListener("popstate", begin);

// --- the tour

async function guide(number) {
  const told = await (await fetch(`tour/${number}`)).json();
  if (!told.title) return;
  $("step").hidden = false;
  $("said").textContent = told.said;
  $("record").innerHTML = told.record;
  $("back").disabled = number <= 1;
  $("on").disabled = number >= told.of;
  for (const button of document.querySelectorAll("[data-step]")) {
    if (button.dataset.step === String(number)) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
  return told;
}

async function go(number) {
  const told = await guide(number);
  if (!told) return;
  query = new URLSearchParams({ step: number });
  refill(`controls?${new URLSearchParams(told.numbers)}`);
}

function leave() {
  query.delete("step");
  $("step").hidden = true;
  for (const button of document.querySelectorAll("[data-step]")) button.removeAttribute("aria-current");
}

for (const button of document.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => go(Number(button.dataset.step)));
}
$("back").addEventListener("click", () => go(Number(query.get("step")) - 1));
$("on").addEventListener("click", () => go(Number(query.get("step")) + 1));
$("leave").addEventListener("click", () => { leave(); at(query, false); });

// --- the leaderboard that runs

const LANE = 36; // pixels from one lab to the next
let board = null, rows = [], timer = 0;

function run(fresh) {
  board = fresh;
  $("runs").hidden = !board;
  if (!board) return pause();
  if (rows.length !== board.labs.length || rows.some((row, k) => row.dataset.lab !== board.labs[k])) {
    rows = board.labs.map((lab, k) => {
      const row = document.createElement("div");
      row.className = "lane";
      row.dataset.lab = lab;
      for (const part of ["bar", "who", "far"]) {
        row.append(Object.assign(document.createElement("span"), { className: part }));
      }
      row.children[0].style.background = board.colours[k];
      row.children[1].textContent = lab;
      return row;
    });
    $("lanes").replaceChildren(...rows);
    $("lanes").style.height = `${LANE * rows.length}px`;
  }
  $("strip").innerHTML = board.strip;
  $("when").max = board.times.length - 1;
  show();
}

function show() {
  const now = Number($("when").value), behind = board.behind[now];
  const most = Math.max(3, ...board.behind.map((b) => Math.max(...b)));
  const order = rows.map((_, k) => k).sort((a, b) => behind[a] - behind[b] || a - b);
  order.forEach((lab, place) => {
    const [bar, , far] = rows[lab].children;
    rows[lab].style.transform = `translateY(${LANE * place}px)`;
    bar.style.width = `${100 * (1 - 0.7 * behind[lab] / most)}%`;
    far.textContent = behind[lab] === 0 ? "in front" : `${behind[lab]} behind`;
  });
  $("year").textContent = board.times[now].toFixed(1);
}

function pause() {
  clearInterval(timer);
  timer = 0;
  $("play").textContent = "Run";
  $("play").setAttribute("aria-pressed", "false");
}

$("play").addEventListener("click", () => {
  if (timer) return pause();
  if (Number($("when").value) >= board.times.length - 1) $("when").value = 0;
  timer = setInterval(() => {
    $("when").value = Number($("when").value) + 1;
    show();
    if (Number($("when").value) >= board.times.length - 1) pause();
  }, 110);
  $("play").textContent = "Pause";
  $("play").setAttribute("aria-pressed", "true");
});

$("when").addEventListener("input", () => { pause(); show(); });

// --- to take away

for (const link of document.querySelectorAll("[data-get]")) {
  link.href = "#";
  link.addEventListener("click", () => {
    link.href = `${link.dataset.get}?${query}&points=${points}`;
  });
}

$("finer").addEventListener("click", finer);

$("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText($("command").textContent);
  $("copy").textContent = "Copied";
  setTimeout(() => { $("copy").textContent = "Copy the command"; }, 1500);
});

function begin() {
  query = new URLSearchParams(location.search);
  if (!query.size && !$("game").value.startsWith("given")) return go(1);
  if (query.has("step")) guide(Number(query.get("step")));
  else leave();
  const asked = new URLSearchParams(query);
  asked.delete("step");
  refill(`controls?${asked}`, undefined, false);
}

if (!matchMedia("(prefers-reduced-motion: reduce)").matches) document.body.classList.add("moves");
begin();
