import Foundation
import Node
import Objects
import SystemPackage
import Testing

/// The dashboard without a mouse, and for who does not see it; what it does is looked for on the disk.
@Suite(.serialized, .enabled(if: Browser.isInstalled && Household.canMount), .timeLimit(.minutes(5)))
struct KeyboardTests {
    @Test func `All that a page can do is done by the keyboard, is on the disk then, and every control has a name`()
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.writeConversations(["Book club"])
            try await archive.serve()
            let bytes = Dice(seed: 21).bytes(50_000)
            let source = try home.folder("letters")
            try home.write(bytes, to: source.appending("map.png"))
            try await archive.succeed("add", source.string)
            let laptop = try await home.join(to: archive)
            try await laptop.mount()
            try await laptop.synced(with: archive)
            let page = try await Browser(in: home)
            try await page.open(try await DashboardVisitor.link(to: laptop))
            try await page.eventually("it is signed in", "document.getElementById('link')?.dataset.kind === 'live'")
            try await page.eventually("it is drawn", "document.querySelectorAll('.device-card').length === 2")
            try await fetchAndEvict(ObjectHash(of: bytes), on: page, at: laptop)
            try await showsFigures(of: laptop, on: page)
            try await checkNames(on: page, atLeast: 12)
            try await page.open(try await DashboardVisitor.link(to: archive))
            try await revoke(on: page, at: archive)
        }
    }

    private static let actionWords = "document.getElementById('act-words').textContent"
    private static let dialogWords = "document.getElementById('dialog').textContent"
    private static let isOpen = "document.getElementById('dialog').open"

    private func fetchAndEvict(_ hash: ObjectHash, on page: Browser, at laptop: Instance) async throws {
        #expect(!laptop.holds(hash))
        try await page.tab(to: "document.activeElement.id === 'path'")
        try await page.type("files/letters/map.png")
        try await page.tab(to: "document.activeElement.value === 'fetch'")
        try await page.press("Enter")
        try await page.eventually("it is fetched", "/1 file fetched, 50.0 kB/.test(\(Self.actionWords))")
        #expect(laptop.holds(hash))

        // First only a rehearsal.
        try await page.tab(to: "document.activeElement.value === 'evict'")
        try await page.press("Enter")
        try await page.eventually("it is told what would go", "/1 file would go/.test(\(Self.dialogWords))")
        #expect(laptop.holds(hash))
        try await page.press("Escape")
        try await page.eventually("the dialog is gone", "!\(Self.isOpen)")
        // The focus is where it was before.
        #expect(try await page.evaluate("document.activeElement.value === 'evict'") as? Bool == true)
        #expect(laptop.holds(hash))

        try await page.press("Enter")
        try await page.eventually("it is told again", "/1 file would go/.test(\(Self.dialogWords))")
        try await page.tab(to: "document.activeElement.matches('dialog .danger')")
        try await page.press("Enter")
        try await page.eventually("it is dropped", "/1 file dropped, 50.0 kB/.test(\(Self.actionWords))")
        #expect(!laptop.holds(hash))
    }

    /// What the page shows in words is what `iom status` says.
    private func showsFigures(of laptop: Instance, on page: Browser) async throws {
        var missing: [String] = []
        let begin = ContinuousClock.now
        repeat {
            let snapshot = try await laptop.status()
            let (stats, storage) = (snapshot.stats, snapshot.storage)
            let text = try await page.text("document.getElementById('main').innerText.replace(/\\s+/g, ' ')")
            missing = [
                "\(ByteCount(stats.localSize)) of \(ByteCount(stats.totalSize)) in \(stats.totalObjects) objects",
                // What is used changes with the journal of the catalog, also because somebody asks.
                "of \(ByteCount(storage.total ?? 0)) allowed here",
                "Only here so far \(stats.underReplicated ?? -1)",
                "\(stats.localObjects) objects, \(ByteCount(stats.localSize))",
                "connection established", "object received", "evicted",
            ].filter { !text.contains($0) }
            if missing.isEmpty { return }
            try await Task.sleep(for: .milliseconds(200))
        } while ContinuousClock.now - begin < .seconds(30)
        let shown = try await page.text("document.getElementById('main').innerText")
        Issue.record("the page does not show \(missing): \(shown)")
    }

    private func checkNames(on page: Browser, atLeast count: Int) async throws {
        let controls = try await page.namelessControls()
        #expect(controls.count >= count && controls.unnamed == [], "\(controls)")
    }

    private func revoke(on page: Browser, at archive: Instance) async throws {
        func state() async throws -> String? {
            try await archive.json("peers").first { $0["name"] as? String == "laptop" }?["status"] as? String
        }
        try await page.eventually("the button", "document.querySelector('.device-card .danger') !== null")
        try await page.tab(to: "document.activeElement.matches('.device-card .danger')")
        try await page.press("Enter")
        try await page.eventually("it asks", Self.isOpen)
        #expect(try await page.evaluate("document.activeElement.id === 'revoke-name'") as? Bool == true)
        try await checkNames(on: page, atLeast: 3)
        try await page.type("lapto")
        try await page.press("Enter")
        #expect(try await page.evaluate("document.querySelector('dialog .danger').disabled") as? Bool == true)
        #expect(try await state() == "online")
        try await page.type("p")
        try await page.press("Enter")
        try await page.eventually("it is done", "document.querySelector('.device-card .chip.is-bad') !== null")
        #expect(try await state() == "revoked")
    }
}
