// The two ends of a test: our server over stdio behind an MCP client, and the view in a host page in Chromium.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, "../..");
const PYTHON = process.env.PYTHON ?? join(ROOT, ".venv/bin/python");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const MIME = "text/html;profile=mcp-app";

// Start our server over stdio with the demo project, as a client that shows views.
export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), "insights-mcp-browser-"));
  const capabilities = { extensions: { "io.modelcontextprotocol/ui": { mimeTypes: [MIME] } } };
  const client = new Client({ name: "browser-tests", version: "1" }, { capabilities });
  const transport = new StdioClientTransport({
    command: PYTHON, args: ["-P", "-m", "insights_mcp"], cwd: ROOT, env: { ...process.env, INSIGHTS_MCP_DATA_DIR: folder },
  });
  await client.connect(transport);
  const stop = async () => {
    await client.close();
    execFileSync(PYTHON, [join(HERE, "stop_backend.py"), folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { client, stop };
}

export async function startBrowser() {
  const bundle = await build({ entryPoints: [join(HERE, "host.js")], bundle: true, write: false, format: "iife", logLevel: "error" });
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  return { browser, script: bundle.outputFiles[0].text };
}

// A page of the host; `onCall` answers what the view asks of the server.
export async function openHost({ browser, script }, onCall, { width = 760, height = 620 } = {}) {
  const page = await browser.newPage({ viewport: { width, height } });
  const problems = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.route("**/*", (route) => (route.request().url() === "http://host.test/"
    ? route.fulfill({ contentType: "text/html", body: "<!doctype html><body style='margin:0'></body>" })
    : (problems.push(`asked the network for ${route.request().url()}`), route.abort())));
  await page.exposeFunction("callTool", onCall);
  await page.goto("http://host.test/");
  await page.addScriptTag({ content: script });
  return { page, problems };
}

// Mount the view and wait for its greeting.
export async function mount(page, html, options = {}) {
  const app = await page.evaluate((given) => window.mountView(given), { html, ...options });
  return { app, view: page.frameLocator("iframe") };
}

export const send = (page, name, value) => page.evaluate(([name, value]) => window[name](value), [name, value]);

// The page, and what the server gives it for each answer the renderers are tested with.
export function readPayloads() {
  const text = execFileSync(PYTHON, ["-m", "tests.browser.payloads"], { cwd: ROOT, maxBuffer: 1 << 26, encoding: "utf-8" });
  return JSON.parse(text);
}
