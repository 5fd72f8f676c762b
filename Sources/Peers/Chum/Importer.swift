package import Objects

/// Takes what a contact offers, again and again (one-protocol 4.5): bottom up, so that what is here is here with all it
/// needs, and resuming is comparing.
package struct Importer: Sendable {
    private static let pollInterval = Duration.seconds(5)
    /// What cannot be taken is tried again later and later.
    private static let retryPauseMax = Duration.seconds(600)
    /// Told together.
    private static let troubleCountMax = 1_000
    /// How often, and how long apart, an exporter is asked that has not begun to answer.
    private static let versionAttemptCountMax = 15
    private static let versionAttemptPause = Duration.milliseconds(300)

    let client: ChumClient
    let target: any ImportTarget
    let time: any Timekeeper
    /// Wakes it before the time.
    let news: AsyncStream<Void>?

    package init(
        client: ChumClient,
        target: any ImportTarget,
        time: any Timekeeper,
        news: AsyncStream<Void>? = nil
    ) {
        (self.client, self.target, self.time, self.news) = (client, target, time, news)
    }

    /// What a session has gone through.
    private struct Progress {
        var done: Set<ObjectHash> = []
        var told: Set<ImportTrouble> = []
        /// What is to be told when the round is over.
        var troubles: [ImportTrouble] = []
        /// How often a root could not be taken, and when it is tried again.
        var failures: [ObjectHash: (count: Int, next: Duration)] = [:]
        /// The last answer of which nothing is left to do.
        var finished: String?
        /// Whether the other side gives what it has not listed, too.
        var mayFollow = true
    }

    /// Until the connection ends or the task is cancelled.
    package func run() async throws {
        try await requireVersion()
        var progress = Progress()
        while true {
            try await wholeRound(&progress)
            try await time.sleep(for: Self.pollInterval)
        }
    }

    /// Goes through all roots once.
    package func once() async throws {
        try await requireVersion()
        var progress = Progress()
        try await wholeRound(&progress)
    }

    private func wholeRound(_ progress: inout Progress) async throws {
        do {
            try await round(&progress)
        } catch {
            tellAll(&progress)
            throw error
        }
        tellAll(&progress)
        target.finishedRound()
    }

    private func requireVersion() async throws {
        for attempt in 1... {
            do {
                let version = try await client.protocolVersion()
                guard version == ChumService.version else {
                    throw PeerError.refused("it speaks another version of CHUM")
                }
                return
            } catch CallError.failed(let failure)
                where failure.code == ServiceCode.unknownService && attempt < Self.versionAttemptCountMax
            {
                try await time.sleep(for: Self.versionAttemptPause)
            }
        }
    }

    private func round(_ progress: inout Progress) async throws {
        let text = try await client.rootsText()
        guard text != progress.finished else { return }
        let roots = try ChumClient.roots(from: text)
        var groups: [(id: IDHash, nodes: [AccessibleRoot])] = []
        var places: [IDHash: Int] = [:]
        var isFinished = true
        let now = time.elapsed
        for root in roots where !progress.done.contains(root.hash) {
            if let failure = progress.failures[root.hash], failure.next > now {
                isFinished = false
                continue
            }
            if case .versionNode(_, let id, _) = root {
                if places[id] == nil {
                    places[id] = groups.count
                    groups.append((id, []))
                }
                if let place = places[id] { groups[place].nodes.append(root) }
                continue
            }
            isFinished = try await take(root, &progress) && isFinished
        }
        for group in groups { isFinished = try await take(group.nodes, of: group.id, &progress) && isFinished }
        // Only what is offered now needs to be remembered.
        let offered = Set(roots.map(\.hash))
        progress.done.formIntersection(offered)
        progress.told = progress.told.filter { offered.contains($0.root) }
        progress.failures = progress.failures.filter { offered.contains($0.key) }
        progress.finished = isFinished ? text : nil
    }

    /// Takes one root that is no version; false if it has to be tried again.
    private func take(_ root: AccessibleRoot, _ progress: inout Progress) async throws -> Bool {
        try await trying(root, &progress) { progress in
            guard try !target.absent([root.hash]).isEmpty else { return }
            let kind: Reference.Kind = if case .id = root { .id } else { .object }
            var fetch = ClosureFetch(root: ObjectChild(kind, root.hash), client: client, target: target)
            try await fetch.run(type: root.type)
            progress.troubles += fetch.troubles
        }
    }

    /// Takes the versions of one thing, the newest first; most of the others come with it.
    private func take(_ nodes: [AccessibleRoot], of id: IDHash, _ progress: inout Progress) async throws -> Bool {
        var arrived: [ArrivedVersion] = []
        var isFinished = true
        var mayFollow = progress.mayFollow
        defer { progress.mayFollow = mayFollow }
        for root in nodes.reversed() {
            if isCovered(root.hash, by: arrived) {
                progress.done.insert(root.hash)
                continue
            }
            isFinished =
                try await trying(root, &progress) { progress in
                    guard try !target.counts(node: root.hash, of: id) else { return }
                    var fetch = ClosureFetch(root: ObjectChild(.object, root.hash), client: client, target: target)
                    fetch.mayFollow = try mayFollow && target.isWhole(id)
                    let isFollowing = fetch.mayFollow
                    defer { mayFollow = mayFollow && fetch.mayFollow == isFollowing }
                    if let version = try await fetch.runVersion(of: id, type: root.type) { arrived.append(version) }
                    progress.troubles += fetch.troubles
                } && isFinished
        }
        guard let newest = arrived.first, let root = nodes.first(where: { $0.hash == newest.hash }) else {
            return isFinished
        }
        return try await trying(root, &progress) { _ in try await target.take(arrived) } && isFinished
    }

    /// Whether one of these versions follows this node; both are here.
    private func isCovered(_ node: ObjectHash, by arrived: [ArrivedVersion]) -> Bool {
        arrived.contains { version in
            guard !version.node.predecessors.isEmpty else { return false }
            let isAncestor = try? VersionNode.isAncestor(node, of: version.hash) { hash throws(ObjectError) in
                if hash == version.hash { return version.node }
                guard let object = try? target.object(hash), let node = VersionNode(object: object) else {
                    throw .unreachable
                }
                return node
            }
            return isAncestor ?? false
        }
    }

    /// Does what belongs to one root; what is wrong with it is told once and keeps no other from being taken.
    private func trying(
        _ root: AccessibleRoot,
        _ progress: inout Progress,
        _ body: (inout Progress) async throws -> Void
    ) async throws -> Bool {
        do {
            try await body(&progress)
            progress.done.insert(root.hash)
            progress.failures[root.hash] = nil
            return true
        } catch let refusal as ImportRefusal {
            tell(root, refusal.reason, isRefused: true, &progress)
            // It will not be better for being asked for again.
            progress.done.insert(root.hash)
            return true
        } catch CallError.wrongBytes {
            tell(root, "it sends bytes that are not what their name says", isRefused: true, &progress)
        } catch CallError.violated(let reason) {
            tell(root, reason, isRefused: true, &progress)
        } catch CallError.failed(let failure) {
            tell(root, failure.message, isRefused: false, &progress)
        }
        let count = progress.failures[root.hash]?.count ?? 0
        let pause = min(Self.pollInterval * (1 << min(count, 10)), Self.retryPauseMax)
        progress.failures[root.hash] = (count + 1, time.elapsed + pause)
        return false
    }

    private func tell(_ root: AccessibleRoot, _ reason: String, isRefused: Bool, _ progress: inout Progress) {
        let type = root.type.printable(byteCountMax: 80)
        let trouble = ImportTrouble(root: root.hash, type: type, reason: reason, isRefused: isRefused)
        if progress.told.insert(trouble).inserted { progress.troubles.append(trouble) }
        if progress.troubles.count >= Self.troubleCountMax { tellAll(&progress) }
    }

    private func tellAll(_ progress: inout Progress) {
        if !progress.troubles.isEmpty { target.note(progress.troubles) }
        progress.troubles = []
    }
}
