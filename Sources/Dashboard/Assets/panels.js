// What each panel shows of the state.
import { bar, bins, durationChart, fullness, legend, quantile, ring, shareChart, table } from "./charts.js";
import { evict, fetchNow, pin, revoke, unpin } from "./actions.js";
import { map } from "./map.js";
import { ago, bytes, clock, duration, el, fileName, fill, isKnown, name, number, percent, plural, unknown } from "./words.js";

const place = (id) => document.getElementById(id);
const note = (text) => el("p", { class: "muted" }, text);
const button = (key, words, action, kind = "quiet small") => el("button", { type: "button", class: kind, "data-key": key, click: action }, words);

const shown = new Map();
/** Draws a panel again if what it is made of has changed. */
function draw(id, data, body) {
    const text = JSON.stringify(data ?? null);
    if (shown.get(id) === text) return;
    shown.set(id, text);
    fill(place(id), body());
}

export function drawAgain() {
    shown.clear();
}

export function render(state) {
    const { snapshot, shares, history, events } = state;
    place("role").textContent = snapshot.role + (snapshot.isCustodian ? ", has your key" : "");
    summary(snapshot);
    devices(snapshot);
    kinds(shares);
    conversations(shares);
    reading(history, snapshot);
    ahead(snapshot.stats.ahead);
    copies(snapshot, shares);
    holders(snapshot, shares);
    draw("pins", shares.pins, () => pinList(shares.pins));
    draw("event-list", [events, snapshot.instances.length], () => eventList(events, snapshot.instances));
}

function tile(label, value, below, picture) {
    return el("div", { class: "tile" }, el("p", { class: "label" }, label), el("p", { class: "value" }, value), picture, el("p", { class: "muted" }, below));
}

function summary({ stats, storage, pending, quarantined }) {
    draw("summary", [stats, storage, pending, quarantined], () => {
        const [here, all] = [stats.localSize, stats.totalSize];
        const alone = stats.underReplicated;
        const whole = storage.total ?? (isKnown(storage.free) ? storage.used + storage.free : undefined);
        const reads = stats.reads;
        const used = isKnown(storage.total) ? `of ${bytes(storage.total)} allowed here` : `no limit, ${bytes(storage.free)} free`;
        const share = reads && reads.hits + reads.misses > 0 ? percent(reads.hits, reads.hits + reads.misses) : undefined;
        return [
            tile("Here", bytes(here), `of ${bytes(all)} in ${plural(stats.totalObjects, "object")}`,
                bar([{ value: here, kind: "here", words: `${percent(here, all)} is here` }], all, "How much is here")),
            tile("Disk", bytes(storage.used), used, bar([{ value: storage.used, kind: storage.percentage > 90 ? "bad" : storage.percentage > 70 ? "warn" : "here", words: percent(storage.used, whole) }], whole, "Use of the disk")),
            share ? tile("Opened without waiting", share, `${number(reads.hits)} of ${plural(reads.hits + reads.misses, "file")}`,
                bar([{ value: reads.hits, kind: "here", words: share }], reads.hits + reads.misses, "Opened without waiting"))
                : tile("Conversations", number(stats.conversations), `${plural(stats.messages, "message")}, ${plural(stats.attachments, "attachment")}`),
            tile("Only here so far", isKnown(alone) ? number(alone) : "…", alone === 0 ? "an archive has everything" : isKnown(alone) ? "no archive has these yet" : "being found out"),
            pending > 0 && tile("Waiting", plural(pending, "message"), "for a device with your key"),
            quarantined > 0 && tile("Damaged", plural(quarantined, "file"), "set aside; `iom fsck` tells more"),
        ].filter(Boolean);
    });
}

const states = { online: ["good", "online"], syncing: ["good", "catching up"], offline: ["off", "offline"], revoked: ["bad", "revoked"] };

function devices(snapshot) {
    const { instances, isCustodian } = snapshot;
    draw("map", instances.map(({ name, role, status, isThis, storage }) => [name, role, status, isThis, storage]), () => map(instances));
    const contacts = snapshot.connections.filter((connection) => connection.role === "contact");
    draw("device-list", [instances, snapshot.storage, contacts, Math.floor(Date.now() / 10000)], () =>
        [...instances.map((instance) => card(instance, snapshot, isCustodian)), ...contacts.map(contactCard)]);
}

function contactCard(contact) {
    const isOnline = contact.state === "connected";
    const [kind, words] = isOnline ? states.online : states.offline;
    const way = contact.isInitiator ? "dialled from here" : contact.isRelayed ? "came through a relay" : "came in";
    const moved = ({ objects, bytes: count }) => `${plural(objects, "object")}, ${bytes(count)}`;
    const facts = [
        [isOnline ? "Connected since" : "Gone since", isKnown(contact.since) ? ago(contact.since) : unknown],
        ["Received", moved(contact.received)], ["Sent", moved(contact.sent)],
        ["On the wire", `${bytes(contact.bytesIn)} in, ${bytes(contact.bytesOut)} out`],
    ];
    return el("article", { class: `device-card is-${kind}` },
        el("h3", {}, name(contact.name), el("span", { class: `chip is-${kind}` }, words)),
        note(["contact", isOnline && way].filter(Boolean).join(" · ")),
        el("dl", {}, facts.flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)])),
        !isOnline && contact.lastError && el("p", { class: "bad" }, contact.lastError));
}

function card(instance, snapshot, isCustodian) {
    const [kind, words] = states[instance.status] ?? ["off", instance.status];
    const room = instance.storage ?? (instance.isThis ? snapshot.storage : {});
    const work = instance.replication ?? {};
    const facts = [
        ["Last sync", instance.isThis ? undefined : isKnown(instance.lastSync) ? ago(instance.lastSync) : unknown],
        [instance.isThis ? "Being fetched" : "Changes to come", isKnown(work.queueSize) ? number(work.queueSize) : unknown],
        ["Failures", isKnown(work.failedItems) ? number(work.failedItems) : unknown],
        ["Storage as of", instance.isThis || !isKnown(room.asOf) ? undefined : ago(room.asOf)],
    ].filter(([, value]) => value !== undefined);
    return el("article", { class: `device-card is-${kind}` },
        el("h3", {}, name(instance.name), el("span", { class: `chip is-${kind}` }, words)),
        note([instance.role, instance.type, instance.isThis && "this device"].filter(Boolean).join(" · ")),
        instance.status === "revoked" ? undefined : fullness(room.used, room.total, `Storage of ${instance.name}`),
        instance.status === "revoked" ? undefined : el("dl", {}, facts.flatMap(([label, value]) => [el("dt", {}, label), el("dd", {}, value)])),
        (work.errors ?? []).slice(0, 1).map((error) => el("p", { class: "bad" }, error)),
        isCustodian && !instance.isThis && instance.status !== "revoked"
            && button(`revoke-${instance.id}`, "Revoke…", () => revoke(instance.name), "danger small"));
}

const kindNames = { attachments: "Attachments", files: "Your files", messages: "Messages and people", other: "Other" };

function kinds({ kinds }) {
    draw("kinds", kinds, () => {
        const parts = kinds.filter((kind) => kind.share.byteCount > 0).map(({ kind, share }) => ({
            value: share.byteCount, kind, words: `${kindNames[kind]}: ${bytes(share.byteCount)}, ${bytes(share.localByteCount)} here`,
        }));
        const whole = parts.reduce((sum, part) => sum + part.value, 0);
        if (whole === 0) return note("Nothing is stored yet.");
        const rows = kinds.map(({ kind, share }) => [kindNames[kind], number(share.count), bytes(share.byteCount), bytes(share.localByteCount)]);
        return [
            el("div", { class: "side" }, ring(parts, bytes(whole), "in all", "Storage by kind"),
                legend(kinds.map(({ kind, share }) => [kind, el("span", {}, kindNames[kind], el("small", {}, `${bytes(share.byteCount)}, ${bytes(share.localByteCount)} here`))]))),
            table("kinds", "Storage by kind", ["Kind", "Objects", "In all", "Here"], rows),
        ];
    });
}

function conversations({ conversations }) {
    draw("conversation-list", conversations, () => {
        if (conversations.length === 0) return note("There are no conversations yet.");
        const most = Math.max(...conversations.map((one) => one.share.byteCount));
        return [legend([["here", "here"], ["away", "with other devices"]]), el("ul", { class: "bars" }, conversations.map((one) => {
            const path = `conversations/${one.folder}`;
            const { byteCount, localByteCount } = one.share;
            const parts = [{ value: localByteCount, kind: "here", words: `${bytes(localByteCount)} here` }, { value: byteCount - localByteCount, kind: "away", words: `${bytes(byteCount - localByteCount)} not here` }];
            return el("li", {}, el("div", { class: "bar-head" }, name(one.folder),
                el("small", {}, `${plural(one.messages, "message")}, ${byteCount > 0 ? `${bytes(localByteCount)} of ${bytes(byteCount)} here` : "no attachments"}`)),
                bar(parts, most, `Attachments of ${one.folder}`),
                el("div", { class: "buttons" }, button(`pin-${path}`, "Pin", () => pin(path)), button(`fetch-${path}`, "Fetch", () => fetchNow(path)), button(`evict-${path}`, "Make room…", () => evict(path))));
        }))];
    });
}

function reading(history, { stats }) {
    const bounds = stats.fetches?.bounds ?? [];
    const width = Math.max(280, Math.min(640, place("hit-chart").clientWidth || 480));
    draw("hit-chart", [history, width], () => {
        const list = bins(history);
        const known = list.filter((bin) => bin && bin.hits + bin.misses > 0);
        if (known.length === 0) return [el("h3", {}, "Opened without waiting"), note("Nothing was opened in the folder since the node started.")];
        const [hits, all] = [known.reduce((sum, bin) => sum + bin.hits, 0), known.reduce((sum, bin) => sum + bin.hits + bin.misses, 0)];
        const words = `${number(hits)} of ${plural(all, "opened file")} ${hits === 1 ? "was" : "were"} here, ${percent(hits, all)}.`;
        return [el("h3", {}, "Opened without waiting"), shareChart(list, width, "Share of opened files that were here, over time", words), legend([["here", "here"], ["away", "fetched first"]]), note(words),
            table("hits", "Files opened", ["Until", "Here", "Fetched"], known.map((bin) => [clock(bin.to), number(bin.hits), number(bin.misses)]))];
    });
    draw("latency-chart", [history, bounds, width], () => {
        const list = bins(history);
        const times = list.map((bin) => ({ bin, half: bin && quantile(bin.buckets, bounds, 0.5), most: bin && quantile(bin.buckets, bounds, 0.9) }));
        const known = times.filter((time) => isKnown(time.half));
        if (known.length === 0) return [el("h3", {}, "How long fetches take"), note("Nothing was fetched since the node started.")];
        const lines = [{ kind: "most", values: times.map((time) => time.most) }, { kind: "half", values: times.map((time) => time.half) }];
        const words = `Lately half of the fetches took at most ${duration(known.at(-1).half)}, nine of ten at most ${duration(known.at(-1).most)}.`;
        return [el("h3", {}, "How long fetches take"), durationChart(list, lines, width, "Duration of fetches over time", words),
            legend([["half", "half within"], ["most", "nine of ten within"]]), note(words),
            table("latency", "Duration of fetches", ["Until", "Half within", "Nine of ten within"], known.map((time) => [clock(time.bin.to), duration(time.half), duration(time.most)]))];
    });
}

function ahead(report) {
    draw("ahead-body", report, () => {
        if (!report || report.fetchedBytes === 0) return note(report?.isGuessing === false ? "Guessing is off: it wasted more than it saved." : "Nothing was fetched ahead of its use yet.");
        const parts = [
            { value: report.usedBytes, kind: "here", words: `${bytes(report.usedBytes)} used` },
            { value: report.waitingBytes, kind: "away", words: `${bytes(report.waitingBytes)} not opened yet` },
            { value: report.wastedBytes, kind: "bad", words: `${bytes(report.wastedBytes)} in vain` },
        ];
        return [el("p", { class: "big" }, plural(report.waitsSaved, "wait"), " saved"),
            bar(parts, parts.reduce((sum, part) => sum + part.value, 0), "What became of what was fetched ahead", 16),
            legend(parts.map((part) => [part.kind, part.words])),
            note(`${bytes(report.fetchedBytes)} fetched ahead, learnt from ${plural(report.openings, "opening")}.` + (report.isGuessing ? "" : " Guessing is off: it wasted more than it saved."))];
    });
}

const thing = (path) => {
    const { name: own, place: folder } = fileName(path);
    return el("span", { class: "thing" }, name(own), el("small", {}, name(folder)));
};

function copies({ stats, role }, { onlyHere }) {
    draw("only-here", [stats.underReplicated, onlyHere], () => {
        const count = stats.underReplicated;
        if (!isKnown(count)) return note("This is being found out.");
        if (count === 0) return el("p", { class: "good" }, role === "archive" ? "This device keeps everything itself." : "Everything made here is with a device that keeps everything.");
        return [el("p", {}, `${plural(count, "object")} made here ${count === 1 ? "is" : "are"} with no device that keeps everything: connect this one with an archive.`),
            el("ul", { class: "things" }, onlyHere.map((one) => el("li", {}, thing(one.path ?? one.hash), el("small", {}, bytes(one.byteCount))))),
            count > onlyHere.length && note(`and ${number(count - onlyHere.length)} more`)];
    });
}

function holders({ stats, name: own }, { holders }) {
    draw("holder-list", [stats.localSize, stats.localObjects, stats.totalSize, holders], () => {
        const all = [{ name: own, share: { count: stats.localObjects, byteCount: stats.localSize } }, ...holders];
        return [el("ul", { class: "bars" }, all.map((one) => el("li", {},
            el("div", { class: "bar-head" }, name(one.name), el("small", {}, `${plural(one.share.count, "object")}, ${bytes(one.share.byteCount)}`)),
            bar([{ value: one.share.byteCount, kind: "here", words: percent(one.share.byteCount, stats.totalSize) }], stats.totalSize, `What ${one.name} has`)))),
            holders.length === 0 && note("No other device has told what it has.")];
    });
}

function pinList(pins) {
    if (pins.length === 0) return note("Nothing is pinned.");
    return el("ul", { class: "bars" }, pins.map((one) => el("li", {},
        el("div", { class: "bar-head" }, name(one.pin), el("small", {}, isKnown(one.files) ? `${number(one.localFiles)} of ${plural(one.files, "file")} here` : "nothing of this name is known")),
        isKnown(one.byteCount) && bar([{ value: one.localByteCount, kind: "here", words: `${bytes(one.localByteCount)} here` }], one.byteCount, `How much of ${one.pin} is here`),
        el("div", { class: "buttons" }, button(`unpin-${one.pin}`, "Unpin", () => unpin(one.pin))))));
}

/** A hash as people know it: the device it is, or how it begins. */
function known(text, instances) {
    if (!/^[0-9a-f]{64}$/.test(text)) return text;
    return instances.find((instance) => instance.id === text)?.name ?? fileName(text).name;
}

function eventList(events, instances) {
    if (events.length === 0) return el("li", { class: "muted" }, "Nothing has happened yet.");
    return [...events].reverse().slice(0, 40).map((event) => el("li", { class: event.failed ? "bad" : undefined },
        el("time", { datetime: new Date(event.time).toISOString() }, clock(event.time)),
        el("span", {}, el("strong", {}, event.type.replaceAll("-", " ")), event.count > 1 ? ` (${number(event.count)} times) ` : " ",
            [event.source, event.target, event.details].filter(Boolean).flatMap((text) => [name(known(text, instances)), " "]))));
}
