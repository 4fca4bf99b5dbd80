// The view in Chromium, hosted by the official AppBridge, with our real server over stdio behind it.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { mount, openHost, readPayloads, send, startBrowser, startServer } from "./harness.js";
import { QUESTIONS } from "./questions.js";

const URI = "ui://insights-mcp/insight";
const KEY = "insights-mcp/view";
const SCREENS = process.env.SCREENS; // a folder for pictures of everything, to be looked at
let server, started, html, page, problems, calls;

before(async () => {
  server = await startServer();
  started = await startBrowser();
  html = (await server.client.readResource({ uri: URI })).contents[0].text;
  ({ page, problems } = await openHost(started, (call) => (calls.push(call), server.client.callTool(call))));
  if (SCREENS) mkdirSync(SCREENS, { recursive: true });
});

after(async () => {
  await started?.browser.close();
  await server?.stop();
});

async function open(options = {}) {
  calls = [];
  problems.length = 0;
  const mounted = await mount(page, html, { context: { theme: "light" }, ...options });
  assert.equal(mounted.app.name, "insights-mcp");
  return mounted.view;
}

async function run(query) {
  const result = await server.client.callTool({ name: "query-run", arguments: { query } });
  assert.ok(!result.isError, result.content[0].text);
  return result;
}

const show = async (result, input) => {
  await send(page, "sendInput", input ?? {});
  await send(page, "sendResult", result);
};
const idle = (view) => view.locator("main[aria-busy=false]").waitFor();
const picture = (name) => SCREENS && page.locator("iframe").screenshot({ path: `${SCREENS}/${name.replaceAll(" ", "-")}.png` });
const textOf = (view, selector) => view.locator(selector).innerText();

for (const [title, { query, drawing, other }] of Object.entries(QUESTIONS)) {
  test(`${title} is drawn, told, tabled, themed and asked again`, async () => {
    const result = await run(query);
    const data = result._meta[KEY];
    if (drawing) assert.equal(data.figure.drawing, drawing);
    const view = await open();
    await show(result, { query });
    await idle(view);
    assert.equal(await textOf(view, "h1"), data.figure.title);
    assert.equal(await view.locator("#stage .message").count(), 0, "drawn, not told as text");
    await picture(`${title}-light`);
    await readByKeys(view, data);
    await lookAtTable(view, data);
    await changeTheme(view, title);
    if (other) await switchInterval(view, title, data, other);
    else assert.equal(await view.locator("select").count(), data.controls ? 1 : 0);
    assert.deepEqual(problems, []);
    assert.deepEqual(await send(page, "tearDown"), {});
  });
}

async function readByKeys(view, data) {
  if (["number", "table"].includes(data.figure.drawing)) return;
  await view.locator("#stage [tabindex]").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("End");
  assert.equal(await view.locator("#tooltip").isVisible(), true);
  assert.match(await textOf(view, "#live"), /\d/);
  await page.keyboard.press("Escape");
  assert.equal(await view.locator("#tooltip").isVisible(), false);
}

async function lookAtTable(view, data) {
  if (data.figure.drawing === "table") return;
  await view.getByRole("button", { name: "Table" }).click();
  assert.ok((await view.locator("#stage tbody tr").count()) > 0);
  await view.getByRole("button", { name: "Table" }).click();
}

async function changeTheme(view, title) {
  const back = () => view.locator("body").evaluate((body) => getComputedStyle(body).backgroundColor);
  const light = await back();
  await send(page, "setContext", { theme: "dark" });
  await view.locator("html[data-theme=dark]").waitFor();
  assert.notEqual(await back(), light);
  await picture(`${title}-dark`);
  await send(page, "setContext", { theme: "dark", styles: { variables: { "--color-background-primary": "rgb(1, 2, 3)" } } });
  await view.locator("html[style*='rgb(1, 2, 3)']").waitFor();
  assert.equal(await back(), "rgb(1, 2, 3)");
}

async function switchInterval(view, title, data, other) {
  const before = await view.locator("#stage").innerHTML();
  await view.getByLabel("Interval").selectOption(other);
  await page.waitForFunction(() => window.heard.contexts.length > 0);
  await idle(view);
  assert.equal(calls.length, 1);
  assert.equal(calls[0].name, "query-run");
  assert.equal(data.controls[0].path.reduce((part, key) => part[key], calls[0].arguments), other);
  assert.notEqual(await view.locator("#stage").innerHTML(), before);
  assert.equal(await view.getByLabel("Interval").inputValue(), other);
  assert.match((await page.evaluate(() => window.heard.contexts.pop())).content[0].text, new RegExp(`interval: ${other}`));
}

test("a saved insight is asked again with the interval laid over it", async () => {
  const result = await server.client.callTool({ name: "insight-query", arguments: { id: "Daily Active Users" } });
  const view = await open();
  await show(result);
  await view.getByLabel("Interval").selectOption("week");
  await page.waitForFunction(() => window.heard.contexts.length > 0);
  await page.evaluate(() => window.heard.contexts.pop());
  assert.equal(calls[0].arguments.filters_override.interval, "week");
  assert.match(await textOf(view, "#subtitle"), /By week/);
  assert.deepEqual(problems, []);
});

test("the legend hides a series and shows it again", async () => {
  const view = await open();
  await show(await run(QUESTIONS["bars side by side"].query));
  const all = await view.locator("svg rect.fill").count();
  await view.getByRole("button", { name: "checkout_started" }).click();
  assert.ok((await view.locator("svg rect.fill").count()) < all);
  assert.equal(await view.getByRole("button", { name: "checkout_started" }).getAttribute("aria-pressed"), "false");
  await page.keyboard.press("Enter");
  assert.equal(await view.locator("svg rect.fill").count(), all);
});

test("the pointer shows what is under it", async () => {
  const view = await open();
  await show(await run(QUESTIONS["bars side by side"].query));
  await view.locator("rect.hit").nth(2).hover();
  assert.match(await textOf(view, "#tooltip"), /checkout_started\s+\d+/);
  await picture("a tooltip");
});

test("the host hears how high the view is, and the view keeps within what it may have", async () => {
  const view = await open({ context: { theme: "light", containerDimensions: { maxHeight: 300, width: 720 } } });
  await show(await run(QUESTIONS["a trend"].query));
  await view.locator("svg").waitFor();
  await page.waitForFunction(() => window.heard.sizes.at(-1) > 200);
  const height = await page.evaluate(() => window.heard.sizes.at(-1));
  assert.ok(height <= 300, `${height} is more than 300`);
  assert.equal(await view.locator("html").evaluate((root) => root.scrollHeight > root.clientHeight), false);
});

test("a narrow host gets a drawing that fits", async () => {
  const view = await open({ width: 330 });
  await show(await run(QUESTIONS["a trend by channel"].query));
  await view.locator("svg").waitFor();
  assert.equal(await view.locator("html").evaluate((root) => root.scrollWidth > root.clientWidth), false);
  await picture("narrow");
});

test("a host that passes on the text alone is asked for the whole result", async () => {
  const query = QUESTIONS["a trend"].query;
  const { content } = await run(query);
  const view = await open();
  await show({ content }, { query });
  await view.locator("svg path.line").first().waitFor();
  assert.deepEqual(calls, [{ name: "query-run", arguments: { query } }]);
});

test("a host that lets the view call nothing gets the text", async () => {
  const { content } = await run(QUESTIONS["a trend"].query);
  const view = await open({ capabilities: {} });
  await show({ content }, { query: QUESTIONS["a trend"].query });
  assert.match(await textOf(view, "pre"), /signed_up: total/);
  assert.equal(await view.locator("select").count(), 0);
});

test("results of later calls do not take the drawing away", async () => {
  const view = await open();
  await show(await run(QUESTIONS["a trend"].query));
  await view.locator("svg").waitFor();
  await send(page, "sendResult", { content: [{ type: "text", text: "something else" }] });
  await send(page, "sendResult", { content: [{ type: "text", text: "failed" }], isError: true });
  await page.waitForTimeout(100);
  assert.equal(await view.locator("#stage .message").count(), 0);
});

test("the view can be made larger, and its insight opened in PostHog", async () => {
  const context = { theme: "light", availableDisplayModes: ["inline", "fullscreen"], displayMode: "inline" };
  const view = await open({ context });
  const result = await run(QUESTIONS["a trend"].query);
  result._meta[KEY].url = "https://us.posthog.com/project/1/insights/abc";
  await show(result);
  await view.getByRole("button", { name: "Larger" }).click();
  await view.getByRole("button", { name: "Smaller" }).waitFor();
  assert.deepEqual(await page.evaluate(() => window.heard.modes), ["fullscreen"]);
  await view.getByRole("button", { name: "Open in PostHog" }).click();
  assert.deepEqual(await page.evaluate(() => window.heard.links), ["https://us.posthog.com/project/1/insights/abc"]);
});

test("a table is sorted by the column that is pressed", async () => {
  const view = await open();
  await show(await run(QUESTIONS["SQL"].query));
  const column = async () => (await view.locator("tbody tr td:nth-child(2)").allInnerTexts()).map((text) => Number(text.replaceAll(",", "")));
  const given = await column();
  await view.getByRole("button", { name: "events" }).click();
  await view.getByRole("button", { name: "events" }).click();
  assert.deepEqual(await column(), [...given].sort((one, other) => one - other));
  assert.equal(await view.locator("th[aria-sort]").getAttribute("aria-sort"), "ascending");
});

test("an error is told", async () => {
  const view = await open();
  const result = await server.client.callTool({ name: "query-run", arguments: { query: "select nothing from nowhere" } });
  assert.ok(result.isError);
  await show(result, {});
  assert.match(await textOf(view, "[role=alert]"), /nowhere/);
  await picture("an error");
});

test("a failed switch can be tried again or left", async () => {
  const view = await open();
  const result = await run(QUESTIONS["a trend"].query);
  result._meta[KEY].call.arguments.query.interval = "day";
  result._meta[KEY].controls[0].options.push({ value: "fortnight", name: "By fortnight" });
  await show(result);
  await view.getByLabel("Interval").selectOption("fortnight");
  assert.match(await textOf(view, "[role=alert]"), /interval/);
  assert.equal(await view.getByRole("button", { name: "Try again" }).isVisible(), true);
  await view.getByRole("button", { name: "Back" }).click();
  assert.equal(await view.locator("svg").count() > 0, true);
});

test("nothing found is said, and a cancelled call too", async () => {
  let view = await open();
  await show(await run({ kind: "TrendsQuery", series: [{ kind: "EventsNode", event: "signed_up" }], dateRange: { date_from: "2001-01-01", date_to: "2001-01-05" } }));
  assert.match(await textOf(view, "#stage"), /No data/);
  await picture("nothing");
  view = await open();
  await send(page, "sendCancelled");
  assert.match(await textOf(view, "#stage"), /cancelled/);
});

test("names in a result stay text, whatever they say", async () => {
  const hostile = '<img src=x onerror="parent.hacked=1"><script>parent.hacked=1</script>&amp;';
  const { payloads } = readPayloads();
  for (const meta of Object.values(payloads)) {
    const view = await open();
    const spoiled = JSON.parse(JSON.stringify(meta), (key, value) =>
      (["name", "title", "subtitle"].includes(key) && typeof value === "string" ? hostile + value : key === "labels" || key === "notes" ? value.map((text) => hostile + text) : value));
    await show({ content: [], _meta: spoiled });
    await idle(view);
    assert.ok((await textOf(view, "h1")).startsWith(hostile));
    assert.equal(await view.locator("img").count(), 0);
    assert.equal(await view.locator("script").count(), 1);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.deepEqual(problems, []);
  }
});

test("the view reaches no network", async () => {
  const view = await open();
  const reached = await view.locator("body").evaluate(() => fetch("http://host.test/").then(() => true, () => false));
  assert.equal(reached, false);
});
