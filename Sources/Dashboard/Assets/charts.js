// Pictures, each with words for who does not see it.
import { bytes, el, isKnown, percent, svg, clock, duration } from "./words.js";

let count = 0;

/** A picture with a title and a description. */
function picture(width, height, title, description, ...children) {
    count += 1;
    const ids = `picture-${count}-title picture-${count}-words`;
    return svg(
        "svg",
        { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-labelledby": ids, class: "picture" },
        svg("title", { id: `picture-${count}-title` }, title),
        svg("desc", { id: `picture-${count}-words` }, description),
        ...children,
    );
}

/** A bar of parts; each part is { value, kind, words }. */
export function bar(parts, whole, title, height = 10) {
    const words = parts.map((part) => part.words).filter(Boolean).join(", ");
    let start = 0;
    const scale = (value) => (whole > 0 ? Math.max(0, Math.min(1, value / whole)) * 100 : 0);
    const shapes = parts.map((part) => {
        const width = Math.min(100 - start, scale(part.value));
        const shape = svg("rect", { x: start, y: 0, width, height: 10, class: `fill-${part.kind}` });
        start += width;
        return shape;
    });
    const node = picture(100, 10, title, words || "nothing", ...shapes);
    node.setAttribute("preserveAspectRatio", "none");
    node.setAttribute("class", "bar");
    node.removeAttribute("width");
    node.setAttribute("height", height);
    return node;
}

/** A ring of parts with words in the middle. */
export function ring(parts, middle, below, title, size = 150) {
    const whole = parts.reduce((sum, part) => sum + part.value, 0);
    const [radius, turn] = [42, 2 * Math.PI * 42];
    let start = 0;
    const arcs = parts.filter((part) => part.value > 0).map((part) => {
        const length = (part.value / whole) * turn;
        const gap = parts.length > 1 && length > 4 ? 1.5 : 0;
        const arc = svg("circle", {
            cx: 50, cy: 50, r: radius, fill: "none", class: `stroke-${part.kind}`, "stroke-width": 12,
            "stroke-dasharray": `${Math.max(0.5, length - gap)} ${turn}`, "stroke-dashoffset": -start,
            transform: "rotate(-90 50 50)",
        });
        start += length;
        return arc;
    });
    const node = picture(
        100, 100, title, parts.map((part) => part.words).join(", "),
        svg("circle", { cx: 50, cy: 50, r: radius, fill: "none", class: "stroke-track", "stroke-width": 12 }),
        ...arcs,
        svg("text", { x: 50, y: 51, class: "ring-middle" }, middle),
        svg("text", { x: 50, y: 63, class: "ring-below" }, below),
    );
    node.setAttribute("width", size);
    node.setAttribute("height", size);
    return node;
}

/** What each colour stands for. */
export const legend = (items) =>
    el("ul", { class: "legend" }, items.map(([kind, words]) =>
        el("li", {}, svg("svg", { width: 12, height: 12, "aria-hidden": "true" },
            svg("rect", { width: 12, height: 12, rx: 3, class: `fill-${kind}` })), words)));

/** The same as a table. */
export function table(key, caption, heads, rows) {
    return el("details", { "data-key": key }, el("summary", { "data-key": `${key}-summary` }, "As a table"),
        el("div", { class: "scroll" }, el("table", {}, el("caption", {}, caption),
            el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
            el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell))))))));
}

/** Bins of time with what happened in each. */
export function bins(points, binCount = 32) {
    if (points.length < 2) return [];
    const [begin, end] = [points[0].time, points.at(-1).time];
    const width = Math.max(5000, (end - begin) / binCount);
    const found = [];
    for (let index = 1; index < points.length; index += 1) {
        const [before, after] = [points[index - 1], points[index]];
        const place = Math.min(binCount - 1, Math.floor((after.time - begin) / width));
        const bin = (found[place] ??= { from: begin + place * width, to: begin + (place + 1) * width, hits: 0, misses: 0, buckets: [] });
        bin.hits += Math.max(0, after.hits - before.hits);
        bin.misses += Math.max(0, after.misses - before.misses);
        after.buckets.forEach((value, at) => {
            bin.buckets[at] = (bin.buckets[at] ?? 0) + Math.max(0, value - (before.buckets[at] ?? 0));
        });
    }
    return Array.from({ length: Math.min(binCount, found.length) }, (_, place) => found[place]);
}

/** The time within which a share of fetches was done: the bound of the bucket it falls into. */
export function quantile(buckets, bounds, share) {
    const whole = buckets.reduce((sum, value) => sum + value, 0);
    if (whole === 0) return undefined;
    let sum = 0;
    for (let index = 0; index < buckets.length; index += 1) {
        sum += buckets[index];
        if (sum >= whole * share) return bounds[Math.min(index, bounds.length - 1)];
    }
    return bounds.at(-1);
}

const frame = { left: 46, right: 8, top: 8, bottom: 22, height: 150 };

function axes(width, ticks, y, from, to) {
    const right = width - frame.right;
    const lines = ticks.flatMap(([value, words]) => [
        svg("line", { x1: frame.left, x2: right, y1: y(value), y2: y(value), class: "grid" }),
        svg("text", { x: frame.left - 6, y: y(value) + 4, class: "tick end" }, words),
    ]);
    const bottom = frame.height - 6;
    return [...lines, svg("text", { x: frame.left, y: bottom, class: "tick" }, clock(from)),
        svg("text", { x: right, y: bottom, class: "tick end" }, clock(to))];
}

/** Columns of a share between 0 and 1; nothing where nothing is known. */
export function shareChart(list, width, title, words) {
    const plot = frame.height - frame.top - frame.bottom;
    const y = (value) => frame.top + (1 - value) * plot;
    const step = (width - frame.left - frame.right) / Math.max(1, list.length);
    const columns = list.map((bin, index) => {
        const whole = bin ? bin.hits + bin.misses : 0;
        if (whole === 0) return undefined;
        const share = bin.hits / whole;
        const wide = Math.min(28, Math.max(1, step * 0.8));
        const box = { x: frame.left + (index + 0.5) * step - wide / 2, width: wide };
        return svg("g", {},
            svg("rect", { ...box, y: y(1), height: Math.max(0, y(share) - y(1)), class: "fill-away" }),
            svg("rect", { ...box, y: y(share), height: Math.max(0, y(0) - y(share)), class: "fill-here" }));
    }).filter(Boolean);
    const known = list.filter(Boolean);
    return picture(width, frame.height, title, words,
        ...axes(width, [[0, "0 %"], [0.5, "50 %"], [1, "100 %"]], y, known[0].from, known.at(-1).to), ...columns);
}

/** Lines of durations on a logarithmic scale. */
export function durationChart(list, lines, width, title, words) {
    const values = lines.flatMap((line) => line.values).filter(isKnown);
    const low = Math.min(0.01, ...values);
    const high = Math.max(1, ...values);
    const [bottom, top] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const plot = frame.height - frame.top - frame.bottom;
    const y = (value) => frame.top + (1 - (Math.log10(value) - bottom) / (top - bottom)) * plot;
    const step = (width - frame.left - frame.right) / Math.max(1, list.length);
    const ticks = Array.from({ length: top - bottom + 1 }, (_, index) => 10 ** (bottom + index));
    const shapes = lines.flatMap((line) => {
        const places = line.values.map((value, index) => (isKnown(value) ? [frame.left + (index + 0.5) * step, y(value)] : undefined));
        const shown = places.filter(Boolean);
        return [
            svg("polyline", { points: shown.map((place) => place.join(",")).join(" "), class: `line-${line.kind}` }),
            ...shown.map(([x, at]) => svg("circle", { cx: x, cy: at, r: 2.6, class: `fill-${line.kind}` })),
        ];
    });
    const known = list.filter(Boolean);
    return picture(width, frame.height, title, words,
        ...axes(width, ticks.map((tick) => [tick, duration(tick)]), y, known[0].from, known.at(-1).to), ...shapes);
}

/** How full something is, in words and as a bar. */
export function fullness(used, total, label) {
    if (!isKnown(used)) return el("p", { class: "muted" }, "storage unknown");
    const share = isKnown(total) && total > 0 ? used / total : undefined;
    const kind = share > 0.9 ? "bad" : share > 0.7 ? "warn" : "here";
    const words = isKnown(total) ? `${bytes(used)} of ${bytes(total)}, ${percent(used, total)}` : `${bytes(used)}, no limit`;
    return el("div", { class: "fullness" }, isKnown(total) && bar([{ value: used, kind, words }], total, label), el("span", {}, words));
}
