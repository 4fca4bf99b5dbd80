// Places that tell something: shown in a tooltip under the pointer, or one by one with the arrow keys.
let places = [];
let current = -1;

// `told` is {title, rows: [{name, value, color, isPrevious}]}; `draw(isOn)` may mark the place in its own way.
function tellAt(element, anchor, told, draw) {
  const place = { element, anchor, told, draw };
  const at = places.push(place) - 1;
  element.addEventListener("pointerenter", () => showPlace(at));
  element.addEventListener("pointerdown", () => showPlace(at));
  element.addEventListener("pointerleave", hidePlace);
  return element;
}

function forgetPlaces() {
  hidePlace();
  places = [];
}

function hidePlace() {
  if (current >= 0) markPlace(places[current], false);
  current = -1;
  $("tooltip").hidden = true;
}

function markPlace(place, isOn) {
  place.element.classList.toggle("on", isOn);
  place.draw?.(isOn);
}

function showPlace(at) {
  hidePlace();
  const place = places[at];
  if (!place) return;
  current = at;
  markPlace(place, true);
  const rows = place.told.rows.map((row) =>
    el("div", { class: "row" },
      el("span", { class: row.isPrevious ? "swatch previous" : "swatch", "--c": row.color ?? "transparent" }),
      el("span", {}, row.name), el("span", {}, row.value)));
  const tooltip = $("tooltip");
  tooltip.replaceChildren(el("b", {}, place.told.title), ...rows);
  tooltip.hidden = false;
  const within = $("app").getBoundingClientRect();
  const stage = (place.anchor.from ?? place.element).getBoundingClientRect();
  const x = stage.left - within.left + place.anchor.x;
  const y = stage.top - within.top + place.anchor.y;
  const { offsetWidth: width, offsetHeight: height } = tooltip;
  const left = x + 14 + width > within.width ? x - 14 - width : x + 14;
  tooltip.style.left = `${Math.max(4, Math.min(left, within.width - width - 4))}px`;
  tooltip.style.top = `${Math.max(4, Math.min(y - height / 2, within.height - height - 4))}px`;
}

function stepPlaces(event) {
  if (!places.length) return;
  const moves = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (event.key === "Escape") return hidePlace();
  let next;
  if (event.key === "Home") next = 0;
  else if (event.key === "End") next = places.length - 1;
  else if (event.key in moves) next = (Math.max(current, moves[event.key] < 0 ? 0 : -1) + moves[event.key] + places.length) % places.length;
  else return;
  event.preventDefault();
  showPlace(next);
  const { title, rows } = places[next].told;
  $("live").textContent = `${title}: ${rows.map((row) => `${row.name} ${row.value}`).join(", ")}`;
  places[next].element.scrollIntoView?.({ block: "nearest", inline: "nearest" });
}
