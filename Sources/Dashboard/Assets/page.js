// Keeps the page as the node is: by server-sent events while somebody looks, not at all while nobody does.
import { drawAgain, render } from "./panels.js";
import { bar } from "./charts.js";
import { pulse } from "./map.js";
import { bytes, clock, el, fileName, fill, isKnown, name, plural } from "./words.js";

const link = document.getElementById("link");
const arrivals = document.getElementById("arrivals");
const arrivalsMax = 40;
let [source, state, retry] = [undefined, undefined, undefined];
let quiet = { count: 0, from: new Set(), timer: undefined };

function tell(kind, words) {
    if (link.dataset.kind === kind) return;
    link.dataset.kind = kind;
    link.textContent = words;
}

function connect() {
    clearTimeout(retry);
    source?.close();
    if (document.hidden) return;
    source = new EventSource("/events");
    source.addEventListener("open", () => tell("live", "Live"));
    source.addEventListener("state", (event) => show(JSON.parse(event.data)));
    source.addEventListener("live", (event) => happen(JSON.parse(event.data)));
    source.addEventListener("error", lost);
}

/** The browser tries again by itself, unless it was answered with a refusal. */
async function lost() {
    tell("lost", "Not connected: this is how it was. Trying again …");
    if (source.readyState !== EventSource.CLOSED) return;
    const status = await fetch("/state.json").then((answer) => answer.status, () => 0);
    if (status === 401) return tell("out", "Signed out: run `iom dashboard --open` on the device.");
    retry = setTimeout(connect, 2000);
}

function show(next) {
    tell("live", "Live");
    state = next;
    render(state);
}

const reasons = { reader: "read by", command: "asked for by iom", pin: "pinned", policy: "to be kept here", prefetch: "ahead of its use" };

function happen({ arrivals: come, more, underway }) {
    fill(document.getElementById("underway"), underway.map((one) => {
        const parts = [{ value: one.localByteCount, kind: "here", words: `${bytes(one.localByteCount)} of ${bytes(one.byteCount)}` }];
        const { name: own } = fileName(one.name);
        return el("li", {}, el("div", { class: "bar-head" }, name(own), el("small", {}, one.localByteCount > 0 ? parts[0].words : bytes(one.byteCount))),
            isKnown(one.byteCount) && one.localByteCount > 0 ? bar(parts, one.byteCount, "How much has come") : el("div", { class: "busy", "aria-hidden": "true" }));
    }));
    for (const one of come) {
        const { name: own, place } = fileName(one.name);
        const why = one.reason ? [reasons[one.reason] ?? one.reason, one.reason === "reader" || one.reason === "command" ? one.program : ""].filter(Boolean).join(" ") : "";
        arrivals.prepend(el("li", {}, el("time", {}, clock(Date.now())), el("span", { class: "thing" }, name(own),
            el("small", {}, name(place), " · from ", name(one.holder), why && " · ", why && name(why))), el("small", {}, bytes(one.byteCount))));
        pulse(one.holder);
        quiet.count += 1;
        quiet.from.add(one.holder);
    }
    quiet.count += more;
    while (arrivals.childElementCount > arrivalsMax) arrivals.lastElementChild.remove();
    if (quiet.count > 0 && !quiet.timer) speak();
}

/** Says what came now and then, not each of a thousand. */
function speak() {
    document.getElementById("live-words").textContent = `${plural(quiet.count, "object")} came from ${[...quiet.from].join(", ")}.`;
    quiet = { count: 0, from: new Set(), timer: setTimeout(() => {
        quiet.timer = undefined;
        if (quiet.count > 0) speak();
    }, 3000) };
}

document.getElementById("live-words").textContent = "Nothing has come since this page was opened.";
document.addEventListener("visibilitychange", () => (document.hidden ? source?.close() : connect()));
let width = innerWidth;
addEventListener("resize", () => {
    if (!state || width === innerWidth) return;
    width = innerWidth;
    drawAgain();
    render(state);
});
connect();
