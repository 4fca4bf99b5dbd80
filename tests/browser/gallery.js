// Screenshots of every figure the renderers are tested with, in light and dark: `node gallery.js FOLDER [WORD]`.
import { mkdirSync } from "node:fs";
import { mount, openHost, readPayloads, send, startBrowser } from "./harness.js";

const [folder = "screens", word = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const { page: html, payloads } = readPayloads();
const started = await startBrowser();
const { page, problems } = await openHost(started, () => ({ content: [] }));
for (const theme of ["light", "dark"]) {
  for (const [title, meta] of Object.entries(payloads)) {
    if (!title.includes(word)) continue;
    await mount(page, html, { context: { theme }, width: 720 });
    await send(page, "sendResult", { content: [{ type: "text", text: "text" }], _meta: meta });
    await page.waitForTimeout(150);
    await page.locator("iframe").screenshot({ path: `${folder}/${title.replaceAll(" ", "-")}-${theme}.png` });
  }
}
console.log(problems.length ? problems.join("\n") : "no problems");
await started.browser.close();
