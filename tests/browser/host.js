// A host page around the official AppBridge; bundled by `harness.js` and driven from the tests.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

// What a host must set when a resource names no origins (MCP Apps 2026-01-26, default policy).
const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; media-src 'self' data:; connect-src 'none'";

const heard = { sizes: [], links: [], contexts: [], modes: [], violations: [] };
let bridge;

window.heard = heard;
window.mountView = async ({ html, context = {}, capabilities = { serverTools: {}, openLinks: {}, updateModelContext: { text: {} } }, width = 720 }) => {
  document.body.replaceChildren();
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = `width:${width}px;height:60px;border:0;display:block`;
  frame.srcdoc = html.replace("<head>", `<head><meta http-equiv="Content-Security-Policy" content="${POLICY}">`);
  bridge = new AppBridge(null, { name: "test-host", version: "1" }, capabilities, { hostContext: context });
  bridge.oncalltool = (params) => window.callTool(params);
  bridge.onopenlink = async ({ url }) => (heard.links.push(url), {});
  bridge.onupdatemodelcontext = async (params) => (heard.contexts.push(params), {});
  bridge.onrequestdisplaymode = async ({ mode }) => (heard.modes.push(mode), { mode });
  bridge.addEventListener("sizechange", ({ height }) => {
    heard.sizes.push(height);
    frame.style.height = `${height}px`;
  });
  const ready = new Promise((resolve) => bridge.addEventListener("initialized", resolve));
  document.body.append(frame);
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  await ready;
  return bridge.getAppVersion();
};
window.sendInput = (input) => bridge.sendToolInput({ arguments: input });
window.sendResult = (result) => bridge.sendToolResult(result);
window.sendCancelled = () => bridge.sendToolCancelled({ reason: "stopped" });
window.setContext = (context) => bridge.setHostContext(context);
window.tearDown = () => bridge.teardownResource({});
