// What a person does: asked for line by line, so that it can be stopped, and confirmed where something is lost by it.
import { bytes, el, fileName, fill, name, number, plural } from "./words.js";

const token = document.querySelector("meta[name=token]").content;
const words = document.getElementById("act-words");
const dialog = document.getElementById("dialog");

/** Asks for something; each line that comes is handed over. Throws what went wrong, in words. */
async function ask(action, wish, each = () => {}, signal = undefined) {
    const answer = await fetch(`/actions/${action}`, {
        method: "POST", body: JSON.stringify(wish), signal,
        headers: { "Content-Type": "application/json", "X-IoM-Token": token },
    });
    if (!answer.ok) throw new Error((await answer.text()).trim() || "the node refused");
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the node went away while it was working");
        const lines = (rest + value).split("\n");
        rest = lines.pop();
        for (const line of lines) {
            const message = JSON.parse(line);
            if (message.done) return;
            if (message.failed) throw new Error(message.failed);
            each(message.item);
        }
    }
}

const say = (...text) => fill(words, text.map((part) => (typeof part === "string" ? document.createTextNode(part) : part)));

async function report(work) {
    try {
        await work();
    } catch (error) {
        say("Not done: ", name(error.message));
    }
}

export const pin = (path) => report(async () => {
    let shortage = "";
    await ask("pin", { names: [path] }, (item) => (shortage = item.shortage?._0 ?? shortage));
    say(name(path), " stays here from now on. ", shortage);
});

export const unpin = (path) => report(async () => {
    await ask("unpin", { names: [path] });
    say(name(path), " is no longer pinned; nothing was dropped.");
});

export const fetchNow = (path) => report(async () => {
    let last = { files: 0, byteCount: 0, alreadyHere: 0 };
    const stop = new AbortController();
    const button = el("button", { type: "button", class: "quiet small", "data-key": "stop", click: () => stop.abort() }, "Stop");
    say("Fetching ", name(path), " … ", button);
    try {
        await ask("fetch", { names: [path] }, (item) => {
            last = item;
            say("Fetching ", name(path), `: ${plural(item.files, "file")}, ${bytes(item.byteCount)} so far `, button);
        }, stop.signal);
    } catch (error) {
        if (!stop.signal.aborted) throw error;
        return say("Stopped: what has come stays.");
    }
    say(`${plural(last.files, "file")} fetched, ${bytes(last.byteCount)}; ${number(last.alreadyHere)} were here.`);
});

function show(title, ...body) {
    fill(dialog, el("h2", { id: "dialog-title" }, title), ...body);
    if (!dialog.open) dialog.showModal();
}

const close = () => dialog.close();
const cancel = (words = "Cancel") => el("button", { type: "button", class: "quiet", click: close }, words);

/** First only told what would go; then, if that is meant, done. */
export const evict = (path) => report(async () => {
    show("Make room", el("p", {}, "Looking what could go of ", name(path), " …"), el("div", { class: "buttons" }, cancel()));
    const outcomes = [];
    let sum = { evicted: 0, byteCount: 0, kept: 0 };
    const collect = (item) => {
        if (item.outcome) outcomes.push(item.outcome._0);
        if (item.sum) sum = item.sum._0;
    };
    try {
        await ask("evict", { names: [path], isRehearsal: true }, collect);
    } catch (error) {
        return show("Make room", el("p", { class: "bad", role: "alert" }, error.message), el("div", { class: "buttons" }, cancel("Close")));
    }
    const list = el("ul", { class: "things scroll", tabindex: 0, "aria-label": "What would go and what stays" }, outcomes.slice(0, 200).map((one) =>
        el("li", {}, el("span", { class: "thing" }, name(fileName(one.path).name), el("small", {}, one.isEvicted ? (one.holder ? ["goes; ", name(one.holder), " has it"] : "goes") : `stays: ${one.reason}`)),
            el("small", {}, bytes(one.byteCount)))));
    const go = el("button", { type: "button", class: "danger", click: () => carryOut(path) }, `Drop ${plural(sum.evicted, "file")}, ${bytes(sum.byteCount)}`);
    show("Make room", el("p", {}, name(path), sum.evicted > 0
        ? `: ${plural(sum.evicted, "file")} would go from this device and stay known; other devices have them. ${number(sum.kept)} stay.`
        : ": nothing can go now."), list, el("div", { class: "buttons" }, cancel(sum.evicted > 0 ? "Cancel" : "Close"), sum.evicted > 0 && go));
});

async function carryOut(path) {
    let sum = { evicted: 0, byteCount: 0 };
    try {
        await ask("evict", { names: [path] }, (item) => (sum = item.sum?._0 ?? sum));
        close();
        say(`${plural(sum.evicted, "file")} dropped, ${bytes(sum.byteCount)} free.`);
    } catch (error) {
        show("Make room", el("p", { class: "bad", role: "alert" }, error.message), el("div", { class: "buttons" }, cancel()));
    }
}

/** Only after its name was typed. */
export function revoke(device) {
    const field = el("input", { type: "text", id: "revoke-name", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    const force = el("input", { type: "checkbox", id: "revoke-force" });
    const forced = el("p", { hidden: true }, force, " ", el("label", { for: "revoke-force" }, "Revoke it although what it alone has is lost then"));
    const problem = el("p", { class: "bad", role: "alert" });
    const go = el("button", { type: "submit", class: "danger", disabled: true }, "Revoke for ever");
    field.addEventListener("input", () => (go.disabled = field.value !== device));
    const form = el("form", { submit: async (event) => {
        event.preventDefault();
        go.disabled = true;
        problem.textContent = "";
        try {
            await ask("revoke", { names: [device], isForced: force.checked });
            close();
            say(name(device), " is revoked.");
        } catch (error) {
            problem.textContent = error.message;
            forced.hidden = !error.message.includes("--force");
            go.disabled = false;
        }
    } },
    el("p", {}, "It is shut out of everything, for ever. It can still read what it holds."),
    el("label", { for: "revoke-name" }, "To confirm, type its name: ", name(device)), field, forced, problem,
    el("div", { class: "buttons" }, cancel(), go));
    show("Revoke a device", form);
    field.focus();
}

document.getElementById("act").addEventListener("submit", (event) => {
    event.preventDefault();
    const path = document.getElementById("path").value.trim().replace(/^\/+|\/+$/g, "");
    const action = { pin, fetch: fetchNow, evict }[event.submitter?.value ?? "pin"];
    if (path) action(path);
});

document.getElementById("sign-out").addEventListener("click", async () => {
    await fetch("/sign-out", { method: "POST", headers: { "X-IoM-Token": token } }).catch(() => {});
    location.assign("/");
});
