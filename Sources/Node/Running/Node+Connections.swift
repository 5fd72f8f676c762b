import Catalog
import Logging
import Objects
import Peers
import Storage

/// Where an instance can be reached.
package struct Listening: Sendable, Hashable {
    package var host: String
    package var port: Int

    init(host: String, port: Int) { (self.host, self.port) = (host, port) }

    /// `host:port`; an IPv6 address in brackets.
    package init(words: String) throws {
        guard let colon = words.lastIndex(of: ":"), let port = UInt16(words[words.index(after: colon)...]) else {
            throw CommandError("`\(words)` is no host:port to listen on, such as 127.0.0.1:8765")
        }
        host = String(words[..<colon].filter { $0 != "[" && $0 != "]" })
        self.port = Int(port)
    }
}

extension Listening: CustomStringConvertible {
    /// Where `iom serve` listens unless it is told otherwise.
    static let preset = Self(host: "127.0.0.1", port: 8765)

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension Node {
    /// Fetches and keeps connections to the owner's other instances, until cancelled.
    ///
    /// `onBound` is told the port if this instance listens.
    package func runConnections(
        listening: Listening? = nil,
        onBound: @escaping @Sendable (Int) async -> Void = { _ in }
    ) async throws {
        guard let identity, let roll else { return try await fetcher.run() }
        if identity.isCustodian { await deliverLeftovers(identity) }
        let peering = Peering(identity: identity.instanceKeys.box, timekeeper: time, random: random)
        let desk = try chumDesk(identity)
        let own = try iomGroup(identity, roll)
        let groups: [any ConnectionGroup] = [own] + contactGroups(identity, desk)
        try checkAuthorities()
        let targets = configuration.peers
        links.expect(dials: targets.count)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask(executorPreference: LoopExecutor.dialled) { try await self.fetcher.run() }
            tasks.addTask { await self.errands.run() }
            tasks.addTask { await Supplier(node: self).run() }
            if let desk { tasks.addTask { await desk.bringGranted() } }
            if let desk { tasks.addTask { await ContactDialer(node: self, desk: desk, peering: peering).run() } }
            tasks.addTask { await self.links.noteMoves(time: self.time) }
            tasks.addTask { await self.contacts.noteMoves() }
            for target in targets {
                let dialer = dialer(target, own, roll, peering)
                tasks.addTask { await dialer.run(settled: self.links.dialled) }
            }
            if let listening {
                let listener = try listener(listening, peering, groups)
                tasks.addTask { try await listener.run(onBound: onBound) }
            }
            for (url, listener) in relayListeners(peering, groups) {
                tasks.addTask { await listener.run { self.relays.set($0, of: url) } }
            }
            // Not `waitForAll`, which keeps a failure to itself until the others have ended.
            for try await _ in tasks {}
        }
    }

    private func dialer(_ target: Configuration.Peer, _ group: IoMGroup, _ roll: Roll, _ peering: Peering) -> Dialer {
        Dialer(
            name: target.name,
            endpoint: target.endpoint,
            dialer: PeerDialer(peering: peering, authorities: authorities),
            group: group,
            links: links,
            roll: roll,
            time: time,
            random: random,
            logger: logger
        )
    }

    /// What was said and not posted before this instance was killed; nobody else is needed for that here.
    private func deliverLeftovers(_ identity: Identity) async {
        do {
            try await postman(identity).deliverAll()
        } catch {
            logger.warning("posting what waits failed", metadata: LogReason.metadata(error))
        }
    }

    /// An authority file that cannot be read is told at the start, not at the first dial.
    private func checkAuthorities() throws {
        guard configuration.instance.tlsAuthorities != nil else { return }
        do throws(PeerError) { try authorities.load() } catch { throw CommandError(error.reason) }
    }

    private func listener(
        _ listening: Listening,
        _ peering: Peering,
        _ groups: [any ConnectionGroup]
    ) throws -> PeerListener {
        let certificate = try configuration.certificate()
        return PeerListener(
            .init(host: listening.host, port: listening.port, hostNames: advertisedHosts, certificate: certificate),
            peering: peering,
            groups: groups,
            logger: logger
        )
    }

    /// One for each relay; from now on others are told to come that way.
    private func relayListeners(_ peering: Peering, _ groups: [any ConnectionGroup]) -> [(String, RelayListener)] {
        let urls = configuration.instance.relays ?? []
        if !urls.isEmpty { reachable(at: nil) }
        return urls.compactMap { url in
            relays.set(.init(), of: url)
            return Endpoint(url: url).map { endpoint in
                let listener = RelayListener(
                    endpoint,
                    peering: peering,
                    authorities: authorities,
                    groups: groups,
                    logger: logger
                )
                return (url, listener)
            }
        }
    }

    private var advertisedHosts: [String] {
        configuration.instance.endpoint.flatMap(Endpoint.init(url:)).map { [$0.host] } ?? []
    }

    private func iomGroup(_ identity: Identity, _ roll: Roll) throws -> IoMGroup {
        let hello = try hello(identity)
        let doorkeeper = identity.ownerKeys.map { Doorkeeper(node: self, identity: identity, ownerKeys: $0) }
        return IoMGroup(membership: roll, joins: doorkeeper, service: NodeService(node: self, own: hello)) { session in
            await self.accompany(session, as: hello)
        }
    }

    /// What other people may connect for: only where the owner can prove who they are.
    private func contactGroups(_ identity: Identity, _ desk: ChumDesk?) -> [any ConnectionGroup] {
        guard identity.isCustodian, let desk else { return [] }
        do {
            let introduction = try introduction()
            return [
                PairingGroup(identification: introduction.identification, handler: introduction, afterwards: desk),
                desk.group,
            ]
        } catch {
            logger.warning("nobody can pair with the owner", metadata: LogReason.metadata(error))
            return []
        }
    }

    /// nil where the owner's key is not.
    private func chumDesk(_ identity: Identity) throws -> ChumDesk? {
        guard identity.isCustodian else { return nil }
        return try ChumDesk(node: self, owner: identity.ownerID, identification: introduction().identification)
    }

    private func hello(_ identity: Identity) throws -> Hello {
        let feed = Hex.text(try catalog.feedGeneration())
        var features = configuration.sync.compression == false ? [] : [Compression.feature]
        if !policy.essentialsOnly { features.append(IoMClient.outlineFeature) }
        return Hello(name: identity.name, role: configuration.instance.role.rawValue, features: features, feed: feed)
    }

    /// What goes on beside a session until it ends.
    private func accompany(_ session: IoMSession, as hello: Hello) async {
        links.add(session)
        defer { links.remove(session) }
        // It may have been revoked after it was let in, and before anybody could end its session.
        guard roll?.isRevoked(session.member.registration.instanceID) != true else {
            return session.disconnect(Roll.Refusal.revoked.rawValue)
        }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await self.trying("following", session) {
                    try await Follower(node: self, session: session, own: hello).run()
                }
            }
            tasks.addTask {
                await self.trying("collecting from", session) {
                    try await Collector(node: self, holder: session.member.name).run()
                }
                // It may end before the session does.
                _ = await session.ended()
            }
            tasks.addTask {
                await self.trying("posting with", session) {
                    guard let identity = self.identity else { return }
                    try await self.postman(identity).deliverAll()
                }
                // The session goes on after the outbox is empty.
                _ = await session.ended()
            }
            tasks.addTask { await PeerRooms(node: self, session: session).run() }
            // Following ends only with the session, or because something here is broken: then it is begun anew.
            await tasks.next()
            tasks.cancelAll()
        }
    }

    private func trying(_ action: String, _ session: IoMSession, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            guard !Task.isCancelled, session.endReason == nil else { return }
            logger.warning("\(action) a device failed", metadata: LogReason.metadata(error, peer: session.member.name))
            let words = CommandError(explaining: error).message
            SyncProgress(node: self, member: session.member).failed(words)
            events.record(.syncFailed, source: session.member.name, details: words, failed: true)
        }
    }

    /// Who brings the owner's messages into their conversations.
    package func postman(_ identity: Identity) -> Postman {
        let affirmer: any Affirmer =
            if let keys = identity.ownerKeys {
                KeyAffirmer(issuer: identity.ownerID, key: keys.sign, book: author.book)
            } else {
                PeerAffirmer(links: links, identity: identity, book: author.book)
            }
        return Postman(author: author, identity: identity, outbox: outbox, affirmer: affirmer)
    }
}
