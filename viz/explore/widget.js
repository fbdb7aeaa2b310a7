// The page inside another one: the contract of anywidget, with or without a kernel.

import { explore } from "./main.js";

const STYLE = @style@, MARKUP = @markup@;

// Ask the kernel behind a model, as { start, rates }; the answer comes as { said, buffers }.
function asker(model, signal) {
  const waiting = new Map();
  const hear = (said, buffers) => {
    const done = waiting.get(said.id);
    waiting.delete(said.id);
    if (done) done({ said, buffers });
  };
  model.on("msg:custom", hear);
  signal.addEventListener("abort", () => model.off("msg:custom", hear));
  return (wish) => new Promise((done) => {
    const id = Math.random().toString(36); // several views share one model
    waiting.set(id, done);
    model.send({ id, ...wish });
  });
}

// The model may have a `situation`, as an address has it behind the "#".
export function render({ model, el }) {
  const place = document.createElement("div"), inside = place.attachShadow({ mode: "open" });
  const style = document.createElement("style"), page = document.createElement("template");
  style.textContent = STYLE; // in a shadow, so that neither page dresses the other
  page.innerHTML = MARKUP;
  inside.append(style, page.content);
  el.append(place);
  const situation = model && model.get("situation");
  const gone = new AbortController(), ask = model && model.get("live") ? asker(model, gone.signal) : null;
  const end = explore(inside.querySelector(".explore"), { page: false, ask, situation: typeof situation === "string" ? situation : "" });
  return () => { end(); gone.abort(); };
}
