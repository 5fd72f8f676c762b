import Catalog
import Logging
import Objects
import Peers
import Storage

/// Where an instance can be reached.
package struct Listening: Sendable, Hashable {
    package var host: String
    package var port: Int

    /// `host:port`; an IPv6 address in brackets.
    package init(words: String) throws {
        guard let colon = words.lastIndex(of: ":"), let port = UInt16(words[words.index(after: colon)...]) else {
            throw CommandError("`\(words)` is no host:port to listen on, such as 127.0.0.1:8765")
        }
        host = String(words[..<colon].filter { $0 != "[" && $0 != "]" })
        self.port = Int(port)
    }
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
        let group = try iomGroup(identity, roll)
        let targets = configuration.peers
        links.expect(dials: targets.count)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask(executorPreference: LoopExecutor.dialled) { try await self.fetcher.run() }
            tasks.addTask { await Supplier(node: self).run() }
            for target in targets {
                let dialer = Dialer(
                    name: target.name,
                    endpoint: target.endpoint,
                    dialer: PeerDialer(peering: peering),
                    group: group,
                    links: links,
                    roll: roll,
                    time: time,
                    random: random,
                    logger: logger
                )
                tasks.addTask { await dialer.run(settled: self.links.dialled) }
            }
            if let listening {
                let listener = PeerListener(
                    .init(host: listening.host, port: listening.port, hostNames: advertisedHosts),
                    peering: peering,
                    groups: [group],
                    logger: logger
                )
                tasks.addTask { try await listener.run(onBound: onBound) }
            }
            // Not `waitForAll`, which keeps a failure to itself until the others have ended.
            for try await _ in tasks {}
        }
    }

    /// What was said and not posted before this instance was killed; nobody else is needed for that here.
    private func deliverLeftovers(_ identity: Identity) async {
        do {
            try await postman(identity).deliverAll()
        } catch {
            logger.warning("posting what waits failed", metadata: LogReason.metadata(error))
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
                    try await Collector(node: self, session: session).run()
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
            logger.warning("\(action) \(session.member.name): \(error)")
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
