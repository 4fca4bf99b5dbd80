// Numbers in their unit, as people read them, and the ticks of an axis.
const SIZES = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];
const TIMES = [[86400, "d", 3600, "h"], [3600, "h", 60, "m"], [60, "m", 1, "s"]];
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400];
const fixed = (value, digits) => value.toLocaleString("en", { maximumFractionDigits: digits });

function write(value, unit = {}, isShort = false) {
  if (value === null || value === undefined) return "–";
  const text = unit.kind === "duration" ? (value < 0 ? "-" : "") + writeTime(Math.abs(value)) : digits(value, unit, isShort);
  return `${unit.prefix ?? ""}${text}${unit.kind === "percent" ? "%" : ""}${unit.postfix ?? ""}`;
}

function digits(value, unit, isShort) {
  const size = Math.abs(value);
  if (isShort) {
    for (const [least, letter] of SIZES) if (size >= least * 0.9995) return `${+(value / least).toPrecision(3)}${letter}`;
  }
  if (unit.decimals !== undefined) {
    return value.toLocaleString("en", { minimumFractionDigits: unit.decimals, maximumFractionDigits: unit.decimals });
  }
  if (unit.kind === "currency") return fixed(value, 2).replace(/\.(\d)$/, ".$10");
  if (unit.kind === "percent" || size >= 100) return fixed(value, 1);
  return size >= 1 || !size ? fixed(value, 2) : String(+value.toPrecision(3));
}

function writeTime(seconds) {
  if (seconds && seconds < 1) return `${+(seconds * 1000).toPrecision(3)}ms`;
  if (seconds < 10) return `${fixed(seconds, 1)}s`;
  const whole = Math.round(seconds);
  for (const [size, unit, smaller, name] of TIMES) {
    const rest = Math.floor((whole % size) / smaller);
    if (whole >= size) return `${Math.floor(whole / size)}${unit}${rest ? ` ${rest}${name}` : ""}`;
  }
  return `${whole}s`;
}

const percent = (part, whole) => (whole ? write((100 * part) / whole, { kind: "percent" }) : "–");

function niceStep(span, count, unit) {
  const rough = span / count;
  if (unit?.kind === "duration") {
    if (rough > 43200) return niceStep(span / 86400, count) * 86400;
    const found = TIME_STEPS.find((step) => step >= rough);
    if (rough > 0.5) return found;
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 5, 10].find((step) => step * power >= rough * 0.999);
}

// A scale from values to places, with its ticks: [{value, at}].
function makeScale(low, high, from, to, axis = {}) {
  if (axis.scale === "log") return makeLogScale(low, high, from, to);
  if (low === high) high = low + 1;
  const isWhole = axis.isWhole && high - low < 5;
  const step = isWhole ? 1 : niceStep(high - low, Math.max(2, Math.min(6, Math.abs(to - from) / 45)), axis.unit);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const at = (value) => from + ((value - first * step) / ((last - first) * step)) * (to - from);
  const ticks = [];
  for (let place = first; place <= last; place++) {
    const value = +(place * step).toPrecision(12);
    ticks.push({ value, at: at(value) });
  }
  return { at, ticks, base: at(Math.max(0, first * step)) };
}

function makeLogScale(low, high, from, to) {
  const first = Math.floor(Math.log10(low > 0 ? low : 1));
  const last = Math.max(first + 1, Math.ceil(Math.log10(high > 0 ? high : 10) - 1e-9));
  const at = (value) => (value > 0 ? from + ((Math.log10(value) - first) / (last - first)) * (to - from) : from);
  const ticks = [];
  for (let power = first; power <= last; power++) ticks.push({ value: 10 ** power, at: at(10 ** power) });
  return { at, ticks, base: from };
}
