// Everything shown is made here. Text becomes text nodes, never markup: names in a result were written by strangers.
const $ = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
const label = (x, y, text, attributes = {}) => svg("text", { x, y, ...attributes }, String(text));

const COLORS = 10;
const paint = (color) => (color === undefined ? "var(--grey)" : `var(--c${color % COLORS})`);

const ruler = document.createElement("canvas").getContext("2d");

function measure(text, size = 12) {
  ruler.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

function cut(text, room, size = 12) {
  text = String(text);
  if (measure(text, size) <= room) return text;
  let length = text.length;
  while (length > 1 && measure(text.slice(0, length) + "…", size) > room) length--;
  return text.slice(0, length) + "…";
}
