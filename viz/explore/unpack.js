// The paths as they were packed: second differences along the steps, deflated, in base64.

export async function inflate(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) bytes[k] = letters.charCodeAt(k);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Returns points (run, step, axis) in quanta and losses (run, step) in levels, both in one row.
export function decode(bytes, facts) {
  const { optimizers, rates, startX, startY, steps, sizes, firstLevels } = facts;
  const starts = startX.length * startY.length, runs = optimizers.length * rates.length * starts, rows = steps + 1;
  const parts = [];
  let at = 0;
  for (const size of sizes) parts.push(bytes.subarray(at, at += size));
  if (at !== bytes.length) throw new Error("the paths in this page are not whole");
  const points = new Int16Array(runs * rows * 2), losses = new Int16Array(runs * rows);
  series(parts[0], parts[1], points, steps, 2, (run, axis) => {
    const start = run % starts;
    return axis ? startY[Math.floor(start / startX.length)] : startX[start % startX.length];
  });
  series(parts[2], parts[3], losses, steps, 1, (run) => firstLevels[run % starts]);
  const ends = new Int32Array(parts[4].slice().buffer);
  return { points, losses, brokenAt: ends.subarray(0, runs), leftAt: ends.subarray(runs), rows, starts };
}

// Fill `out` (run, step, axis) from its second differences (run, axis, step) and first values.
function series(stream, escapes, out, steps, axes, first) {
  const runs = out.length / (steps + 1) / axes;
  let at = 0, escape = 0;
  for (let run = 0; run < runs; run++) {
    for (let axis = 0; axis < axes; axis++) {
      let value = first(run, axis), step = 0, place = run * (steps + 1) * axes + axis;
      out[place] = value;
      for (let k = 0; k < steps; k++) {
        let coded = stream[at++];
        if (coded === 255) {
          coded = escapes[escape] | (escapes[escape + 1] << 8);
          escape += 2;
        }
        step += coded & 1 ? -((coded + 1) >> 1) : coded >> 1;
        value += step;
        out[place += axes] = value;
      }
    }
  }
}

// One run as the page draws it; fractions of the view's sides from its lower left corner.
export function pathOf(data, facts, optimizer, rate, row, column) {
  const columns = facts.startX.length;
  const run = (optimizer * facts.rates.length + rate) * data.starts + row * columns + column;
  const { rows } = data, u = new Float64Array(rows), v = new Float64Array(rows), level = new Float64Array(rows);
  const far = new Uint8Array(rows), low = -facts.margin * facts.quanta, high = (1 + facts.margin) * facts.quanta;
  for (let k = 0; k < rows; k++) {
    const x = data.points[2 * (run * rows + k)], y = data.points[2 * (run * rows + k) + 1];
    u[k] = x / facts.quanta;
    v[k] = y / facts.quanta;
    far[k] = x <= low || x >= high || y <= low || y >= high ? 1 : 0;
    level[k] = data.losses[run * rows + k];
  }
  return { u, v, far, level, rows, brokenAt: data.brokenAt[run], leftAt: data.leftAt[run] };
}

// Runs as a kernel tells them: shares of the view's sides (run, step, axis) and levels (run, step).
export function pathsOf({ brokenAt, leftAt }, buffers, facts) {
  const [points, levels] = buffers.map((view) => new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)));
  const rows = facts.steps + 1, low = -facts.margin, high = 1 + facts.margin;
  return brokenAt.map((_, run) => {
    const axis = (j) => Float64Array.from({ length: rows }, (_, k) => points[2 * (run * rows + k) + j]);
    const u = axis(0), v = axis(1), far = Uint8Array.from(u, (x, k) => Number(x <= low || x >= high || v[k] <= low || v[k] >= high));
    return { u, v, far, level: levels.slice(run * rows, (run + 1) * rows), rows, brokenAt: brokenAt[run], leftAt: leftAt[run] };
  });
}

// The height above the lowest loss that a level stands for.
export function heightOf(level, facts) {
  return Math.exp(level * facts.lossStep);
}
