// The host's end: JSON-RPC 2.0 over postMessage, as MCP Apps 2026-01-26 has it.
const host = { capabilities: {}, context: {} };
const waiting = new Map();
const listeners = {};
let lastId = 0;

function post(message) {
  window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
}

function ask(method, params) {
  const id = ++lastId;
  post({ id, method, params });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

function tell(method, params = {}) {
  post({ method, params });
}

function answer(message) {
  if (message.method === "ui/resource-teardown" || message.method === "ping") post({ id: message.id, result: {} });
  else post({ id: message.id, error: { code: -32601, message: "Method not found" } });
}

window.addEventListener("message", (event) => {
  const message = event.data;
  if (event.source !== window.parent || !message || message.jsonrpc !== "2.0") return;
  if (message.method) {
    if (message.id !== undefined) answer(message);
    else listeners[message.method]?.(message.params ?? {});
  } else if (waiting.has(message.id)) {
    const { resolve, reject } = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  }
});

async function greet() {
  const result = await ask("ui/initialize", {
    protocolVersion: "2026-01-26",
    appInfo: { name: "insights-mcp", version: "1" },
    appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
  });
  host.capabilities = result.hostCapabilities ?? {};
  takeContext(result.hostContext ?? {});
  tell("ui/notifications/initialized");
}

function takeContext(changes) {
  Object.assign(host.context, changes);
  const root = document.documentElement;
  if (changes.theme) root.dataset.theme = changes.theme === "dark" ? "dark" : "light";
  for (const [key, value] of Object.entries(changes.styles?.variables ?? {})) {
    if (key.startsWith("--") && typeof value === "string") root.style.setProperty(key, value);
  }
}

// The host gives an inline view as much height as it asks for.
function watchSize(element) {
  let last = "";
  new ResizeObserver(() => {
    const height = Math.ceil(element.getBoundingClientRect().height);
    const size = `${window.innerWidth}x${height}`;
    if (size !== last) tell("ui/notifications/size-changed", { width: window.innerWidth, height });
    last = size;
  }).observe(element);
}
