// Numbers, times and nodes of the page. Text from anywhere goes through text nodes only.

/** A node with attributes and children; strings become text. */
export function el(tag, attributes = {}, ...children) {
    return build(document.createElement(tag), attributes, children);
}

const svgSpace = "http://www.w3.org/2000/svg";

/** The same for pictures. */
export function svg(tag, attributes = {}, ...children) {
    return build(document.createElementNS(svgSpace, tag), attributes, children);
}

function build(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (typeof value === "function") node.addEventListener(name, value);
        else node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
    return node;
}

/** A name that others may have given: whatever direction it is written in, it stays in its place. */
export const name = (text) => el("bdi", { class: "name" }, text);

/** Puts nodes into a place, leaving the focus and what was unfolded as it was. */
export function fill(place, ...nodes) {
    const focus = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const open = new Set([...place.querySelectorAll("details[open]")].map((details) => details.dataset.key));
    place.replaceChildren(...nodes.flat().filter(Boolean));
    for (const details of place.querySelectorAll("details")) details.open = open.has(details.dataset.key);
    if (!focus) return;
    [...place.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focus)?.focus();
}

export const isKnown = (value) => value !== undefined && value !== null;
export const unknown = "unknown";

/** Three significant digits: 1.05 MB. */
export function bytes(count) {
    if (!isKnown(count)) return unknown;
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (count >= 999.5 && unit < units.length - 1) {
        count /= 1000;
        unit += 1;
    }
    return (unit === 0 || count >= 100 ? Math.round(count) : count.toPrecision(3)) + " " + units[unit];
}

export const number = (value) => (isKnown(value) ? value.toLocaleString("en") : unknown);
export const percent = (part, whole) => (whole > 0 ? Math.round((100 * part) / whole) + " %" : unknown);
export const plural = (count, word) => `${number(count)} ${word}${count === 1 ? "" : "s"}`;

/** How long ago, roughly. */
export function ago(milliseconds) {
    if (!isKnown(milliseconds)) return unknown;
    const seconds = Math.max(0, (Date.now() - milliseconds) / 1000);
    if (seconds < 5) return "just now";
    for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60]]) {
        if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
    }
    return `${Math.floor(seconds)} s ago`;
}

export function clock(milliseconds) {
    const time = new Date(milliseconds);
    const isToday = time.toDateString() === new Date().toDateString();
    const minutes = time.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    return isToday ? minutes : time.toLocaleDateString("en-GB", { day: "numeric", month: "short" }) + " " + minutes;
}

export function duration(seconds) {
    if (!isKnown(seconds)) return unknown;
    if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
    return seconds < 60 ? `${seconds.toPrecision(2)} s` : `${Math.round(seconds / 60)} min`;
}

/** The last part of a path first, for it says most. */
export function fileName(path) {
    const parts = path.split("/");
    if (/^[0-9a-f]{64}$/.test(path)) return { name: path.slice(0, 12) + "…", place: "object" };
    return { name: parts.at(-1), place: parts.slice(0, -1).join(" / ") };
}
