// The page: what is chosen, and all that follows from it.

import { nearest, number, place, ticks } from "./format.js";
import { inflate, decode, pathOf, pathsOf, heightOf } from "./unpack.js";
import { evaluate } from "./tape.js";
import { replay, departure } from "./rules.js";
import { beginning, read, write } from "./state.js";
import { drawGround, drawLosses, drawMap, marker, measure, pixels, sizeOf } from "./draw.js";
import { element, showRule } from "./numbers.js";

// Bring a page to life. `host` says whether it is alone (page), or else which situation it opens with, as an
// address has it behind the "#". Returns what ends it.
export function explore(root, host) {
  const find = (what) => root.querySelector(what), ended = new AbortController();
  const facts = JSON.parse(find(".facts").textContent), last = facts.steps;
  const losses = find(".losses"), scrub = find(".scrub"), rate = find(".rate");
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), [[x0, x1], [y0, y1]] = facts.view;
  const rows = [...root.querySelectorAll(".runs > li")], names = facts.optimizers.map(({ name }) => name);
  const STEPS_A_SECOND = Math.max(20, last / 8);
  const READABLE = 100; // ms: while the start is dragged, words change no faster than they can be read

  // Two maps: B's, and A's beside it where that is wished. Everything else is about the one that is chosen.
  const sides = { B: sideOf(find(".mapframe")), A: sideOf(find(".mapframe").cloneNode(true)) };
  let { map, under, over } = sides.B;

  let state = beginning(facts), data = null, look = null, runs = [], keptRuns = [], shownGrid = false, whose = 0;
  let asking = ""; // what is asked or answered about the prediction
  let guess = null, revealed = true; // of "predict first": where the reader says it ends, and whether it is shown
  const mapLabel = map.getAttribute("aria-label");
  let wished = 0; // what the kernel was asked last
  let dragging = false, box = null, toldAt = 0, telling = 0;
  let playing = false, then = 0, spent = 0, asked = 0, written = "";

  // --- what is shown

  function focused() {
    return root.getRootNode().activeElement;
  }

  function fragment() {
    return host.page ? location.hash : host.situation;
  }

  function sideOf(frame) {
    const [map, under, over] = [".map", ".under", ".over"].map((what) => frame.querySelector(what));
    return { frame, map, under, over, ground: "", drawn: [] };
  }

  // Show one map or both, and say which is which.
  function besides() {
    const { beside, chosen, kept } = state;
    if (!beside) sides.A.frame.remove();
    else if (!sides.A.frame.isConnected) find(".maps").prepend(sides.A.frame); // to move it would take its focus
    for (const what of [find(".maps"), find(".mapside")]) what.classList.toggle("two", beside);
    for (const [name, { frame, map: one }] of Object.entries(sides)) {
      const label = frame.querySelector(".mapname"), mine = name === chosen;
      label.hidden = !beside;
      label.replaceChildren(element("b", name), mine ? ", chosen" : "");
      frame.classList.toggle("chosen", mine);
      one.setAttribute("aria-label", beside ? `${name}: ${mapLabel}` : mapLabel);
    }
    const button = find(".beside");
    button.setAttribute("aria-pressed", String(beside && Boolean(kept)));
  }

  // Choose the other of the two situations: what is set and read is about it from now on.
  function swap() {
    if (state.predict) predict(false);
    const { row, column, rates, on, exact } = state, now = runs;
    Object.assign(state, state.kept, { kept: { row, column, rates, on, exact }, chosen: other() });
    wished++;
    [runs, keptRuns] = [keptRuns, now];
    ({ map, under, over } = sides[state.chosen]);
    box = null;
    find(".apart").checked = !state.rates.every((each) => each === state.rates[0]);
    besides();
    changed();
  }

  function other() {
    return state.chosen === "B" ? "A" : "B";
  }

  function colours() {
    const style = getComputedStyle(root), get = (name) => style.getPropertyValue(name).trim();
    look = { page: get("--page"), text: get("--text"), muted: get("--muted"), frame: get("--frame") };
    look.runs = facts.optimizers.map((_, k) => get(`--run${k}`));
    rows.forEach((row, k) => row.querySelector("svg").replaceChildren(shape(facts.optimizers[k].marker, look.runs[k])));
  }

  function shape(name, colour) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "path");
    made.setAttribute("d", marker(name, 11));
    made.setAttribute("fill", colour);
    return made;
  }

  // The runs of what is chosen: their paths, and the same made again by the rule where the page knows it.
  function choose() {
    state.exact = null;
    wished++;
    runs = runsOf(state);
  }

  // Let the kernel run the optimizers from this very start, at these very rates.
  async function compute(start, rates) {
    const mine = ++wished, { said: words, buffers } = await host.ask({ start, rates });
    if (mine !== wished) return; // something else was chosen meanwhile
    if (words.error) {
      asking = words.error;
      return refresh();
    }
    state.exact = { start, rates };
    runs = pathsOf(words, buffers, facts).map((path, k) => runOf(path, state, k));
    refresh();
  }

  function startOf({ exact, row, column }) {
    return exact ? exact.start : [facts.x[column], facts.y[row]];
  }

  function rateOf({ exact, rates }, k) {
    return exact ? exact.rates[k] : facts.rates[rates[k]];
  }

  function runsOf(situation) {
    const { row, column, rates } = situation;
    return facts.optimizers.map((_, k) => runOf(pathOf(data, facts, k, rates[k], row, column), situation, k));
  }

  function runOf(path, situation, k) {
    const start = startOf(situation), lr = rateOf(situation, k);
    let made; // only words need it, and while the start is dragged most paths are gone before they do
    const again = () => {
      if (made !== undefined) return made;
      made = facts.tape && facts.optimizers[k].rule ? remade(start, lr, k, 0) : null;
      if (made) made.departs = departure(made, path, facts);
      return made;
    };
    return { path, get again() { return again(); }, get departs() { return again() ? made.departs : 0; } };
  }

  function remade(start, lr, k, wanted) {
    return replay(facts.optimizers[k].rule, facts.tape, evaluate, start, lr, last, wanted);
  }

  // Whether the recomputed run is the recorded one up to a step.
  function agrees(run, step) {
    return run.again !== null && (run.departs < 0 || step < run.departs);
  }

  function here(run, step) {
    if (agrees(run, step)) return [run.again.x[step], run.again.y[step]];
    return [x0 + run.path.u[step] * (x1 - x0), y0 + run.path.v[step] * (y1 - y0)];
  }

  function lossAt(run, step) {
    if (agrees(run, step)) return number(run.again.losses[step], 4);
    const level = run.path.level[step], [low, high] = facts.lossEnds, base = facts.floor ? ` above ${number(facts.floor, 4)}` : "";
    if (level <= low) return facts.minima.length ? `under 10⁻¹²${base}` : `not above ${number(facts.floor, 4)}`;
    if (level >= high) return "over 10¹²";
    return `about ${number(heightOf(level, facts), 2)}${base}`;
  }

  function distanceAt(run, step) {
    if (!facts.minima.length) return "";
    const [x, y] = here(run, step), far = Math.min(...facts.minima.map(([a, b]) => Math.hypot(x - a, y - b)));
    if (agrees(run, step)) return number(far, 3);
    const least = Math.hypot(x1 - x0, y1 - y0) / facts.quanta;
    return far < least ? `under ${number(least, 1)}` : number(far, 2);
  }

  // What a run has come to by a step, in words.
  function outcome(run, step) {
    const { path } = run;
    if (path.brokenAt >= 0 && step >= path.brokenAt) return `non-finite at step ${path.brokenAt}`;
    if (path.leftAt >= 0 && step >= path.leftAt) return path.leftAt ? `left the view at step ${path.leftAt}` : "never in the view";
    return step === last ? "finished" : "";
  }

  function told(run, step) {
    const end = outcome(run, step), gone = run.path.brokenAt >= 0 && step >= run.path.brokenAt;
    if (gone) return ["", end];
    const away = run.path.far[step] && !agrees(run, step) ? "" : distanceAt(run, step);
    const distance = away && `${away} from ${facts.minima.length > 1 ? "the nearest" : "the"} minimum`;
    return [`loss ${lossAt(run, step)}`, [distance, end].filter(Boolean).join(" · ")];
  }

  function hidden(k) {
    return state.predict && !revealed && k >= 0;
  }

  function scene() {
    const dressed = (some, on) => some
      .map(({ path }, k) => ({ path, colour: look.runs[k], marker: facts.optimizers[k].marker })).filter((_, k) => on[k]);
    const visible = state.predict && !revealed ? [] : dressed(runs, state.on);
    const kept = state.kept ? dressed(keptRuns, state.kept.on) : [];
    const grid = shownGrid ? { u: facts.startX.map((q) => q / facts.quanta), v: facts.startY.map((q) => q / facts.quanta) } : null;
    const fraction = ([x, y]) => [(x - x0) / (x1 - x0), (y - y0) / (y1 - y0)];
    const minima = facts.minima.map(fraction).filter(([u, v]) => u >= 0 && u <= 1 && v >= 0 && v <= 1);
    const begin = (one) => one.exact ? fraction(one.exact.start) : [facts.startX[one.column] / facts.quanta, facts.startY[one.row] / facts.quanta];
    const keptStart = state.kept && begin(state.kept);
    return { runs: visible, kept, keptStart, step: state.step, minima, start: begin(state), grid, guess: state.predict ? guess : null };
  }

  function paint() {
    asked = 0;
    if (!data) return;
    const shown = scene(), now = performance.now();
    for (const [name, side] of Object.entries(sides)) {
      const mine = name === state.chosen;
      if (!mine && !state.beside) continue;
      const grid = mine && shownGrid, wanted = [grid, look.muted, ...sizeOf(side.under)].join(" ");
      if (wanted !== side.ground) drawGround(side.under, { grid: grid && shown.grid }, look);
      side.ground = wanted;
      if (mine) drawMap(side.over, state.beside ? { ...shown, kept: [], keptStart: null } : shown, look);
      // The other map changes with the step alone.
      const drawn = mine ? [] : [keptRuns, state.step, look, ...sizeOf(side.over)];
      if (!mine && drawn.some((each, k) => each !== side.drawn[k])) {
        drawMap(side.over, { ...shown, runs: shown.kept, kept: [], start: shown.keptStart, keptStart: null, guess: null }, look);
      }
      side.drawn = drawn;
    }
    if (sizeOf(losses)[0]) drawLosses(losses, shown, look, facts);
    const wait = dragging ? toldAt + READABLE - now : 0;
    if (wait <= 0) readOut();
    else if (!telling) telling = setTimeout(readOut, wait);
  }

  // Write everything that is read about what is drawn.
  function readOut() {
    clearTimeout(telling);
    telling = 0;
    toldAt = performance.now();
    sliders();
    announce();
    const count = `step ${state.step} of ${last}`;
    tell(find(".count"), count);
    scrub.value = state.step;
    scrub.style.setProperty("--done", `${(100 * state.step) / last}%`);
    scrub.setAttribute("aria-valuetext", count);
    rows.forEach((row, k) => {
      const [first, second] = hidden(k) ? ["hidden until you have said where it ends", ""] : told(runs[k], state.step);
      row.classList.toggle("off", !state.on[k]);
      tell(row.querySelector(".loss"), first);
      tell(row.querySelector(".how"), second);
      tell(row.querySelector("small"), `lr ${number(rateOf(state, k), 4)}`);
    });
    keptWords();
    numbers();
  }

  // What is kept as A, and what it has come to at this step.
  function keptWords() {
    const button = find(".keep"), kept = state.kept;
    button.setAttribute("aria-pressed", String(Boolean(kept)));
    button.textContent = kept ? `Drop ${other()}` : "Keep as A";
    if (!kept) {
      find(".kept").textContent = "";
      return;
    }
    const rates = [...new Set(names.map((_, k) => number(rateOf(kept, k), 4)).filter((_, k) => kept.on[k]))].join(", ");
    const ends = names.map((name, k) => `${name} ${told(keptRuns[k], state.step).filter(Boolean)[0]}`).filter((_, k) => kept.on[k]);
    find(".kept").textContent = `${other()}, ${state.beside ? "dashed among the losses" : "dashed"}: from ${place(...startOf(kept), 4)} at lr ${rates}; ${ends.join(", ")}.`;
  }

  find(".keep").addEventListener("click", () => {
    const { row, column, rates, on, exact } = state;
    state.kept = state.kept ? null : { row, column, rates: [...rates], on: [...on], exact };
    keptRuns = state.kept ? runs : [];
    if (!state.kept) aside(false);
    changed();
  });

  // Put A's map beside, or leave one map, which is B's.
  function aside(on) {
    state.beside = on;
    state.chosen = state.beside ? state.chosen : "B";
    ({ map, under, over } = sides[state.chosen]);
    box = null;
    besides();
    axes();
  }

  find(".beside").addEventListener("click", () => {
    if (!state.kept) find(".keep").click();
    else if (state.beside && state.chosen === "A") swap();
    aside(!state.beside);
    changed();
  });

  function refresh() {
    if (!asked) asked = requestAnimationFrame(paint);
  }

  function numbers() {
    const panel = find(".numbers");
    if (!panel.open || panel.hidden) return;
    if (!state.on[whose]) whose = Math.max(0, state.on.indexOf(true));
    for (const button of panel.querySelectorAll(".which button")) {
      const k = Number(button.dataset.run);
      button.hidden = !state.on[k];
      button.setAttribute("aria-pressed", String(k === whose));
    }
    const { rule, name, why } = facts.optimizers[whose], step = Math.max(1, state.step), run = runs[whose];
    const place_ = find(".rule");
    if (hidden(whose)) return showRule(place_, { why: "Hidden until you have said where the path ends." });
    if (!rule) return showRule(place_, { why: `No formula shown for ${name}: ${why}.` });
    if (!facts.tape) return showRule(place_, { why: facts.whyNoTape });
    if (run.path.brokenAt >= 0 && step >= run.path.brokenAt) {
      return showRule(place_, { why: `No numbers from step ${run.path.brokenAt} on: they are not finite there.` });
    }
    if (!agrees(run, step)) {
      const from = `From step ${run.departs} on, rounding parts what this page computes from the path that torch took`;
      return showRule(place_, { why: `${from}: its numbers are shown before that.` });
    }
    const { lines } = remade(startOf(state), rateOf(state, whose), whose, step), [[qx0, qx1], [qy0, qy1]] = facts.view;
    const apart = Math.hypot(run.again.x[step] - (qx0 + run.path.u[step] * (qx1 - qx0)), run.again.y[step] - (qy0 + run.path.v[step] * (qy1 - qy0)));
    const room = Math.hypot(qx1 - qx0, qy1 - qy0) / facts.quanta / 2;
    const before = place(run.again.x[step - 1], run.again.y[step - 1], 5);
    const caption = `${name}, step k = ${step}${state.step ? "" : ", the next one"}, from ${before}, with lr = ${number(rateOf(state, whose), 5)}. Each line holds for x and for y by itself; w is either.`;
    const check = run.path.far[step]
      ? "Not compared: the recorded point is too far out of the view to be kept in this page."
      : `Checked against torch: the new point is ${number(apart, 2)} from the recorded one, which is kept to within ${number(room, 2)}.`;
    return showRule(place_, { lines, caption, check });
  }

  // --- what the reader does

  // Write a text where it is another one.
  function tell(element, words) {
    if (element.textContent !== words) element.textContent = words;
  }

  function announce() {
    const start = place(...startOf(state), 4);
    tell(find(".announce"), `${state.exact ? "Computed now from" : "Nearest computed start:"} ${start}. ${asking}`);
  }

  function remember() {
    const now = write(state, facts);
    if (!host.page || now === written) return;
    written = now;
    try {
      history.replaceState(null, "", now);
    } catch {
      // A page in a sandbox has no address of its own.
    }
  }

  let later = 0;
  function changed({ start = false } = {}) {
    if (start || !runs.length) choose();
    clearTimeout(later);
    later = setTimeout(remember, 200);
    refresh();
  }

  function sliders() {
    const same = state.rates.every((each) => each === state.rates[0]), apart = find(".apart").checked;
    const first = Math.max(0, state.on.indexOf(true));
    rate.value = state.rates[first];
    rate.disabled = apart;
    const most = facts.rates.length - 1, show = (slider, k) => {
      slider.style.setProperty("--done", `${(100 * k) / most}%`);
      slider.setAttribute("aria-valuetext", number(facts.rates[k], 4));
    };
    show(rate, state.rates[first]);
    if (focused() !== find(".exact")) find(".exact").value = Number(rateOf(state, first).toPrecision(4));
    const words = state.exact ? number(state.exact.rates[first], 4) : apart && !same ? "different rates" : `${number(facts.rates[state.rates[first]], 4)}, ${state.rates[first] + 1} of ${most + 1} computed`;
    tell(find(".ratevalue"), words);
    rows.forEach((row, k) => {
      const own = row.querySelector(".ownrate");
      own.hidden = !apart;
      own.value = state.rates[k];
      show(own, state.rates[k]);
      row.querySelector("input[type=checkbox]").checked = state.on[k];
    });
  }

  function moveTo(row, column, options = {}) {
    if (row === state.row && column === state.column && !options.always) return;
    [state.row, state.column] = [row, column];
    forget();
    changed({ start: true });
  }

  // After the start or a rate has changed, what was predicted is no longer about this path.
  function forget() {
    if (!state.predict) return;
    guess = null;
    revealed = false;
    state.step = 0;
    task();
  }

  function onMaps(kind, act) {
    for (const side of Object.values(sides)) side.map.addEventListener(kind, act);
  }

  function pointed(event) {
    box ||= over.getBoundingClientRect();
    const u = (event.clientX - box.left) / box.width, v = 1 - (event.clientY - box.top) / box.height;
    return [x0 + Math.min(Math.max(u, 0), 1) * (x1 - x0), y0 + Math.min(Math.max(v, 0), 1) * (y1 - y0)];
  }

  onMaps("pointerdown", (event) => {
    if (event.button) return;
    box = null;
    if (event.currentTarget !== map) swap();
    const [x, y] = pointed(event);
    if (focused() !== map) map.focus({ preventScroll: true });
    event.preventDefault();
    said("");
    if (state.predict && !revealed) return guessed([x, y]);
    map.setPointerCapture(event.pointerId);
    dragging = shownGrid = true;
    set(false);
    if (!state.predict) state.step = last;
    moveTo(nearest(facts.y, y), nearest(facts.x, x), { always: true });
  });
  onMaps("pointermove", (event) => {
    if (!dragging) return;
    const [x, y] = pointed(event);
    moveTo(nearest(facts.y, y), nearest(facts.x, x));
  });
  onMaps("pointerup", (event) => {
    if (!dragging || !host.ask || state.predict) return;
    compute(pointed(event), facts.optimizers.map((_, k) => rateOf(state, k)));
  });
  find(".exactly").hidden = !host.ask;
  find(".exact").addEventListener("change", () => {
    const lr = Number(find(".exact").value.replace(",", "."));
    if (lr > 0 && Number.isFinite(lr)) compute(startOf(state), facts.optimizers.map(() => lr));
    else asking = "A rate is a number above 0.";
    refresh();
  });
  for (const kind of ["pointerup", "pointercancel"]) onMaps(kind, () => { dragging = shownGrid = false; refresh(); });
  addEventListener("scroll", () => { box = null; }, { capture: true, passive: true, signal: ended.signal });
  onMaps("focus", (event) => {
    if (event.currentTarget !== map) swap();
    if (map.matches(":focus-visible")) { shownGrid = true; refresh(); }
  });
  onMaps("blur", () => { shownGrid = false; refresh(); });

  onMaps("keydown", (event) => {
    const move = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && state.predict && !revealed && guess) guessed(guess);
    else if (event.key === "Home") moveTo(...facts.home);
    else if (move && state.predict && !revealed) {
      const [x, y] = guess || [facts.x[state.column], facts.y[state.row]], far = event.shiftKey ? 0.1 : 0.02;
      guess = [Math.min(Math.max(x + far * move[1] * (x1 - x0), x0), x1), Math.min(Math.max(y + far * move[0] * (y1 - y0), y0), y1)];
      task(`${question()} Your mark is at ${place(...guess)}; Enter sets it.`);
      refresh();
    } else if (move) {
      const far = event.shiftKey ? 4 : 1, within = (k, count) => Math.min(Math.max(k, 0), count - 1);
      shownGrid = true;
      if (!state.predict) {
        set(false);
        state.step = last;
      }
      said("");
      moveTo(within(state.row + far * move[0], facts.y.length), within(state.column + far * move[1], facts.x.length));
    } else return;
    event.preventDefault();
  });

  rate.addEventListener("input", () => {
    state.rates = state.rates.map(() => Number(rate.value));
    forget();
    said("");
    changed({ start: true });
  });
  find(".apart").addEventListener("change", () => {
    if (!find(".apart").checked) state.rates = state.rates.map(() => state.rates[Math.max(0, state.on.indexOf(true))]);
    changed({ start: true });
  });
  rows.forEach((row, k) => {
    row.querySelector("input[type=checkbox]").addEventListener("change", (event) => {
      state.on[k] = event.target.checked;
      if (!state.on.some(Boolean)) state.on[k] = event.target.checked = true;
      forget();
      changed();
    });
    row.querySelector(".ownrate").addEventListener("input", (event) => {
      state.rates[k] = Number(event.target.value);
      forget();
      said("");
      changed({ start: true });
    });
  });

  // --- situations

  function said(words) {
    if (find(".said").textContent === words) return;
    find(".said").textContent = words;
    for (const chip of root.querySelectorAll(".chips button")) chip.setAttribute("aria-pressed", String(Boolean(words) && chip.dataset.words === words));
  }

  root.querySelectorAll(".chips button").forEach((chip, k) => {
    const preset = facts.presets[k];
    chip.dataset.words = preset.words;
    chip.addEventListener("click", () => {
      [state.row, state.column] = preset.start;
      state.rates = [...preset.rates];
      state.on = [...preset.on];
      find(".apart").checked = !state.rates.every((each) => each === state.rates[0]);
      predict(false);
      said(preset.words);
      state.step = calm.matches ? last : 0;
      changed({ start: true });
      if (!calm.matches) set(true);
    });
  });

  // --- predict first

  function first() {
    return Math.max(0, state.on.indexOf(true));
  }

  function question() {
    return `Where is ${names[first()]} after ${last} steps at lr ${number(facts.rates[state.rates[first()]], 4)}? Click there.`;
  }

  function task(words = "") {
    asking = state.predict ? words || question() : "";
    find(".task").textContent = asking || "Hide the path, say where it will end, and see how near you were.";
    announce();
    find(".another").hidden = !(state.predict && revealed);
    const button = find(".predict");
    button.setAttribute("aria-pressed", String(state.predict));
    button.textContent = state.predict ? "Leave" : "Hide the path";
  }

  function predict(on) {
    state.predict = on;
    guess = null;
    revealed = !on;
    if (on) {
      set(false);
      state.step = 0;
    }
    task();
  }

  function guessed(at) {
    guess = at;
    revealed = true;
    const run = runs[first()], end = outcome(run, last), [x, y] = here(run, last);
    const gone = run.path.leftAt >= 0 || run.path.brokenAt >= 0;
    task(gone ? `${names[first()]} did not stay on the map: ${end}.` : `${names[first()]} ended at ${place(x, y)}, ${number(Math.hypot(x - at[0], y - at[1]), 2)} from your mark.`);
    state.step = calm.matches ? last : 0;
    changed();
    if (!calm.matches) set(true);
  }

  find(".predict").addEventListener("click", () => { predict(!state.predict); if (!state.predict) state.step = last; changed(); });
  find(".another").addEventListener("click", () => {
    const pick = (count) => Math.floor(Math.random() * count);
    moveTo(pick(facts.y.length), pick(facts.x.length), { always: true });
    map.focus({ preventScroll: true });
  });

  // --- steps

  function show(step) {
    state.step = Math.min(Math.max(step, 0), last);
    if (state.predict && !revealed) state.step = 0;
    clearTimeout(later);
    later = setTimeout(remember, 200);
    refresh();
  }

  function set(on) {
    if (on && state.predict && !revealed) on = false;
    if (on && state.step === last) state.step = 0;
    playing = on;
    spent = 0;
    then = performance.now();
    const button = find(".play");
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
    button.title = playing ? "Pause (space)" : "Play (space)";
    button.querySelector("path").setAttribute("d", playing ? "M4 3h2.8v10H4zM9.2 3H12v10H9.2z" : "M4.5 2.5v11L13.5 8z");
    if (playing) requestAnimationFrame(tick);
    refresh();
  }

  function tick(now) {
    if (!playing) return;
    spent += (Math.min(now - then, 250) / 1000) * STEPS_A_SECOND * find(".speed").value;
    then = now;
    const whole = Math.floor(spent);
    spent -= whole;
    if (whole) show(state.step + whole);
    if (state.step >= last) set(false);
    else requestAnimationFrame(tick);
  }

  function jump(step) {
    set(false);
    show(step);
  }

  find(".play").addEventListener("click", () => set(!playing));
  find(".back").addEventListener("click", () => jump(state.step - 1));
  find(".forth").addEventListener("click", () => jump(state.step + 1));
  scrub.addEventListener("input", () => jump(Number(scrub.value)));
  (host.page ? document : root).addEventListener("keydown", (event) => {
    const focus = focused(), idle = !focus || focus === document.body || focus === map;
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || !idle) return;
    const act = { " ": () => set(!playing), ",": () => jump(state.step - 1), ".": () => jump(state.step + 1) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  find(".numbers").addEventListener("toggle", () => { state.numbers = find(".numbers").open; changed(); });

  // --- the rest of the page

  function axes() {
    const { frame: { clientWidth: wide }, map: { clientHeight: high_ } } = sides.B;
    for (const { frame } of state.beside ? Object.values(sides) : [sides.B]) axesOf(frame, wide - 34, high_);
  }

  function axesOf(frame, wide, high_) {
    const inside = (what) => frame.querySelector(what);
    const put = (box, side, low, high, about) => {
      box.replaceChildren(...ticks(low, high, about).map((value) => {
        const made = element("span", number(value, 4));
        made.style[side] = `${(100 * (value - low)) / (high - low)}%`;
        return made;
      }));
    };
    put(inside(".xticks"), "left", x0, x1, wide / 60);
    put(inside(".yticks"), "bottom", y0, y1, high_ / 60);
    [".xticks", ".yticks"].forEach((name, k) => {
      for (const label of inside(name).children) {
        const rest = (100 - parseFloat(label.style.left || label.style.bottom)) / 100; // where the axis has its name
        if (k ? rest * high_ < 22 : rest * wide < 30) label.remove();
      }
      inside(name).append(element("i", "xy"[k]));
    });
  }

  function hide(parts) {
    for (const part of root.querySelectorAll("[data-part]")) part.hidden = parts.includes(part.dataset.part) || part.hasAttribute("data-empty");
  }

  function obey() {
    state = read(fragment(), facts);
    root.dataset.theme = state.theme;
    if (host.page) document.documentElement.dataset.theme = state.theme;
    hide([...root.dataset.hide.split(",").filter(Boolean), ...state.hide]);
    find(".apart").checked = !state.rates.every((each) => each === state.rates[0]);
    keptRuns = state.kept ? runsOf(state.kept) : [];
    aside(state.beside);
    find(".numbers").open = state.numbers;
    const step = state.step;
    predict(state.predict);
    if (!state.predict) state.step = step;
    colours();
    said("");
    changed({ start: true });
  }

  function begin() {
    const which = find(".which");
    names.forEach((name, k) => {
      const button = element("button", name, { type: "button", "data-run": k });
      button.addEventListener("click", () => { whose = k; refresh(); });
      which.append(button);
    });
    obey();
    axes();
    const again = () => {
      box = null;
      for (const side of Object.values(sides)) for (const canvas of [side.under, side.over]) measure(canvas);
      measure(losses);
      colours();
      axes();
      refresh();
    };
    const sized = new ResizeObserver(again);
    for (const each of [sides.B.map, sides.A.map, losses]) sized.observe(each);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again, { signal: ended.signal });
    ended.signal.addEventListener("abort", () => { sized.disconnect(); set(false); clearTimeout(later); });
    if (host.page) addEventListener("hashchange", () => { if (location.hash !== written) obey(); });
    const asks = /(^|[#&])(step|predict)/.test(fragment());
    if (!asks && !calm.matches) {
      state.step = 0;
      set(true);
    } else set(false);
  }

  // For whoever wants to know what is drawn where: the shown runs' points in pixels of the map, and the state.
  root.shown = () => ({
    state, ready: data !== null, departs: runs.map((run) => run.departs),
    runs: runs.map(({ path }) => pixels(path, over.clientWidth, over.clientHeight)),
    kept: keptRuns.map(({ path }) => pixels(path, over.clientWidth, over.clientHeight)), // both maps have one size
  });

  colours();
  inflate(find(".paths").textContent.trim()).then((bytes) => {
    data = decode(bytes, facts);
    begin();
  }).catch((error) => {
    find(".announce").textContent = `This browser cannot read the paths: ${error.message}`;
  });
  return () => ended.abort();
}
