// Numbers and places in few letters.

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// A number with so many digits; far from 1 with a power of ten.
export function number(value, digits = 4) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (value === 0) return "0";
  const sign = value < 0 ? "−" : "", size = Math.abs(value);
  let [head, power] = size.toExponential(digits - 1).split("e");
  power = Number(power);
  if (power >= -3 && power < 5) return sign + trimmed(size.toPrecision(digits).includes("e") ? String(Math.round(size)) : size.toPrecision(digits));
  const raised = String(Math.abs(power)).split("").map((digit) => RAISED[digit]).join("");
  return `${sign}${trimmed(head)} · 10${power < 0 ? "⁻" : ""}${raised}`;
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

export function place(x, y, digits = 3) {
  return `(${number(x, digits)}, ${number(y, digits)})`;
}

// Round numbers for an axis between two ends, about so many.
export function ticks(low, high, about) {
  const raw = (high - low) / Math.max(1, about), unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * [1, 2, 2.5, 5, 10].find((factor) => factor * unit >= raw * (1 - 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) {
    found.push(Number((k * step).toPrecision(12)));
  }
  return found;
}

// Powers of ten between two, given by their exponents; where they are few, also twice and five times these.
export function decades(low, high, most) {
  const every = Math.max(1, Math.ceil((high - low) / most)), whole = [];
  for (let k = Math.ceil(low); k <= high; k++) if (k % every === 0) whole.push(k);
  if (whole.length > 1) return whole;
  const found = [];
  for (let k = Math.floor(low); k <= high; k++) for (const m of [0, Math.log10(2), Math.log10(5)]) found.push(k + m);
  const inside = found.filter((place) => place >= low && place <= high);
  return inside.length > 1 ? inside : [low, high];
}

export function nearest(values, value) {
  let best = 0;
  for (let k = 1; k < values.length; k++) {
    if (Math.abs(values[k] - value) < Math.abs(values[best] - value)) best = k;
  }
  return best;
}

// The rate whose logarithm is nearest.
export function nearestRate(rates, rate) {
  return nearest(rates.map(Math.log), Math.log(rate));
}
