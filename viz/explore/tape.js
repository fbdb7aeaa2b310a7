// The surface's own operations, evaluated with their slopes along x and y.

const VALUE = {
  add: (a, b) => a + b, sub: (a, b) => a - b, mul: (a, b) => a * b, div: (a, b) => a / b,
  pow: (a, b) => (b === 2 ? a * a : b === 3 ? a * a * a : Math.pow(a, b)), minimum: Math.min, maximum: Math.max,
  atan2: Math.atan2, neg: (a) => -a, abs: Math.abs, sqrt: Math.sqrt, rsqrt: (a) => 1 / Math.sqrt(a),
  reciprocal: (a) => 1 / a, exp: Math.exp, log: Math.log, sin: Math.sin, cos: Math.cos, tan: Math.tan,
  sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, atan: Math.atan, sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  log1p: Math.log1p, expm1: Math.expm1, sign: Math.sign, floor: Math.floor, lt: (a, b) => Number(a < b),
  le: (a, b) => Number(a <= b), gt: (a, b) => Number(a > b), ge: (a, b) => Number(a >= b),
  where: (c, a, b) => (c ? a : b), square: (a) => a * a,
};

// The slope along each argument, from the value and the arguments; an operation that is not here is flat.
const SLOPE = {
  add: () => [1, 1], sub: () => [1, -1], mul: (v, a, b) => [b, a], div: (v, a, b) => [1 / b, -v / b],
  pow: (v, a, b) => [b === 0 ? 0 : b === 2 ? 2 * a : b * Math.pow(a, b - 1), v * Math.log(a)],
  minimum: (v, a, b) => [a < b ? 1 : a === b ? 0.5 : 0, b < a ? 1 : a === b ? 0.5 : 0],
  maximum: (v, a, b) => [a > b ? 1 : a === b ? 0.5 : 0, b > a ? 1 : a === b ? 0.5 : 0],
  atan2: (v, a, b) => [b / (a * a + b * b), -a / (a * a + b * b)], neg: () => [-1], abs: (v, a) => [Math.sign(a)],
  sqrt: (v) => [0.5 / v], rsqrt: (v) => [-0.5 * v * v * v], reciprocal: (v) => [-v * v], exp: (v) => [v],
  log: (v, a) => [1 / a], sin: (v, a) => [Math.cos(a)], cos: (v, a) => [-Math.sin(a)], tan: (v) => [1 + v * v],
  sinh: (v, a) => [Math.cosh(a)], cosh: (v, a) => [Math.sinh(a)], tanh: (v) => [1 - v * v],
  atan: (v, a) => [1 / (1 + a * a)], sigmoid: (v) => [v * (1 - v)], log1p: (v, a) => [1 / (1 + a)],
  expm1: (v) => [v + 1], square: (v, a) => [2 * a],
};

// Loss and gradient at a point: [loss, along x, along y].
export function evaluate(tape, x, y) {
  const values = [x, y], alongX = [1, 0], alongY = [0, 1];
  const read = (place) => (place >= 0 ? values[place] : tape.constants[-1 - place]);
  for (const [name, [one, two, three]] of tape.operations) {
    const a = read(one), b = two === undefined ? 0 : read(two), c = three === undefined ? 0 : read(three);
    const value = VALUE[name](a, b, c);
    let dx = 0, dy = 0;
    if (name === "where") {
      const chosen = a ? two : three;
      if (chosen >= 0) [dx, dy] = [alongX[chosen], alongY[chosen]];
    } else if (SLOPE[name]) {
      const slopes = SLOPE[name](value, a, b);
      // The slope along a constant may be no number, as that of a power is.
      if (one >= 0) [dx, dy] = [slopes[0] * alongX[one], slopes[0] * alongY[one]];
      if (two >= 0) {
        dx += slopes[1] * alongX[two];
        dy += slopes[1] * alongY[two];
      }
    }
    values.push(value);
    alongX.push(dx);
    alongY.push(dy);
  }
  const last = values.length - 1;
  return [values[last], alongX[last], alongY[last]];
}
