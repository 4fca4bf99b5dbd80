// Tables: retention and heat maps with coloured cells, rows that can be sorted, and any figure as a table.
function drawGrid(figure) {
  const { rows, columns, values, sizes } = figure.grid;
  const unit = figure.y?.unit;
  const known = values.flat().filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  const head = el("tr", {}, el("th", { scope: "col" }, figure.x?.title ?? ""), sizes && el("th", { scope: "col" }, "Size"),
    columns.map((name) => el("th", { scope: "col" }, name)));
  const body = rows.map((name, place) => el("tr", {}, el("th", { scope: "row" }, name),
    sizes && el("td", {}, write(sizes[place] ?? null)),
    columns.map((column, at) => heatCell(values[place]?.[at] ?? null, low, high, unit, `${name}, ${column}`, figure.y?.title ?? "Value"))));
  return el("div", { class: "scroll" }, figure.y?.title && el("p", { class: "unit" }, figure.y.title),
    el("table", { class: columns.length > 14 ? "heat tight" : "heat" }, el("thead", {}, head), el("tbody", {}, body)));
}

function heatCell(value, low, high, unit, title, name) {
  if (value === null) return el("td");
  const heat = high > low ? Math.sqrt((value - low) / (high - low)) : 0;
  const back = `color-mix(in srgb, var(--c0) ${Math.round(4 + 84 * heat)}%, var(--back))`;
  const cell = el("div", {}, write(value, unit, true));
  cell.style.background = back;
  if (heat > 0.75) cell.style.color = "var(--back)";
  tellAt(cell, { x: 30, y: 14 }, { title, rows: [{ name, value: write(value, unit) }] });
  return el("td", {}, cell);
}

const isNumeric = (column, cell) => column.is_number || typeof cell === "number";

function writeCell(cell) {
  if (cell === null || cell === undefined) return "–";
  return typeof cell === "number" ? write(cell) : String(cell);
}

function drawTable(figure, frame) {
  const sorted = [...figure.rows];
  if (frame.sort) sorted.sort((one, other) => compareCells(one[frame.sort.at], other[frame.sort.at]) * (frame.sort.isDown ? -1 : 1));
  const head = figure.columns.map((column, at) => {
    const isSorted = frame.sort?.at === at;
    const press = () => frame.onSort({ at, isDown: isSorted ? !frame.sort.isDown : Boolean(column.is_number) });
    const order = isSorted ? (frame.sort.isDown ? "descending" : "ascending") : undefined;
    return el("th", { scope: "col", class: column.is_number ? "number" : "", "aria-sort": order },
      el("button", { type: "button", onclick: press }, column.name + (isSorted ? (frame.sort.isDown ? " ↓" : " ↑") : "")));
  });
  const body = sorted.map((row) => el("tr", {}, row.map((cell, at) =>
    el("td", { class: isNumeric(figure.columns[at] ?? {}, cell) ? "number" : "" }, writeCell(cell)))));
  const box = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table" },
    el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)));
  box.style.maxHeight = `${Math.max(320, frame.height)}px`;
  return box;
}

function compareCells(one, other) {
  if (one === null || other === null) return (one === null) - (other === null);
  const [left, right] = [cellNumber(one), cellNumber(other)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  return String(one).localeCompare(String(other), "en", { numeric: true });
}

const cellNumber = (cell) => (typeof cell === "number" ? cell : parseFloat(String(cell).replaceAll(",", "")));

// Any figure as {columns, rows}: what the drawing shows, as text and numbers.
function tabulate(figure) {
  const columns = (...names) => names.map((name, at) => ({ name, is_number: at > 0 }));
  const unit = figure.y?.unit;
  const told = (value) => (unit ? write(value ?? null, unit) : value ?? null);
  const seriesName = (one) => (one.role === "previous" ? `${one.name} (before)` : one.name);
  if (figure.grid) {
    const { rows, columns: names, values, sizes } = figure.grid;
    const filled = rows.map((name, place) => [name, ...(sizes ? [sizes[place]] : []), ...names.map((_, at) => told(values[place]?.[at]))]);
    return { columns: columns(figure.x?.title || "", ...(sizes ? ["Size"] : []), ...names), rows: filled };
  }
  if (figure.edges) {
    const name = (at) => figure.nodes[at]?.name ?? "";
    const rows = figure.edges.map((edge) => [name(edge.source), name(edge.target), edge.value, edge.seconds === undefined ? null : writeTime(edge.seconds)]);
    return { columns: [{ name: "From" }, { name: "To" }, { name: "Count", is_number: true }, { name: "Average time", is_number: true }], rows };
  }
  if (figure.boxes) {
    const rows = figure.boxes.map((box) => [box.name, ...["low", "q1", "median", "q3", "high", "mean"].map((key) => told(box[key]))]);
    return { columns: columns(figure.x?.title || "", "Lowest", "Quarter", "Median", "Three quarters", "Highest", "Mean"), rows };
  }
  if (figure.drawing === "number") {
    return { columns: columns("", figure.y?.title || "Value"), rows: figure.series.map((one) => [seriesName(one), told(one.values[0])]) };
  }
  const series = figure.series ?? [];
  const isFunnel = figure.drawing === "funnel";
  const names = series.flatMap((one) => (isFunnel ? [seriesName(one) || "Reached", "of the first step"] : [seriesName(one)]));
  const rows = (figure.labels ?? []).map((text, place) => [
    figure.times?.[place]?.slice(0, 16).replace("T", " ").replace(/ 00:00$/, "") ?? text,
    ...series.flatMap((one) => (isFunnel ? [told(one.values[place]), percent(one.values[place] ?? 0, one.values[0])] : [told(one.values[place])])),
  ]);
  return { columns: columns(figure.x?.title || (isFunnel ? "Step" : ""), ...names), rows };
}
