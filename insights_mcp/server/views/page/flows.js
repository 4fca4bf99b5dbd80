// Paths as ribbons between steps, boxes of spread, and plain big numbers.
function drawPaths(figure, frame) {
  const steps = Math.max(...figure.nodes.map((node) => node.step));
  const first = Math.min(...figure.nodes.map((node) => node.step));
  const columns = Array.from({ length: steps - first + 1 }, () => []);
  figure.nodes.forEach((node, at) => columns[node.step - first].push({ ...node, at, out: 0, in: 0 }));
  const room = Math.max(140, frame.width / columns.length);
  const biggest = Math.max(1, ...columns.map((column) => column.reduce((sum, node) => sum + node.value, 0)));
  const thick = (value) => Math.max(1.5, (value / biggest) * Math.max(180, frame.height - 60));
  const placed = [];
  let height = 0;
  columns.forEach((column, step) => {
    let y = 6;
    for (const node of column.sort((one, other) => other.value - one.value)) {
      placed[node.at] = Object.assign(node, { x: step * room, y, height: thick(node.value) });
      y += Math.max(node.height, 30) + 10;
    }
    height = Math.max(height, y);
  });
  const root = svg("svg", { width: Math.max(frame.width, columns.length * room), height });
  const edges = figure.edges.map((edge) => ({ ...edge, from: placed[edge.source], to: placed[edge.target] })).filter((edge) => edge.from && edge.to);
  edges.sort((one, other) => one.to.y - other.to.y || one.from.y - other.from.y);
  root.append(...edges.map((edge) => drawEdge(edge, thick(edge.value), root)), ...placed.filter(Boolean).flatMap((node) => drawNode(node, room, figure.y?.unit, root)));
  return el("div", { class: "scroll" }, root);
}

function drawEdge(edge, width, root) {
  const [x1, y1] = [edge.from.x + 10, edge.from.y + edge.from.out + width / 2];
  const [x2, y2] = [edge.to.x, edge.to.y + edge.to.in + width / 2];
  edge.from.out += width;
  edge.to.in += width;
  const middle = (x1 + x2) / 2;
  const path = svg("path", { class: "link", "stroke-width": width, d: `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}` });
  const rows = [{ name: "Count", value: write(edge.value) }, { name: `of ${edge.from.name}`, value: percent(edge.value, edge.from.value) }];
  if (edge.seconds !== undefined) rows.push({ name: "Average time", value: writeTime(edge.seconds) });
  return tellAt(path, { from: root, x: middle, y: (y1 + y2) / 2 }, { title: `${edge.from.name} → ${edge.to.name}`, rows });
}

function drawNode(node, room, unit, root) {
  const bar = svg("rect", { class: "fill mark", "--c": "var(--c0)", x: node.x, y: node.y, width: 10, height: node.height, rx: 2 });
  tellAt(bar, { from: root, x: node.x + 10, y: node.y }, { title: node.name, rows: [{ name: "Count", value: write(node.value, unit) }] });
  const middle = node.y + Math.max(node.height, 26) / 2;
  return [bar,
    label(node.x + 16, middle - 2, cut(node.name, room - 26), { class: "halo", "pointer-events": "none" }),
    label(node.x + 16, middle + 12, write(node.value, unit), { class: "dim halo", "pointer-events": "none" })];
}

const BOX_PARTS = [["high", "Highest"], ["q3", "Three quarters below"], ["median", "Median"], ["mean", "Mean"], ["q1", "Quarter below"], ["low", "Lowest"]];

function drawBoxes(figure, frame) {
  const layers = [{ low: figure.boxes.map((box) => box.low), high: figure.boxes.map((box) => box.high) }];
  const told = { ...figure, labels: figure.boxes.map((box) => box.name) };
  const unit = figure.y?.unit;
  const plot = layOut(told, frame, layers, figure.y ?? {}, true);
  const root = svg("svg", { width: frame.width, height: frame.height }, ...drawAxes(told, plot, unit));
  const width = Math.min(46, plot.step * 0.6);
  figure.boxes.forEach((box, place) => {
    const x = plot.x(place);
    const y = (key) => plot.at(box[key]);
    const line = (x1, y1, x2, y2) => svg("line", { x1, y1, x2, y2, stroke: "var(--c0)", "stroke-width": 1.5 });
    root.append(line(x, y("low"), x, y("q1")), line(x, y("q3"), x, y("high")), line(x - width / 4, y("low"), x + width / 4, y("low")), line(x - width / 4, y("high"), x + width / 4, y("high")));
    root.append(svg("rect", { x: x - width / 2, y: y("q3"), width, height: Math.max(1, y("q1") - y("q3")), fill: "var(--c0)", "fill-opacity": 0.35, stroke: "var(--c0)" }));
    root.append(svg("line", { x1: x - width / 2, x2: x + width / 2, y1: y("median"), y2: y("median"), stroke: "var(--text)", "stroke-width": 2 }));
    if (box.mean !== undefined) root.append(svg("circle", { class: "dot", "--c": "var(--c1)", cx: x, cy: y("mean"), r: 3 }));
    const rows = BOX_PARTS.filter(([key]) => box[key] !== undefined).map(([key, name]) => ({ name, value: write(box[key], unit) }));
    const hit = svg("rect", { class: "hit", x: x - plot.step / 2, y: plot.top, width: plot.step, height: plot.bottom - plot.top });
    root.append(tellAt(hit, { x: plot.step / 2, y: 20 }, { title: box.name, rows }));
  });
  return root;
}

function drawNumbers(figure) {
  const unit = figure.y?.unit;
  const current = figure.series.filter((one) => one.role !== "previous");
  return el("div", { class: "numbers" }, current.map((one) => {
    const before = figure.series.find((other) => other.role === "previous" && other.color === one.color);
    return el("div", {}, el("div", { class: "label" }, one.name), el("div", { class: "value" }, write(one.values[0], unit)),
      before && el("div", { class: "label" }, `${writeChange(one.values[0], before.values[0])} on ${write(before.values[0], unit)} before`),
      one.trail && drawTrail(one));
  }));
}

function writeChange(now, before) {
  if (now === before) return "Same";
  if (!before) return "New";
  const change = (100 * (now - before)) / Math.abs(before);
  return `${change > 0 ? "▲ +" : "▼ "}${write(change, { kind: "percent" })}`;
}

function drawTrail(series) {
  const [width, height] = [180, 40];
  const known = series.trail.filter((value) => value !== null);
  const scale = makeScale(Math.min(0, ...known), Math.max(0, ...known), height - 3, 3);
  const step = width / Math.max(1, series.trail.length - 1);
  const points = series.trail.map((value, place) => (value === null ? null : [place * step, scale.at(value)]));
  return svg("svg", { width, height, "aria-hidden": true }, svg("path", { class: "line", "--c": paint(series.color), d: trace(points) }));
}
