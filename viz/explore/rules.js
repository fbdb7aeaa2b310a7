// torch's rules, one coordinate at a time, each line as it is computed and as it is written.

import { number } from "./format.js";

let writing = false; // only the lines of one step are read, and to write them takes longer than the step
const n = (value) => (writing ? number(value) : "");
const plus = (value) => (value < 0 ? `− ${n(-value)}` : `+ ${n(value)}`);
const times = (value) => (value < 0 ? `(${n(value)})` : n(value));

// A rule takes (state, gradient, point, rate, step number from 1, options) of one coordinate, changes the state
// and returns the lines of the step: [name, rule, with numbers, value]. The last value is the new coordinate.
const RULES = {
  sgd(state, slope, point, lr, step, o) {
    const lines = [];
    let g = decayed(lines, slope, point, o.weight_decay), used = g, name = "g";
    if (o.momentum) {
      const before = state.b;
      if (step === 1) {
        state.b = g;
        lines.push(["momentum", "b = g in the first step", `b = ${n(g)}`, state.b]);
      } else {
        state.b = o.momentum * before + (1 - o.dampening) * g;
        const share = o.dampening ? `${n(1 - o.dampening)} · g` : "g";
        const own = o.dampening ? `${n(1 - o.dampening)} · ${times(g)}` : times(g);
        lines.push(["momentum", `b ← ${n(o.momentum)} · b + ${share}`, `${n(o.momentum)} · ${times(before)} + ${own}`, state.b]);
      }
      used = state.b;
      name = "b";
      if (o.nesterov) {
        used = g + o.momentum * state.b;
        lines.push(["Nesterov", `d = g + ${n(o.momentum)} · b`, `${n(g)} + ${n(o.momentum)} · ${times(state.b)}`, used]);
        name = "d";
      }
    }
    lines.push(["step", `Δ = −lr · ${name}`, `−${n(lr)} · ${times(used)}`, -lr * used]);
    return finish(lines, point, point - lr * used);
  },

  adam(state, slope, point, lr, step, o) {
    const lines = [];
    return adaptive(lines, state, decayed(lines, slope, point, o.weight_decay), point, lr, step, o);
  },

  adamw(state, slope, point, lr, step, o) {
    const lines = [["gradient", "g = ∂loss/∂w", "", slope]];
    let from = point;
    if (o.weight_decay) {
      from = point * (1 - lr * o.weight_decay);
      const share = `(1 − ${n(lr)} · ${n(o.weight_decay)})`;
      lines.push(["weight decay", `w ← w · (1 − lr · ${n(o.weight_decay)})`, `${times(point)} · ${share}`, from]);
    }
    return adaptive(lines, state, slope, from, lr, step, o);
  },

  rmsprop(state, slope, point, lr, step, o) {
    const lines = [], g = decayed(lines, slope, point, o.weight_decay), rest = 1 - o.alpha, before = state.v ?? 0;
    state.v = before * o.alpha + rest * g * g;
    lines.push(["mean square", `v ← ${n(o.alpha)} · v + ${n(rest)} · g²`, `${n(o.alpha)} · ${n(before)} + ${n(rest)} · ${times(g)}²`, state.v]);
    let spread = state.v, under = "v";
    if (o.centered) {
      const mean = state.a ?? 0;
      state.a = mean + rest * (g - mean);
      lines.push(["mean gradient", `a ← ${n(o.alpha)} · a + ${n(rest)} · g`, `${n(o.alpha)} · ${times(mean)} + ${n(rest)} · ${times(g)}`, state.a]);
      spread = state.v - state.a * state.a;
      under = "(v − a²)";
    }
    const size = Math.sqrt(spread) + o.eps;
    let used = g / size;
    lines.push(["scaled gradient", `d = g / (√${under} + ε)`, `${n(g)} / (${n(Math.sqrt(spread))} + ${n(o.eps)})`, used]);
    if (o.momentum) {
      const held = state.b ?? 0;
      state.b = o.momentum * held + used;
      lines.push(["momentum", `b ← ${n(o.momentum)} · b + d`, `${n(o.momentum)} · ${times(held)} ${plus(used)}`, state.b]);
      used = state.b;
    }
    lines.push(["step", `Δ = −lr · ${o.momentum ? "b" : "d"}`, `−${n(lr)} · ${times(used)}`, -lr * used]);
    return finish(lines, point, point - lr * used);
  },

  adagrad(state, slope, point, lr, step, o) {
    const lines = [], g = decayed(lines, slope, point, o.weight_decay), before = state.s ?? o.initial_accumulator_value;
    const rate = lr / (1 + (step - 1) * o.lr_decay);
    state.s = before + g * g;
    lines.push(["sum of squares", "s ← s + g²", `${n(before)} + ${times(g)}²`, state.s]);
    if (o.lr_decay) lines.push(["rate", `lrₖ = lr / (1 + (k − 1) · ${n(o.lr_decay)})`, `${n(lr)} / (1 + ${step - 1} · ${n(o.lr_decay)})`, rate]);
    const root = Math.sqrt(state.s), change = (-rate * g) / (root + o.eps);
    lines.push(["step", `Δ = −${o.lr_decay ? "lrₖ" : "lr"} · g / (√s + ε)`, `−${n(rate)} · ${times(g)} / (${n(root)} + ${n(o.eps)})`, change]);
    return finish(lines, point, point + change);
  },
};

function decayed(lines, slope, point, decay) {
  lines.push(["gradient", "g = ∂loss/∂w", "", slope]);
  if (!decay) return slope;
  const g = slope + decay * point;
  lines.push(["weight decay", `g ← g + ${n(decay)} · w`, `${n(slope)} + ${n(decay)} · ${times(point)}`, g]);
  return g;
}

function adaptive(lines, state, g, point, lr, step, o) {
  const [one, two] = o.betas, m = state.m ?? 0, v = state.v ?? 0, restOne = 1 - one, restTwo = 1 - two;
  state.m = m + restOne * (g - m);
  state.v = v * two + restTwo * g * g;
  lines.push(["first moment", `m ← ${n(one)} · m + ${n(restOne)} · g`, `${n(one)} · ${times(m)} + ${n(restOne)} · ${times(g)}`, state.m]);
  lines.push(["second moment", `v ← ${n(two)} · v + ${n(restTwo)} · g²`, `${n(two)} · ${n(v)} + ${n(restTwo)} · ${times(g)}²`, state.v]);
  let size = state.v, name = "v";
  if (o.amsgrad) {
    state.u = Math.max(state.u ?? 0, state.v);
    lines.push(["largest so far", "u ← max(u, v)", "", state.u]);
    [size, name] = [state.u, "u"];
  }
  const first = 1 - one ** step, second = 1 - two ** step, mean = state.m / first, root = Math.sqrt(size) / Math.sqrt(second);
  lines.push(["bias correction", `m̂ = m / (1 − ${n(one)}ᵏ)`, `${n(state.m)} / ${n(first)}`, mean]);
  lines.push(["bias correction", `v̂ = ${name} / (1 − ${n(two)}ᵏ)`, `${n(size)} / ${n(second)}`, size / second]);
  const change = ((-lr / first) * state.m) / (root + o.eps);
  lines.push(["step", "Δ = −lr · m̂ / (√v̂ + ε)", `−${n(lr)} · ${times(mean)} / (${n(root)} + ${n(o.eps)})`, change]);
  return finish(lines, point, point + change);
}

function finish(lines, point, next) {
  lines.push(["new value", "w ← w + Δ", `${n(point)} ${plus(next - point)}`, next]);
  return lines;
}

export const known = Object.keys(RULES);

// Make the steps of one coordinate pair: points (steps + 1) and losses, with the lines of step `wanted`.
export function replay(rule, tape, evaluate, start, lr, steps, wanted = 0) {
  const [x, y] = [[start[0]], [start[1]]], losses = [], states = [{}, {}], make = RULES[rule.name];
  let lines = null;
  for (let k = 0; k <= steps; k++) {
    const [loss, ...slopes] = evaluate(tape, x[k], y[k]);
    losses.push(loss);
    if (k === steps) break;
    writing = k + 1 === wanted;
    const both = [x, y].map((axis, j) => make(states[j], slopes[j], axis[k], lr, k + 1, rule.options));
    [x, y].forEach((axis, j) => axis.push(both[j][both[j].length - 1][3]));
    if (k + 1 === wanted) lines = both;
  }
  return { x, y, losses, lines };
}

// The first step whose recomputed point is not the one that is stored, to within half a quantum; -1 if none.
export function departure(replayed, path, facts) {
  const [[x0, x1], [y0, y1]] = facts.view, room = 0.5 + 1e-6, beyond = facts.margin * facts.quanta - 1;
  for (let k = 0; k < path.rows; k++) {
    const u = ((replayed.x[k] - x0) / (x1 - x0)) * facts.quanta, v = ((replayed.y[k] - y0) / (y1 - y0)) * facts.quanta;
    const out = !(u > -beyond && u < facts.quanta + beyond && v > -beyond && v < facts.quanta + beyond);
    const broken = path.brokenAt >= 0 && k >= path.brokenAt;
    if (path.far[k] || broken) {
      if (!out && !broken) return k;
    } else if (!(Math.abs(u - path.u[k] * facts.quanta) <= room && Math.abs(v - path.v[k] * facts.quanta) <= room)) return k;
  }
  return -1;
}
