// The rule of an optimizer with the numbers of one step, and the check that they are those of the path.

import { number } from "./format.js";

const AXES = ["x", "y"];

// Fill `place` with a table of the lines [name, rule, with numbers, value] of each axis, and what was checked.
export function showRule(place, told) {
  place.replaceChildren();
  if (!told.lines) {
    place.append(element("p", told.why));
    return;
  }
  const table = element("table"), head = element("tr");
  table.append(element("caption", told.caption));
  for (const words of ["quantity", "rule", ...AXES]) head.append(element("th", words, { scope: "col" }));
  table.append(element("thead"));
  table.lastChild.append(head);
  const body = element("tbody");
  told.lines[0].forEach(([name, rule], k) => {
    const row = element("tr");
    row.append(element("th", name, { scope: "row" }), element("td", rule, { class: "formula" }));
    AXES.forEach((axis, j) => {
      const [, , filled, value] = told.lines[j][k], cell = element("td");
      cell.append(element("b", `${place.clientWidth < 620 ? `${axis}: ` : ""}${number(value, 5)}`));
      if (filled) cell.append(element("small", `= ${filled}`));
      row.append(cell);
    });
    body.append(row);
  });
  table.append(body);
  place.append(table, element("p", told.check, { class: "check" }));
}

export function element(tag, words = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = words;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
