// What the reader has chosen, and the same as the end of an address.

import { nearest, nearestRate } from "./format.js";

export function beginning(facts) {
  return {
    row: facts.home[0], column: facts.home[1], rates: [...facts.firstRates], on: facts.optimizers.map(() => true),
    step: facts.steps, kept: null, exact: null, beside: false, chosen: "B", predict: false, numbers: false, hide: [], theme: "",
  };
}

// Read "x=1&y=1.5&lr=0.01&show=sgd,adam&step=30"; what is missing or not understood is as it was at first.
export function read(fragment, facts) {
  const wish = new URLSearchParams(fragment.replace(/^#/, ""));
  const given = (name) => (wish.get(name) || "").split(",").map((each) => each.trim()).filter(Boolean);
  const state = { ...beginning(facts), ...situation(wish, given, facts, "") };
  if (["ax", "ay", "alr", "ashow", "beside"].some((name) => wish.has(name))) state.kept = situation(wish, given, facts, "a");
  if (wish.has("step") && Number.isFinite(Number(wish.get("step")))) {
    const step = Math.trunc(Number(wish.get("step")));
    state.step = Math.min(Math.max(step < 0 ? facts.steps + 1 + step : step, 0), facts.steps);
  }
  state.beside = wish.has("beside");
  state.predict = wish.has("predict");
  state.numbers = wish.has("numbers");
  state.hide = given("hide");
  state.theme = ["light", "dark"].includes(wish.get("theme")) ? wish.get("theme") : "";
  return state;
}

// Where the runs start, at which rates, and which are shown.
function situation(wish, given, facts, prefix) {
  const { row, column, rates, on } = beginning(facts), found = { row, column, rates, on, exact: null };
  const [x, y] = ["x", "y"].map((name) => (wish.has(prefix + name) ? Number(wish.get(prefix + name)) : NaN));
  if (Number.isFinite(x)) found.column = nearest(facts.x, x);
  if (Number.isFinite(y)) found.row = nearest(facts.y, y);
  const asked = given(`${prefix}lr`).map(Number).filter((rate) => rate > 0 && Number.isFinite(rate));
  if (asked.length) found.rates = rates.map((_, k) => nearestRate(facts.rates, asked[Math.min(k, asked.length - 1)]));
  const names = given(`${prefix}show`), shown = facts.optimizers.map(({ spec }) => names.includes(spec));
  if (shown.some(Boolean)) found.on = shown;
  return found;
}

function words(state, facts, prefix) {
  const rates = state.rates.map((k) => facts.rates[k]), same = rates.every((rate) => rate === rates[0]);
  const parts = [`x=${short(facts.x[state.column])}`, `y=${short(facts.y[state.row])}`, `lr=${same ? rates[0] : rates.join(",")}`];
  if (!state.on.every(Boolean)) {
    parts.push(`show=${facts.optimizers.filter((_, k) => state.on[k]).map(({ spec }) => encodeURIComponent(spec)).join(",")}`);
  }
  return parts.map((part) => prefix + part);
}

export function write(state, facts) {
  const [b, a] = state.chosen === "A" ? [state.kept, state] : [state, state.kept];
  const parts = words(b, facts, "");
  if (a) parts.push(...words(a, facts, "a"));
  if (state.beside) parts.push("beside");
  if (state.step !== facts.steps) parts.push(`step=${state.step}`);
  if (state.predict) parts.push("predict");
  if (state.numbers) parts.push("numbers");
  if (state.hide.length) parts.push(`hide=${state.hide.join(",")}`);
  if (state.theme) parts.push(`theme=${state.theme}`);
  return `#${parts.join("&")}`;
}

// Enough digits to find the same start again.
function short(value) {
  return Number(value.toPrecision(6));
}
