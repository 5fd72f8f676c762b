import Foundation
import Objects
import Storage
import Synchronization

/// Lets the owner's browsers in: by links that are good once for a few minutes, then by a session that outlives restarts.
///
/// Only digests of secrets are compared and kept: who reads the file cannot sign in with it.
package final class BrowserDoor: Sendable {
    /// How long a link can be used, and how long who used it stays signed in.
    package static let linkLifetime = Duration.seconds(300)
    package static let sessionLifetime = Duration.seconds(7 * 24 * 3600)
    private static let linkCountMax = 32
    private static let sessionCountMax = 64
    private static let fileByteCountMax = 64 << 10
    private static let secretByteCount = 32

    /// Where the dashboard is.
    private enum Place {
        case closed(reason: String)
        case open(address: String)
    }

    private struct State {
        var place = Place.closed(reason: "no node is running: start one with `iom serve`")
        /// Digests of links, and until when each is good.
        var links: [ObjectHash: Timestamp] = [:]
        var kept = Kept()
    }

    /// What outlives the process.
    private struct Kept: Codable {
        /// By digest in hex digits: until when, in nanoseconds since 1970.
        var sessions: [String: Int64] = [:]
        /// Where it was the last time, so that a page that is open finds it again.
        var port: Int?
        /// What a program has to show to read the metrics.
        var metricsToken: String?
    }

    private let random: any RandomSource
    private let time: any Timekeeper
    private let file: SmallFile
    private let state: Mutex<State>

    init(on disk: any Disk, random: any RandomSource, time: any Timekeeper) {
        (self.random, self.time) = (random, time)
        file = SmallFile("browsers.json", on: disk, byteCountMax: Self.fileByteCountMax)
        var state = State()
        // One that cannot be read is a new one: everybody signs in again.
        let kept = (try? file.read()).flatMap { try? JSONDecoder().decode(Kept.self, from: Data($0.utf8)) }
        state.kept = kept ?? Kept()
        self.state = Mutex(state)
    }

    private var secret: String { Hex.text(random.bytes(Self.secretByteCount)) }

    private static func digest(of secret: String) -> ObjectHash { ObjectHash(of: Array(secret.utf8)) }

    private func keep(_ kept: Kept) {
        guard let data = try? JSONEncoder().encode(kept) else { return }
        // On a full disk it lasts until the end of the process.
        try? file.replace(with: String(decoding: data, as: UTF8.self))
    }
}

// MARK: Where it is

extension BrowserDoor {
    /// The port of the last time.
    package var lastPort: Int? { state.withLock { $0.kept.port } }

    /// The dashboard answers now, at this address.
    package func open(at address: String, port: Int) {
        let kept = state.withLock { state -> Kept? in
            state.place = .open(address: address)
            guard state.kept.port != port else { return nil }
            state.kept.port = port
            return state.kept
        }
        if let kept { keep(kept) }
    }

    /// There is no dashboard, for this reason.
    package func close(because reason: String) { state.withLock { $0.place = .closed(reason: reason) } }

    /// The address without a link's secret.
    package func address() throws(CommandError) -> String {
        switch state.withLock({ $0.place }) {
        case .open(let address): return address
        case .closed(let reason): throw CommandError("there is no dashboard: \(reason)")
        }
    }
}

// MARK: Who may come in

extension BrowserDoor {
    /// A link that signs one browser in, once.
    ///
    /// Its secret is behind `#`, which browsers send to nobody; a page shown there sends it on.
    package func makeLink() throws(CommandError) -> String {
        let (address, secret, now) = (try address(), secret, time.now)
        let isMade = state.withLock { state in
            state.links = state.links.filter { $0.value > now }
            guard state.links.count < Self.linkCountMax else { return false }
            state.links[Self.digest(of: secret)] = now + Self.linkLifetime
            return true
        }
        guard isMade else { throw CommandError("too many links are out: wait five minutes, or use one of them") }
        return "\(address)/sign-in#\(secret)"
    }

    /// Uses a link up: the secret of a new session, or nil if it was none of ours, was used, or is too old.
    package func enter(with linkSecret: String) -> String? {
        let (digest, secret, now) = (Self.digest(of: linkSecret), secret, time.now)
        let kept = state.withLock { state -> Kept? in
            guard let link = Self.find(digest, in: state.links.keys), let end = state.links.removeValue(forKey: link),
                end > now
            else { return nil }
            state.kept.sessions = state.kept.sessions.filter { $0.value > now.nanoseconds }
            while state.kept.sessions.count >= Self.sessionCountMax,
                let oldest = state.kept.sessions.min(by: { $0.value < $1.value })
            {
                state.kept.sessions[oldest.key] = nil
            }
            state.kept.sessions[Self.digest(of: secret).hex] = (now + Self.sessionLifetime).nanoseconds
            return state.kept
        }
        guard let kept else { return nil }
        keep(kept)
        return secret
    }

    /// Whether this is the secret of a session that is not over.
    package func isSignedIn(_ sessionSecret: String) -> Bool {
        let (digest, now) = (Self.digest(of: sessionSecret), time.now)
        return state.withLock { state in
            let digests = state.kept.sessions.keys.compactMap(ObjectHash.init(hex:))
            guard let found = Self.find(digest, in: digests), let end = state.kept.sessions[found.hex] else {
                return false
            }
            return end > now.nanoseconds
        }
    }

    /// Ends a session.
    package func leave(_ sessionSecret: String) {
        let digest = Self.digest(of: sessionSecret)
        let kept = state.withLock { state in
            state.kept.sessions[digest.hex] = nil
            return state.kept
        }
        keep(kept)
    }

    /// What a program has to show to read the metrics; the same over restarts.
    package var metricsToken: String {
        let new = secret
        let (token, kept) = state.withLock { state -> (String, Kept?) in
            if let token = state.kept.metricsToken { return (token, nil) }
            state.kept.metricsToken = new
            return (new, state.kept)
        }
        if let kept { keep(kept) }
        return token
    }

    /// Looks at all of them to the end, so that the time it takes tells nothing.
    private static func find(_ digest: ObjectHash, in digests: some Sequence<ObjectHash>) -> ObjectHash? {
        var found: ObjectHash?
        for other in digests where areEqual(digest.bytes, other.bytes) { found = other }
        return found
    }

    /// Whether two secrets are the same, in a time that does not tell where they differ.
    package static func areEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
