// The view itself: what the host sends is shown, what the person presses changes it.
const KEY = "insights-mcp/view";
const DRAWINGS = {
  line: drawXY, area: drawXY, bar: drawXY, stacked_bar: drawXY, lifecycle: drawXY, slope: drawXY, histogram: drawXY,
  horizontal_bar: drawRows, map: drawRows, pie: drawPie, donut: drawPie, proportion: drawProportion, number: drawNumbers,
  funnel: drawFunnel, retention: drawGrid, heatmap: drawGrid, paths: drawPaths, box: drawBoxes, table: drawTable,
};
const SLICED = new Set(["pie", "donut", "proportion"]);
const view = { data: null, input: null, hidden: new Set(), isTable: false, sort: null, hasRecalled: false, width: 0 };

const seriesKey = (series) => (series.color === undefined ? `${series.role} ${series.name}` : series.color);
const textOf = (result) => (result?.content ?? []).filter((part) => part.type === "text").map((part) => part.text).join("\n");

function hasData(figure) {
  const hasValues = (figure.series ?? []).some((one) => one.values.some((value) => value !== null && value !== 0));
  return hasValues || [figure.rows, figure.edges, figure.boxes, figure.grid?.rows].some((part) => part?.length);
}

function draw() {
  const figure = view.data?.figure;
  if (!figure) return;
  forgetPlaces();
  $("title").textContent = figure.title ?? "";
  $("subtitle").textContent = figure.subtitle ?? "";
  $("notes").replaceChildren(...(figure.notes ?? []).map((note) => el("li", {}, note)));
  drawControls(figure);
  drawLegend(figure);
  $("stage").replaceChildren(hasData(figure) ? drawFigure(figure) : el("p", { class: "message" }, "No data for this question and period."));
}

function drawFigure(figure) {
  const all = figure.series ?? [];
  const shown = all.filter((one) => !view.hidden.has(seriesKey(one)));
  const frame = {
    width: Math.max(220, $("stage").clientWidth), height: stageHeight(), series: shown, hidden: view.hidden, sort: view.sort,
    onSort: (sort) => { view.sort = sort; draw(); },
  };
  if (view.isTable && figure.drawing !== "table") return drawTable(tabulate(figure), frame);
  const drawn = (DRAWINGS[figure.drawing] ?? drawTable)(DRAWINGS[figure.drawing] ? figure : tabulate(figure), frame);
  const isPicture = drawn.tagName === "svg" || drawn.querySelector?.(".link");
  drawn.setAttribute("tabindex", 0);
  drawn.addEventListener("keydown", stepPlaces);
  drawn.addEventListener("blur", hidePlace);
  drawn.setAttribute("role", isPicture ? "img" : "group");
  drawn.setAttribute("aria-label", `${figure.title || "Result"}. ${isPicture ? "Arrow keys read the values; the table shows all." : ""}`);
  return drawn;
}

// As wide as the host makes us; as high as it allows, and not higher than reads well.
function stageHeight() {
  const box = host.context.containerDimensions ?? {};
  const other = $("app").offsetHeight - $("stage").offsetHeight;
  const most = box.height ?? (host.context.displayMode === "fullscreen" ? window.innerHeight : box.maxHeight ?? Infinity);
  const wanted = host.context.displayMode === "fullscreen" ? most - other : Math.min(320, Math.max(220, $("stage").clientWidth * 0.5));
  return Math.max(160, Math.min(wanted, most - other));
}

function drawLegend(figure) {
  const entries = [];
  if (SLICED.has(figure.drawing)) {
    figure.labels.forEach((name, place) => entries.push([sliceKey(place), `${name} ${write(figure.series[0]?.values[place], figure.y?.unit)}`, sliceColor(figure, place)]));
  } else if (!["number", "table"].includes(figure.drawing)) {
    for (const one of figure.series ?? []) {
      if (one.role !== "previous" && !entries.some(([key]) => key === seriesKey(one))) entries.push([seriesKey(one), one.name, paint(one.color)]);
    }
  }
  const isKey = entries.length === 1 && !["horizontal_bar", "map", "funnel"].includes(figure.drawing) && entries[0][1] !== figure.y?.title;
  const buttons = entries.length < 2 ? (isKey ? [legendKey("swatch", entries[0][2], entries[0][1])] : []) : entries.map(([key, name, color]) =>
    el("button", { type: "button", "aria-pressed": String(!view.hidden.has(key)), title: name, onclick: () => toggle(key, entries.map(([one]) => one)) },
      el("i", { class: "swatch", "--c": color }), el("span", {}, name)));
  if (figure.drawing !== "number" && (figure.series ?? []).some((one) => one.role === "previous")) {
    const isBarred = BARRED.has(figure.drawing) || figure.drawing === "horizontal_bar";
    buttons.push(legendKey(isBarred ? "swatch previous" : "swatch dashes", "var(--c0)", "the period before"));
  }
  const focused = [...$("legend").children].indexOf(document.activeElement);
  $("legend").replaceChildren(...buttons);
  $("legend").children[focused]?.focus();
}

const legendKey = (kind, color, text) => el("div", { class: "key" }, el("i", { class: kind, "--c": color }), el("span", {}, text));

// Hiding the last one that is shown shows all again.
function toggle(key, keys) {
  if (view.hidden.has(key)) view.hidden.delete(key);
  else view.hidden.add(key);
  if (keys.every((one) => view.hidden.has(one))) view.hidden.clear();
  draw();
}

function drawControls(figure) {
  const focused = document.activeElement?.id;
  const parts = host.capabilities.serverTools ? (view.data.controls ?? []).map(drawControl) : [];
  if (figure.drawing !== "table" && hasData(figure)) {
    parts.push(el("button", { type: "button", id: "as-table", class: "tab", "aria-pressed": String(view.isTable), onclick: () => { view.isTable = !view.isTable; view.sort = null; draw(); } }, "Table"));
  }
  if ((host.context.availableDisplayModes ?? []).includes("fullscreen")) {
    const isFull = host.context.displayMode === "fullscreen";
    parts.push(el("button", { type: "button", id: "full", onclick: () => changeMode(isFull ? "inline" : "fullscreen") }, isFull ? "Smaller" : "Larger"));
  }
  if (view.data.url && host.capabilities.openLinks) {
    parts.push(el("button", { type: "button", id: "open", onclick: () => ask("ui/open-link", { url: view.data.url }) }, "Open in PostHog"));
  }
  $("controls").replaceChildren(...parts);
  if (focused) $(focused)?.focus();
}

function drawControl(control, at) {
  const options = control.options.map(({ value, name }) => el("option", { value, selected: value === control.value ? "" : undefined }, name));
  return el("select", { id: `control-${at}`, "aria-label": control.name, onchange: (event) => change(control, event.target.value) }, options);
}

async function changeMode(mode) {
  const answer = await ask("ui/request-display-mode", { mode });
  takeContext({ displayMode: answer.mode });
  draw();
}

// The same tool again, with one argument changed at its path.
async function change(control, value) {
  const call = structuredClone(view.data.call);
  let part = call.arguments;
  for (const key of control.path.slice(0, -1)) part = part[key] ??= {};
  part[control.path.at(-1)] = value;
  const result = await callTool(call);
  if (result && !result.isError && host.capabilities.updateModelContext) {
    const text = `The person now looks at this result by another ${control.name.toLowerCase()}: ${value}.`;
    ask("ui/update-model-context", { content: [{ type: "text", text }] }).catch(() => {});
  }
}

async function callTool(call) {
  setBusy(true);
  try {
    const result = await ask("tools/call", call);
    if (result.isError) fail(textOf(result), call);
    else show(result, call);
    return result;
  } catch (error) {
    fail(error.message, call);
  } finally {
    setBusy(false);
  }
}

function setBusy(isBusy) {
  $("app").setAttribute("aria-busy", String(isBusy));
  for (const one of $("controls").querySelectorAll("select,button")) one.disabled = isBusy;
}

function fail(text, call) {
  forgetPlaces();
  const back = view.data && el("button", { type: "button", onclick: draw }, "Back");
  const again = call && host.capabilities.serverTools && el("button", { type: "button", onclick: () => callTool(call) }, "Try again");
  $("stage").replaceChildren(el("p", { class: "message bad", role: "alert" }, text || "The result could not be had."), el("div", {}, back, " ", again));
}

function show(result, call) {
  const data = result?._meta?.[KEY];
  if (!data?.figure) return showText(result, call);
  view.data = data;
  const keys = new Set([...(data.figure.series ?? []).map(seriesKey), ...(data.figure.labels ?? []).map((_, place) => sliceKey(place))]);
  for (const key of view.hidden) if (!keys.has(key)) view.hidden.delete(key);
  view.sort = null;
  draw();
  $("live").textContent = `${data.figure.title ?? ""}. ${data.figure.subtitle ?? ""}`;
}

function showText(result) {
  $("stage").replaceChildren(el("pre", { class: "message" }, textOf(result) || "The result holds nothing to draw."));
}

// Some hosts pass on the text only (ext-apps issues 646, 696); asked by the view itself they give the whole result.
// Some tell results of later calls too, without saying whose: what is drawn stays.
function takeResult(result) {
  setBusy(false);
  if (result._meta?.[KEY]) return show(result);
  if (view.data || view.hasRecalled) return;
  if (result.isError) return fail(textOf(result));
  showText(result);
  view.result = result;
  recall();
}

function recall() {
  if (!view.result || !view.input || view.hasRecalled || !host.capabilities.serverTools) return;
  view.hasRecalled = true;
  const name = host.context.toolInfo?.tool?.name ?? (view.input.id === undefined ? "query-run" : "insight-query");
  callTool({ name, arguments: view.input });
}

listeners["ui/notifications/tool-input"] = (params) => { view.input = params.arguments ?? {}; recall(); };
listeners["ui/notifications/tool-result"] = takeResult;
listeners["ui/notifications/tool-cancelled"] = () => { setBusy(false); if (!view.data) fail("The call was cancelled."); };
listeners["ui/notifications/host-context-changed"] = (changes) => { takeContext(changes); draw(); };

new ResizeObserver(() => {
  const width = $("stage").clientWidth;
  if (width !== view.width) { view.width = width; draw(); }
}).observe($("stage"));
watchSize($("app"));
greet().catch((error) => { setBusy(false); fail(`The host did not answer: ${error.message}`); });
