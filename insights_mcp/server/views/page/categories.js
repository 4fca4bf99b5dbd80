// One value per category: bars lying down, slices, one divided bar, and maps told as bars (a view has no map tiles).
function drawRows(figure, frame) {
  const unit = figure.y?.unit;
  const values = frame.series.flatMap((one) => one.values).filter((value) => value !== null);
  const ends = values.concat((figure.goals ?? []).map((goal) => goal.value));
  const names = Math.min(frame.width * 0.4, Math.max(0, ...figure.labels.map((text) => measure(text))) + 10);
  const written = Math.max(0, ...values.map((value) => measure(write(value, unit)))) + 8;
  const hasBelow = values.some((value) => value < 0);
  const scale = makeScale(Math.min(0, ...ends), Math.max(0, ...ends), names + (hasBelow ? written : 0), frame.width - written, { unit });
  const thick = frame.series.length > 1 ? 15 : 20;
  const step = thick * Math.max(1, frame.series.length) + 9;
  const top = figure.y?.title ? 24 : 4;
  const height = top + step * figure.labels.length + 4;
  const root = svg("svg", { width: frame.width, height });
  if (figure.y?.title) root.append(label(names, 11, figure.y.title, { class: "dim" }));
  root.append(svg("line", { class: "grid zero", x1: scale.at(0), x2: scale.at(0), y1: top - 2, y2: height }));
  figure.labels.forEach((text, place) => {
    const y = top + place * step;
    const bars = frame.series.map((one, slot) => drawRow(one, place, y + slot * thick, thick - 2, scale, unit));
    const rows = frame.series.map((one) => ({
      name: one.name, value: write(one.values[place], unit), color: paint(one.color), isPrevious: one.role === "previous",
    }));
    const hit = svg("rect", { class: "hit", x: 0, y: y - 3, width: frame.width, height: step });
    root.append(label(names - 8, y + (thick * frame.series.length) / 2 + 3, cut(text, names - 10), { "text-anchor": "end" }), ...bars.flat());
    root.append(tellAt(hit, { x: names + 40, y: step / 2 }, { title: text, rows }));
  });
  for (const goal of figure.goals ?? []) {
    const x = scale.at(goal.value);
    root.append(svg("line", { class: "goal", x1: x, x2: x, y1: top - 4, y2: height }));
    root.append(label(x, 11, `${goal.name} ${write(goal.value, unit)}`.trim(), { class: "dim halo", "text-anchor": "end" }));
  }
  return root;
}

function drawRow(series, place, y, height, scale, unit) {
  const value = series.values[place];
  if (value === null || value === undefined) return [];
  const [from, to] = [scale.at(Math.min(0, value)), scale.at(Math.max(0, value))];
  const role = series.role === "previous" ? "fill previous" : "fill";
  const text = { class: "dim", "text-anchor": value < 0 ? "end" : "start" };
  return [
    svg("rect", { class: role, "--c": paint(series.color), x: from, y, width: Math.max(1, to - from), height, rx: 2 }),
    label(value < 0 ? from - 6 : to + 6, y + height / 2 + 4, write(value, unit), text),
  ];
}

// Slices are hidden by the legend like series are elsewhere; the first place keeps the first colour.
function sliceFigure(figure, frame) {
  const values = figure.series[0]?.values ?? [];
  const kept = figure.labels.map((name, place) => ({ name, value: values[place] ?? 0, place })).filter((slice) => !frame.hidden.has(sliceKey(slice.place)) && slice.value > 0);
  const whole = kept.reduce((sum, slice) => sum + slice.value, 0);
  return { kept, whole };
}

const sliceKey = (place) => `slice ${place}`;
const sliceColor = (figure, place) => paint(figure.labels[place] === "Other" ? undefined : place);

function tellSlice(element, anchor, figure, slice, whole) {
  const rows = [{ name: figure.series[0].name, value: `${write(slice.value, figure.y?.unit)} (${percent(slice.value, whole)})`, color: sliceColor(figure, slice.place) }];
  return tellAt(element, anchor, { title: slice.name, rows });
}

function drawPie(figure, frame) {
  const { kept, whole } = sliceFigure(figure, frame);
  const size = Math.min(frame.height, frame.width, 300);
  const radius = size / 2 - 22;
  const root = svg("svg", { width: frame.width, height: size });
  const center = [frame.width / 2, size / 2];
  const inner = figure.drawing === "donut" ? radius * 0.58 : 0;
  let turn = -Math.PI / 2;
  for (const slice of kept) {
    const angle = (slice.value / whole) * 2 * Math.PI;
    const middle = turn + angle / 2;
    const path = svg("path", { class: "fill mark", "--c": sliceColor(figure, slice.place), d: arc(center, inner, radius, turn, turn + Math.min(angle, 6.28318)) });
    root.append(tellSlice(path, { from: root, x: center[0] + radius * 0.7 * Math.cos(middle), y: center[1] + radius * 0.7 * Math.sin(middle) }, figure, slice, whole));
    if (slice.value / whole >= 0.04) {
      const [x, y] = [center[0] + (radius + 10) * Math.cos(middle), center[1] + (radius + 10) * Math.sin(middle)];
      const isRight = Math.cos(middle) >= 0;
      const text = cut(`${slice.name} ${percent(slice.value, whole)}`, Math.max(40, isRight ? frame.width - x : x));
      root.append(label(x, y + 4, text, { "text-anchor": isRight ? "start" : "end", "pointer-events": "none" }));
    }
    turn += angle;
  }
  if (inner) root.append(label(center[0], center[1] + 6, write(whole, figure.y?.unit, true), { "text-anchor": "middle", class: "whole" }));
  return root;
}

function arc([x, y], inner, outer, from, to) {
  const at = (radius, angle) => `${(x + radius * Math.cos(angle)).toFixed(2)},${(y + radius * Math.sin(angle)).toFixed(2)}`;
  const isLarge = to - from > Math.PI ? 1 : 0;
  const rim = `${at(outer, from)}A${outer},${outer} 0 ${isLarge} 1 ${at(outer, to)}`;
  return inner ? `M${rim}L${at(inner, to)}A${inner},${inner} 0 ${isLarge} 0 ${at(inner, from)}Z` : `M${x},${y}L${rim}Z`;
}

function drawProportion(figure, frame) {
  const { kept, whole } = sliceFigure(figure, frame);
  const root = svg("svg", { width: frame.width, height: 52 });
  let x = 0;
  for (const slice of kept) {
    const width = (slice.value / whole) * frame.width;
    const bar = svg("rect", { class: "fill mark", "--c": sliceColor(figure, slice.place), x, y: 4, width: Math.max(1, width - 2), height: 44, rx: 3 });
    root.append(tellSlice(bar, { from: root, x: x + width / 2, y: 26 }, figure, slice, whole));
    const text = percent(slice.value, whole);
    if (measure(text) + 10 < width) root.append(label(x + width / 2, 30, text, { class: "inside", "text-anchor": "middle", "pointer-events": "none" }));
    x += width;
  }
  return root;
}
