import Foundation
import Node
import SystemPackage
import Testing

/// The dashboard in a real browser.
@Suite(.serialized, .enabled(if: Browser.isInstalled && Household.canMount), .timeLimit(.minutes(5)))
struct BrowserTests {
    @Test func `A page signs in, shows a fetch as it happens, survives a restart, and revokes a device`() async throws {
        try await Household.with { home in
            let archive = try await home.demo()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let relay = try home.relay(to: archive)
            try laptop.redirect(to: relay, from: archive)
            // Longer than anybody here waits: a fetch that is held up goes on.
            try laptop.configure("mount", "fetch_deadline = \"10m\"")
            try await laptop.mount()
            let page = try await Browser(in: home)
            try await page.open(try await DashboardVisitor.link(to: laptop))
            try await page.eventually("it is signed in", "document.getElementById('link')?.dataset.kind === 'live'")
            // The link is used up and in no history.
            #expect(try await page.text("location.pathname + location.hash") == "/")
            try await page.eventually(
                "both devices are shown",
                "document.querySelectorAll('.device-card').length === 2"
            )

            try await laptop.synced(with: archive)
            try await showFetch(on: page, to: laptop, in: home, relay)
            try await page.takePictures("laptop")

            // A restart: the page finds it again, and is still signed in.
            try await laptop.stop()
            try await page.eventually("it says so", "document.getElementById('link').dataset.kind === 'lost'")
            try await page.takePictures("lost")
            try await laptop.serve()
            try await page.eventually("it is back", "document.getElementById('link').dataset.kind === 'live'")

            // Revoking, at the device that may.
            try await page.open(try await DashboardVisitor.link(to: archive))
            try await page.eventually("the button", "document.querySelector('.device-card .danger') !== null")
            _ = try await page.evaluate("document.querySelector('.device-card .danger').click()")
            try await page.eventually("it asks", "document.getElementById('dialog').open")
            try await page.takePictures("revoke")
            #expect(try await page.evaluate("document.querySelector('dialog .danger').disabled") as? Bool == true)
            _ = try await page.evaluate(
                """
                (() => { const field = document.getElementById('revoke-name'); field.value = 'laptop';
                field.dispatchEvent(new Event('input')); document.querySelector('dialog form').requestSubmit(); })()
                """
            )
            try await page.eventually("it is done", "document.querySelector('.device-card .chip.is-bad') !== null")
            let peers = try await archive.json("peers")
            #expect(peers.first { $0["name"] as? String == "laptop" }?["status"] as? String == "revoked")
            try await page.takePictures("archive")
        }
    }

    /// A fetch that is held open by a stalled connection is on the page by itself, and so is its end.
    private func showFetch(on page: Browser, to laptop: Instance, in home: Household, _ relay: Relay) async throws {
        let mount = laptop.mountPoint
        let away =
            "find '\(mount)/conversations' -type f ! -name '*.md' -printf '%b %p\\n' | grep '^1 ' | cut -c3- | sort"
        let picture = FilePath(try #require(try await home.sh(away).mustSucceed().lines.first))
        let name = quoted(try #require(picture.lastComponent?.string))
        _ = try await page.evaluate(
            """
            new MutationObserver(() => {
                const names = [...document.querySelectorAll('#arrivals .name')].map((one) => one.textContent);
                if (names.includes(\(name))) window.seen ??= Date.now();
            }).observe(document.getElementById('arrivals'), { childList: true, subtree: true }), true
            """
        )
        relay.stall(true)
        let reader = try await home.waitingReader(of: picture)
        try await page.eventually(
            "the page shows what is on its way",
            "[...document.querySelectorAll('#underway .name')].some((one) => one.textContent === \(name))"
        )
        #expect(reader.isRunning)
        #expect(try await page.evaluate("window.seen === undefined") as? Bool == true)
        relay.stall(false)
        #expect(await reader.outcome(within: .seconds(30))?.exitCode == 0)
        let read = Date().timeIntervalSince1970 * 1_000
        try await page.eventually("the page shows what was fetched", "window.seen !== undefined")
        try await page.eventually("nothing is on its way", "document.getElementById('underway').children.length === 0")
        // How long depends on what else the machine does: told, not required.
        let seen = try #require(try await page.evaluate("window.seen") as? Double)
        print("the page showed a fetch \(Int(seen - read)) ms after the reader had the bytes")
    }

    @Test func `Pinning, making room after a rehearsal, and names that are no markup`() async throws {
        try await Household.with { home in
            let archive = try await home.demo()
            let title = "<img src=x onerror=document.title='cracked'>"
            try archive.writeConversations([title], text: "<b>bold</b>")
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await laptop.synced(with: archive)
            let page = try await Browser(in: home)
            try await page.open(try await DashboardVisitor.link(to: laptop))
            let row = "[...document.querySelectorAll('#conversation-list .bars > li')]"
            try await page.eventually(
                "the title is text",
                "\(row).some((row) => row.querySelector('.name')?.textContent === \(quoted(title)))"
            )
            #expect(try await page.evaluate("document.querySelectorAll('img, b, iframe').length") as? Int == 0)
            #expect(try await page.text("document.title").hasPrefix("laptop"))
            // The largest conversation: kept here, and what is pinned told.
            let first = "document.querySelector('#conversation-list .bars > li')"
            let folder = try await page.text("\(first).querySelector('.name').textContent")
            _ = try await page.evaluate("\(first).querySelector('button').click()")
            try await page.eventually(
                "it is pinned",
                "document.getElementById('pins').textContent.includes(\(quoted("conversations/\(folder)")))"
            )
            #expect(try await laptop.succeed("pin").output.contains(folder))
            try await page.eventually("it came", "document.getElementById('pins').textContent.length > 0")
            // What is pinned stays, whoever asks; the rehearsal says so.
            _ = try await page.evaluate("\(first).querySelectorAll('button')[2].click()")
            try await page.eventually(
                "the rehearsal is told",
                "/would go|nothing can go/.test(document.getElementById('dialog').textContent)"
            )
            try await page.takePictures("room")
            #expect(try await page.evaluate(Self.unnamed) as? Int == 0, "controls without a name")
        }
    }

    /// How many controls and pictures say nothing to who does not see them.
    private static let unnamed = """
        [...document.querySelectorAll('button, a, input, svg[role=img]')].filter((node) =>
            !node.textContent.trim() && !node.getAttribute('aria-label') && !node.labels?.length).length
        """

    func quoted(_ text: String) -> String {
        let data = try? JSONSerialization.data(
            withJSONObject: text,
            options: [.fragmentsAllowed, .withoutEscapingSlashes]
        )
        return String(decoding: data ?? Data("''".utf8), as: UTF8.self)
    }
}
