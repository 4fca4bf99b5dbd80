// Lines, areas and bars over time, categories or bins.
const STACKED = new Set(["area", "stacked_bar", "lifecycle"]);
const BARRED = new Set(["bar", "stacked_bar", "lifecycle", "histogram"]);

function drawXY(figure, frame) {
  const isBarred = BARRED.has(figure.drawing);
  const groups = STACKED.has(figure.drawing) ? stackSeries(figure, frame.series) : frame.series.map((one) => [plainLayer(one)]);
  const unit = figure.is_share ? { kind: "percent" } : figure.y?.unit;
  const layers = groups.flat();
  const plot = layOut(figure, frame, layers, { ...figure.y, unit }, isBarred);
  const root = svg("svg", { width: frame.width, height: frame.height });
  root.append(...drawAxes(figure, plot, unit));
  const marks = svg("g");
  if (isBarred) marks.append(...drawBars(figure, groups, plot));
  else if (figure.drawing === "area") marks.append(...drawAreas(figure, groups, plot));
  else marks.append(...layers.flatMap((layer) => drawLine(figure, layer, plot)));
  root.append(marks, ...drawGoals(figure, plot, unit));
  if (figure.drawing === "slope") root.append(...drawEnds(layers, plot, unit));
  root.append(...drawHits(figure, frame, layers, plot));
  return root;
}

const plainLayer = (series) => ({ series, low: series.values.map(() => 0), high: series.values });

// Current series on one another, previous ones on one another; what is below zero goes down from it.
function stackSeries(figure, series) {
  const parts = [series.filter((one) => one.role !== "previous"), series.filter((one) => one.role === "previous")];
  return parts.filter((part) => part.length).map((part) => {
    const places = figure.labels.map((_, place) => place);
    const sums = places.map((place) => part.reduce((sum, one) => sum + Math.abs(one.values[place] ?? 0), 0));
    const tops = places.map(() => 0);
    const bottoms = places.map(() => 0);
    return part.map((one) => {
      const layer = { series: one, low: [], high: [] };
      for (const place of places) {
        let value = one.values[place] ?? 0;
        if (figure.is_share) value = sums[place] ? (100 * value) / sums[place] : 0;
        const side = value < 0 ? bottoms : tops;
        layer.low.push(side[place]);
        side[place] += value;
        layer.high.push(side[place]);
      }
      return layer;
    });
  });
}

function layOut(figure, frame, layers, axis, isBarred) {
  const values = layers.flatMap((layer) => [...layer.high, ...layer.low]).concat((figure.goals ?? []).map((goal) => goal.value));
  const known = values.filter((value) => value !== null && value !== undefined && (axis.scale !== "log" || value > 0));
  const low = axis.scale === "log" ? Math.min(...known) : Math.min(0, ...known);
  const high = Math.max(axis.scale === "log" ? low : 0, ...known);
  const isWhole = axis.isWhole ?? known.every(Number.isInteger);
  const top = axis.title ? 26 : 10;
  const bottom = frame.height - (figure.x?.title ? 38 : 22);
  const scale = makeScale(low, high, bottom, top, { ...axis, isWhole });
  const left = Math.max(...scale.ticks.map((tick) => measure(write(tick.value, axis.unit, true), 11))) + 10;
  const count = figure.labels.length;
  const isSpread = isBarred || count < 2;
  const end = measure(cut(figure.labels.at(-1) ?? "", 100, 11), 11) / 2 - (isSpread ? frame.width / count / 2 : 0);
  const right = frame.width - (figure.drawing === "slope" ? 60 : Math.max(8, end));
  const step = (right - left) / (isSpread ? Math.max(1, count) : count - 1);
  const x = (place) => left + (isSpread ? place + 0.5 : place) * step;
  return { ...scale, top, bottom, left, right, step, x, isBarred, count };
}

function drawAxes(figure, plot, unit) {
  const drawn = [];
  if (figure.y?.title) drawn.push(label(0, 11, figure.y.title, { class: "dim" }));
  for (const tick of plot.ticks) {
    drawn.push(svg("line", { class: tick.value === 0 ? "grid zero" : "grid", x1: plot.left, x2: plot.right, y1: tick.at, y2: tick.at }));
    drawn.push(label(plot.left - 6, tick.at + 4, write(tick.value, unit, true), { class: "dim", "text-anchor": "end" }));
  }
  const texts = figure.labels.map((text) => cut(text, Math.max(100, plot.step - 8), 11));
  const widest = Math.max(0, ...texts.map((text) => measure(text, 11)));
  const every = Math.max(1, Math.ceil((widest + 14) / plot.step));
  const isBins = figure.drawing === "histogram";
  const first = isBins ? 0 : (plot.count - 1) % every;
  for (let place = first; place < plot.count; place += every) {
    const half = measure(texts[place], 11) / 2;
    const at = isBins ? plot.x(place) - plot.step / 2 : plot.x(place);
    const x = Math.max(half, at);
    drawn.push(label(x, plot.bottom + 15, texts[place], { class: "dim", "text-anchor": "middle" }));
  }
  if (figure.x?.title) {
    const middle = (plot.left + plot.right) / 2;
    drawn.push(label(middle, plot.bottom + 33, figure.x.title, { class: "dim", "text-anchor": "middle" }));
  }
  return drawn;
}

function drawGoals(figure, plot, unit) {
  return (figure.goals ?? []).flatMap((goal) => {
    const y = plot.at(goal.value);
    const text = `${goal.name} ${write(goal.value, unit)}`.trim();
    return [
      svg("line", { class: "goal", x1: plot.left, x2: plot.right, y1: y, y2: y }),
      label(plot.right, y - 5, text, { class: "dim halo", "text-anchor": "end" }),
    ];
  });
}

const isUnfinished = (figure, place) => place >= figure.labels.length - (figure.unfinished ?? 0);

function drawBars(figure, groups, plot) {
  const room = plot.step * (figure.drawing === "histogram" ? 0.96 : 0.78);
  const width = Math.max(1, Math.min(figure.drawing === "histogram" ? Infinity : 64, room / groups.length));
  return groups.flatMap((group, slot) => group.flatMap((layer) => layer.high.map((value, place) => {
    if (value === null || value === layer.low[place]) return null;
    const [from, to] = [plot.at(layer.low[place]), plot.at(value)].sort((one, other) => one - other);
    const x = plot.x(place) + (slot - groups.length / 2) * width;
    const role = layer.series.role === "previous" ? " previous" : isUnfinished(figure, place) ? " pale" : "";
    const height = Math.max(1, to - from);
    const gap = width > 3 ? 1 : 0;
    return svg("rect", { class: `fill${role}`, "--c": paint(layer.series.color), x, y: from, width: width - gap, height });
  }))).filter(Boolean);
}

function trace(points) {
  let isDown = false;
  return points.map((point) => {
    if (!point) return (isDown = false), "";
    const command = `${isDown ? "L" : "M"}${point[0].toFixed(1)},${point[1].toFixed(1)}`;
    isDown = true;
    return command;
  }).join("");
}

function drawLine(figure, layer, plot) {
  const points = layer.high.map((value, place) => (value === null || value === undefined ? null : [plot.x(place), plot.at(value)]));
  const over = figure.labels.length - (figure.unfinished ?? 0);
  const role = layer.series.role && layer.series.role !== "current" ? ` ${layer.series.role}` : "";
  const color = { "--c": paint(layer.series.color) };
  const drawn = [svg("path", { class: `line${role}`, ...color, d: trace(points.slice(0, over)) })];
  if (figure.unfinished && over > 0 && !role) {
    drawn.push(svg("path", { class: "line pale", ...color, d: trace(points.slice(over - 1)) }));
  }
  points.forEach((point, place) => {
    const isAlone = point && !points[place - 1] && !points[place + 1];
    if (isAlone || (point && figure.drawing === "slope")) drawn.push(svg("circle", { class: "dot", ...color, cx: point[0], cy: point[1], r: 3.5 }));
  });
  return drawn;
}

function drawAreas(figure, groups, plot) {
  const [layers, before] = groups[0]?.[0]?.series.role === "previous" ? [[], groups[0]] : groups;
  const drawn = (layers ?? []).map((layer) => {
    const top = layer.high.map((value, place) => [plot.x(place), plot.at(value)]);
    const bottom = layer.low.map((value, place) => [plot.x(place), plot.at(value)]).reverse();
    const path = `${trace(top)}L${trace(bottom).slice(1)}Z`;
    return svg("path", { class: "area", "--c": paint(layer.series.color), d: path });
  });
  if (before) drawn.push(...drawLine(figure, { ...before.at(-1), series: { ...before.at(-1).series, color: undefined } }, plot));
  return drawn;
}

function drawEnds(layers, plot, unit) {
  return layers.flatMap((layer) => {
    const value = layer.high.at(-1);
    return value === null ? [] : [label(plot.right + 8, plot.at(value) + 4, write(value, unit, true), { class: "dim" })];
  });
}

function nameTime(text) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  const clean = text.slice(0, 16).replace("T", " ").replace(/ 00:00$/, "");
  if (!year) return text;
  return `${new Date(+year, month - 1, +day).toLocaleDateString("en", { weekday: "short" })} ${clean}`;
}

function drawHits(figure, frame, layers, plot) {
  const unit = figure.y?.unit;
  return figure.labels.map((text, place) => {
    const title = (figure.times?.[place] ? nameTime(figure.times[place]) : nameBin(figure, place)) +
      (isUnfinished(figure, place) ? " (not over)" : "");
    const whole = frame.series.reduce((sum, one) => sum + Math.abs(one.values[place] ?? 0), 0);
    const rows = frame.series.filter((one) => place < one.values.length).map((one) => ({
      name: one.role === "previous" ? `${one.name}, ${one.times?.[place] ? nameTime(one.times[place]) : "before"}` : one.name,
      value: write(one.values[place], unit) + (figure.is_share ? ` (${percent(Math.abs(one.values[place] ?? 0), whole)})` : ""),
      color: paint(one.color),
      isPrevious: one.role === "previous",
    }));
    const x = Math.max(plot.left, plot.x(place) - plot.step / 2);
    const width = Math.min(plot.right, plot.x(place) + plot.step / 2) - x;
    const hit = svg("rect", { class: "hit", x, y: plot.top, width, height: plot.bottom - plot.top });
    const dots = svg("g", { "pointer-events": "none" });
    const draw = plot.isBarred ? undefined : (isOn) => {
      dots.replaceChildren(...(!isOn ? [] : layers.filter((layer) => layer.high[place] !== null && layer.high[place] !== undefined).map((layer) =>
        svg("circle", { class: "dot", "--c": paint(layer.series.color), cx: plot.x(place), cy: plot.at(layer.high[place]), r: 3.5 }))));
    };
    const anchor = { x: plot.x(place) - x, y: (plot.bottom - plot.top) / 3 };
    return [tellAt(hit, anchor, { title, rows }, draw), dots];
  }).flat();
}

function nameBin(figure, place) {
  const text = figure.labels[place];
  if (figure.drawing !== "histogram") return text;
  return figure.labels[place + 1] ? `${text} to ${figure.labels[place + 1]}` : `${text} and more`;
}
