// The map and the losses, drawn on canvases.

import { decades, number, ticks } from "./format.js";
import { heightOf } from "./unpack.js";

const TURN = 2 * Math.PI;

const OUTLINES = new Map(), SHAPES = new Map(), SIZES = new WeakMap(); // they are the same in every frame
const CLOSE = 0.25; // pixels: corners of a line that are nearer to the one before are not seen

// A marker as the outline of an SVG path around 0, by its matplotlib name.
export function marker(name, size) {
  const key = `${name} ${size}`;
  if (!OUTLINES.has(key)) OUTLINES.set(key, outlineOf(name, size));
  return OUTLINES.get(key);
}

function outlineOf(name, size) {
  const r = size / 2;
  const round = `M${r},0A${r},${r} 0 1 1 ${-r},0A${r},${r} 0 1 1 ${r},0Z`;
  const corners = (count, turn, far = r) => {
    const at = [...Array(count).keys()].map((k) => turn + (k * TURN) / count);
    return `M${at.map((angle) => `${(far * Math.sin(angle)).toFixed(2)},${(-far * Math.cos(angle)).toFixed(2)}`).join("L")}Z`;
  };
  const shapes = {
    o: round, s: corners(4, TURN / 8, r * 1.25), "^": corners(3, 0, r * 1.2), v: corners(3, TURN / 2, r * 1.2),
    "<": corners(3, -TURN / 4, r * 1.2), ">": corners(3, TURN / 4, r * 1.2), D: corners(4, 0, r * 1.25),
    d: `M0,${-r * 1.25}L${r * 0.75},0L0,${r * 1.25}L${-r * 0.75},0Z`, p: corners(5, 0, r * 1.1), h: corners(6, 0, r * 1.1),
    8: corners(8, TURN / 16, r * 1.1), "*": star(r * 1.3), P: cross(r, 0), X: cross(r, TURN / 8),
  };
  return shapes[name] || round;
}

function star(r) {
  const at = [...Array(10).keys()].map((k) => [k % 2 ? r * 0.42 : r, (k * TURN) / 10]);
  return `M${at.map(([far, angle]) => `${(far * Math.sin(angle)).toFixed(2)},${(-far * Math.cos(angle)).toFixed(2)}`).join("L")}Z`;
}

function cross(r, turn) {
  const a = r * 0.4, at = [[-a, -r], [a, -r], [a, -a], [r, -a], [r, a], [a, a], [a, r], [-a, r], [-a, a], [-r, a], [-r, -a], [-a, -a]];
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  return `M${at.map(([x, y]) => `${(c * x - s * y).toFixed(2)},${(s * x + c * y).toFixed(2)}`).join("L")}Z`;
}

// Note how large a canvas is. To ask so in every frame would lay the page out once more in each.
export function measure(canvas) {
  const size = [canvas.clientWidth, canvas.clientHeight];
  SIZES.set(canvas, size);
  return size;
}

export function sizeOf(canvas) {
  return SIZES.get(canvas) || measure(canvas);
}

// Fit a canvas to its place on the page; returns its pen, width and height in pixels of the page.
function fitted(canvas) {
  const dots = Math.min(window.devicePixelRatio || 1, 3), [wide, high] = sizeOf(canvas);
  if (canvas.width !== Math.round(wide * dots) || canvas.height !== Math.round(high * dots)) {
    canvas.width = Math.round(wide * dots);
    canvas.height = Math.round(high * dots);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  pen.clearRect(0, 0, wide, high);
  pen.lineJoin = pen.lineCap = "round";
  return { pen, wide, high };
}

// Where a path's points are on a map of a size: [[x, y], ...] in pixels from its upper left corner.
export function pixels(path, wide, high) {
  return Array.from(path.u, (u, k) => [u * wide, (1 - path.v[k]) * high]);
}

// Lines between the points from one step to another; none where a run comes back from far away.
function trace(pen, path, wide, high, from, to) {
  let lastX = NaN, lastY = NaN;
  pen.beginPath();
  for (let k = from; k <= to; k++) {
    if (path.brokenAt >= 0 && k >= path.brokenAt) break;
    const x = path.u[k] * wide, y = (1 - path.v[k]) * high;
    if (k === from || path.far[k - 1]) pen.moveTo(x, y);
    else if (k < to && Math.abs(x - lastX) < CLOSE && Math.abs(y - lastY) < CLOSE) continue;
    else pen.lineTo(x, y);
    [lastX, lastY] = [x, y];
  }
  pen.stroke();
}

// The step at which a run is drawn: that of its last finite numbers, once it has no others.
function shownStep(path, step) {
  return path.brokenAt < 0 ? step : Math.min(step, Math.max(0, path.brokenAt - 1));
}

function put(pen, x, y, outline, fill, edge, thick = 1.4) {
  pen.save();
  pen.translate(x, y);
  if (!SHAPES.has(outline)) SHAPES.set(outline, new Path2D(outline));
  const shape = SHAPES.get(outline);
  if (fill) {
    pen.fillStyle = fill;
    pen.fill(shape);
  }
  if (edge) {
    pen.strokeStyle = edge;
    pen.lineWidth = thick;
    pen.stroke(shape);
  }
  pen.restore();
}

// Draw what lies under the paths, and stays while the start is dragged: the grid of starts.
export function drawGround(canvas, scene, look) {
  const { pen, wide, high } = fitted(canvas);
  if (scene.grid) {
    pen.fillStyle = look.muted;
    pen.globalAlpha = 0.55;
    pen.beginPath();
    for (const v of scene.grid.v) for (const u of scene.grid.u) pen.rect(u * wide - 0.75, (1 - v) * high - 0.75, 1.5, 1.5);
    pen.fill();
    pen.globalAlpha = 1;
  }
}

// Draw the paths on the map. `scene` has runs and kept [{path, colour, marker}], step, start, marks and guess.
export function drawMap(canvas, scene, look) {
  const { pen, wide, high } = fitted(canvas), at = ([u, v]) => [u * wide, (1 - v) * high];
  for (const { path, colour, marker: shape } of scene.kept) {
    const end = shownStep(path, scene.step);
    pen.strokeStyle = colour;
    pen.lineWidth = 1.5;
    pen.setLineDash([6, 5]);
    trace(pen, path, wide, high, 0, scene.step);
    pen.setLineDash([]);
    if (!path.far[end]) put(pen, ...at([path.u[end], path.v[end]]), marker(shape, 9), look.page, colour);
  }
  for (const { path, colour } of scene.runs) {
    const last = path.rows - 1;
    pen.strokeStyle = colour;
    if (scene.step < last) {
      pen.globalAlpha = 0.28;
      pen.lineWidth = 1.2;
      trace(pen, path, wide, high, scene.step, last);
      pen.globalAlpha = 1;
    }
    pen.strokeStyle = look.page;
    pen.lineWidth = 3.6;
    pen.globalAlpha = 0.75;
    trace(pen, path, wide, high, 0, scene.step);
    pen.globalAlpha = 1;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.9;
    trace(pen, path, wide, high, 0, scene.step);
    dots(pen, path, wide, high, scene.step, colour);
  }
  for (const place of scene.minima) put(pen, ...at(place), marker("*", 12), look.page, look.text, 1.3);
  for (const { path, colour, marker: shape } of scene.runs) {
    const k = shownStep(path, scene.step);
    const [x, y] = at([path.u[k], path.v[k]]), inside = x >= 0 && x <= wide && y >= 0 && y <= high && !path.far[k];
    if (inside) put(pen, x, y, marker(shape, 10), colour, look.page);
    else leaving(pen, pixels(path, wide, high), k, wide, high, colour, look);
  }
  const [x, y] = at(scene.start);
  put(pen, x, y, marker("o", 15), null, look.page, 3);
  put(pen, x, y, marker("o", 15), null, look.text, 1.5);
  if (scene.keptStart) put(pen, ...at(scene.keptStart), marker("o", 11), null, look.text, 1);
  if (scene.guess) {
    put(pen, ...at(scene.guess), "M-9,0H-3M3,0H9M0,-9V-3M0,3V9", null, look.page, 4);
    put(pen, ...at(scene.guess), "M-9,0H-3M3,0H9M0,-9V-3M0,3V9", null, look.text, 1.8);
  }
}

function dots(pen, path, wide, high, step, colour) {
  pen.fillStyle = colour;
  let lastX = path.u[0] * wide, lastY = (1 - path.v[0]) * high;
  for (let k = 1; k <= step; k++) {
    if (path.far[k] || (path.brokenAt >= 0 && k >= path.brokenAt)) continue;
    const x = path.u[k] * wide, y = (1 - path.v[k]) * high;
    if (Math.hypot(x - lastX, y - lastY) < 5) continue;
    [lastX, lastY] = [x, y];
    pen.beginPath();
    pen.arc(x, y, 2.1, 0, TURN);
    pen.fill();
  }
}

// An arrow on the edge of the map where the line last went out of it.
function leaving(pen, points, k, wide, high, colour, look) {
  const outside = ([x, y]) => x < 0 || x > wide || y < 0 || y > high;
  let j = k;
  while (j > 0 && outside(points[j - 1])) j--;
  if (j === 0) return; // it never was on the map
  const [a, b] = [points[j - 1], points[j]], [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const shares = [dx > 0 ? (wide - a[0]) / dx : dx < 0 ? -a[0] / dx : Infinity, dy > 0 ? (high - a[1]) / dy : dy < 0 ? -a[1] / dy : Infinity];
  const share = Math.min(...shares, 1), angle = Math.atan2(dy, dx);
  pen.save();
  pen.translate(a[0] + share * dx, a[1] + share * dy);
  pen.rotate(angle);
  const tip = new Path2D("M0,0L-13,-6.5L-10,0L-13,6.5Z");
  pen.fillStyle = colour;
  pen.strokeStyle = look.page;
  pen.lineWidth = 1.4;
  pen.fill(tip);
  pen.stroke(tip);
  pen.restore();
}

// Draw heights above the lowest loss against steps, on a log scale. Returns what the axis spans.
export function drawLosses(canvas, scene, look, facts) {
  const { pen, wide, high } = fitted(canvas), left = 44, right = 8, top = 8, bottom = 22;
  const all = [...scene.runs, ...scene.kept];
  let low = Infinity, top_ = -Infinity;
  for (const { path } of all) {
    const end = path.brokenAt < 0 ? path.rows : path.brokenAt;
    for (let k = 0; k < end; k++) {
      const level = path.level[k];
      if (level <= facts.lossEnds[0]) continue;
      if (level < low) low = level;
      if (level > top_) top_ = level;
    }
  }
  if (low > top_) return null; // nothing is shown, or nothing is finite
  const decade = Math.log(10) / facts.lossStep, most = Math.max(...all.map(({ path }) => path.level[0]), low + decade);
  top_ = Math.min(top_, most + 3 * decade); // what diverges leaves the panel at its top
  low = Math.max(low, most - 14 * decade);
  if (top_ - low < decade / 2) [low, top_] = [low - decade / 4, top_ + decade / 4];
  const x = (step) => left + (step / facts.steps) * (wide - left - right);
  const y = (level) => top + (1 - (level - low) / (top_ - low)) * (high - top - bottom);
  pen.font = "11px system-ui, sans-serif";
  pen.fillStyle = look.muted;
  pen.strokeStyle = look.frame;
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const k of decades(low / decade, top_ / decade, 5)) {
    pen.fillText(number(10 ** k, 2).replace("1 · ", ""), left - 7, y(k * decade));
    pen.globalAlpha = 0.35;
    pen.beginPath();
    pen.moveTo(left, y(k * decade));
    pen.lineTo(wide - right, y(k * decade));
    pen.stroke();
    pen.globalAlpha = 1;
  }
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const step of ticks(0, facts.steps, 4)) pen.fillText(String(step), Math.min(x(step), wide - 12), high - bottom + 6);
  pen.save();
  pen.beginPath();
  pen.rect(left, top - 3, wide - left - right + 4, high - top - bottom + 6);
  pen.clip();
  const line = (path, from, to) => {
    pen.beginPath();
    const end = path.brokenAt < 0 ? to : Math.min(to, path.brokenAt - 1);
    for (let k = from; k <= end; k++) {
      // Steps of one height make one line of them.
      if (k > from && k < end && path.level[k] === path.level[k - 1] && path.level[k] === path.level[k + 1]) continue;
      pen.lineTo(x(k), y(path.level[k]));
    }
    pen.stroke();
  };
  pen.lineWidth = 1.5;
  pen.setLineDash([6, 5]);
  for (const { path, colour } of scene.kept) {
    pen.strokeStyle = colour;
    line(path, 0, scene.step);
  }
  pen.setLineDash([]);
  for (const { path, colour } of scene.runs) {
    pen.strokeStyle = colour;
    pen.lineWidth = 1.2;
    pen.globalAlpha = 0.28;
    line(path, scene.step, facts.steps);
    pen.globalAlpha = 1;
    pen.lineWidth = 1.9;
    line(path, 0, scene.step);
  }
  pen.restore();
  for (const { path, colour, marker: shape } of scene.runs) {
    if (path.brokenAt >= 0 && scene.step >= path.brokenAt) continue;
    const level = path.level[scene.step];
    if (level >= low && level <= top_) put(pen, x(scene.step), y(level), marker(shape, 9), colour, look.page);
  }
  return { low: heightOf(low, facts), high: heightOf(top_, facts) };
}
