// The devices and the lines between them, on which what comes is seen to come.
import { isKnown, svg } from "./words.js";

const width = 360;
let middle = { x: 180, y: 55 };
let places = new Map();

const signs = {
    archive: "M-9 -8h18v5h-18z M-8 -1h16v10h-16z M-3 2h6",
    cache: "M-9 -7h18v11h-18z M-12 8h24",
    minimal: "M-5 -10h10v20h-10z M-1 7h2",
};

function device(instance, place) {
    const radius = instance.isThis ? 30 : 24;
    const share = isKnown(instance.storage?.used) && instance.storage?.total > 0
        ? Math.min(1, instance.storage.used / instance.storage.total) : 0;
    const turn = 2 * Math.PI * radius;
    const state = instance.status === "online" || instance.status === "syncing" ? "good" : instance.status === "revoked" ? "bad" : "off";
    return svg("g", { transform: `translate(${place.x} ${place.y})`, class: `device is-${state}` },
        svg("circle", { r: radius, class: "device-disk" }),
        svg("circle", { r: radius, fill: "none", class: "stroke-track", "stroke-width": 4 }),
        share > 0 && svg("circle", {
            r: radius, fill: "none", class: `stroke-${share > 0.9 ? "bad" : share > 0.7 ? "warn" : "here"}`, "stroke-width": 4,
            "stroke-dasharray": `${share * turn} ${turn}`, transform: "rotate(-90)",
        }),
        svg("path", { d: signs[instance.role] ?? signs.cache, class: "device-sign" }),
        svg("circle", { cx: radius * 0.72, cy: -radius * 0.72, r: 6, class: `device-lamp fill-${state}` }),
        svg("text", { y: radius + 16, class: "device-name" }, short(instance.name)));
}

const short = (text) => (text.length > 16 ? text.slice(0, 15) + "…" : text);

/** Draws the map; says in words what it shows. */
export function map(instances) {
    const own = instances.find((instance) => instance.isThis);
    const others = instances.filter((instance) => !instance.isThis && instance.status !== "revoked").slice(0, 8);
    places = new Map();
    // Beside it first: there is more room in the width.
    const isFlat = others.length < 3;
    const height = isFlat ? 120 : 250;
    middle = { x: others.length === 1 ? 240 : 180, y: isFlat ? 50 : 118 };
    if (own) places.set(own.name, middle);
    others.forEach((other, index) => {
        const angle = isFlat ? index * Math.PI : (index / others.length) * 2 * Math.PI;
        places.set(other.name, { x: middle.x - 118 * Math.cos(angle), y: middle.y - (isFlat ? 0 : 80 * Math.sin(angle)) });
    });
    const lines = others.map((other) => {
        const place = places.get(other.name);
        const isOn = other.status === "online" || other.status === "syncing";
        return svg("line", { x1: place.x, y1: place.y, x2: middle.x, y2: middle.y, class: isOn ? "tie is-on" : "tie" });
    });
    const online = others.filter((other) => other.status !== "offline").length;
    const words = `${own?.name ?? "This device"} is connected to ${online} of ${others.length} other devices.`;
    const shown = own ? [...others, own] : others;
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words, class: "picture" },
        ...lines, svg("g", { id: "pulses" }), ...shown.map((instance) => device(instance, places.get(instance.name))));
}

/** Lets something run along the line from a device to this one. */
export function pulse(holder) {
    const [from, to, layer] = [places.get(holder), middle, document.getElementById("pulses")];
    if (!from || !layer || layer.childElementCount > 12 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const dot = svg("circle", { r: 5, class: "pulse" });
    layer.append(dot);
    dot.animate(
        [{ transform: `translate(${from.x}px, ${from.y}px)` }, { transform: `translate(${to.x}px, ${to.y}px)` }],
        { duration: 900, easing: "ease-in-out" },
    ).finished.then(() => dot.remove(), () => dot.remove());
}
