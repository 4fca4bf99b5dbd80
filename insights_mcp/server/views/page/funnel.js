// Steps one below the other; each bar is a share of those who entered.
function drawFunnel(figure, frame) {
  const unit = figure.y?.unit;
  const isOne = frame.series.length === 1;
  const thick = isOne ? 24 : 17;
  const step = 20 + thick * frame.series.length + (isOne ? 22 : 8);
  const root = svg("svg", { width: frame.width, height: step * figure.labels.length });
  const written = Math.max(0, ...frame.series.map((one) => measure(funnelText(one, 0, isOne, unit)))) + 12;
  const full = Math.max(60, frame.width - written);
  figure.labels.forEach((text, place) => {
    const y = place * step;
    root.append(label(0, y + 12, cut(text, frame.width), { "font-weight": 600 }));
    frame.series.forEach((one, slot) => {
      const top = y + 19 + slot * thick;
      const share = one.values[0] ? (one.values[place] ?? 0) / one.values[0] : 0;
      const bar = svg("g", { class: "mark" },
        svg("rect", { fill: "var(--soft)", x: 0, y: top, width: full, height: thick - 3, rx: 3 }),
        svg("rect", { class: "fill", "--c": paint(one.color), x: 0, y: top, width: full * Math.min(1, share), height: thick - 3, rx: 3 }));
      const told = { title: text, rows: funnelRows(one, place, unit) };
      root.append(tellAt(bar, { from: root, x: Math.min(full * share, frame.width - 40), y: top }, told));
      root.append(label(full + 8, top + thick / 2 + 2, cut(funnelText(one, place, isOne, unit), written - 8), { class: isOne ? "" : "dim" }));
    });
    if (isOne && place) root.append(label(0, y + 19 + thick + 10, funnelStep(frame.series[0], place, unit), { class: "dim" }));
  });
  return root;
}

function funnelText(series, place, isOne, unit) {
  const share = `${write(series.values[place], unit)} (${percent(series.values[place] ?? 0, series.values[0])})`;
  return isOne ? share : `${share} ${cut(series.name, 110)}`;
}

function funnelStep(series, place, unit) {
  const [before, now] = [series.values[place - 1] ?? 0, series.values[place] ?? 0];
  const took = series.seconds?.[place];
  const time = took === null || took === undefined ? "" : `, median ${writeTime(took)}`;
  return `${percent(now, before)} of the step before, ${write(before - now, unit)} dropped off${time}`;
}

function funnelRows(series, place, unit) {
  const rows = [
    { name: series.name || "Reached", value: write(series.values[place], unit), color: paint(series.color) },
    { name: "of the first step", value: percent(series.values[place] ?? 0, series.values[0]) },
  ];
  if (!place) return rows;
  const before = series.values[place - 1] ?? 0;
  rows.push({ name: "of the step before", value: percent(series.values[place] ?? 0, before) });
  rows.push({ name: "dropped off", value: write(before - (series.values[place] ?? 0), unit) });
  const took = series.seconds?.[place];
  if (took !== null && took !== undefined) rows.push({ name: "median time", value: writeTime(took) });
  return rows;
}
